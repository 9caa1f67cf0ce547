// SPDX-License-Identifier: GPL-2.0-or-later
/* From what was expected and what became of it to a score, and how it is kept and shown. */
#include "results-db/mutants.h"

#include "output/export/schema.h"
#include "golden.h"
#include "mutation-fixture.h"
#include "results-db/mutation-text.h"
#include "paths.h"

/* A test as results.json has it, as far as the score looks. New reference. */
static json_t *test_of(const char *variant, const char *status, const char *reason,
		       const char *hazard, const char *bucket, const char *failed,
		       const char *kernel)
{
	g_autofree char *name = g_strdup_printf("hppa/default/vflush/%s", variant);
	json_t *hazards = json_array(), *cases = json_array();

	if (hazard)
		json_array_append_new(hazards,
				      json_pack("{s:s, s:s}", "class", hazard, "bucket", bucket));
	if (failed)
		json_array_append_new(cases,
				      json_pack("{s:s, s:s}", "name", failed, "status", "FAIL"));
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:[{s:o, s:o}]}", "id", 7, "name",
			 name, "variant", variant, "status", status, "reason", reason,
			 "kernel_sha256", kernel, "reproducer", "qemu -x", "attempts", "hazards",
			 hazards, "cases", cases);
}

static json_t *mutants_of(const char *expect)
{
	json_t *cell = json_loads(expect, 0, NULL);

	json_object_update_new(cell, json_pack("{s:s, s:s, s:s}", "arch", "hppa", "board",
					       "default", "job", "vflush"));
	return json_pack("[{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[o]}]", "name", "m", "title", "t",
			 "kind", "call", "base", "full", "variant", "full+m", "patch", "m.patch",
			 "sha256", "0", "cells", cell);
}

#define RED	   "{\"expect\": \"red\", \"hazards\": [\"R\"]}"
#define RED_CASE   "{\"expect\": \"red\", \"hazards\": [], \"failed\": \"a/b\"}"
#define RED_REASON "{\"expect\": \"red\", \"hazards\": [], \"reason\": \"panic\"}"
#define GREEN	   "{\"expect\": \"green\"}"
#define ANY	   "{\"expect\": \"any\"}"

