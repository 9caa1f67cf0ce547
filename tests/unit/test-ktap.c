// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "evidence/ktap.h"

static VfKtap *parse(const char *text)
{
	VfKtap *ktap = vf_ktap_new();
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++)
		if (line[1] || **line)
			vf_ktap_line(ktap, *line, strlen(*line));
	vf_ktap_finish(ktap);
	return ktap;
}

/* "PASS name: detail" a line. */
static char *summary(VfKtap *ktap)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < vf_ktap_cases(ktap)->len; i++) {
		const VfCase *c = vf_ktap_cases(ktap)->pdata[i];

		g_string_append_printf(out, "%s %s", vf_status_name(c->status), c->name);
		if (c->detail)
			g_string_append_printf(out, ": %s", c->detail);
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static const struct {
	const char *name, *text, *expected;
} good[] = {
	{"flat", "KTAP version 1\n1..2\nok 1 a\nok 2 - b c\n", "PASS a\nPASS b c\n"},
	{"no description", "KTAP version 1\n1..1\nok 1\n", "PASS 1\n"},
	{"directives",
	 "KTAP version 1\n1..8\nok 1 a # SKIP no device\nok 2 b # SKIP\nnot ok 3 c # TODO later\n"
	 "not ok 4 d # XFAIL known\nnot ok 5 e # TIMEOUT 30 s\nnot ok 6 f # ERROR lost\n"
	 "ok 7 g # took 3 s\nnot ok 8 h # skip\n",
	 "SKIP a: no device\nSKIP b\nSKIP c: TODO later\nSKIP d: XFAIL known\nFAIL e: TIMEOUT 30 "
	 "s\n"
	 "ERROR f: ERROR lost\nPASS g: took 3 s\nSKIP h\n"},
	{"an ok that says it is not", "KTAP version 1\n1..1\nok 1 a # TIMEOUT\n",
	 "FAIL a: TIMEOUT\n"},
	{"hash in a name", "KTAP version 1\n1..2\nok 1 a#b\nok 2 C# 3\n", "PASS a#b\nPASS C# 3\n"},
	{"diagnostics",
	 "KTAP version 1\n1..2\n# about a\nok 1 a\n# first\nlook: 1\n# second\nnot ok 2 b\n",
	 "PASS a\nFAIL b: first\nlook: 1\nsecond\n"},
	{"nested",
	 "KTAP version 1\n1..2\n  KTAP version 1\n  # Subtest: dma\n  1..2\n  ok 1 map\n"
	 "  not ok 2 sync # TIMEOUT 30 s\nnot ok 1 dma\nok 2 capture # SKIP no device\n",
	 "PASS dma/map\nFAIL dma/sync: TIMEOUT 30 s\nSKIP capture: no device\n"},
	{"subtest without a name",
	 "KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  ok 1 x\nok 1 outer\n",
	 "PASS outer/x\n"},
	{"a parent that failed alone",
	 "KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  ok 1 x\n# init failed\nnot ok 1 s\n",
	 "PASS s/x\nFAIL s: init failed\n"},
	{"a skipped suite",
	 "KTAP version 1\n1..1\n  KTAP version 1\n  1..0\nok 1 s # SKIP nothing here\n",
	 "SKIP s: nothing here\n"},
	/* what KUnit's debugfs file has, two spaces deeper, with a parameterised case */
	{"kunit",
	 "KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n      KTAP version 1\n"
	 "      # Subtest: example\n      # module: kunit_example_test\n      1..3\n"
	 "      # example_simple_test: initializing\n      ok 1 example_simple_test\n"
	 "      # example_fail: EXPECTATION FAILED at lib/kunit/x.c:29\n"
	 "      Expected ok == 1, but\n          ok == 0 (0x0)\n          1\n"
	 "      not ok 2 example_fail\n"
	 "          KTAP version 1\n          # Subtest: params\n"
	 "          ok 1 value 3 # SKIP unsupported\n          ok 2 value 2\n"
	 "      # params: pass:1 fail:0 skip:1 total:2\n      ok 3 params\n"
	 "  # example: pass:2 fail:1 skip:0 total:3\n"
	 "  # Totals: pass:2 fail:1 skip:1 total:4\n  not ok 1 example\nnot ok 1 kunit\n",
	 "PASS kunit/example/example_simple_test\n"
	 "FAIL kunit/example/example_fail: example_fail: EXPECTATION FAILED at lib/kunit/x.c:29\n"
	 "Expected ok == 1, but\nok == 0 (0x0)\n1\n"
	 "SKIP kunit/example/params/value 3: unsupported\nPASS kunit/example/params/value 2\n"},
	{"text after the plan is met", "KTAP version 1\n1..1\nok 1 a\n# Totals: pass:1\nbye\n",
	 "PASS a\n"},
	{"tabs and UTF-8", "KTAP version 1\n1..1\n#\tgr\xc3\xbc\xc3\x9f\nok 1 gr\xc3\xbcn\n",
	 "PASS gr\xc3\xbcn\n"},
};

static void test_good(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(VfKtap) ktap = parse(good[i].text);
		g_autofree char *found = summary(ktap);

		g_test_message("%s", good[i].name);
		g_assert_cmpstr(vf_ktap_error(ktap), ==, NULL);
		g_assert_cmpstr(found, ==, good[i].expected);
	}
}

