// SPDX-License-Identifier: GPL-2.0-or-later
/* From mutants to a plan, and what a resumed one must not have changed. */
#include "run/experiment.h"

#include "base/error.h"
#include "plan-fixture.h"
#include "results-db/mutants.h"
#include "paths.h"

static VfExperiment *load(const VfSelection *selection)
{
	g_autoptr(GError) error = NULL;
	VfExperiment *experiment = vf_experiment_new(".", selection, &error);

	g_assert_no_error(error);
	return experiment;
}

/* One line a task, with what is wanted of it. Caller frees. */
static char *tasks_of(const VfExperiment *experiment)
{
	GString *all = g_string_new(NULL);

	for (guint i = 0; i < experiment->plan->tasks->len; i++) {
		const VfTask *task = experiment->plan->tasks->pdata[i];

		g_string_append_printf(all, "%s%s%s%s\n", task->name, task->skip ? ": " : "",
				       task->skip ?: "", task->wants_fail ? " FAIL" : "");
	}
	return g_string_free(all, FALSE);
}

static void add_base_mutant(void)
{
	g_autofree char *name = fixture_edit(fixture_mutant, "name", "\"on-base\"");
	g_autofree char *variant = fixture_edit(name, "variant", "\"base\"");
	g_autofree char *jobs = fixture_edit(variant, "jobs", "[\"boot\"]");
	g_autofree char *red =
		fixture_edit(jobs, "red",
			     "[{\"job\": \"boot\", \"on\": [\"beta/default\"], "
			     "\"hazards\": [], \"failed\": null, \"reason\": null}]");

	scratch_write("patches/mutants/on-base.json", red);
	scratch_write("patches/mutants/on-base.patch", "");
}

static void test_plan(void)
{
	static const struct {
		VfSelection selection;
		const char *tasks;
	} cases[] = {
		{{.mutants = (char *)"skips"},
		 "alpha/default/boot/full\n"
		 "alpha/default/alloc/full\n"
		 "alpha/big/alloc/full\n"
		 "beta/default/boot/full\n"
		 "beta/default/alloc/full\n"
		 "alpha/default/boot/full+skips FAIL\n"
		 "alpha/default/alloc/full+skips FAIL\n"
		 "alpha/big/alloc/full+skips FAIL\n"
		 "beta/default/boot/full+skips\n"
		 "beta/default/alloc/full+skips\n"},
		{{.archs = (char *)"beta", .jobs = (char *)"boot"},
		 "beta/default/boot/full\n"
		 "beta/default/boot/base\n"
		 "beta/default/boot/base+on-base FAIL\n"
		 "beta/default/boot/full+skips\n"},
		{{.archs = (char *)"alpha",
		  .boards = (char *)"big",
		  .jobs = (char *)"all",
		  .mutants = (char *)"skips"},
		 "alpha/big/alloc/full\n"
		 "alpha/big/wide/full\n"
		 "alpha/big/alloc/full+skips FAIL\n"
		 "alpha/big/wide/full+skips\n"},
		{{.archs = (char *)"beta", .jobs = (char *)"alloc", .mutants = (char *)"all"},
		 "beta/default/alloc/full\n"
		 "beta/default/alloc/full+skips\n"},
		{{.archs = (char *)"beta", .jobs = (char *)"boot", .mutants = (char *)"on-base"},
		 "beta/default/boot/base\n"
		 "beta/default/boot/base+on-base FAIL\n"},
	};
	g_autoptr(Scratch) scratch = fixture_new();

	add_base_mutant();
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(VfExperiment) experiment = load(&cases[i].selection);
		g_autofree char *tasks = tasks_of(experiment);

		g_assert_cmpstr(tasks, ==, cases[i].tasks);
	}
}

static void test_records(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	VfSelection selection = {.archs = (char *)"alpha", .jobs = (char *)"alloc"};
	g_autoptr(VfExperiment) experiment = load(&selection);
	const VfMutantRecord *record = experiment->records->pdata[0];
	g_autofree char *cells = json_dumps(record->cells, JSON_COMPACT);

	g_assert_cmpstr(record->name, ==, "skips");
	g_assert_cmpstr(record->base, ==, "full");
	g_assert_cmpstr(record->variant, ==, "full+skips");
	g_assert_cmpstr(record->patch, ==, "patches/mutants/skips.patch");
	g_assert_cmpuint(strlen(record->sha256), ==, 64);
	g_assert_cmpstr(
		cells, ==,
		"[{\"arch\":\"alpha\",\"board\":\"default\",\"job\":\"alloc\",\"expect\":"
		"\"red\",\"hazards\":[],\"failed\":\"a/b\",\"reason\":\"bytes differ\"},"
		"{\"arch\":\"alpha\",\"board\":\"big\",\"job\":\"alloc\",\"expect\":\"red\","
		"\"hazards\":[],\"failed\":\"a/b\",\"reason\":\"bytes differ\"}]");
}

