// SPDX-License-Identifier: GPL-2.0-or-later
/* Series on a small git tree, with a real git. */
#include "mail/tree.h"

#include "mail-tree-fixture.h"

static const char a_five[] = "#include \"common.h\"\nint a(void)\n{\n\treturn 5;\n}\n";
static const char b_five[] = "#include \"common.h\"\nint b(void)\n{\n\treturn 5;\n}\n";

static VfMailTree *open_tree(void)
{
	g_autoptr(GError) error = NULL;
	VfMailTree *tree = vf_mail_tree_open("linux", &error);

	g_assert_no_error(error);
	return tree;
}

static void add_support(VfMailTree *tree, const VfVariant *variant, VfSupport *support)
{
	g_autofree char *head = vf_mail_tree_commit(tree, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(head);
	g_assert_true(vf_mail_tree_base(tree, head, variant, support, &error));
	g_assert_no_error(error);
}

static void apply(VfMailTree *tree, const char *onto, const VfSeries *series, VfApplied *applied)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(vf_mail_tree_apply(tree, onto, series, applied, &error));
	g_assert_no_error(error);
}

static VfSeries *one_patch(const char *path, const char *from, const char *to)
{
	MailSeries *series = mail_series_new();
	g_autofree char *diff = mail_diff(path, from, to);

	mail_series_add(series, "[PATCH] one", "", diff);
	return mail_series_end(series);
}

static char *diff_of(VfMailTree *tree, const char *from, const char *to)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_canonicalize_filename("out.patch", NULL);

	g_assert_true(vf_mail_tree_diff(tree, from, to, path, &error));
	g_assert_no_error(error);
	return build_read(path);
}

static void test_applies(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(VfVariant) variant = NULL;
	g_autoptr(VfSeries) series = NULL;
	g_auto(VfSupport) support = {0};
	g_auto(VfApplied) applied = {0};
	g_autofree char *before = NULL, *after = NULL, *diff = NULL, *index = NULL;
	gsize length;

	mail_tree();
	build_patch("b.patch", "b.c", build_b_c, b_five);
	variant = build_variant("full", "b.patch");
	series = one_patch("a.c", build_a_c, a_five);
	g_file_get_contents("linux/.git/index", &before, &length, NULL);
	tree = open_tree();
	add_support(tree, variant, &support);
	g_assert_null(support.problem);
	g_assert_false(support.in_tree);
	g_assert_cmpstr(support.commit, !=, support.base);
	apply(tree, support.commit, series, &applied);
	g_assert_null(applied.problem);
	g_assert_cmpuint(applied.commits->len, ==, 1);
	diff = diff_of(tree, support.commit, applied.commits->pdata[0]);
	g_assert_nonnull(strstr(diff, "+++ b/a.c"));
	g_assert_null(strstr(diff, "b.c"));
	/* the configured tree is as it was */
	g_file_get_contents("linux/.git/index", &after, &length, NULL);
	g_assert_cmpmem(before, length, after, length);
	index = build_read("linux/a.c");
	g_assert_cmpstr(index, ==, build_a_c);
}

/* A tree that has the patches needs them no more. */
static void test_in_tree(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(VfVariant) variant = NULL;
	g_auto(VfSupport) support = {0};

	mail_tree();
	build_patch("1.patch", "b.c", build_b_c, b_five);
	build_patch("2.patch", "b.c", b_five, build_a_c);
	variant = build_variant("full", "1.patch 2.patch");
	scratch_write("linux/b.c", build_a_c);
	mail_git("commit", "-q", "-a", "-m", "has it", NULL);
	tree = open_tree();
	add_support(tree, variant, &support);
	g_assert_true(support.in_tree);
	g_assert_cmpstr(support.commit, ==, support.base);
}

static void test_support_conflict(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(VfVariant) variant = NULL;
	g_auto(VfSupport) support = {0};

	mail_tree();
	build_patch("b.patch", "b.c", "int other;\n", "int another;\n");
	variant = build_variant("full", "b.patch");
	tree = open_tree();
	add_support(tree, variant, &support);
	g_assert_null(support.commit);
	g_assert_nonnull(strstr(support.problem, "b.c"));
}

