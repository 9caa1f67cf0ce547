// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/job.h"

#include "base/error.h"
#include "plan-fixture.h"

static void test_right(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(VfJob) job = vf_job_load(".", "alloc", &error);

	g_assert_no_error(error);
	g_assert_cmpstr(job->name, ==, "alloc");
	g_assert_cmpstr(job->program, ==, "alloc");
	g_assert_cmpstr(g_hash_table_lookup(job->environment, "rounds"), ==, "3");
	g_assert_cmpuint(job->timeout, ==, 120);
	g_assert_cmpuint(job->silence, ==, 30);
	g_assert_cmpstr(job->boards[1], ==, "big");
	g_assert_cmpstr(job->needs[0], ==, "dma_alloc_sg");
	g_assert_cmpstr(job->devices[0], ==, "saa7146,card=a{bus}");
	g_assert_true(job->model.present);
	g_assert_cmpstr(job->model.track, ==, "dma");
	g_assert_cmpstr(job->model.arm, ==, "window");
	g_assert_cmpstr(job->model.windows[0], ==, "vflush/ring");
	g_assert_cmpstr(job->model.only[0], ==, "alpha");
	g_assert_cmpuint(job->model.layouts->len, ==, 1);
	g_assert_cmpuint(((VfLayout *)job->model.layouts->pdata[0])->memory_mib, >, 0);
	g_assert_cmpuint(vf_job_first_layout(job, "alpha"), ==, 0);
	g_assert_cmpstr(job->append, ==, "");
	g_assert_cmpstr(job->cases[0], ==, "a/b");
}

static void test_layouts(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *text = fixture_job("boot", "[\"default\"]", "[]");
	g_autofree char *edited = fixture_edit(
		text, "model.layouts",
		"[{\"memory_mib\": 8, \"devices\": [], \"environment\": {}, \"first\": []},"
		" {\"memory_mib\": 0, \"devices\": [\"saa7146{bus}\"],"
		" \"environment\": {\"adapter\": \"1\"}, \"first\": [\"beta\"]}]");
	g_autoptr(GError) error = NULL;
	g_autoptr(VfJob) job = vf_job_parse(edited, strlen(edited), ".", "boot", &error);
	const VfLayout *second;

	g_assert_no_error(error);
	g_assert_cmpuint(job->model.layouts->len, ==, 2);
	second = job->model.layouts->pdata[1];
	g_assert_cmpuint(second->memory_mib, ==, 0);
	g_assert_cmpstr(second->devices[0], ==, "saa7146{bus}");
	g_assert_cmpstr(g_hash_table_lookup(second->environment, "adapter"), ==, "1");
	g_assert_cmpuint(vf_job_first_layout(job, "alpha"), ==, 0);
	g_assert_cmpuint(vf_job_first_layout(job, "beta"), ==, 2);
}

static void test_without_model(void)
{
	static const char *const values[] = {"null", NULL};
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *text = fixture_job("boot", "[\"default\"]", "[]");

	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autofree char *edited = fixture_edit(text, "model", values[i]);
		g_autoptr(GError) error = NULL;
		g_autoptr(VfJob) job = vf_job_parse(edited, strlen(edited), ".", "boot", &error);

		g_assert_no_error(error);
		g_assert_false(job->model.present);
	}
}

/* The largest that may be. */
static void test_limits(void)
{
	static const FixtureCase cases[] = {
		{"timeout", "86400", NULL},
		{"environment.rounds", "\"{page_size}\"", NULL},
		{"silence", "120", NULL},
		{"model.windows",
		 "[\"0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQ\"]", NULL},
		{"program", "\"0123456789abcdefghijklmnopqrstuvwxyz0123456789-_abcdefghijklmnop\"",
		 NULL},
	};
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *text = fixture_job("boot", "[\"default\"]", "[]");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *edited = fixture_edit(text, cases[i].path, cases[i].value);
		g_autoptr(GError) error = NULL;
		g_autoptr(VfJob) job = vf_job_parse(edited, strlen(edited), ".", "boot", &error);

		g_assert_no_error(error);
		g_assert_nonnull(job);
	}
}

