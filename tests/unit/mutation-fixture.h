// SPDX-License-Identifier: GPL-2.0-or-later
/* An experiment with known results in the database. */
#pragma once

#include "results-db/mutants.h"
#include "results-fixture.h"

static inline json_t *fixture_cell(const char *arch, const char *expect)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:[]}", "arch", arch, "board", "default", "job",
			 "boot", "expect", expect, "hazards");
}

static inline void fixture_mutant_record(GPtrArray *records, const char *name, const char *kind,
					 json_t *cells)
{
	VfMutantRecord *record = g_new0(VfMutantRecord, 1);
	g_autofree char *variant = g_strconcat("full+", name, NULL);

	*record = (VfMutantRecord){
		.name = name,
		.title = "what is broken",
		.kind = kind,
		.base = "full",
		.variant = g_intern_string(variant),
		.patch = "patches/mutants/it's.patch",
		.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		.cells = cells,
	};
	g_ptr_array_add(records, record);
}

static inline void fixture_record_free(gpointer data)
{
	json_decref(((VfMutantRecord *)data)->cells);
	g_free(data);
}

static inline void fixture_boot(Fixture *f, const char *arch, const char *variant, VfStatus status)
{
	FixtureTask task = {arch,   "default", "boot",	      variant,
			    status, "because", .built = TRUE, .seconds = 1};

	fixture_task(f, "20260102-030405-aaaa", &task, FIXTURE_START);
}

/* An experiment with one of each: caught, survived, unexpectedly red, of the user's own, pending.
 */
static inline void fixture_experiment(Fixture *f)
{
	static const struct {
		const char *variant;
		VfStatus hppa, x86_64;
	} tasks[] = {
		{"full", VF_STATUS_PASS, VF_STATUS_PASS},
		{"full+caught", VF_STATUS_FAIL, VF_STATUS_PASS},
		{"full+alive", VF_STATUS_PASS, VF_STATUS_PASS},
		{"full+loud", VF_STATUS_FAIL, VF_STATUS_FAIL},
		{"full+own", VF_STATUS_PASS, VF_STATUS_FAIL},
	};
	g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(fixture_record_free);
	json_auto_t *selection =
		json_pack("{s:s, s:{s:s}}", "archs", "hppa,x86_64", "bases", "full", "abc");
	g_autoptr(GError) error = NULL;

	fixture_begin(f, "20260102-030405-aaaa", "full", FIXTURE_START, FIXTURE_START + 1000000);
	fixture_mutant_record(records, "caught", "call",
			      json_pack("[o, o]", fixture_cell("hppa", "red"),
					fixture_cell("x86_64", "green")));
	fixture_mutant_record(records, "alive", "sync",
			      json_pack("[o, o]", fixture_cell("hppa", "red"),
					fixture_cell("x86_64", "green")));
	fixture_mutant_record(records, "loud", "order",
			      json_pack("[o, o]", fixture_cell("hppa", "red"),
					fixture_cell("x86_64", "green")));
	fixture_mutant_record(records, "own", NULL,
			      json_pack("[o, o]", fixture_cell("hppa", "any"),
					fixture_cell("x86_64", "any")));
	fixture_mutant_record(records, "late", "table",
			      json_pack("[o, o]", fixture_cell("hppa", "red"),
					fixture_cell("x86_64", "green")));
	vf_db_experiment(f->db, "20260102-030405-aaaa", selection, records, &error);
	g_assert_no_error(error);
	for (gsize i = 0; i < G_N_ELEMENTS(tasks); i++) {
		fixture_boot(f, "hppa", tasks[i].variant, tasks[i].hppa);
		fixture_boot(f, "x86_64", tasks[i].variant, tasks[i].x86_64);
	}
}