#define HEAD "KTAP version 1\n1..2\n"

static const struct {
	const char *text, *error;
} bad[] = {
	{"", "KTAP ends after line 0: there was no \"KTAP version 1\""},
	{"hello\n", "KTAP line 1: expected \"KTAP version 1\" first: \"hello\""},
	{"1..2\n", "KTAP line 1: a plan outside its test: \"1..2\""},
	{"ok 1 a\n", "KTAP line 1: a result outside its test: \"ok 1 a\""},
	{"TAP version 13\n", "KTAP line 1: expected \"KTAP version 1\": \"TAP version 13\""},
	{"KTAP version 2\n", "KTAP line 1: expected \"KTAP version 1\": \"KTAP version 2\""},
	{"  KTAP version 1\n",
	 "KTAP line 1: the first version line is indented: \"  KTAP version 1\""},
	{"KTAP version 1\n", "KTAP ends after line 1: there was no plan"},
	{"KTAP version 1\nok 1 a\n", "KTAP ends after line 2: there was no plan"},
	{"KTAP version 1\nok 1 a\n1..1\n", "KTAP line 3: a plan after the first result: \"1..1\""},
	{HEAD "1..2\n", "KTAP line 3: a second plan: \"1..2\""},
	{HEAD "KTAP version 1\n",
	 "KTAP line 3: a version line inside the top level: \"KTAP version 1\""},
	{"KTAP version 1\n1..x\n", "KTAP line 2: a malformed plan: \"1..x\""},
	{"KTAP version 1\n1..99999999999\n", "KTAP line 2: a malformed plan: \"1..99999999999\""},
	{"KTAP version 1\n1..100001\n",
	 "KTAP line 2: a plan of more than 100000 cases: \"1..100001\""},
	{HEAD "ok 1 a\n",
	 "KTAP ends after line 3: the top level planned 2 cases and has results of 1"},
	{HEAD "ok 2 b\n", "KTAP line 3: result 1 is missing: \"ok 2 b\""},
	{HEAD "ok 1 a\nok 1 a\n", "KTAP line 4: result 1 comes again: \"ok 1 a\""},
	{HEAD "ok 1 a\nok 2 b\nok 3 c\n", "KTAP line 5: beyond the plan 1..2: \"ok 3 c\""},
	{HEAD "ok a\n", "KTAP line 3: a result without a number: \"ok a\""},
	{HEAD "ok 1a\n", "KTAP line 3: a result without a number: \"ok 1a\""},
	{HEAD "not ok \n", "KTAP line 3: a result without a number: \"not ok \""},
	{HEAD "    ok 1 a\n", "KTAP line 3: a result outside its test: \"    ok 1 a\""},
	{HEAD "    1..3\n", "KTAP line 3: a plan outside its test: \"    1..3\""},
	{HEAD "ok 1 a\x1b[2J\n", "KTAP line 3: bytes that are not text: \"ok 1 a\\x1b[2J\""},
	{HEAD "ok 1 a\xff\n", "KTAP line 3: bytes that are not text: \"ok 1 a\\xff\""},
	{HEAD "  KTAP version 1\n  1..2\n  ok 1 x\nok 1 s\n",
	 "KTAP line 6: a subtest planned 2 cases and has results of 1: \"ok 1 s\""},
	{HEAD "  KTAP version 1\n  # Subtest: s\n  1..1\n  ok 1 x\nok 1 t\n",
	 "KTAP line 7: the subtest was named s: \"ok 1 t\""},
	{HEAD "  KTAP version 1\n  # Subtest: s\n  1..1\n  ok 1 x\n",
	 "KTAP ends after line 6: s, begun in line 3, has no result line"},
	{HEAD "  KTAP version 1\n  1..0\nok 1 s\n",
	 "KTAP line 5: a subtest has no cases: \"ok 1 s\""},
	{HEAD "  KTAP version 1\n    KTAP version 1\n    1..1\n    ok 1 x\nok 1 s\n",
	 "KTAP line 7: a subtest has no result line: \"ok 1 s\""},
	{HEAD " KTAP version 1\n",
	 "KTAP line 3: a version line inside the top level: \" KTAP version 1\""},
	{HEAD "ok 1 a\nok 2 b\n  KTAP version 1\n",
	 "KTAP line 5: a subtest beyond the plan of the top level: \"  KTAP version 1\""},
};

static void test_bad(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(VfKtap) ktap = parse(bad[i].text);

		g_assert_cmpstr(vf_ktap_error(ktap), ==, bad[i].error);
	}
}

