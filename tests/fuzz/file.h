// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes as a file, for parsers that are given a path. */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Replaces what the one file of this process holds; its path, owned by the file. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		g_snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	g_assert_cmpint(ftruncate(fd, 0), ==, 0);
	g_assert_cmpint(pwrite(fd, data, size, 0), ==, (gssize)size);
	return path;
}
