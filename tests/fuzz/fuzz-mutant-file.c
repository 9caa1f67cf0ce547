// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/mutant.h"

#include <stdint.h>

#include "description.h"
#include "paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name is one that has a patch in the source tree. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMutant) mutant = vf_mutant_parse((const char *)data, size, VIFARM_SOURCE_DIR,
						     "vflush-empty", &error);

	description_check(mutant != NULL, error, "patches/mutants/vflush-empty.json");
	if (mutant) {
		g_assert_cmpuint(mutant->red->len, >, 0);
		g_assert_nonnull(mutant->jobs[0]);
		g_assert_true(g_file_test(mutant->patch, G_FILE_TEST_IS_REGULAR));
	}
	return 0;
}
