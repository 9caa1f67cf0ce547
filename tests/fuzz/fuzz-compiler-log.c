// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "kernel/compiler-log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_auto(VfCompilerLog) log = {.prefix = "/vifarm/linux/"};
	const char *at = (const char *)data, *end = at + size;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		vf_compiler_log_line(&log, at, (gsize)((newline ? newline : end) - at));
		at = newline ? newline + 1 : end;
	}
	g_assert_true(!log.line || g_utf8_validate(log.line, -1, NULL));
	g_assert_true(!log.line || !strpbrk(log.line, "\n\x1b"));
	return 0;
}
