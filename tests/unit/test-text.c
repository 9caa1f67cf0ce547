// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/text.h"

#include <string.h>

static void test_escape(void)
{
	static const struct {
		const char *bytes;
		gssize length;
		gsize max;
		const char *expected;
	} cases[] = {
		{"plain", -1, 0, "plain"},
		{"", -1, 0, ""},
		{"a\tb\nc\x1b[31m\x7f", -1, 0, "a\\x09b\\x0ac\\x1b[31m\\x7f"},
		{"nul\0in", 6, 0, "nul\\x00in"},
		{"back\\slash", -1, 0, "back\\slash"},
		{"gr\xc3\xbc\xc3\x9f", -1, 0, "gr\xc3\xbc\xc3\x9f"},
		{"bad\xff\xc3", -1, 0, "bad\\xff\\xc3"},
		{"over\xc0\xaflong", -1, 0, "over\\xc0\\xaflong"},
		{"bidi\xe2\x80\xaetxt", -1, 0, "bidi\\xe2\\x80\\xaetxt"},
		{"c1\xc2\x9b", -1, 0, "c1\\xc2\\x9b"},
		{"line\xe2\x80\xa8sep", -1, 0, "line\\xe2\\x80\\xa8sep"},
		{"12345678", -1, 5, "12345..."},
		{"12345", -1, 5, "12345"},
		{"123\xc3\xbc", -1, 4, "123..."},
		{"123\xc3\xbc", -1, 5, "123\xc3\xbc"},
		{"abc", 2, 0, "ab"},
		{"abc", 0, 0, ""},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
			vf_text_escape(cases[i].bytes, cases[i].length, cases[i].max);

		g_assert_cmpstr(text, ==, cases[i].expected);
		g_assert_true(g_utf8_validate(text, -1, NULL));
	}
}

static void test_shell_golden(void)
{
	const char *const plain[] = {"qemu", "-m", "256", "a=b,c=d/e.f:g@h%i+j", NULL};
	const char *const quoted[] = {"A=1", "", "two words", "it's", "$HOME", NULL};
	g_autofree char *first = vf_text_shell(plain);
	g_autofree char *second = vf_text_shell(quoted);

	g_assert_cmpstr(first, ==, "qemu -m 256 a=b,c=d/e.f:g@h%i+j");
	g_assert_cmpstr(second, ==, "'A=1' '' 'two words' 'it'\\''s' '$HOME'");
}

/* What a real shell makes of the line is what went in. */
static void test_shell_reads_back(void)
{
	const char *const words[] = {"/usr/bin/printf",
				     "%s\\n",
				     "",
				     "a b",
				     "'",
				     "''",
				     "\"",
				     "$HOME",
				     "`id`",
				     "$(id)",
				     "*",
				     "?",
				     "[a]",
				     "~",
				     "!!",
				     "#x",
				     "a;b",
				     "a&b",
				     "a|b",
				     "<>",
				     "\\",
				     "-n",
				     "{a,b}",
				     "a\tb",
				     "=x",
				     "\xc3\xbc",
				     "\x01\x7f",
				     NULL};
	g_autofree char *line = vf_text_shell(words);
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", line, NULL};
	g_autofree char *out = NULL;
	g_autofree char *expected = g_strjoinv("\n", (char **)words + 2);
	g_autofree char *with_end = g_strconcat(expected, "\n", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, &out, NULL, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(out, ==, with_end);
}

static void test_list(void)
{
	static const struct {
		const char *words[5];
		const char *expected;
	} cases[] = {
		{{NULL}, ""},
		{{"a", NULL}, "a"},
		{{"a", "b", NULL}, "a and b"},
		{{"a", "b", "c", NULL}, "a, b and c"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = vf_text_list(cases[i].words);

		g_assert_cmpstr(text, ==, cases[i].expected);
	}
}

static void test_nearest(void)
{
	static const char *const archs[] = {"hppa", "mips64", "sparc64", "x86_64", NULL};
	static const struct {
		const char *word, *expected;
	} cases[] = {
		{"hpa", "hppa"},      {"hpap", "hppa"},	      {"HPPA", "hppa"},
		{"mips", "mips64"},   {"x86", "x86_64"},      {"x86-64", "x86_64"},
		{"sparc", "sparc64"}, {"saprc64", "sparc64"}, {"arm", NULL},
		{"", NULL},	      {"riscv", NULL},	      {"h", NULL},
	};
	static const char *const twins[] = {"ab", "ac", NULL};
	g_autofree char *huge = g_strnfill(1000, 'h');
	const char *const with_huge[] = {huge, "hppb", NULL};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpstr(vf_text_nearest(cases[i].word, archs), ==, cases[i].expected);
	g_assert_null(vf_text_nearest(huge, archs));
	g_assert_cmpstr(vf_text_nearest("aa", twins), ==, "ab");
	g_assert_cmpstr(vf_text_nearest("hppa", with_huge), ==, "hppb");
}

static void test_duration(void)
{
	static const struct {
		double seconds;
		const char *expected;
	} cases[] = {
		{0, "0.0 s"},		{-1, "0.0 s"},	       {1.44, "1.4 s"},
		{59.94, "59.9 s"},	{59.96, "1 min 00 s"}, {125, "2 min 05 s"},
		{3599.6, "1 h 00 min"}, {3725, "1 h 02 min"},  {360000, "100 h 00 min"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = vf_text_duration(cases[i].seconds);

		g_assert_cmpstr(text, ==, cases[i].expected);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/text/escape", test_escape);
	g_test_add_func("/text/shell/golden", test_shell_golden);
	g_test_add_func("/text/shell/reads-back", test_shell_reads_back);
	g_test_add_func("/text/list", test_list);
	g_test_add_func("/text/nearest", test_nearest);
	g_test_add_func("/text/duration", test_duration);
	return g_test_run();
}
