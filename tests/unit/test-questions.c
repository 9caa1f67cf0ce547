// SPDX-License-Identifier: GPL-2.0-or-later
/* History, comparison and pruning over runs with known results. */
#include "golden.h"
#include "results-db/questions-text.h"
#include "results-db/questions.h"
#include "results-fixture.h"

/* One run a letter: P pass, F fail, E error, M miss, S skip, ~ pass after a failed attempt. */
static void add_series(Fixture *fixture, const char *arch, const char *letters)
{
	static const struct {
		char letter;
		VfStatus status;
	} statuses[] = {{'P', VF_STATUS_PASS}, {'F', VF_STATUS_FAIL}, {'E', VF_STATUS_ERROR},
			{'M', VF_STATUS_MISS}, {'S', VF_STATUS_SKIP}, {'~', VF_STATUS_PASS}};

	for (int i = 0; letters[i]; i++) {
		g_autofree char *run = g_strdup_printf("run-%s-%02d", arch, i);
		FixtureTask task = {arch,
				    "default",
				    "boot",
				    "full",
				    VF_STATUS_PASS,
				    "reason",
				    .flaky = letters[i] == '~',
				    .built = TRUE,
				    .seconds = 1};

		for (gsize s = 0; s < G_N_ELEMENTS(statuses); s++)
			if (statuses[s].letter == letters[i])
				task.status = statuses[s].status;
		fixture_begin(fixture, run, "full", FIXTURE_START + i * G_USEC_PER_SEC,
			      FIXTURE_START + i * G_USEC_PER_SEC + 1);
		fixture_task(fixture, run, &task, FIXTURE_START + i * G_USEC_PER_SEC);
	}
}

static const char *mark(const json_t *cell, const char *key)
{
	return json_string_value(json_object_get(json_object_get(cell, key), "run"));
}

