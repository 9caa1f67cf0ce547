// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest names its cases and fills its console. Each result keeps a name of its own in every
 * format, a failure says why, and nothing of the guest's is taken for the format's own words.
 */
#include <glib.h>
#include <string.h>

#include "output/export/export.h"
#include "results-fixture.h"

static const VfExportOptions options = {.origin = "vifarm"};

static void add_case(json_t *cases, const char *name, const char *status, const char *detail)
{
	json_array_append_new(cases, json_pack("{s:s, s:s, s:s*}", "name", name, "status", status,
					       "detail", detail));
}

/* Cases of one name, of names that differ only behind a cut or before an escape, and worse. */
static json_t *hostile_cases(void)
{
	json_t *cases = json_array();
	g_autofree char *long_name = g_strnfill(6000, 'n');
	g_autofree char *one = g_strconcat(long_name, "1", NULL);
	g_autofree char *two = g_strconcat(long_name, "2", NULL);

	add_case(cases, "suite/same", "PASS", NULL);
	add_case(cases, "suite/same", "FAIL", NULL);
	add_case(cases, "suite/same (2)", "FAIL", "");
	add_case(cases, "suite/same", "PASS", NULL);
	add_case(cases, "suite/a\x1b[31m", "FAIL", "\x1b]0;title\x07 ]]> \xef\xbf\xbe \xc2\x80");
	add_case(cases, "suite/a\\x1b[31m", "FAIL", "<![CDATA[ ]]></failure><testcase/>");
	add_case(cases, "suite.x/c", "PASS", NULL);
	add_case(cases, "suite/x/c", "PASS", NULL);
	add_case(cases, one, "PASS", NULL);
	add_case(cases, two, "FAIL", "first\nok 1 second\n  # SKIP");
	add_case(cases, "full", "FAIL", "a name as the variant's");
	add_case(cases, "a # SKIP b", "FAIL", "hash");
	add_case(cases, "a \\x23 SKIP b", "PASS", NULL);
	add_case(cases, "skipping", "FAIL", " skip it");
	add_case(cases, "", "PASS", NULL);
	add_case(cases, "", "FAIL", NULL);
	return cases;
}

static json_t *results_of(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	json_t *results, *tests, *test, *twin;

	fixture_open(fixture);
	fixture_first_run(fixture);
	results = vf_db_run_json(fixture->db, "20260102-030405-aaaa", &error);
	g_assert_no_error(error);
	tests = json_object_get(results, "tests");
	test = json_array_get(tests, 0);
	json_object_set_new(json_array_get(json_object_get(test, "attempts"), 0), "cases",
			    hostile_cases());
	/* the same once more, of another variant, and it fails */
	twin = json_deep_copy(test);
	json_object_set_new(twin, "id", json_integer(1000));
	json_object_set_new(twin, "variant", json_string("nov"));
	json_object_set_new(twin, "name", json_string("hppa/default/boot/nov"));
	json_object_set_new(twin, "status", json_string("FAIL"));
	json_object_set_new(twin, "reason", json_string(""));
	json_array_insert_new(tests, 1, twin);
	return results;
}

static guint count_results(const json_t *results)
{
	const json_t *test;
	guint n = 0;
	gsize i;

	json_array_foreach (json_object_get(results, "tests"), i, test) {
		const json_t *attempts = json_object_get(test, "attempts");

		n += 1 + (guint)json_array_size(json_object_get(
				 json_array_get(attempts, json_array_size(attempts) - 1), "cases"));
	}
	return n;
}

typedef struct Xml {
	GHashTable *names;
	guint cases, explained;
	gboolean inside; /* a failure or an error */
	GString *text;
} Xml;

static void on_start(G_GNUC_UNUSED GMarkupParseContext *context, const char *element,
		     const char **keys, const char **values, gpointer data,
		     G_GNUC_UNUSED GError **error)
{
	Xml *xml = data;
	const char *class = "", *name = "";

	xml->inside = !strcmp(element, "failure") || !strcmp(element, "error");
	g_string_truncate(xml->text, 0);
	for (guint i = 0; keys[i]; i++) {
		class = strcmp(keys[i], "classname") ? class : values[i];
		name = strcmp(keys[i], "name") ? name : values[i];
	}
	if (strcmp(element, "testcase"))
		return;
	xml->cases++;
	g_hash_table_add(xml->names, g_strconcat(class, "\n", name, NULL));
}

static void on_text(G_GNUC_UNUSED GMarkupParseContext *context, const char *text, gsize length,
		    gpointer data, G_GNUC_UNUSED GError **error)
{
	g_string_append_len(((Xml *)data)->text, text, (gssize)length);
}

static void on_end(G_GNUC_UNUSED GMarkupParseContext *context, G_GNUC_UNUSED const char *element,
		   gpointer data, G_GNUC_UNUSED GError **error)
{
	Xml *xml = data;

	if (xml->inside) {
		g_strstrip(xml->text->str);
		g_assert_cmpstr(xml->text->str, !=, "");
		xml->explained++;
	}
	xml->inside = FALSE;
}

