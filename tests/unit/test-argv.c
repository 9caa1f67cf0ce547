// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/argv.h"

static void test_build(void)
{
	g_autoptr(VfArgv) argv = vf_argv_new();
	const char *const more[] = {"-display", "none", NULL};
	g_auto(GStrv) words = NULL;
	g_auto(GStrv) again = NULL;
	g_autofree char *line = NULL;

	vf_argv_add(argv, "qemu", "-nodefaults", NULL);
	vf_argv_format(argv, "-m=%d", 256);
	vf_argv_strv(argv, more);
	vf_argv_strv(argv, NULL);
	words = vf_argv_end(argv);
	line = g_strjoinv("|", words);
	g_assert_cmpstr(line, ==, "qemu|-nodefaults|-m=256|-display|none");

	g_assert_cmpuint(argv->len, ==, 0);
	vf_argv_add(argv, "second", NULL);
	again = vf_argv_end(argv);
	g_assert_cmpuint(g_strv_length(again), ==, 1);
	g_assert_cmpstr(again[0], ==, "second");
}

static void test_empty(void)
{
	g_autoptr(VfArgv) argv = vf_argv_new();
	g_auto(GStrv) words = vf_argv_end(argv);

	g_assert_nonnull(words);
	g_assert_null(words[0]);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/argv/build", test_build);
	g_test_add_func("/argv/empty", test_empty);
	return g_test_run();
}
