// SPDX-License-Identifier: GPL-2.0-or-later
/* The same run in each format. */
#include <gio/gio.h>

#include "evidence/ktap.h"
#include "output/export/export.h"
#include "golden.h"
#include "results-fixture.h"

static const VfExportOptions options = {.origin = "vifarm", .url = "https://farm.example.org"};

static json_t *results_of(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	json_t *results;

	fixture_open(fixture);
	fixture_first_run(fixture);
	results = vf_db_run_json(fixture->db, "20260102-030405-aaaa", &error);
	g_assert_no_error(error);
	return results;
}

static char *render(const char *name, const json_t *results)
{
	g_autoptr(GError) error = NULL;
	const VfExportFormat *format = vf_export_format(name, &error);
	char *text;

	g_assert_no_error(error);
	text = format->render(results, &options, &error);
	g_assert_no_error(error);
	return text;
}

static void check_golden(const char *name, const char *golden)
{
	Fixture fixture;
	json_auto_t *results = results_of(&fixture);
	g_autofree char *text = render(name, results);

	golden_check(golden, text);
	fixture_close(&fixture);
}

static void test_kcidb(void)
{
	check_golden("kcidb", "results/kcidb.json");
}

static void test_junit(void)
{
	check_golden("junit", "results/junit.xml");
}

static void test_ktap(void)
{
	check_golden("ktap", "results/out.ktap");
}

static void test_squad(void)
{
	Fixture fixture;
	json_auto_t *results = results_of(&fixture);
	json_auto_t *squad = vf_squad_new(results, "hppa");
	g_autofree char *text = json_dumps(squad, JSON_INDENT(2));

	golden_check("results/squad.json", text);
	fixture_close(&fixture);
}

static void test_unknown(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(vf_export_format("yaml\x1b", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "json, kcidb, junit and ktap"));
	g_assert_null(strchr(error->message, '\x1b'));
}

/* One broken rule each; the message names the object, the member and the rule. */
static void test_kcidb_rules(void)
{
	static const struct {
		const char *array, *change, *message;
	} cases[] = {
		{"tests", "{\"status\": null}", "tests[0].status (id \"vifarm:20260102"},
		{"tests", "{\"status\": \"pass\"}", "enum: expected one of"},
		{"tests", "{\"path\": \"a..b\"}", "tests[0].path"},
		{"tests", "{\"path\": \"a b\"}", "pattern"},
		{"tests", "{\"id\": \"no-colon\"}", "tests[0].id (id \"no-colon\"): pattern"},
		{"tests", "{\"id\": \"Origin:1\"}", "pattern"},
		{"tests", "{\"start_time\": \"2026-01-02 03:04:05\"}", "format: expected a date"},
		{"tests", "{\"duration\": \"1 s\"}", "type: expected \"number\""},
		{"tests", "{\"waived\": true}", "additionalProperties: unknown member \"waived\""},
		{"tests", "{\"comment\": \"a\\u0000b\"}", "NUL"},
		{"tests", "{\"number\": {\"unit\": \"s\"}}", "required: \"value\" is missing"},
		{"tests", "{\"output_files\": [{\"name\": \"a/b\", \"url\": \"https://x/y\"}]}",
		 "output_files[0].name"},
		{"tests", "{\"output_files\": [{\"name\": \"a\", \"url\": \"not a url\"}]}", "uri"},
		{"builds", "{\"architecture\": \"x86-64\"}", "builds[0].architecture"},
		{"builds", "{\"valid\": true}", "unknown member \"valid\""},
		{"checkouts", "{\"git_commit_hash\": \"abc\"}", "checkouts[0].git_commit_hash"},
		{"checkouts", "{\"git_repository_url\": \"git://x/y\"}", "git_repository_url"},
		{"checkouts", "{\"patchset_hash\": \"12\"}", "checkouts[0].patchset_hash"},
		{"checkouts", "{\"message_id\": \"<a@b>\"}", "message_id"},
	};
	Fixture fixture;
	json_auto_t *results = results_of(&fixture);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		json_auto_t *document = vf_kcidb_new(results, &options, &error);
		json_auto_t *change = json_loads(cases[i].change, JSON_ALLOW_NUL, NULL);

		g_assert_no_error(error);
		json_object_update(json_array_get(json_object_get(document, cases[i].array), 0),
				   change);
		g_assert_false(vf_kcidb_check(document, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_PROTOCOL);
		if (!strstr(error->message, cases[i].message))
			g_error("%s: %s", cases[i].change, error->message);
	}
	fixture_close(&fixture);
}

