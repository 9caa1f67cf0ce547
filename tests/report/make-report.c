// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Usage: make-report DIR. Writes DIR/index.html of a run whose guests were as hostile as can be,
 * and DIR/mutation.html of an experiment.
 */
#include "output/report/report.h"
#include "tests/unit/mutation-fixture.h"

static const char console[] =
	"SILO boot:\r\n[    0.000000] Linux version 6.12 \x1b[31mred\x1b[0m\n"
	"</script><script>document.title = \"owned\"</script>\n"
	"<img src=x onerror=\"document.title='owned'\"> \xff\xfe {{SCRIPT}} ${alert(1)}\n";

static void write_console(const Fixture *fixture, const char *test, const char *attempt)
{
	g_autofree char *path = g_build_filename(fixture->dir, "runs", "20260102-030405-aaaa", test,
						 attempt, "console.log", NULL);
	g_autofree char *directory = g_path_get_dirname(path);
	g_autoptr(GString) text = g_string_new(console);

	for (int i = 0; text->len < 4242; i++)
		g_string_append_printf(text, "[    %d.000000] line %d\n", i, i);
	g_string_truncate(text, 4241);
	g_string_append(text, "\nKernel panic - not syncing: <b>hostile</b>\n---[ end ]---\n");
	g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
	g_assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
}

/* a day before the others */
#define OLDER (FIXTURE_START - G_GINT64_CONSTANT(86400000000))

static void add_older_runs(Fixture *fixture)
{
	for (int i = 0; i < 5; i++) {
		g_autofree char *run = g_strdup_printf("20260101-00000%d-0000", i);
		FixtureTask task = {"hppa",
				    "default",
				    "boot",
				    "full",
				    i % 2 ? VF_STATUS_FAIL : VF_STATUS_PASS,
				    "older",
				    .built = TRUE,
				    .seconds = 1 + i};

		fixture_begin(fixture, run, "full", OLDER + i,
			      OLDER + G_GINT64_CONSTANT(60000000) * (i + 1));
		fixture_task(fixture, run, &task, FIXTURE_START);
	}
}

/* the time at which a build was stored is the clock's, which is not that of the run */
static void fix_builds(json_t *results)
{
	json_t *build;
	gsize i;

	json_array_foreach (json_object_get(results, "builds"), i, build) {
		json_object_set_new(build, "finished",
				    json_string("2026-01-02T03:04:06.000000+00:00"));
		json_object_set_new(build, "seconds", json_real(1.5 + (double)i));
	}
}

/* Eleven more hazards of the test that its hazards decide. */
static void add_deciding(json_t *results)
{
	json_t *test = json_array_get(json_object_get(results, "tests"), 1);
	json_t *attempts = json_object_get(test, "attempts");
	json_t *last = json_array_get(attempts, json_array_size(attempts) - 1);
	json_t *hazards = json_object_get(last, "hazards");

	g_assert_cmpuint(json_array_size(hazards), ==, 1);
	for (int i = 0; i < 11; i++) {
		json_t *hazard = json_copy(json_array_get(hazards, 0));

		json_object_set_new(hazard, "count", json_integer(100 + i));
		json_array_append_new(hazards, hazard);
	}
}

/* Sixty hazards of a passed test that decide nothing, at one line of the kernel. */
static void add_harmless(json_t *results)
{
	json_t *test = json_array_get(json_object_get(results, "tests"), 0);
	json_t *attempt = json_array_get(json_object_get(test, "attempts"), 0);
	json_t *hazards = json_array();

	for (int i = 0; i < 60; i++)
		json_array_append_new(hazards,
				      json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:s, s:s}",
						"class", "P-armed", "bucket", "audit", "window",
						"a", "count", 2, "bytes", 64, "colour", 0,
						"other_colour", 1, "pc_source",
						"blast <b>r4kcache.h</b>:313", "caller_source",
						"sync noncoherent.c:65 < map dma.h:1"));
	g_assert_cmpstr(json_string_value(json_object_get(attempt, "status")), ==, "PASS");
	json_object_set_new(attempt, "hazards", hazards);
}

static void write_experiment(const char *directory)
{
	g_autofree char *path = g_build_filename(directory, "mutation.html", NULL), *page = NULL;
	json_auto_t *results = NULL, *runs = json_array();
	g_autoptr(GError) error = NULL;
	Fixture fixture;

	fixture_open(&fixture);
	fixture_experiment(&fixture);
	results = vf_db_run_json(fixture.db, "20260102-030405-aaaa", &error);
	g_assert_no_error(error);
	page = vf_report_render(results, runs, fixture.dir);
	g_assert_true(vf_dirs_write(path, page, -1, &error));
	fixture_close(&fixture);
}

int main(int argc, char **argv)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *results = NULL, *runs = NULL;
	g_autofree char *page = NULL, *path = NULL;

	g_assert_cmpint(argc, ==, 2);
	fixture_open(&fixture);
	add_older_runs(&fixture);
	fixture_first_run(&fixture);
	write_console(&fixture, "mips64/default/boot/full", "1");
	write_console(&fixture, "hppa/default/boot/full", "1");
	results = vf_db_run_json(fixture.db, "20260102-030405-aaaa", &error);
	runs = vf_db_runs_json(fixture.db, 100, &error);
	g_assert_no_error(error);
	fix_builds(results);
	add_harmless(results);
	add_deciding(results);
	page = vf_report_render(results, runs, fixture.dir);
	path = g_build_filename(argv[1], "index.html", NULL);
	g_assert_true(vf_dirs_make(argv[1], &error) && vf_dirs_write(path, page, -1, &error));
	fixture_close(&fixture);
	write_experiment(argv[1]);
	return 0;
}