static void test_wrong(void)
{
	static const FixtureCase cases[] = {
		{"name", "\"shoe\"",
		 "name: expected \"boot\" as the file is called, found \"shoe\""},
		{"title", "\"\"", "title: expected a non-empty string, found \"\""},
		{"program", "\"../boot\"",
		 "program: expected a name of a-z, 0-9, - and _, found \"../boot\""},
		{"program", "\"-c\"",
		 "program: expected a name of a-z, 0-9, - and _, found \"-c\""},
		{"programme", "\"x\"",
		 "programme: unknown key; expected one of name, title, program, environment, "
		 "timeout, silence, boards, needs, devices, model, append, control, cases; did you "
		 "mean program?"},
		{"timeout", "0", "timeout: expected a positive integer, found 0"},
		{"timeout", "86401", "timeout: expected at most 86400 seconds, found 86401"},
		{"silence", "121", "silence: expected at most the timeout, 120, found 121"},
		{"environment", "[]", "environment: expected an object of strings, found an array"},
		{"environment.rounds", "3", "environment.rounds: expected a string, found 3"},
		{"environment.ROUNDS", "\"3\"",
		 "environment.ROUNDS: expected a key of a-z, 0-9 and _"},
		{"environment.rounds", "\"{page}\"",
		 "environment.rounds: expected a word without braces, or one of {bits}, {board}, "
		 "{cpus}, {endian}, {memory_mib} and {page_size}, found \"{page}\""},
		{"environment.rounds", "\"x{bits}\"",
		 "environment.rounds: expected a word without braces, or one of {bits}, {board}, "
		 "{cpus}, {endian}, {memory_mib} and {page_size}, found \"x{bits}\""},
		{"environment.job", "\"boot\"",
		 "environment.job: expected a key other than job, result and timeout"},
		{"environment.result", "\"x\"",
		 "environment.result: expected a key other than job, result and timeout"},
		{"environment.rounds", "\"3 rdinit=/x\"",
		 "environment.rounds: expected one word of printable ASCII without quotes, found "
		 "\"3 rdinit=/x\""},
		{"environment.rounds", "\"\\\"\"",
		 "environment.rounds: expected one word of printable ASCII without quotes, found "
		 "\"\"\""},
		{"environment.rounds", "\"\"",
		 "environment.rounds: expected one word of printable ASCII without quotes, found "
		 "\"\""},
		{"boards", "[]", "boards: expected at least one board, found none"},
		{"boards", "[\"Default\"]",
		 "boards[0]: expected a name of a-z, 0-9, - and _, found \"Default\""},
		{"boards", "[\"default\", \"default\"]",
		 "boards[1]: expected every value once, found \"default\""},
		{"needs", "[\"dma alloc\"]",
		 "needs[0]: expected a name of a-z, 0-9, - and _, found \"dma alloc\""},
		{"devices", "[\"saa7146{bus}\", \"x{slot}\"]",
		 "devices[1]: expected no placeholder but {bus}, found \"x{slot}\""},
		{"devices", "[\"x{bus\"]",
		 "devices[0]: expected no placeholder but {bus}, found \"x{bus\""},
		{"devices", "[\"x}\"]",
		 "devices[0]: expected no placeholder but {bus}, found \"x}\""},
		{"devices", "[\"\"]", "devices[0]: expected a word of printable ASCII, found \"\""},
		{"model", "true", "model: expected an object, found true"},
		{"model.track", "\"none\"",
		 "model.track: expected one of dma, all, found \"none\""},
		{"model.arm", "\"never\"",
		 "model.arm: expected one of window, dma, start, found \"never\""},
		{"model.windows", "[\"a b\"]",
		 "model.windows[0]: expected a window of A-Z, a-z, 0-9 and -_.:/+, found \"a b\""},
		{"model.windows", "[\"\"]",
		 "model.windows[0]: expected a window of A-Z, a-z, 0-9 and -_.:/+, found \"\""},
		{"model.windows",
		 "[\"0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQR\"]",
		 "model.windows[0]: expected a window of A-Z, a-z, 0-9 and -_.:/+, found "
		 "\"0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMN...\""},
		{"model.only", "[\"alpha\", \"gamma\"]",
		 "model.only[1]: expected an architecture below kernels/, found \"gamma\""},
		{"model.only", "[\"../kernels/alpha\"]",
		 "model.only[0]: expected a name of a-z, 0-9, - and _, found "
		 "\"../kernels/alpha\""},
		{"model.layouts",
		 "[{\"memory_mib\": 8, \"devices\": [], \"environment\": {}, \"first\": "
		 "[\"gamma\"]}]",
		 "model.layouts[0].first[0]: expected an architecture below kernels/, found "
		 "\"gamma\""},
		{"model.layouts",
		 "[{\"memory_mib\": 4097, \"devices\": [], \"environment\": {}, \"first\": []}]",
		 "model.layouts[0].memory_mib: expected at most 4096, found 4097"},
		{"model.layouts",
		 "[{\"memory_mib\": 0, \"devices\": [\"x{slot}\"], \"environment\": {}, "
		 "\"first\": []}]",
		 "model.layouts[0].devices[0]: expected no placeholder but {bus}, found "
		 "\"x{slot}\""},
		{"append", "3", "append: expected a string or null, found 3"},
		{"append", "\"a='b'\"",
		 "append: expected printable ASCII without quotes, found \"a='b'\""},
		{"control", NULL, "control: expected a non-empty string, found nothing"},
		{"cases", "[\"a\", \"\"]",
		 "cases[1]: expected the name of a KTAP case, found \"\""},
		{"cases", "[\"/a\"]", "cases[0]: expected the name of a KTAP case, found \"/a\""},
		{"cases", "[\"a/\"]", "cases[0]: expected the name of a KTAP case, found \"a/\""},
		{"cases", "[\"a\\n\"]",
		 "cases[0]: expected the name of a KTAP case, found \"a\\x0a\""},
		{"cases", "[\"a\", \"a\"]", "cases[1]: expected every value once, found \"a\""},
	};
	g_autoptr(Scratch) scratch = fixture_new();
	g_autofree char *text = fixture_job("boot", "[\"default\"]", "[]");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *edited = fixture_edit(text, cases[i].path, cases[i].value);
		g_autofree char *message = g_strconcat("jobs/boot.json: ", cases[i].message, NULL);
		g_autoptr(GError) error = NULL;

		scratch_write("jobs/boot.json", edited);
		g_assert_null(vf_job_load(scratch->path, "boot", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_cmpstr(error->message, ==, message);
	}
}

static void test_files(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;

	scratch_write("jobs/boot.json", "{\"name\": \"boot\",\n\"name\": \"boot\"}");
	g_assert_null(vf_job_load(scratch->path, "boot", &error));
	g_assert_cmpstr(error->message, ==,
			"jobs/boot.json:2:6: duplicate object key near '\"name\"'");
	g_clear_error(&error);
	g_assert_null(vf_job_load(scratch->path, "none", &error));
	g_assert_cmpstr(error->message, ==,
			"jobs/none.json: cannot open: No such file or directory");
}

static void test_names(void)
{
	g_autoptr(Scratch) scratch = fixture_new();
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) names = NULL;
	g_autofree char *all = NULL;

	scratch_write("jobs/.#boot.json", "");
	scratch_write("jobs/boot.json~", "");
	scratch_write("jobs/README", "");
	names = vf_job_names(scratch->path, &error);
	g_assert_no_error(error);
	all = g_strjoinv(" ", names);
	g_assert_cmpstr(all, ==, "alloc boot wide");
	scratch_write("jobs/My Job.json", "");
	g_assert_null(vf_job_names(scratch->path, &error));
	g_assert_cmpstr(error->message, ==,
			"jobs/My Job.json: expected a name of at most 64 characters a-z, 0-9, - "
			"and _");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/job/right", test_right);
	g_test_add_func("/job/without-model", test_without_model);
	g_test_add_func("/job/layouts", test_layouts);
	g_test_add_func("/job/limits", test_limits);
	g_test_add_func("/job/wrong", test_wrong);
	g_test_add_func("/job/files", test_files);
	g_test_add_func("/job/names", test_names);
	return g_test_run();
}
