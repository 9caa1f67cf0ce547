// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "evidence/triage.h"

static VfTriagePattern panic = {.class = "panic",
				.pattern = "Kernel panic - not syncing: (.*)",
				.effect = VF_TRIAGE_FATAL};
static VfTriagePattern kasan = {.class = "kasan",
				.pattern = "BUG: KASAN: (.*)",
				.effect = VF_TRIAGE_FAIL};
static VfTriagePattern bug = {.class = "bug", .pattern = "BUG: (.*)", .effect = VF_TRIAGE_FAIL};
static VfTriagePattern warning = {.class = "warning",
				  .pattern = "WARNING: .* at (.*)",
				  .effect = VF_TRIAGE_FAIL};

static GPtrArray *patterns(void)
{
	GPtrArray *all = g_ptr_array_new();

	g_ptr_array_add(all, &panic);
	g_ptr_array_add(all, &kasan);
	g_ptr_array_add(all, &bug);
	g_ptr_array_add(all, &warning);
	return all;
}

static VfTriage *look(const GPtrArray *all, const char *text, gsize piece)
{
	g_autoptr(GError) error = NULL;
	VfTriage *triage = vf_triage_new(all, &error);
	gsize length = strlen(text);

	g_assert_no_error(error);
	for (gsize at = 0; at < length; at += piece)
		vf_triage_feed(triage, text + at, MIN(piece, length - at));
	vf_triage_finish(triage);
	return triage;
}

/* "class reason offset flags" a line. */
static char *summary(VfTriage *triage)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < vf_triage_splats(triage)->len; i++) {
		const VfSplat *s = vf_triage_splats(triage)->pdata[i];

		g_string_append_printf(out, "%s|%s|%zu%s%s%s\n", s->class, s->reason, s->offset,
				       s->fatal ? " fatal" : "", s->after_end ? " after" : "",
				       s->expected ? " expected" : "");
	}
	return g_string_free(out, FALSE);
}

static const struct {
	const char *name, *text, *expected;
} consoles[] = {
	{"clean", "Linux version 6.12\r\nvifarm: init up\r\nvifarm: end\r\n", ""},
	{"panic", "a\r\n[    1.0] Kernel panic - not syncing: no init\r\n",
	 "panic|no init|3 fatal\n"},
	{"first pattern wins", "BUG: KASAN: use-after-free\nBUG: bad page\n",
	 "kasan|use-after-free|0\nbug|bad page|27\n"},
	{"no newline at the end", "Kernel panic - not syncing: x", "panic|x|0 fatal\n"},
	{"after the end", "[ 1.0] vifarm: end\r\nWARNING: CPU: 0 at x.c:1\r\n",
	 "warning|x.c:1|20 after\n"},
	{"expected",
	 "vifarm: expect-warning begin\nWARNING: a at b\nKernel panic - not syncing: c\n"
	 "vifarm: expect-warning end\nWARNING: d at e\n",
	 "warning|b|29 expected\npanic|c|45 fatal\nwarning|e|102\n"},
	{"hostile reason", "WARNING: x at \x1b[2J\xff\n", "warning|\\x1b[2J\\xff|0\n"},
};

static void test_consoles(void)
{
	g_autoptr(GPtrArray) all = patterns();

	for (guint i = 0; i < G_N_ELEMENTS(consoles); i++) {
		for (gsize piece = 1; piece < 40; piece += 13) {
			g_autoptr(VfTriage) triage = look(all, consoles[i].text, piece);
			g_autofree char *found = summary(triage);

			g_test_message("%s", consoles[i].name);
			g_assert_cmpstr(found, ==, consoles[i].expected);
			g_assert_cmpuint(vf_triage_bytes(triage), ==, strlen(consoles[i].text));
		}
	}
}

static void test_at_once(void)
{
	g_autoptr(GPtrArray) all = patterns();
	g_autoptr(VfTriage) triage = vf_triage_new(all, NULL);
	static const char text[] = "Kernel panic - not syncing: x\r\n";

	vf_triage_feed(triage, text, sizeof(text) - 2);
	g_assert_false(vf_triage_fatal(triage));
	vf_triage_feed(triage, "\n", 1);
	g_assert_true(vf_triage_fatal(triage));
}