/* What XML 1.0 calls Char; GMarkup takes more. */
static void assert_xml_chars(const char *text)
{
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (; *text; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);

		g_assert_true(c == 0x9 || c == 0xa || c == 0xd || c >= 0x20);
		g_assert_true(c != 0xfffe && c != 0xffff && c != 0x7f);
	}
}

static void test_junit(void)
{
	static const GMarkupParser parser = {on_start, on_end, on_text, NULL, NULL};
	Fixture fixture;
	json_auto_t *results = results_of(&fixture);
	g_autofree char *text = vf_junit_render(results, &options, NULL);
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Xml xml = {names, 0, 0, FALSE, g_string_new(NULL)};
	g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, &xml, NULL);
	g_autoptr(GError) error = NULL;

	assert_xml_chars(text);
	g_assert_null(strstr(text, "]]>"));
	g_markup_parse_context_parse(context, text, -1, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(xml.cases, ==, count_results(results));
	g_assert_cmpuint(g_hash_table_size(names), ==, xml.cases);
	g_assert_cmpuint(xml.explained, >=, 14);
	/* architecture, board, job and variant tell two results of one case apart */
	g_assert_true(g_hash_table_contains(names, "vifarm.hppa.default.boot.full.suite\nsame"));
	g_assert_true(g_hash_table_contains(names, "vifarm.hppa.default.boot.nov.suite\nsame"));
	g_assert_true(g_hash_table_contains(names, "vifarm.mips64.default.boot\nfull"));
	g_string_free(xml.text, TRUE);
	fixture_close(&fixture);
}

static void test_ktap(void)
{
	Fixture fixture;
	json_auto_t *results = results_of(&fixture);
	g_autofree char *text = vf_ktap_render(results, &options, NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GRegex) regex = g_regex_new("^( *)(?:not )?ok [0-9]+ ([^#]*)", 0, 0, NULL);
	guint level = 0, cases = 0;

	for (char **line = lines; *line; line++) {
		g_autoptr(GMatchInfo) match = NULL;

		level += strstr(*line, "KTAP version") != NULL;
		if (!g_regex_match(regex, *line, 0, &match))
			continue;
		g_autofree char *indent = g_match_info_fetch(match, 1);
		g_autofree char *name = g_strchomp(g_match_info_fetch(match, 2));

		cases++;
		g_hash_table_add(names,
				 g_strdup_printf("%u %s %s", *indent ? level : 0, indent, name));
	}
	/* a failure is no skip, whatever its reason is */
	g_assert_null(strstr(text, "skipping # skip"));
	g_assert_nonnull(strstr(text, "not ok 14 skipping # FAIL:  skip it\n"));
	/* the MISS has no result line */
	g_assert_cmpuint(cases, ==, count_results(results) - 1);
	g_assert_cmpuint(g_hash_table_size(names), ==, cases);
	fixture_close(&fixture);
}

static void test_squad(void)
{
	Fixture fixture;
	json_auto_t *results = results_of(&fixture);
	json_auto_t *squad = vf_squad_new(results, "hppa");
	const json_t *tests = json_object_get(squad, "tests"), *metrics;

	/* two of boot with 16 cases each, one of vflush with 2 */
	g_assert_cmpuint(json_object_size(tests), ==, 2 * 17 + 3);
	g_assert_cmpstr(json_string_value(json_object_get(tests, "default/boot")), ==, "pass");
	g_assert_cmpstr(json_string_value(json_object_get(tests, "default/boot:nov")), ==, "fail");
	metrics = json_object_get(squad, "metrics");
	g_assert_cmpuint(json_object_size(metrics), ==, 3);
	fixture_close(&fixture);
}

static void assert_unique_ids(const json_t *objects)
{
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
	const json_t *object;
	gsize i;

	json_array_foreach (objects, i, object)
		g_hash_table_add(ids, (gpointer)json_string_value(json_object_get(object, "id")));
	g_assert_cmpuint(g_hash_table_size(ids), ==, json_array_size(objects));
}

static void test_kcidb(void)
{
	Fixture fixture;
	json_auto_t *results = results_of(&fixture);
	g_autoptr(GError) error = NULL;
	json_auto_t *document = vf_kcidb_new(results, &options, &error);

	g_assert_no_error(error);
	assert_unique_ids(json_object_get(document, "checkouts"));
	assert_unique_ids(json_object_get(document, "builds"));
	assert_unique_ids(json_object_get(document, "tests"));
	fixture_close(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/junit/junit", test_junit);
	g_test_add_func("/junit/ktap", test_ktap);
	g_test_add_func("/junit/squad", test_squad);
	g_test_add_func("/junit/kcidb", test_kcidb);
	return g_test_run();
}
