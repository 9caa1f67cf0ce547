// SPDX-License-Identifier: GPL-2.0-or-later
/* What leaves the database as results.json is what docs/results.schema.json says, and prints. */
#include <pty.h>
#include <unistd.h>

#include "base/error.h"
#include "output/export/schema.h"
#include "golden.h"
#include "results-db/results-text.h"
#include "results-fixture.h"
#include "paths.h"

static json_t *load_schema(void)
{
	json_error_t problem;
	json_t *schema = json_load_file(VIFARM_SOURCE_DIR "/docs/results.schema.json",
					JSON_REJECT_DUPLICATES, &problem);

	if (!schema)
		g_error("results.schema.json:%d: %s", problem.line, problem.text);
	return schema;
}

static void test_valid(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *schema = load_schema();
	json_auto_t *full = NULL, *empty = NULL;

	fixture_open(&fixture);
	fixture_first_run(&fixture);
	full = vf_db_run_json(fixture.db, "20260102-030405-aaaa", &error);
	g_assert_no_error(error);
	vf_schema_check(schema, full, &error);
	g_assert_no_error(error);
	fixture_begin(&fixture, "20260102-030405-bbbb", "full", FIXTURE_START, 0);
	empty = vf_db_run_json(fixture.db, "20260102-030405-bbbb", &error);
	vf_schema_check(schema, empty, &error);
	g_assert_no_error(error);
	fixture_close(&fixture);
}

/* Each change makes the document invalid, and the message says where and why. */
static void test_violations(void)
{
	static const struct {
		const char *what; /* merged into the first test */
		const char *message;
	} cases[] = {
		{"{\"status\": \"passed\"}", "tests[0].status: enum: expected one of"},
		{"{\"seconds\": -1}", "tests[0].seconds: minimum: expected at least 0, found -1"},
		{"{\"seconds\": \"1\"}",
		 "tests[0].seconds: type: expected \"number\", found string"},
		{"{\"reason\": null}", "tests[0].reason: type: expected \"string\", found null"},
		{"{\"x\\u001b\": 1}", "tests[0]: additionalProperties: unknown member \"x\\x1b\""},
		{"{\"started\": \"yesterday\"}", "tests[0].started: format: expected a date-time"},
		{"{\"started\": \"2026-01-02T03:04:05\"}", "tests[0].started: format"},
		{"{\"name\": \"hppa\"}", "tests[0].name: pattern: expected"},
		{"{\"attempts\": [{}]}", "tests[0].attempts[0]: required: \"number\" is missing"},
		{"{\"reason\": \"a\\u0000b\"}", "tests[0].reason: string: a NUL"},
		{"{\"kernel_key\": \"1234\"}", "tests[0].kernel_key: pattern"},
	};
	json_auto_t *schema = load_schema();
	Fixture fixture;

	fixture_open(&fixture);
	fixture_first_run(&fixture);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		json_auto_t *run = vf_db_run_json(fixture.db, "20260102-030405-aaaa", &error);
		json_auto_t *change = json_loads(cases[i].what, JSON_ALLOW_NUL, NULL);

		g_assert_nonnull(change);
		json_object_update(json_array_get(json_object_get(run, "tests"), 0), change);
		g_assert_false(vf_schema_check(schema, run, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
		if (!strstr(error->message, cases[i].message))
			g_error("%s: %s", cases[i].what, error->message);
	}
	fixture_close(&fixture);
}

/* A rule that the checker does not know must not count as kept. */
static void test_unknown_keyword(void)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *schema = json_loads("{\"uniqueItems\": true}", 0, NULL);
	json_auto_t *value = json_array();

	g_assert_false(vf_schema_check(schema, value, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
}

static void test_deep(void)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *schema = json_loads("{\"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": "
					 "{\"items\": {\"$ref\": \"#/$defs/a\"}}}}",
					 0, NULL);
	json_auto_t *value = json_array();

	for (int i = 0; i < 1000; i++)
		value = json_pack("[o]", value);
	g_assert_false(vf_schema_check(schema, value, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
}

typedef void (*Print)(const json_t *answer, FILE *out);

static void check_text(const char *golden, Print print, const json_t *answer)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(answer, out);
	fclose(out);
	for (gsize i = 0; i < size; i++)
		g_assert_true(text[i] == '\n' || (guchar)text[i] >= 0x20);
	golden_check(golden, text);
	free(text);
}

/* The same matrix in 26 columns: of $COLUMNS, and of a terminal. */
static void check_narrow(const json_t *run)
{
	struct winsize size = {.ws_row = 24, .ws_col = 26};
	struct termios raw = {0};
	g_autoptr(GString) text = g_string_new(NULL);
	char piece[1024];
	int terminal, end;
	gssize length;
	FILE *out;

	g_setenv("COLUMNS", "26", TRUE);
	check_text("results/show-narrow.txt", vf_results_print_run, run);
	g_unsetenv("COLUMNS");
	cfmakeraw(&raw);
	g_assert_cmpint(openpty(&terminal, &end, NULL, &raw, &size), ==, 0);
	out = fdopen(end, "w");
	vf_results_print_run(run, out);
	fclose(out);
	while ((length = read(terminal, piece, sizeof(piece))) > 0)
		g_string_append_len(text, piece, length);
	golden_check("results/show-narrow.txt", text->str);
	close(terminal);
}

static void test_text(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *run = NULL, *hazard = NULL, *panic = NULL, *runs = NULL;

	fixture_open(&fixture);
	fixture_first_run(&fixture);
	run = vf_db_run_json(fixture.db, "20260102-030405-aaaa", &error);
	hazard = vf_db_task_json(fixture.db, "hppa/default/vflush/full", &error);
	panic = vf_db_task_json(fixture.db, "mips64/default/boot/full", &error);
	runs = vf_db_runs_json(fixture.db, 10, &error);
	g_assert_no_error(error);
	check_text("results/show.txt", vf_results_print_run, run);
	check_narrow(run);
	check_text("results/why-hazard.txt", vf_results_print_test, hazard);
	check_text("results/why-panic.txt", vf_results_print_test, panic);
	check_text("results/runs.txt", vf_results_print_runs, runs);
	fixture_close(&fixture);
}

/* @n hazards at different addresses of one line. */
static void add_hazards(json_t *hazards, int n, const char *class, const char *bucket,
			const char *window)
{
	for (int i = 0; i < n; i++)
		json_array_append_new(hazards,
				      json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s}", "class",
						class, "bucket", bucket, "window", window, "count",
						10, "bytes", 320, "pc_source",
						"blast r4kcache.h:313", "caller_source",
						"sync noncoherent.c:65 < map dma.h:1"));
}

