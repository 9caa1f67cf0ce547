// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "evidence/exercise.h"
#include "evidence/hazards.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const VfJob job = {.model = {.present = TRUE, .track = "dma", .arm = "dma"}};
	g_autoptr(VfEvidence) e = vf_evidence_new();
	g_autofree char *missing = NULL;

	vf_hazards_parse((const char *)data, size, e);
	missing = vf_exercise_missing(e->coverage, 8, &job);
	g_assert_true(e->model || e->model_error);
	g_assert_true(!e->model_error || g_utf8_validate(e->model_error, -1, NULL));
	g_assert_cmpuint(e->hazards->len, <=, 9 * 2 * (VF_HAZARDS_MAX + 1));
	return 0;
}
