// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/mutant.h"

#include "base/error.h"
#include "plan-fixture.h"

static void test_right(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMutant) mutant = NULL;
	const VfMutantRed *red;

	mutant = vf_mutant_load(".", "skips", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(mutant->name, ==, "skips");
	g_assert_cmpstr(mutant->title, ==, "a mutant");
	g_assert_cmpstr(mutant->kind, ==, "call");
	g_assert_cmpstr(mutant->variant, ==, "full");
	g_assert_true(g_path_is_absolute(mutant->patch));
	g_assert_true(g_str_has_suffix(mutant->patch, "/patches/mutants/skips.patch"));
	g_assert_cmpuint(g_strv_length(mutant->jobs), ==, 2);
	g_assert_cmpuint(mutant->red->len, ==, 2);
	red = vf_mutant_red(mutant, "alpha", "default", "boot");
	g_assert_cmpstr(red->hazards[1], ==, "W-armed");
	g_assert_null(red->failed);
	g_assert_null(red->reason);
	red = vf_mutant_red(mutant, "alpha", "big", "alloc");
	g_assert_cmpstr(red->failed, ==, "a/b");
	g_assert_cmpstr(red->reason, ==, "bytes differ");
	g_assert_null(vf_mutant_red(mutant, "alpha", "big", "boot"));
	g_assert_null(vf_mutant_red(mutant, "beta", "default", "boot"));
}

static void test_wrong(void)
{
	static const FixtureCase cases[] = {
		{"name", "\"shoe\"",
		 "name: expected \"skips\" as the file is called, found \"shoe\""},
		{"title", "\"a\\u001b[2J\"",
		 "title: expected printable ASCII, found \"a\\x1b[2J\""},
		{"kind", "\"cache\"",
		 "kind: expected one of call, architecture, sync, order, table, allocator, found "
		 "\"cache\""},
		{"variant", "\"fool\"",
		 "variant: expected a variant below patches/variants/, found \"fool\""},
		{"variant", "\"../full\"",
		 "variant: expected a variant below patches/variants/, found \"../full\""},
		{"jobs", "[]", "jobs: expected at least one job, found none"},
		{"jobs", "[\"boot\", \"shoe\"]",
		 "jobs[1]: expected a job below jobs/, found \"shoe\""},
		{"jobs", "[\"boot\", \"boot\"]",
		 "jobs[1]: expected every value once, found \"boot\""},
		{"red", NULL, "red: expected an array of objects, found nothing"},
		{"red", "[]", "red: expected at least one place where it is caught, found none"},
		{"red.0.on", "[]", "red[0].on: expected at least one board, found none"},
		{"red.0.on", "[\"alpha\"]",
		 "red[0].on[0]: expected an architecture and a board as hppa/default, found "
		 "\"alpha\""},
		{"red.0.on", "[\"alpha/a/b\"]",
		 "red[0].on[0]: expected an architecture and a board as hppa/default, found "
		 "\"alpha/a/b\""},
		{"red.0.on", "[\"gamma/default\"]",
		 "red[0].on[0]: expected an architecture below kernels/, found \"gamma/default\""},
		{"red.0.on", "[\"alpha/default\", \"alpha/default\"]",
		 "red[0].on[1]: expected every value once, found \"alpha/default\""},
		{"red.1.job", "\"wide\"", "red[1].job: expected one of jobs, found \"wide\""},
		{"red.1",
		 "{\"job\": \"boot\", \"on\": [\"alpha/default\"], \"hazards\": [], \"failed\": "
		 "null, \"reason\": null}",
		 "red[1].on[0]: expected every board once for a job, found \"alpha/default\""},
		{"red.0.hazards", "[\"Q\"]",
		 "red[0].hazards[0]: expected a class of hazards that fails a task, found \"Q\""},
		{"red.0.hazards", "[\"P-armed\"]",
		 "red[0].hazards[0]: expected a class of hazards that fails a task, found "
		 "\"P-armed\""},
		{"red.0.failed", "\"\"",
		 "red[0].failed: expected printable ASCII or null, found \"\""},
		{"red.0.reason", "3", "red[0].reason: expected a string or null, found 3"},
		{"red.0.where", "3",
		 "red[0].where: unknown key; expected one of job, on, hazards, failed, reason"},
	};
	g_autoptr(Scratch) scratch = fixture_new();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *edited =
			fixture_edit(fixture_mutant, cases[i].path, cases[i].value);
		g_autofree char *message =
			g_strconcat("patches/mutants/skips.json: ", cases[i].message, NULL);
		g_autoptr(GError) error = NULL;

		scratch_write("patches/mutants/skips.json", edited);
		g_assert_null(vf_mutant_load(scratch->path, "skips", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, message);
	}
}

static void test_no_patch(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *edited = fixture_edit(fixture_mutant, "name", "\"lone\"");
	g_autoptr(GError) error = NULL;

	scratch_write("patches/mutants/lone.json", edited);
	g_assert_null(vf_mutant_load(scratch->path, "lone", &error));
	g_assert_cmpstr(error->message, ==,
			"patches/mutants/lone.json: expected the patch lone.patch beside it");
}

static void test_of_file(void)
{
	static const char *const jobs[] = {"boot", NULL};
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(VfMutant) mutant = NULL;

	scratch_write("my-idea.patch", "");
	scratch_write("My Idea.patch", "");
	mutant = vf_mutant_of_file("my-idea.patch", "full", jobs, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(mutant->name, ==, "my-idea");
	g_assert_cmpstr(mutant->jobs[0], ==, "boot");
	g_assert_cmpuint(mutant->red->len, ==, 0);
	g_assert_true(g_path_is_absolute(mutant->patch));
	g_assert_null(vf_mutant_of_file("My Idea.patch", "full", jobs, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_clear_error(&error);
	g_assert_null(vf_mutant_of_file("none.patch", "full", jobs, &error));
	g_assert_cmpstr(error->message, ==, "--mutant: none.patch: no such patch file");
}

static void test_names(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) names = NULL;

	names = vf_mutant_names(".", &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_strv_length(names), ==, 1);
	g_assert_cmpstr(names[0], ==, "skips");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mutant/right", test_right);
	g_test_add_func("/mutant/wrong", test_wrong);
	g_test_add_func("/mutant/no-patch", test_no_patch);
	g_test_add_func("/mutant/of-file", test_of_file);
	g_test_add_func("/mutant/names", test_names);
	return g_test_run();
}