static void test_history(void)
{
	static const struct {
		const char *letters;
		double rate, flaky; /* < 0: absent */
		const char *first_bad, *last_good;
	} cases[] = {
		{"P", 1, 0, NULL, NULL},
		{"F", 0, 0, "run-a-00", NULL},
		{"PPFF", 0.5, 0.25, "run-a-02", "run-a-01"},
		{"PFPF", 0.5, 0.75, "run-a-03", "run-a-02"},
		{"FFPP", 0.5, 0.25, NULL, NULL},
		{"PEFMFS", 1.0 / 3, 1.0 / 3, "run-a-02", "run-a-00"},
		{"EMS", -1, -1, NULL, NULL},
		{"PP~P", 1, 0.25, NULL, NULL},
		{"PFE", 0.5, 0.5, "run-a-01", "run-a-00"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Fixture fixture;
		g_autoptr(GError) error = NULL;
		VfHistoryFilter filter = {.arch = "a", .job = "boot", .limit = 100};
		json_auto_t *history = NULL;
		const json_t *cell, *rate, *flaky;

		fixture_open(&fixture);
		add_series(&fixture, "a", cases[i].letters);
		add_series(&fixture, "b", "P"); /* not asked for */
		history = vf_db_history_json(fixture.db, &filter, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(json_array_size(history), ==, 1);
		cell = json_array_get(history, 0);
		rate = json_object_get(cell, "pass_rate");
		flaky = json_object_get(cell, "flaky_score");
		g_test_message("%s", cases[i].letters);
		g_assert_cmpfloat_with_epsilon(rate ? json_number_value(rate) : -1, cases[i].rate,
					       1e-9);
		g_assert_cmpfloat_with_epsilon(flaky ? json_number_value(flaky) : -1,
					       cases[i].flaky, 1e-9);
		g_assert_cmpstr(mark(cell, "first_bad"), ==, cases[i].first_bad);
		g_assert_cmpstr(mark(cell, "last_good"), ==, cases[i].last_good);
		fixture_close(&fixture);
	}
}

static void test_history_filter(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	VfHistoryFilter all = {.limit = 2}, none = {.arch = "vax", .limit = 2};
	json_auto_t *history = NULL;

	fixture_open(&fixture);
	g_assert_null(vf_db_history_json(fixture.db, &all, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_clear_error(&error);
	add_series(&fixture, "a", "PPF");
	add_series(&fixture, "b", "PFP");
	history = vf_db_history_json(fixture.db, &all, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(json_array_size(history), ==, 2);
	g_assert_cmpuint(json_array_size(json_object_get(json_array_get(history, 0), "recent")), ==,
			 2);
	g_assert_null(vf_db_history_json(fixture.db, &none, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "architectures a,b, jobs boot"));
	fixture_close(&fixture);
}

/* A mutant's failures are no history of the kernel. */
static void test_history_altered(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	VfRunRecord run = {.id = (char *)"mutant",
			   .variant = (char *)"full",
			   .started = FIXTURE_START,
			   .altered = (char *)"--mutant x.patch"};
	FixtureTask task = {"a",      "default",     "boot",	  "full", VF_STATUS_FAIL,
			    "caught", .built = TRUE, .seconds = 1};
	VfHistoryFilter filter = {.limit = 10};
	json_auto_t *history = NULL;
	g_autofree char *last = NULL, *last_full = NULL;

	fixture_open(&fixture);
	add_series(&fixture, "a", "P");
	g_assert_true(vf_db_run_begin(fixture.db, &run, &error));
	fixture_task(&fixture, "mutant", &task, FIXTURE_START);
	history = vf_db_history_json(fixture.db, &filter, &error);
	g_assert_cmpfloat(json_number_value(
				  json_object_get(json_array_get(history, 0), "pass_rate")),
			  ==, 1);
	last = vf_db_resolve_run(fixture.db, "LAST", &error);
	g_assert_cmpstr(last, ==, "mutant");
	last_full = vf_db_resolve_run(fixture.db, "LAST/full", &error);
	g_assert_cmpstr(last_full, ==, "run-a-00");
	g_assert_null(vf_db_resolve_run(fixture.db, "LAST/full~1", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	fixture_close(&fixture);
}

static void add_task(Fixture *fixture, const char *run, const char *arch, const char *variant,
		     VfStatus status, gboolean flaky)
{
	FixtureTask task = {arch,     "default",      "boot",	     variant,	  status,
			    "reason", .flaky = flaky, .built = TRUE, .seconds = 1};

	fixture_task(fixture, run, &task, FIXTURE_START);
}

static void comparison_fixture(Fixture *fixture)
{
	static const struct {
		const char *arch;
		int a, b; /* VfStatus, -1: not in that run */
		gboolean flaky;
	} tests[] = {
		{"fixed", VF_STATUS_FAIL, VF_STATUS_PASS, FALSE},
		{"broken", VF_STATUS_PASS, VF_STATUS_FAIL, FALSE},
		{"still", VF_STATUS_FAIL, VF_STATUS_FAIL, FALSE},
		{"passing", VF_STATUS_PASS, VF_STATUS_PASS, FALSE},
		{"new", -1, VF_STATUS_FAIL, FALSE},
		{"gone", VF_STATUS_PASS, -1, FALSE},
		{"flaky", VF_STATUS_PASS, VF_STATUS_PASS, TRUE},
		{"error", VF_STATUS_PASS, VF_STATUS_ERROR, FALSE},
		{"miss", VF_STATUS_MISS, VF_STATUS_PASS, FALSE},
		{"skip", VF_STATUS_SKIP, VF_STATUS_SKIP, FALSE},
	};

	fixture_open(fixture);
	fixture_begin(fixture, "run-a", "base", FIXTURE_START, FIXTURE_START + 1);
	fixture_begin(fixture, "run-b", "full", FIXTURE_START + 2, FIXTURE_START + 3);
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
		if (tests[i].a >= 0)
			add_task(fixture, "run-a", tests[i].arch, "base", (VfStatus)tests[i].a,
				 FALSE);
		if (tests[i].b >= 0)
			add_task(fixture, "run-b", tests[i].arch, "full", (VfStatus)tests[i].b,
				 tests[i].flaky);
	}
}

static void test_compare(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *comparison = NULL;
	g_autofree char *json = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	comparison_fixture(&fixture);
	comparison = vf_db_compare_json(fixture.db, "run-a", "run-b", &error);
	g_assert_no_error(error);
	json = json_dumps(comparison, JSON_INDENT(2));
	golden_check("results/compare.json", json);
	vf_questions_print_comparison(comparison, out);
	fclose(out);
	golden_check("results/compare.txt", text);
	free(text);
	g_assert_null(vf_db_compare_json(fixture.db, "run-a", "nowhere", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	fixture_close(&fixture);
}

static gint64 rows(VfDb *db, const char *run)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *document = vf_db_run_json(db, run, &error);

	return document ? (gint64)json_array_size(json_object_get(document, "tests")) : -1;
}

static void test_prune(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) all = NULL, old = NULL;
	const char *first[] = {"run-a-00", NULL};

	fixture_open(&fixture);
	add_series(&fixture, "a", "PPP");
	/* began now and has no end: may be running */
	fixture_begin(&fixture, "running", "full", g_get_real_time(), 0);
	fixture_begin(&fixture, "newest", "full", g_get_real_time(), g_get_real_time());
	all = vf_db_prunable(fixture.db, 1, 0, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_strv_length(all), ==, 3);
	g_assert_cmpstr(all[0], ==, "run-a-00");
	old = vf_db_prunable(fixture.db, 1, FIXTURE_START + G_USEC_PER_SEC, &error);
	g_assert_cmpuint(g_strv_length(old), ==, 1);
	g_assert_true(vf_db_prune(fixture.db, first, &error));
	g_assert_cmpint(rows(fixture.db, "run-a-00"), ==, -1);
	g_assert_cmpint(rows(fixture.db, "run-a-01"), ==, 1);
	g_assert_true(vf_db_prune(fixture.db, (const char *const *)all, &error));
	g_assert_no_error(error);
	g_assert_cmpint(rows(fixture.db, "run-a-02"), ==, -1);
	fixture_close(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/questions/history", test_history);
	g_test_add_func("/questions/history-filter", test_history_filter);
	g_test_add_func("/questions/history-altered", test_history_altered);
	g_test_add_func("/questions/compare", test_compare);
	g_test_add_func("/questions/prune", test_prune);
	return g_test_run();
}