static void test_kcidb_excerpt(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *results = results_of(&fixture);
	json_t *test = json_array_get(json_object_get(results, "tests"), 0);
	json_t *attempt = json_array_get(json_object_get(test, "attempts"), 0);
	g_autofree char *full = g_strnfill(20000, 'x');
	json_auto_t *document = NULL;
	const json_t *excerpt;

	json_object_set_new(attempt, "excerpt", json_string(full));
	document = vf_kcidb_new(results, &options, &error);
	g_assert_no_error(error);
	excerpt = json_object_get(json_array_get(json_object_get(document, "tests"), 0),
				  "log_excerpt");
	g_assert_cmpuint(json_string_length(excerpt), ==, 16384);
	fixture_close(&fixture);
}

typedef struct Xml {
	guint cases, failures, errors, skipped;
	guint said_tests;
	gboolean hostile; /* an element that only the guest's text could have made */
} Xml;

static void on_element(GMarkupParseContext *context, const char *name, const char **keys,
		       const char **values, gpointer data, GError **error)
{
	Xml *xml = data;

	(void)context;
	(void)error;
	xml->cases += !strcmp(name, "testcase");
	xml->failures += !strcmp(name, "failure");
	xml->errors += !strcmp(name, "error");
	xml->skipped += !strcmp(name, "skipped");
	xml->hostile |= !strcmp(name, "script");
	for (int i = 0; keys[i]; i++)
		if (!strcmp(name, "testsuites") && !strcmp(keys[i], "tests"))
			xml->said_tests = (guint)atoi(values[i]);
}

static void test_junit_parses(void)
{
	static const GMarkupParser parser = {.start_element = on_element};
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *results = results_of(&fixture);
	g_autofree char *text = render("junit", results);
	Xml xml = {0};
	g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, &xml, NULL);

	g_markup_parse_context_parse(context, text, -1, &error);
	g_markup_parse_context_end_parse(context, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(xml.cases, ==, xml.said_tests);
	g_assert_cmpuint(xml.cases, ==, 14);
	g_assert_cmpuint(xml.failures, ==, 4);
	g_assert_cmpuint(xml.errors, ==, 1);
	g_assert_cmpuint(xml.skipped, ==, 1);
	g_assert_false(xml.hostile);
	fixture_close(&fixture);
}

/* Our own strict reader understands what we write: the MISS is a hole in the plan. */
static void test_ktap_parses(void)
{
	Fixture fixture;
	json_auto_t *results = results_of(&fixture);
	g_autofree char *text = render("ktap", results);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(VfKtap) ktap = vf_ktap_new();
	guint failed = 0;
	GPtrArray *cases;

	for (char **line = lines; line[1]; line++)
		vf_ktap_line(ktap, *line, strlen(*line));
	vf_ktap_finish(ktap);
	cases = vf_ktap_cases(ktap);
	for (guint i = 0; i < cases->len; i++)
		failed += ((VfCase *)cases->pdata[i])->status == VF_STATUS_FAIL;
	g_assert_cmpuint(failed, ==, 2);
	g_assert_nonnull(vf_ktap_error(ktap));
	fixture_close(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/export/kcidb", test_kcidb);
	g_test_add_func("/export/kcidb-rules", test_kcidb_rules);
	g_test_add_func("/export/kcidb-excerpt", test_kcidb_excerpt);
	g_test_add_func("/export/junit", test_junit);
	g_test_add_func("/export/junit-parses", test_junit_parses);
	g_test_add_func("/export/ktap", test_ktap);
	g_test_add_func("/export/ktap-parses", test_ktap_parses);
	g_test_add_func("/export/squad", test_squad);
	g_test_add_func("/export/unknown", test_unknown);
	return g_test_run();
}
