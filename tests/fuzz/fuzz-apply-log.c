// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "kernel/apply-log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *reason = vf_apply_log_reason((const char *)data, size);

	g_assert_true(g_utf8_validate(reason, -1, NULL));
	g_assert_null(strpbrk(reason, "\n\x1b"));
	return 0;
}
