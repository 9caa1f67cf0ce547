// SPDX-License-Identifier: GPL-2.0-or-later
/* What b4's review command gets. */
#include "output/export/b4.h"
#include "golden.h"
#include "results-fixture.h"

static void test_message_id(void)
{
	static const struct {
		const char *letter, *id;
	} cases[] = {
		{"Subject: x\nMessage-ID: <a@b>\n\nbody\n", "a@b"},
		{"message-id:   <20260101.1-a@example.org>\r\nSubject: x\r\n\r\n",
		 "20260101.1-a@example.org"},
		{"Message-ID:\n <folded@b>\n\n", "folded@b"},
		{"Subject: x\n\nMessage-ID: <in-the-body@b>\n", NULL},
		{"X-Message-ID: <a@b>\n\n", NULL},
		{"Message-ID: <a b@c>\n\n", NULL},
		{"Message-ID: <>\n\n", NULL},
		{"Message-ID: <a\x1b@b>\n\n", "a\\x1b@b"},
		{"", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *id = vf_b4_message_id(cases[i].letter, strlen(cases[i].letter));

		g_assert_cmpstr(id, ==, cases[i].id);
	}
}

static void test_sources(void)
{
	json_auto_t *tracking = json_loads(
		"{\"series\": {\"v1\": {\"tip\": \"0123456789abcdef0123456789abcdef01234567\"}}, "
		"\"list\": [\"89abcdef0123456789abcdef0123456789abcdef\", \"short\", 7, null]}",
		0, NULL);
	g_auto(GStrv) sources = vf_b4_sources(tracking), none = vf_b4_sources(NULL);

	g_assert_cmpuint(g_strv_length(sources), ==, 2);
	g_assert_cmpstr(sources[0], ==, "git 0123456789abcdef0123456789abcdef01234567");
	g_assert_cmpuint(g_strv_length(none), ==, 0);
}

static void test_check(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *results = NULL, *check = NULL;
	g_autofree char *text = NULL;

	fixture_open(&fixture);
	fixture_first_run(&fixture);
	results = vf_db_run_json(fixture.db, "20260102-030405-aaaa", &error);
	g_assert_no_error(error);
	check = vf_b4_check(results, "https://farm.example.org/r/1");
	text = json_dumps(check, JSON_INDENT(2));
	golden_check("results/b4.json", text);
	fixture_close(&fixture);
}

/* What is neither right nor wrong is nothing to say. */
static void test_nothing_to_say(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	FixtureTask skip = {.arch = "hppa",
			    .board = "default",
			    .job = "boot",
			    .variant = "full",
			    .status = VF_STATUS_SKIP,
			    .reason = "not here"};
	json_auto_t *results = NULL, *check = NULL;

	fixture_open(&fixture);
	fixture_begin(&fixture, "r", "full", FIXTURE_START, FIXTURE_START + 1);
	fixture_task(&fixture, "r", &skip, FIXTURE_START);
	results = vf_db_run_json(fixture.db, "r", &error);
	check = vf_b4_check(results, NULL);
	g_assert_true(json_is_array(check));
	g_assert_cmpuint(json_array_size(check), ==, 0);
	fixture_close(&fixture);
}

static const char *status_of(FixtureTask task)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *results = NULL, *check = NULL;
	static char status[16];

	fixture_open(&fixture);
	fixture_begin(&fixture, "r", "full", FIXTURE_START, FIXTURE_START + 1);
	fixture_task(&fixture, "r", &task, FIXTURE_START);
	results = vf_db_run_json(fixture.db, "r", &error);
	g_assert_no_error(error);
	check = vf_b4_check(results, NULL);
	g_strlcpy(status, json_string_value(json_object_get(json_array_get(check, 0), "status")),
		  sizeof(status));
	fixture_close(&fixture);
	return status;
}

static void test_statuses(void)
{
	static const struct {
		VfStatus status;
		gboolean flaky;
		const char *word;
	} cases[] = {
		{VF_STATUS_PASS, FALSE, "pass"},  {VF_STATUS_PASS, TRUE, "warn"},
		{VF_STATUS_FAIL, FALSE, "fail"},  {VF_STATUS_FAIL, TRUE, "warn"},
		{VF_STATUS_ERROR, FALSE, "warn"}, {VF_STATUS_MISS, FALSE, "warn"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		FixtureTask task = {.arch = "hppa",
				    .board = "default",
				    .job = "boot",
				    .variant = "full",
				    .status = cases[i].status,
				    .reason = "r",
				    .flaky = cases[i].flaky,
				    .built = TRUE};

		g_assert_cmpstr(status_of(task), ==, cases[i].word);
	}
}

static void test_find_run(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	VfRunRecord plain = {.id = (char *)"plain",
			     .message_id = (char *)"a@b",
			     .source = (char *)"git 01",
			     .started = 1};
	VfRunRecord altered = {.id = (char *)"altered",
			       .message_id = (char *)"a@b",
			       .started = 2,
			       .altered = (char *)"--inject"};
	g_autofree char *by_id = NULL, *by_source = NULL, *none = NULL;

	fixture_open(&fixture);
	g_assert_true(vf_db_run_begin(fixture.db, &plain, &error));
	g_assert_true(vf_db_run_begin(fixture.db, &altered, &error));
	g_assert_true(vf_db_find_run(fixture.db, "a@b", NULL, &by_id, &error));
	g_assert_cmpstr(by_id, ==, "plain");
	g_assert_true(vf_db_find_run(fixture.db, "x@y", "git 01", &by_source, &error));
	g_assert_cmpstr(by_source, ==, "plain");
	g_assert_true(vf_db_find_run(fixture.db, "x@y", NULL, &none, &error));
	g_assert_null(none);
	fixture_close(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/b4/message-id", test_message_id);
	g_test_add_func("/b4/sources", test_sources);
	g_test_add_func("/b4/check", test_check);
	g_test_add_func("/b4/nothing-to-say", test_nothing_to_say);
	g_test_add_func("/b4/statuses", test_statuses);
	g_test_add_func("/b4/find-run", test_find_run);
	return g_test_run();
}
