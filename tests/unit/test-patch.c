// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/patch.h"

#include "base/error.h"

static void test_paths(void)
{
	static const char *const safe[] = {"a",
					   "a/b.c",
					   "a/..b",
					   "a b",
					   "arch/x86/boot/.gitignore",
					   "d\xc3\xa9j\xc3\xa0",
					   ".github/x"};
	static const char *const unsafe[] = {
		"",    "/etc/passwd", "../x",	     "a/../../x",      "a/..", "a//b",	  "a/",
		"./a", "a/./b",	      ".git/config", "a/.GIT/hooks/x", "a\nb", "a\x1b[m", "\xff"};

	for (gsize i = 0; i < G_N_ELEMENTS(safe); i++)
		g_assert_null(vf_patch_path_problem(safe[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(unsafe); i++)
		g_assert_nonnull(vf_patch_path_problem(unsafe[i]));
}

static void test_long_path(void)
{
	g_autofree char *fits = g_strnfill(1024, 'x'), *too_long = g_strnfill(1025, 'x');

	g_assert_null(vf_patch_path_problem(fits));
	g_assert_nonnull(vf_patch_path_problem(too_long));
}

static GHashTable *new_set(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void test_numstat(void)
{
	static const char text[] = "1\t2\ta/b.c\0-\t-\tbinary\0"
				   "0\t0\tname with\ttab?";
	g_autoptr(GHashTable) paths = new_set(), broken = new_set();
	g_autoptr(GError) error = NULL, form = NULL;

	g_assert_true(vf_patch_read_numstat(text, 21, paths, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(g_hash_table_size(paths), ==, 2);
	g_assert_true(g_hash_table_contains(paths, "a/b.c"));
	g_assert_true(g_hash_table_contains(paths, "binary"));
	g_assert_false(vf_patch_read_numstat(text, sizeof(text), broken, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
	g_assert_cmpstr(error->message, ==,
			"the path \"name with\\x09tab?\" has control characters");
	g_assert_false(vf_patch_read_numstat("error: x", 8, broken, &form));
	g_assert_error(form, VF_ERROR, VF_ERROR_PATCH);
}

static void test_sources(void)
{
	static const char text[] = "Subject: x\n"
				   "rename from in/the/message\n"
				   "diff --git a/old.c b/new.c\n"
				   "similarity index 90%\n"
				   "rename from old.c\n"
				   "rename to new.c\n"
				   "--- a/old.c\n"
				   "+++ b/new.c\n"
				   "@@ -1 +1 @@\n"
				   "-x\n"
				   "+y\n"
				   "rename from after/the/hunk\n"
				   "diff --git \"a/\\303\\251\" b/copy\r\n"
				   "copy from \"\\303\\251\"\r\n";
	g_autoptr(GHashTable) paths = new_set();
	g_autoptr(GError) error = NULL;

	g_assert_true(vf_patch_read_sources(text, sizeof(text) - 1, paths, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(g_hash_table_size(paths), ==, 2);
	g_assert_true(g_hash_table_contains(paths, "old.c"));
	g_assert_true(g_hash_table_contains(paths, "\xc3\xa9"));
}

static void test_bad_sources(void)
{
	static const char *const texts[] = {
		"diff --git a/x b/y\nrename from ../x\n",
		"diff --git a/x b/y\nrename from \"unfinished\n",
		"diff --git a/x b/y\ncopy from \"escaped\\\"\n",
		"diff --git a/x b/y\ncopy from \"\\056\\056/x\"\n",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GHashTable) paths = new_set();
		g_autoptr(GError) error = NULL;

		g_assert_false(vf_patch_read_sources(texts[i], strlen(texts[i]), paths, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/patch/paths", test_paths);
	g_test_add_func("/patch/long-path", test_long_path);
	g_test_add_func("/patch/numstat", test_numstat);
	g_test_add_func("/patch/sources", test_sources);
	g_test_add_func("/patch/bad-sources", test_bad_sources);
	return g_test_run();
}