static void test_nul(void)
{
	g_autoptr(VfKtap) ktap = vf_ktap_new();

	vf_ktap_line(ktap, "KTAP version 1", 14);
	vf_ktap_line(ktap, "1..1\0junk", 9);
	g_assert_cmpstr(vf_ktap_error(ktap), ==,
			"KTAP line 2: bytes that are not text: \"1..1\\x00junk\"");
}

/* No prefix of a good report is a good report. */
static void test_every_cut(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
		gsize results = strlen(good[i].text);

		/* text after the last result may be missing unnoticed */
		while (strncmp(good[i].text + results, "\nok", 3) &&
		       strncmp(good[i].text + results, "\nnot ok", 7))
			results--;
		for (gsize cut = 0; cut <= results; cut++) {
			g_autofree char *text = g_strndup(good[i].text, cut);
			g_autoptr(VfKtap) ktap = parse(text);

			g_assert_nonnull(vf_ktap_error(ktap));
		}
	}
}

static void feed(VfKtap *ktap, const char *format, guint indent, guint n)
{
	g_autofree char *rest = g_strdup_printf(format, n);
	g_autofree char *line = g_strdup_printf("%*s%s", (int)indent, "", rest);

	vf_ktap_line(ktap, line, strlen(line));
}

static void test_depth(void)
{
	g_autoptr(VfKtap) ktap = vf_ktap_new();

	for (guint i = 0; i < VF_KTAP_DEPTH_MAX; i++) {
		g_assert_null(vf_ktap_error(ktap));
		feed(ktap, "KTAP version %u", 2 * i, 1);
	}
	g_assert_null(vf_ktap_error(ktap));
	feed(ktap, "KTAP version %u", 2 * VF_KTAP_DEPTH_MAX, 1);
	g_assert_true(g_str_has_prefix(vf_ktap_error(ktap), "KTAP line 17: more than 16 levels"));
}

static void test_many(void)
{
	g_autoptr(VfKtap) ktap = vf_ktap_new();

	feed(ktap, "KTAP version %u", 0, 1);
	feed(ktap, "1..%u", 0, VF_KTAP_CASES_MAX);
	for (guint i = 1; i <= VF_KTAP_CASES_MAX; i++)
		feed(ktap, "ok %u", 0, i);
	vf_ktap_finish(ktap);
	g_assert_cmpstr(vf_ktap_error(ktap), ==, NULL);
	g_assert_cmpuint(vf_ktap_cases(ktap)->len, ==, VF_KTAP_CASES_MAX);
}

static void test_too_many(void)
{
	g_autoptr(VfKtap) ktap = vf_ktap_new();

	feed(ktap, "KTAP version %u", 0, 1);
	feed(ktap, "1..%u", 0, 1);
	feed(ktap, "KTAP version %u", 2, 1);
	for (guint i = 1; i <= VF_KTAP_CASES_MAX + 1; i++)
		feed(ktap, "ok %u", 2, i);
	g_assert_true(strstr(vf_ktap_error(ktap), "more than 100000 cases") != NULL);
}

static void test_long_line(void)
{
	g_autoptr(VfKtap) ktap = vf_ktap_new();
	g_autofree char *line = g_strnfill(VF_KTAP_LINE_MAX + 1, '#');

	feed(ktap, "KTAP version %u", 0, 1);
	vf_ktap_line(ktap, line, VF_KTAP_LINE_MAX);
	g_assert_null(vf_ktap_error(ktap));
	vf_ktap_line(ktap, line, VF_KTAP_LINE_MAX + 1);
	g_assert_true(g_str_has_prefix(vf_ktap_error(ktap),
				       "KTAP line 3: longer than 4096 bytes: \"###"));
	g_assert_cmpuint(strlen(vf_ktap_error(ktap)), <, 200);
}

static void test_bounded_detail(void)
{
	g_autoptr(VfKtap) ktap = vf_ktap_new();
	const VfCase *c;

	feed(ktap, "KTAP version %u", 0, 1);
	feed(ktap, "1..%u", 0, 1);
	for (guint i = 0; i < 10000; i++)
		feed(ktap, "# line %u", 0, i);
	feed(ktap, "not ok %u", 0, 1);
	c = vf_ktap_cases(ktap)->pdata[0];
	g_assert_cmpuint(strlen(c->detail), <=, VF_KTAP_DETAIL_MAX);
	g_assert_true(g_str_has_suffix(c->detail, "line 9999"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ktap/good", test_good);
	g_test_add_func("/ktap/bad", test_bad);
	g_test_add_func("/ktap/nul", test_nul);
	g_test_add_func("/ktap/every-cut", test_every_cut);
	g_test_add_func("/ktap/depth", test_depth);
	g_test_add_func("/ktap/many", test_many);
	g_test_add_func("/ktap/too-many", test_too_many);
	g_test_add_func("/ktap/long-line", test_long_line);
	g_test_add_func("/ktap/bounded-detail", test_bounded_detail);
	return g_test_run();
}
