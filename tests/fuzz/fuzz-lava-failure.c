// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "guest/lava/answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autofree char *type = NULL, *message = NULL;

	vf_lava_failure(text, &type, &message);
	for (const char *c = type; c && *c; c++)
		g_assert_false(g_ascii_iscntrl(*c));
	for (const char *c = message; c && *c; c++)
		g_assert_false(g_ascii_iscntrl(*c));
	return 0;
}
