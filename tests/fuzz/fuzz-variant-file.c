// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/variant.h"

#include <stdint.h>
#include <string.h>

#include "description.h"
#include "paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfVariant) variant =
		vf_variant_parse((const char *)data, size, VIFARM_SOURCE_DIR, "seed", &error);

	/* or patches/linux/series:LINE */
	description_check(variant != NULL, error, "patches/");
	for (guint i = 0; variant && i < variant->patches->len; i++)
		g_assert_true(g_str_has_prefix(variant->patches->pdata[i],
					       VIFARM_SOURCE_DIR "/patches/"));
	return 0;
}
