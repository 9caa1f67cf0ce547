// SPDX-License-Identifier: GPL-2.0-or-later
/* Architecture and board of guests whose emulator is a program of the test's own. */
#pragma once

#define FAKE_ARCH                                                               \
	{                                                                       \
		.name = "fake", .page_size = 4096, .model = {.decode = "fake" } \
	}
#define FAKE_BOARD                                                                               \
	{                                                                                        \
		.machine = "m", .memory_mib = 64, .smp = 1, .result = {.guest = "tty:ttyS1"},    \
		.cache = {.colours = 8, .line = 32, .ways = 2, .write = "back"}, .snoop = "none" \
	}
