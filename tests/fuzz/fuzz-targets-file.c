// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/targets.h"

#include <stdint.h>

#include "description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) targets =
		vf_targets_parse((const char *)data, size, "targets.json", &error);

	description_check(targets != NULL, error, "targets.json");
	return 0;
}