/* `git am -3`: the patch was made on an older file that the repository still has. */
static void test_three_way(void)
{
	static const char moved[] = "/* a licence */\n#include \"common.h\"\nint first;\n"
				    "int a(void)\n{\n\treturn COMMON;\n}\n";
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(VfVariant) none = NULL;
	g_autoptr(VfSeries) series = NULL;
	g_auto(VfSupport) support = {0};
	g_auto(VfApplied) applied = {0};
	MailSeries *mails = mail_series_new();
	g_autofree char *diff = NULL, *result = NULL;

	mail_tree();
	scratch_write("linux/a.c", a_five);
	mail_git("commit", "-q", "-a", "-m", "five", NULL);
	/* git's own diff names the blobs, which is what -3 needs */
	g_assert_cmpint(build_run("sh", "-c",
				  "git -C linux show --full-index --format= HEAD > full.diff",
				  NULL),
			==, 0);
	diff = build_read("full.diff");
	mail_series_add(mails, "[PATCH] five", "", diff);
	series = mail_series_end(mails);
	scratch_write("linux/a.c", moved);
	mail_git("commit", "-q", "-a", "-m", "moved", NULL);
	mail_git("checkout", "-q", "--detach", "HEAD", NULL);
	tree = open_tree();
	none = build_variant("none", "");
	/* a.c is now moved on top of five: go back and change around it */
	scratch_write("linux/a.c", build_a_c);
	mail_git("commit", "-q", "-a", "-m", "back", NULL);
	scratch_write("linux/a.c", moved);
	mail_git("commit", "-q", "-a", "-m", "moved again", NULL);
	add_support(tree, none, &support);
	apply(tree, support.commit, series, &applied);
	g_test_message("%s", applied.problem ?: "applied");
	g_assert_null(applied.problem);
	result = diff_of(tree, support.commit, applied.commits->pdata[0]);
	g_assert_nonnull(strstr(result, "+\treturn 5;"));
}

static void test_does_not_apply(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(VfVariant) none = NULL;
	g_autoptr(VfSeries) series = NULL;
	g_auto(VfSupport) support = {0};
	g_auto(VfApplied) applied = {0}, again = {0};
	MailSeries *mails = mail_series_new();
	g_autofree char *good = NULL, *bad = NULL;

	mail_tree();
	good = mail_diff("a.c", build_a_c, a_five);
	bad = mail_diff("b.c", "int other;\n", "int another;\n");
	mail_series_add(mails, "[PATCH 1/2] good", "", good);
	mail_series_add(mails, "[PATCH 2/2] bad", "", bad);
	series = mail_series_end(mails);
	tree = open_tree();
	none = build_variant("none", "");
	add_support(tree, none, &support);
	apply(tree, support.commit, series, &applied);
	g_assert_cmpuint(applied.failed, ==, 2);
	g_assert_cmpuint(applied.commits->len, ==, 1);
	g_assert_nonnull(strstr(applied.problem, "b.c"));
	g_assert_false(applied.refused);
	/* nothing of it is in the way of the next */
	apply(tree, support.commit, series, &again);
	g_assert_cmpuint(again.failed, ==, 2);
}

/* Patches that git would apply, or so it might be hoped by their authors. */
static void test_refused(void)
{
	static const char *const diffs[] = {
		"diff --git a/link b/link\nnew file mode 120000\nindex 0000000..1de5659\n"
		"--- /dev/null\n+++ b/link\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n",
		"diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1111111\n"
		"--- /dev/null\n+++ b/sub\n@@ -0,0 +1 @@\n"
		"+Subproject commit 1111111111111111111111111111111111111111\n",
		"diff --git a/../../evil b/../../evil\nnew file mode 100644\n--- /dev/null\n"
		"+++ b/../../evil\n@@ -0,0 +1 @@\n+evil\n",
		"diff --git a/.git/hooks/post-commit b/.git/hooks/post-commit\n"
		"new file mode 100755\n--- /dev/null\n+++ b/.git/hooks/post-commit\n"
		"@@ -0,0 +1,2 @@\n+#!/bin/sh\n+touch /tmp/evil\n",
		"diff --git a/.GIT/config b/.GIT/config\nnew file mode 100644\n--- /dev/null\n"
		"+++ b/.GIT/config\n@@ -0,0 +1 @@\n+evil\n",
	};
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(VfVariant) none = NULL;
	g_auto(VfSupport) support = {0};

	mail_tree();
	tree = open_tree();
	none = build_variant("none", "");
	add_support(tree, none, &support);
	for (gsize i = 0; i < G_N_ELEMENTS(diffs); i++) {
		MailSeries *mails = mail_series_new();
		g_autoptr(VfSeries) series = NULL;
		g_auto(VfApplied) applied = {0};

		mail_series_add(mails, "[PATCH] evil", "", diffs[i]);
		series = mail_series_end(mails);
		apply(tree, support.commit, series, &applied);
		g_test_message("%s", applied.problem ?: "applied");
		g_assert_nonnull(applied.problem);
		g_assert_cmpuint(applied.commits->len, ==, 0);
	}
	g_assert_false(g_file_test("../evil", G_FILE_TEST_EXISTS));
}