/* Of the user's own: every job, nothing expected; the name tells it from a known one. */
static void test_file(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	VfSelection selection = {.archs = (char *)"beta",
				 .mutants = (char *)"sub/idea.patch,skips"};
	g_autoptr(VfExperiment) experiment = NULL;
	g_autofree char *tasks = NULL;
	const VfMutantRecord *record;

	scratch_write("sub/idea.patch", "");
	experiment = load(&selection);
	tasks = tasks_of(experiment);
	record = experiment->records->pdata[0];
	g_assert_null(record->kind);
	g_assert_cmpstr(record->patch, ==, "sub/idea.patch");
	g_assert_cmpstr(json_string_value(
				json_object_get(json_array_get(record->cells, 0), "expect")),
			==, "any");
	g_assert_nonnull(strstr(tasks, "beta/default/alloc/full+idea\n"));
	g_assert_nonnull(strstr(tasks, "beta/default/boot/full+skips\n"));
}

static void test_usage(void)
{
	static const struct {
		VfSelection selection;
		const char *message;
	} cases[] = {
		{{.mutants = (char *)"skip"},
		 "unknown mutant \"skip\"; did you mean skips?; `orchestrator mutate --list` names "
		 "them"},
		{{.mutants = (char *)""},
		 "unknown mutant \"\"; `orchestrator mutate --list` names them"},
		{{.mutants = (char *)"skips,skips"}, "--mutant: the name skips is there twice"},
		{{.mutants = (char *)"none/there.patch"},
		 "--mutant: none/there.patch: no such patch file"},
		{{.jobs = (char *)"wide"},
		 "nothing to do: none of the selected mutants is for one of the selected jobs"},
		{{.archs = (char *)"gamma"}, "unknown architecture \"gamma\"; known: alpha, beta"},
	};
	g_autoptr(Scratch) scratch = fixture_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(vf_experiment_new(".", &cases[i].selection, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
		g_assert_cmpstr(error->message, ==, cases[i].message);
	}
}

static void test_wrong_board(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *text = fixture_edit(fixture_mutant, "red.0.on", "[\"alpha/big\"]");
	VfSelection selection = {NULL}, beta = {.archs = (char *)"beta"};
	g_autoptr(VfExperiment) experiment = NULL;
	g_autoptr(GError) error = NULL;

	scratch_write("patches/mutants/skips.json", text);
	g_assert_null(vf_experiment_new(".", &selection, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_cmpstr(error->message, ==,
			"patches/mutants/skips.json: red: the job boot does not run on alpha/big");
	experiment = load(&beta);
	g_assert_nonnull(experiment);
}

/* As the database keeps it. New reference. */
static json_t *stored_form(const VfExperiment *experiment)
{
	json_t *mutants = json_array();

	for (guint i = 0; i < experiment->records->len; i++) {
		const VfMutantRecord *record = experiment->records->pdata[i];

		json_array_append_new(mutants,
				      json_pack("{s:s, s:s, s:O}", "variant", record->variant,
						"sha256", record->sha256, "cells", record->cells));
	}
	return json_pack("{s:O, s:o}", "selection", experiment->selection, "mutants", mutants);
}

static void test_resume(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	VfSelection selection = {.archs = (char *)"beta"}, again = {NULL};
	g_autoptr(VfExperiment) first = load(&selection), second = NULL;
	json_auto_t *stored = stored_form(first);
	g_autoptr(GError) error = NULL;

	vf_selection_from_json(&again, json_object_get(stored, "selection"));
	g_assert_cmpstr(again.archs, ==, "beta");
	g_assert_null(again.mutants);
	second = load(&again);
	vf_selection_clear(&again);
	g_assert_true(vf_experiment_is(second, stored, &error));
	g_assert_no_error(error);
}

static void test_resume_changed(void)
{
	static const struct {
		const char *file, *text, *message;
	} cases[] = {
		{"patches/mutants/skips.patch", "other",
		 "--resume: skips has changed since the run began; start a new one"},
		{"patches/linux/0001-a.patch", "other",
		 "--resume: the series has changed since the run began; start a new one"},
		{"patches/mutants/on-base.patch", "",
		 "--resume: the list of mutants has changed since the run began; start a new one"},
	};
	VfSelection selection = {NULL};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(Scratch) scratch = fixture_new();
		g_autoptr(VfExperiment) first = load(&selection), second = NULL;
		json_auto_t *stored = stored_form(first);
		g_autoptr(GError) error = NULL;

		scratch_write(cases[i].file, cases[i].text);
		if (strstr(cases[i].file, "on-base"))
			add_base_mutant();
		second = load(&selection);
		/* a further mutant of another variant is a change of both */
		json_object_set(json_object_get(stored, "selection"), "bases",
				strstr(cases[i].file, "on-base")
					? json_object_get(second->selection, "bases")
					: json_object_get(first->selection, "bases"));
		g_assert_false(vf_experiment_is(second, stored, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
		g_assert_cmpstr(error->message, ==, cases[i].message);
	}
}

/* Those of this repository: each file is right, and speaks of boards that run its jobs. */
static void test_repository(void)
{
	VfSelection selection = {NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfExperiment) experiment =
		vf_experiment_new(VIFARM_SOURCE_DIR, &selection, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(experiment->mutants->len, >=, 40);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/experiment/plan", test_plan);
	g_test_add_func("/experiment/records", test_records);
	g_test_add_func("/experiment/file", test_file);
	g_test_add_func("/experiment/usage", test_usage);
	g_test_add_func("/experiment/wrong-board", test_wrong_board);
	g_test_add_func("/experiment/resume", test_resume);
	g_test_add_func("/experiment/resume-changed", test_resume_changed);
	g_test_add_func("/experiment/repository", test_repository);
	return g_test_run();
}
