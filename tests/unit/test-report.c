// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes into the HTML report; tests/report looks at it with a browser. */
#include "golden.h"
#include "output/report/report.h"
#include "results-fixture.h"

static json_t *splats_at(gsize offset)
{
	return json_pack("[{s:I}]", "console_offset", (json_int_t)offset);
}

/* "line 0\n" ... : each 8 bytes */
static char *write_log(Fixture *fixture, guint lines)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char *path = g_build_filename(fixture->dir, "console.log", NULL);

	for (guint i = 0; i < lines; i++)
		g_string_append_printf(text, "li%05u\n", i);
	g_assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
	return path;
}

static void assert_console(const char *path, gsize offset, gsize limit, json_int_t first,
			   gsize lines, json_int_t splat, const char *first_line, gboolean cut)
{
	json_auto_t *splats = splats_at(offset);
	json_auto_t *console = vf_report_console(path, splats, limit);
	const json_t *shown = json_object_get(console, "lines");

	g_assert_cmpint(json_integer_value(json_object_get(console, "first")), ==, first);
	g_assert_cmpuint(json_array_size(shown), ==, lines);
	g_assert_cmpint(json_integer_value(json_array_get(json_object_get(console, "splats"), 0)),
			==, splat);
	g_assert_cmpstr(json_string_value(json_array_get(shown, 0)), ==, first_line);
	g_assert_true(json_is_true(json_object_get(console, "cut")) == cut);
}

static void test_console(void)
{
	Fixture fixture;
	g_autofree char *path = NULL;

	fixture_open(&fixture);
	path = write_log(&fixture, 100);
	assert_console(path, 80, 100000, 0, 100, 10, "li00000", FALSE);
	/* a quarter of 80 bytes before the splat at line 50, the rest after it */
	assert_console(path, 400, 80, 48, 10, 2, "li00048", TRUE);
	assert_console(path, 0, 80, 0, 10, 0, "li00000", TRUE);
	assert_console(path, 799, 80, 90, 10, 9, "li00090", FALSE);
	/* an offset that is not in the file: its end is shown */
	assert_console(path, 100000, 80, 90, 10, -1, "li00090", FALSE);
	g_assert_null(vf_report_console("/nonexistent/console.log", NULL, 80));
	fixture_close(&fixture);
}

static void test_escapes(void)
{
	Fixture fixture;
	g_autofree char *path = NULL;
	static const char hostile[] = "a\x1b[2J\0b\r\n\xff\n\xe2\x80\xae";
	json_auto_t *console = NULL;
	const json_t *lines;

	fixture_open(&fixture);
	path = g_build_filename(fixture.dir, "console.log", NULL);
	g_assert_true(g_file_set_contents(path, hostile, sizeof(hostile) - 1, NULL));
	console = vf_report_console(path, NULL, 1000);
	lines = json_object_get(console, "lines");
	g_assert_cmpuint(json_array_size(lines), ==, 3);
	g_assert_cmpstr(json_string_value(json_array_get(lines, 0)), ==, "a\\x1b[2J\\x00b");
	g_assert_cmpstr(json_string_value(json_array_get(lines, 1)), ==, "\\xff");
	g_assert_cmpstr(json_string_value(json_array_get(lines, 2)), ==, "\\xe2\\x80\\xae");
	fixture_close(&fixture);
}

/* The data comes back from the page unchanged, and nothing of it is markup. */
static void test_page(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *results = NULL, *runs = NULL, *data = NULL;
	g_autofree char *page = NULL, *json = NULL;
	const char *start, *end;

	fixture_open(&fixture);
	fixture_first_run(&fixture);
	results = vf_db_run_json(fixture.db, "20260102-030405-aaaa", &error);
	runs = vf_db_runs_json(fixture.db, 10, &error);
	g_assert_no_error(error);
	page = vf_report_render(results, runs, fixture.dir);
	start = strstr(page, "id=\"data\">");
	g_assert_nonnull(start);
	start += strlen("id=\"data\">");
	end = strstr(start, "</script>");
	json = g_strndup(start, (gsize)(end - start));
	g_assert_null(strchr(json, '<'));
	data = json_loads(json, 0, NULL);
	g_assert_true(json_equal(json_object_get(data, "results"), results));
	g_assert_cmpuint(json_array_size(json_object_get(data, "trend")), ==, 1);
	g_assert_null(strstr(page, "<script>alert"));
	g_assert_null(strstr(page, "{{"));
	g_assert_null(strstr(page, "https://cdn"));
	fixture_close(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/report/console", test_console);
	g_test_add_func("/report/escapes", test_escapes);
	g_test_add_func("/report/page", test_page);
	return g_test_run();
}
