// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/lab.h"

#include <stdint.h>

#include "description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLab) lab = vf_lab_parse((const char *)data, size, "lab.json", &error);

	description_check(lab != NULL, error, "lab.json");
	if (lab)
		g_assert_true(g_str_has_suffix(lab->url, "/"));
	return 0;
}
