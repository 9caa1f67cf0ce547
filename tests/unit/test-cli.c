// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cli.h"

#include <string.h>

#include "cli/table.h"

static const VfCommand command = {"cook", "MEAL", "make a meal", NULL};

/* Parses @line (words separated by blanks) and prints what came of it. */
static void parse(const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	g_autofree char **argv = g_memdup2(words, (g_strv_length(words) + 1) * sizeof(char *));
	char **rest = argv;
	int argc = (int)g_strv_length(words);
	int salt = 0;
	gboolean done = FALSE;
	const GOptionEntry options[] = {
		{"salt", 's', 0, G_OPTION_ARG_INT, &salt, "Grams", "N"},
		{NULL},
	};
	gboolean ok = vf_cli_parse(&command, options, "Cooks it.\n", &argc, &rest, &done);

	g_print("ok=%d done=%d salt=%d left=%d:%s\n", ok, done, salt, argc,
		argc > 1 ? rest[1] : "");
}

static void test_parse(void)
{
	static const struct {
		const char *line, *out, *err;
	} cases[] = {
		{"cook", "*ok=1 done=0 salt=0 left=1:\n*", ""},
		{"cook --salt=3 soup", "*ok=1 done=0 salt=3 left=2:soup\n*", ""},
		{"cook soup -s 4", "*ok=1 done=0 salt=4 left=2:soup\n*", ""},
		{"cook --version", "*vifarm " VIFARM_VERSION "\nok=1 done=1*", ""},
		{"cook --help",
		 "*Usage:*orchestrator cook*MEAL*make a meal*--salt*Grams*Cooks it.*"
		 "Exit status:*  64 *  130 *done=1*",
		 ""},
		{"cook --sugar", "*ok=0 done=0*",
		 "orchestrator cook: Unknown option --sugar; see orchestrator cook --help\n"},
		{"cook --salt=much", "*ok=0 done=0*",
		 "orchestrator cook: *much*--salt; see orchestrator cook --help\n"},
		{"cook --salt", "*ok=0 done=0*", "orchestrator cook: *--salt; see *\n"},
		{"cook --\x1b[2J", "*ok=0 done=0*", "orchestrator cook: *--\\x1b[2J; see *\n"},
	};
	const char *index = g_getenv("CASE");

	if (g_test_subprocess()) {
		parse(cases[atoi(index)].line);
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *number = g_strdup_printf("%zu", i);

		g_setenv("CASE", number, TRUE);
		g_test_trap_subprocess(NULL, 0, 0);
		g_test_trap_assert_passed();
		g_test_trap_assert_stdout(cases[i].out);
		g_test_trap_assert_stderr(cases[i].err);
	}
}

static const struct {
	GQuark (*domain)(void);
	int code;
	const char *name;
	int exit;
} classes[] = {
	{vf_error_quark, VF_ERROR_USAGE, "usage", 64},
	{vf_error_quark, VF_ERROR_DATA, "data", 64},
	{vf_error_quark, VF_ERROR_MISSING, "missing", 2},
	{vf_error_quark, VF_ERROR_PATCH, "patch", 1},
	{vf_error_quark, VF_ERROR_COMPILE, "compile", 1},
	{vf_error_quark, VF_ERROR_CONFIG, "config", 2},
	{vf_error_quark, VF_ERROR_HARNESS, "harness", 2},
	{vf_error_quark, VF_ERROR_PROTOCOL, "protocol", 2},
	{vf_error_quark, VF_ERROR_IO, "io", 2},
	{vf_error_quark, VF_ERROR_CANCELLED, "cancelled", 130},
	{g_file_error_quark, G_FILE_ERROR_NOENT, "io", 2},
};

static void fail_all(gboolean json)
{
	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
		g_autoptr(GError) error = g_error_new(classes[i].domain(), classes[i].code,
						      "x.json: \"%zu\"\n\x1b", i);

		g_assert_cmpint(vf_cli_fail(error, json), ==, classes[i].exit);
	}
}

