// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/display.h"

#include <string.h>

/* What plain mode writes, without the times. */
static char *without_times(const char *text)
{
	g_autoptr(GRegex) regex =
		g_regex_new("\\[ *[0-9.]+ s\\] |\\([0-9.]+ [a-z]+\\)", 0, 0, NULL);

	return g_regex_replace_literal(regex, text, -1, 0, "", 0, NULL);
}

static void test_plain(void)
{
	char *buffer = NULL;
	gsize size = 0;
	FILE *out = open_memstream(&buffer, &size);
	VfDisplay *display = vf_display_new(VF_DISPLAY_PLAIN, out, 1);
	g_autofree char *text = NULL;

	vf_display_progress(display, "hppa (full)", "building", NULL, 0.01);
	vf_display_progress(display, "hppa (full)", "building", NULL, 0.05);
	vf_display_progress(display, "hppa (full)", "building", NULL, 0.12);
	vf_display_drop(display, "hppa (full)");
	vf_display_progress(display, "hppa/default/boot/full", "booting", NULL, -1);
	vf_display_progress(display, "hppa/default/boot/full", "booting", "a detail", -1);
	vf_display_done(display, "hppa/default/boot/full", VF_STATUS_FAIL, "panic: no init", 1.4,
			TRUE);
	vf_display_note(display, "%d note", 1);
	vf_display_free(display);
	fclose(out);
	text = without_times(buffer);
	g_assert_cmpstr(text, ==,
			"hppa (full): building 0 %\n"
			"hppa (full): building 10 %\n"
			"hppa/default/boot/full: booting\n"
			"hppa/default/boot/full: FAIL  panic: no init \n"
			"1 note\n");
	free(buffer);
}

static void test_quiet(void)
{
	char *buffer = NULL;
	gsize size = 0;
	FILE *out = open_memstream(&buffer, &size);
	VfDisplay *display = vf_display_new(VF_DISPLAY_QUIET, out, 1);

	vf_display_progress(display, "x", "building", NULL, 0.5);
	vf_display_done(display, "x", VF_STATUS_PASS, "", 1, TRUE);
	vf_display_note(display, "note");
	vf_display_free(display);
	fclose(out);
	g_assert_cmpuint(size, ==, 0);
	free(buffer);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/display/plain", test_plain);
	g_test_add_func("/display/quiet", test_quiet);
	return g_test_run();
}