static void test_excerpt(void)
{
	g_autoptr(GPtrArray) all = patterns();
	g_autoptr(VfTriage) triage =
		look(all,
		     "old\n1\n2\n3\n4\n5\n6\n7\n8\r\nWARNING: a at b\r\nCall Trace:\r\n f+0x1\r\n"
		     "---[ end trace 0 ]---\r\nnot this\r\n",
		     9);
	const VfSplat *s = vf_triage_splats(triage)->pdata[0];

	g_assert_cmpstr(s->excerpt, ==,
			"1\n2\n3\n4\n5\n6\n7\n8\nWARNING: a at b\nCall Trace:\n f+0x1\n"
			"---[ end trace 0 ]---\n");
}

static void test_bounded(void)
{
	g_autoptr(GPtrArray) all = patterns();
	g_autoptr(VfTriage) triage = vf_triage_new(all, NULL);
	g_autofree char *line = g_strdup_printf("WARNING: %0900d at b\n", 0);
	guint n = 0;

	for (guint i = 0; i < 5000; i++)
		vf_triage_feed(triage, line, strlen(line));
	vf_triage_feed(triage, "Kernel panic - not syncing: x\n", 30);
	vf_triage_finish(triage);
	g_assert_cmpuint(vf_triage_splats(triage)->len, ==, VF_TRIAGE_SPLATS_MAX + 1);
	g_assert_cmpuint(vf_triage_dropped(triage), ==, 5000 - VF_TRIAGE_SPLATS_MAX);
	for (guint i = 0; i < vf_triage_splats(triage)->len; i++) {
		const VfSplat *s = vf_triage_splats(triage)->pdata[i];

		g_assert_cmpuint(strlen(s->excerpt), <=, 16 * 1024);
		n += s->fatal;
	}
	g_assert_cmpuint(n, ==, 1);
}

static void test_long_line(void)
{
	g_autoptr(GPtrArray) all = patterns();
	g_autoptr(VfTriage) triage = vf_triage_new(all, NULL);
	g_autofree char *block = g_strnfill(1024 * 1024, 'x');

	for (guint i = 0; i < 4; i++)
		vf_triage_feed(triage, block, 1024 * 1024);
	vf_triage_feed(triage, "\nKernel panic - not syncing: x\n", 31);
	vf_triage_finish(triage);
	g_assert_true(vf_triage_fatal(triage));
	g_assert_cmpuint(((VfSplat *)vf_triage_splats(triage)->pdata[0])->offset, ==,
			 4 * 1024 * 1024 + 1);
}

static void test_message(void)
{
	g_autoptr(GPtrArray) all = patterns();
	g_autoptr(VfTriage) triage =
		look(all, "vifarm: init up\nvifarm: no result channel: no UART\nvifarm: end\n", 7);

	g_assert_cmpstr(vf_triage_message(triage), ==, "no result channel: no UART");
	g_assert_true(vf_triage_init_end(triage));
}

static void test_no_patterns(void)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(VfTriage) triage = look(none, "Kernel panic\n", 3);

	g_assert_cmpuint(vf_triage_splats(triage)->len, ==, 0);
}

static void test_bad_pattern(void)
{
	VfTriagePattern wrong = {.class = "x", .pattern = "a("};
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	g_autoptr(GError) error = NULL;

	g_ptr_array_add(all, &wrong);
	g_assert_null(vf_triage_new(all, &error));
	g_assert_true(g_str_has_prefix(error->message, "triage pattern \"a(\": "));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/triage/consoles", test_consoles);
	g_test_add_func("/triage/at-once", test_at_once);
	g_test_add_func("/triage/excerpt", test_excerpt);
	g_test_add_func("/triage/bounded", test_bounded);
	g_test_add_func("/triage/long-line", test_long_line);
	g_test_add_func("/triage/message", test_message);
	g_test_add_func("/triage/no-patterns", test_no_patterns);
	g_test_add_func("/triage/bad-pattern", test_bad_pattern);
	return g_test_run();
}
