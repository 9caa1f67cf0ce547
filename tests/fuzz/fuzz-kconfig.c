// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "kernel/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read and written is read again as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(VfConfig) config = vf_config_new(), again = vf_config_new();
	g_autofree char *text = NULL, *second = NULL;

	if (!vf_config_add(config, (const char *)data, size, "fuzz", NULL))
		return 0;
	text = vf_config_text(config);
	g_assert_true(vf_config_add(again, text, strlen(text), "text", NULL));
	second = vf_config_text(again);
	g_assert_cmpstr(text, ==, second);
	return 0;
}