static void test_outcomes(void)
{
	static const struct {
		const char *expect;
		const char *base; /* status; NULL: no result */
		const char *status, *reason, *hazard, *bucket, *failed, *kernel;
		const char *outcome, *note;
	} cases[] = {
		{RED, "PASS", "FAIL", "R: 3", "R", "target", NULL, "k", "caught", NULL},
		{RED, "PASS", "FAIL", "R: 3", "R", "audit", NULL, "k", "red otherwise",
		 "no hazard R in a tested buffer"},
		{RED, "PASS", "FAIL", "oops", NULL, NULL, NULL, "k", "red otherwise",
		 "no hazard R in a tested buffer"},
		{RED, "PASS", "PASS", "ok", NULL, NULL, NULL, "k", "survived", NULL},
		{RED, "PASS", "SKIP", "as full", NULL, NULL, NULL, "base", "survived", NULL},
		{RED, "PASS", "SKIP", "no board", NULL, NULL, NULL, "", "undecided", NULL},
		{RED, "PASS", "ERROR", "broke", NULL, NULL, NULL, "k", "undecided", NULL},
		{RED, "PASS", "MISS", "broke", NULL, NULL, NULL, "k", "undecided", NULL},
		{RED, "FAIL", "FAIL", "R: 3", "R", "target", NULL, "k", "undecided",
		 "full is FAIL there"},
		{RED, "PASS", NULL, NULL, NULL, NULL, NULL, NULL, "pending", NULL},
		{RED, NULL, "FAIL", "R: 3", "R", "target", NULL, "k", "caught", NULL},
		{RED_CASE, "PASS", "FAIL", "a/b failed", NULL, NULL, "a/b", "k", "caught", NULL},
		{RED_CASE, "PASS", "FAIL", "a/c failed", NULL, NULL, "a/c", "k", "red otherwise",
		 "the case a/b did not fail"},
		{RED_REASON, "PASS", "FAIL", "panic: x", NULL, NULL, NULL, "k", "caught", NULL},
		{RED_REASON, "PASS", "FAIL", "oops: x", NULL, NULL, NULL, "k", "red otherwise",
		 "the reason does not say \"panic\""},
		{GREEN, "PASS", "PASS", "ok", NULL, NULL, NULL, "k", "green", NULL},
		{GREEN, "PASS", "FAIL", "R: 3", "R", "target", NULL, "k", "unexpected red", NULL},
		{GREEN, "PASS", "SKIP", "as full", NULL, NULL, NULL, "base", "same kernel", NULL},
		{GREEN, "PASS", "SKIP", "no board", NULL, NULL, NULL, "", "skipped", NULL},
		{GREEN, "FAIL", "SKIP", "as full", NULL, NULL, NULL, "base", "undecided",
		 "full is FAIL there"},
		{GREEN, "PASS", "ERROR", "broke", NULL, NULL, NULL, "k", "undecided", NULL},
		{ANY, "PASS", "FAIL", "R: 3", "R", "target", NULL, "k", "red", NULL},
		{ANY, "PASS", "PASS", "ok", NULL, NULL, NULL, "k", "green", NULL},
		{ANY, "PASS", "SKIP", "as full", NULL, NULL, NULL, "base", "same kernel", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		json_auto_t *mutants = mutants_of(cases[i].expect), *tests = json_array();
		json_auto_t *score = NULL;
		const json_t *cell;

		if (cases[i].base)
			json_array_append_new(tests, test_of("full", cases[i].base, "", NULL, NULL,
							     NULL, "base"));
		if (cases[i].status)
			json_array_append_new(tests,
					      test_of("full+m", cases[i].status, cases[i].reason,
						      cases[i].hazard, cases[i].bucket,
						      cases[i].failed, cases[i].kernel));
		score = vf_mutation_score(mutants, tests);
		cell = json_array_get(
			json_object_get(json_array_get(json_object_get(score, "mutants"), 0),
					"cells"),
			0);
		g_assert_cmpstr(json_string_value(json_object_get(cell, "outcome")), ==,
				cases[i].outcome);
		g_assert_cmpstr(json_string_value(json_object_get(cell, "note")), ==,
				cases[i].note);
	}
}

static json_t *mutation_of(Fixture *f)
{
	g_autoptr(GError) error = NULL;
	json_t *mutation = vf_db_mutation_json(f->db, "20260102-030405-aaaa", &error);

	g_assert_no_error(error);
	return mutation;
}

static void assert_counts(const json_t *counts, int expected, int caught, int survived,
			  int undecided, int unexpected)
{
	int found[5] = {0};

	g_assert_cmpint(json_unpack((json_t *)counts, "{s:i, s:i, s:i, s:i, s:i}", "expected",
				    &found[0], "caught", &found[1], "survived", &found[2],
				    "undecided", &found[3], "unexpected", &found[4]),
			==, 0);
	g_assert_cmpint(found[0], ==, expected);
	g_assert_cmpint(found[1], ==, caught);
	g_assert_cmpint(found[2], ==, survived);
	g_assert_cmpint(found[3], ==, undecided);
	g_assert_cmpint(found[4], ==, unexpected);
}

static void test_stored(void)
{
	Fixture f;
	json_auto_t *mutation = NULL, *schema = NULL, *results = NULL;
	g_autoptr(GError) error = NULL;
	const json_t *archs;

	fixture_open(&f);
	fixture_experiment(&f);
	mutation = mutation_of(&f);
	archs = json_object_get(mutation, "architectures");
	assert_counts(json_object_get(mutation, "score"), 4, 2, 1, 1, 1);
	assert_counts(json_array_get(archs, 0), 4, 2, 1, 1, 0);
	assert_counts(json_array_get(archs, 1), 0, 0, 0, 0, 1);
	g_assert_null(json_object_get(json_array_get(archs, 1), "score"));

	schema = json_load_file(VIFARM_SOURCE_DIR "/docs/mutation.schema.json", 0, NULL);
	vf_schema_check(schema, mutation, &error);
	g_assert_no_error(error);

	results = vf_db_run_json(f.db, "20260102-030405-aaaa", &error);
	g_assert_true(json_equal(json_object_get(json_object_get(results, "mutation"), "score"),
				 json_object_get(mutation, "score")));
	fixture_close(&f);
}

static void test_text(void)
{
	Fixture f;
	json_auto_t *mutation = NULL;
	g_autofree char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fixture_open(&f);
	fixture_experiment(&f);
	mutation = mutation_of(&f);
	vf_results_print_mutation(mutation, out);
	fclose(out);
	golden_check("results/mutation.txt", text);
	fixture_close(&f);
}

static void test_no_experiment(void)
{
	Fixture f;
	g_autoptr(GError) error = NULL;
	json_auto_t *results = NULL;

	fixture_open(&f);
	fixture_first_run(&f);
	g_assert_null(vf_db_mutation_json(f.db, "20260102-030405-aaaa", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_cmpstr(
		error->message, ==,
		"run 20260102-030405-aaaa is not an experiment; `orchestrator mutate` makes one");
	g_clear_error(&error);
	results = vf_db_run_json(f.db, "20260102-030405-aaaa", &error);
	g_assert_null(json_object_get(results, "mutation"));
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mutation/outcomes", test_outcomes);
	g_test_add_func("/mutation/stored", test_stored);
	g_test_add_func("/mutation/text", test_text);
	g_test_add_func("/mutation/no-experiment", test_no_experiment);
	return g_test_run();
}