/* What decides nothing is folded by function and line; what decides is not, and only in a failure. */
static void test_hazard_groups(void)
{
	json_t *hazards = json_array();
	json_auto_t *test =
		json_pack("{s:s, s:s, s:s, s:i, s:s, s:[{s:i, s:s, s:s, s:o}]}", "status", "FAIL",
			  "name", "mips64/default/vflush/nov", "reason", "R: 10 stale loads", "id",
			  7, "run", "20260102", "attempts", "number", 1, "status", "FAIL", "reason",
			  "R: 10 stale loads", "hazards", hazards);
	json_t *attempt = json_array_get(json_object_get(test, "attempts"), 0);

	add_hazards(hazards, 40, "P-armed", "target", "first");
	add_hazards(hazards, 60, "P-armed", "target", "second");
	add_hazards(hazards, 20, "W", "audit", "first");
	add_hazards(hazards, 1, "R", "target", "second");
	check_text("results/why-harmless.txt", vf_results_print_test, test);
	json_object_set_new(attempt, "status", json_string("PASS"));
	json_object_set_new(test, "status", json_string("PASS"));
	check_text("results/why-not-judged.txt", vf_results_print_test, test);
}

int main(int argc, char **argv)
{
	g_unsetenv("COLUMNS");
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/results-json/valid", test_valid);
	g_test_add_func("/results-json/violations", test_violations);
	g_test_add_func("/results-json/unknown-keyword", test_unknown_keyword);
	g_test_add_func("/results-json/deep", test_deep);
	g_test_add_func("/results-json/text", test_text);
	g_test_add_func("/results-json/hazard-groups", test_hazard_groups);
	return g_test_run();
}
