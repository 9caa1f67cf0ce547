// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "kernel/patch.h"
#include "mail/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_auto(VfDiff) diff = {0};

	if (!vf_diff_scan((const char *)data, size, &diff)) {
		g_assert_null(diff.paths);
		g_assert_null(diff.damage);
		return 0;
	}
	g_assert_cmpuint(diff.start, <, size);
	g_assert_true(*diff.paths || diff.damage);
	for (guint i = 0; diff.paths[i]; i++)
		g_assert_null(vf_patch_path_problem(diff.paths[i]));
	if (diff.damage)
		g_assert_true(g_utf8_validate(diff.damage, -1, NULL));
	return 0;
}