/* Neither the user's configuration nor hooks of the tree have a say. */
static void test_confined(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(VfVariant) none = NULL;
	g_autoptr(VfSeries) series = NULL;
	g_auto(VfSupport) support = {0};
	g_auto(VfApplied) applied = {0};
	g_autofree char *hook = NULL, *hooks = NULL, *config = NULL, *path = NULL;

	mail_tree();
	hook = g_strdup_printf("#!/bin/sh\ntouch %s/ran\nexit 1\n", scratch->path);
	scratch_write("linux/.git/hooks/applypatch-msg", hook);
	g_chmod("linux/.git/hooks/applypatch-msg", 0755);
	config = g_strdup_printf("[core]\n\thooksPath = %s/linux/.git/hooks\n"
				 "[am]\n\tkeepcr = false\n[alias]\n\tam = !touch %s/ran\n",
				 scratch->path, scratch->path);
	scratch_write("gitconfig", config);
	path = g_build_filename(scratch->path, "gitconfig", NULL);
	hooks = g_build_filename(scratch->path, "linux", ".git", "hooks", NULL);
	g_setenv("GIT_CONFIG_GLOBAL", path, TRUE);
	g_setenv("GIT_DIR", "/nonexistent", TRUE);
	g_setenv("GIT_INDEX_FILE", "/nonexistent", TRUE);
	tree = open_tree();
	none = build_variant("none", "");
	series = one_patch("a.c", build_a_c, a_five);
	add_support(tree, none, &support);
	apply(tree, support.commit, series, &applied);
	g_unsetenv("GIT_DIR");
	g_unsetenv("GIT_INDEX_FILE");
	g_setenv("GIT_CONFIG_GLOBAL", "/dev/null", TRUE);
	g_assert_null(applied.problem);
	g_assert_false(g_file_test("ran", G_FILE_TEST_EXISTS));
	g_assert_true(g_file_test(hooks, G_FILE_TEST_IS_DIR));
}

static void test_lock(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(GError) error = NULL;

	mail_tree();
	tree = open_tree();
	g_assert_null(vf_mail_tree_open("linux", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
	g_clear_error(&error);
	g_assert_null(vf_mail_tree_open("nowhere", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
}

static void test_unknown_commit(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfMailTree) tree = NULL;
	g_autofree char *known = NULL;

	mail_tree();
	tree = open_tree();
	g_assert_null(vf_mail_tree_commit(tree, "0123456789012345678901234567890123456789"));
	g_assert_null(vf_mail_tree_commit(tree, "--help"));
	g_assert_null(vf_mail_tree_commit(tree, "HEAD; reboot"));
	known = vf_mail_tree_commit(tree, "master");
	g_assert_nonnull(known);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	g_test_init(&argc, &argv, NULL);
	if (!vf_sandbox_available(FALSE, &error)) {
		g_print("1..0 # SKIP %s\n", error->message);
		return 0;
	}
	g_test_add_func("/mail/tree/applies", test_applies);
	g_test_add_func("/mail/tree/in-tree", test_in_tree);
	g_test_add_func("/mail/tree/support-conflict", test_support_conflict);
	g_test_add_func("/mail/tree/three-way", test_three_way);
	g_test_add_func("/mail/tree/does-not-apply", test_does_not_apply);
	g_test_add_func("/mail/tree/refused", test_refused);
	g_test_add_func("/mail/tree/confined", test_confined);
	g_test_add_func("/mail/tree/lock", test_lock);
	g_test_add_func("/mail/tree/unknown-commit", test_unknown_commit);
	return build_fixture_main();
}
