// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/evidence.h"

static const char *const status_names[] = {
	[VF_STATUS_SKIP] = "SKIP", [VF_STATUS_DONE] = "DONE",	[VF_STATUS_PASS] = "PASS",
	[VF_STATUS_MISS] = "MISS", [VF_STATUS_ERROR] = "ERROR", [VF_STATUS_FAIL] = "FAIL",
};

const char *vf_status_name(VfStatus status)
{
	return status_names[status];
}

gboolean vf_status_parse(const char *name, VfStatus *status)
{
	for (guint i = 0; i < G_N_ELEMENTS(status_names); i++) {
		if (g_str_equal(name, status_names[i])) {
			*status = i;
			return TRUE;
		}
	}
	return FALSE;
}

void vf_case_free(VfCase *c)
{
	g_free(c->name);
	g_free(c->detail);
	g_free(c);
}

void vf_splat_free(VfSplat *splat)
{
	g_free(splat->class);
	g_free(splat->reason);
	g_free(splat->excerpt);
	g_free(splat);
}

void vf_hazard_free(VfHazard *hazard)
{
	g_free(hazard->class);
	g_free(hazard->window);
	g_free(hazard->bucket);
	g_free(hazard->pc_source);
	g_free(hazard->caller_source);
	g_free(hazard->origin_source);
	g_free(hazard->buffer);
	g_free(hazard);
}

VfEvidence *vf_evidence_new(void)
{
	VfEvidence *evidence = g_new0(VfEvidence, 1);

	evidence->program_exit = -1;
	evidence->colours = 1;
	evidence->cases = g_ptr_array_new_with_free_func((GDestroyNotify)vf_case_free);
	evidence->info = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	evidence->splats = g_ptr_array_new_with_free_func((GDestroyNotify)vf_splat_free);
	evidence->notes = g_ptr_array_new_with_free_func(g_free);
	evidence->hazards = g_ptr_array_new_with_free_func((GDestroyNotify)vf_hazard_free);
	return evidence;
}

void vf_evidence_free(VfEvidence *evidence)
{
	g_free(evidence->arch);
	g_free(evidence->error);
	g_free(evidence->emulator);
	g_free(evidence->channel_error);
	g_free(evidence->ktap_error);
	g_free(evidence->model_error);
	g_ptr_array_unref(evidence->cases);
	g_hash_table_unref(evidence->info);
	g_ptr_array_unref(evidence->splats);
	g_ptr_array_unref(evidence->notes);
	g_ptr_array_unref(evidence->hazards);
	json_decref(evidence->coverage);
	g_free(evidence);
}
