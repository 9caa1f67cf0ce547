// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/arch.h"

#include <stdint.h>
#include <string.h>

#include "description.h"
#include "paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfArch) arch =
		vf_arch_parse((const char *)data, size, VIFARM_SOURCE_DIR, "seed", &error);

	description_check(arch != NULL, error, "kernels/seed/arch.json");
	if (arch) {
		g_assert_nonnull(vf_arch_board(arch, "default"));
		g_assert_cmpuint(arch->page_size & (arch->page_size - 1), ==, 0);
	}
	return 0;
}
