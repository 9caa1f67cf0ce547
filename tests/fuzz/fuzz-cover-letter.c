// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/export/b4.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *id = vf_b4_message_id((const char *)data, size);

	if (id) {
		g_assert_true(g_utf8_validate(id, -1, NULL));
		g_assert_null(strpbrk(id, "<>\r\n \t"));
	}
	return 0;
}