static void test_fail_text(void)
{
	g_autoptr(GString) expected = g_string_new(NULL);

	if (g_test_subprocess()) {
		fail_all(FALSE);
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
		g_string_append_printf(expected, "orchestrator: x.json: \"%zu\"\\x0a\\x1b\n", i);
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_passed();
	g_test_trap_assert_stderr(expected->str);
	g_test_trap_assert_stdout_unmatched("*x.json*");
}

static void test_fail_json(void)
{
	g_autoptr(GString) expected = g_string_new("*");

	if (g_test_subprocess()) {
		fail_all(TRUE);
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
		g_string_append_printf(
			expected,
			"{\n  \"error\": {\n    \"class\": \"%s\",\n    \"message\": "
			"\"x.json: \\\"%zu\\\"\\\\x0a\\\\x1b\"\n  }\n}\n",
			classes[i].name, i);
	g_string_append_c(expected, '*');
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_passed();
	g_test_trap_assert_stdout(expected->str);
	g_test_trap_assert_stderr("");
}

static char *printed(const VfTable *table)
{
	g_autofree char *text = NULL;
	gsize size;
	FILE *out = open_memstream(&text, &size);

	vf_table_print(table, out);
	fclose(out);
	return g_strdup(text);
}

static void test_table(void)
{
	g_autoptr(VfTable) table = vf_table_new("NAME", "WHAT", NULL);
	g_autofree char *text = NULL;

	vf_table_add(table, "gr\xc3\xbcn", "a \x1b colour", NULL);
	vf_table_add(table, "longer", "b", NULL);
	text = printed(table);
	g_assert_cmpstr(text, ==,
			"NAME    WHAT\n"
			"gr\xc3\xbcn    a \\x1b colour\n"
			"longer  b\n");
}

/* Without a terminal and $COLUMNS a table has at most 100 columns, and no word is cut. */
static void test_table_wraps(void)
{
	static const char words[] = "one of several sentences of nothing but short words, which "
				    "together are longer than any line should be for people";
	g_autoptr(VfTable) table = vf_table_new("NAME", "WHAT", "NUMBER", NULL);
	g_autofree char *wide = NULL, *narrow = NULL, *narrowest = NULL;

	g_unsetenv("COLUMNS");
	vf_table_add(table, "a", words, "1", NULL);
	vf_table_add(table, "b", "gr\xc3\xbcn", "2", NULL);
	wide = printed(table);
	g_assert_cmpstr(wide, ==,
			"NAME  WHAT                                                                "
			"                    NUMBER\n"
			"a     one of several sentences of nothing but short words, which together "
			"are longer than     1\n"
			"      any line should be for people\n"
			"b     gr\xc3\xbcn                                                         "
			"                           2\n");
	g_setenv("COLUMNS", "42", TRUE);
	narrow = printed(table);
	g_assert_cmpstr(narrow, ==,
			"NAME  WHAT                          NUMBER\n"
			"a     one of several sentences of   1\n"
			"      nothing but short words,\n"
			"      which together are longer\n"
			"      than any line should be for\n"
			"      people\n"
			"b     gr\xc3\xbcn                          2\n");
	g_setenv("COLUMNS", "5", TRUE);
	narrowest = printed(table);
	g_assert_nonnull(strstr(narrowest, "\n      sentences\n"));
	g_unsetenv("COLUMNS");
}

int main(int argc, char **argv)
{
	g_setenv("LC_ALL", "C.UTF-8", TRUE);
	g_unsetenv("COLUMNS");
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cli/parse", test_parse);
	g_test_add_func("/cli/fail/text", test_fail_text);
	g_test_add_func("/cli/fail/json", test_fail_json);
	g_test_add_func("/cli/table", test_table);
	g_test_add_func("/cli/table/wraps", test_table_wraps);
	return g_test_run();
}
