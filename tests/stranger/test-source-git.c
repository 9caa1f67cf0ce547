// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A git tree is the kernel's source. What its configuration names does not run, and what it is does
 * not depend on that.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build-fixture.h"
#include "source-fixture.h"

/* Everything in a configuration that git has run in one of its versions. */
static const char *const traps[] = {
	"core.fsmonitor",
	"core.pager",
	"core.editor",
	"core.sshCommand",
	"core.gitProxy",
	"core.askPass",
	"core.alternateRefsCommand",
	"filter.trap.clean",
	"filter.trap.smudge",
	"filter.trap.process",
	"diff.external",
	"diff.trap.command",
	"diff.trap.textconv",
	"merge.trap.driver",
	"gpg.program",
	"credential.helper",
	"uploadpack.packObjectsHook",
	"remote.origin.uploadpack",
	"sequence.editor",
	"interactive.diffFilter",
	"alias.ls-files",
};

static const char *const hooks[] = {"post-index-change", "pre-commit", "post-checkout",
				    "reference-transaction", "fsmonitor-watchman"};

/* A program that says that it ran. Caller frees. */
static char *trap(void)
{
	g_autofree char *here = g_get_current_dir();
	g_autofree char *text = g_strdup_printf("#!/bin/sh\necho \"$0 $*\" >> '%s/sprung'\n", here);

	scratch_write("trap", text);
	g_assert_cmpint(chmod("trap", 0755), ==, 0);
	return g_build_filename(here, "trap", NULL);
}

static void assert_not_sprung(void)
{
	g_autofree char *text = NULL;

	g_file_get_contents("sprung", &text, NULL, NULL);
	g_assert_cmpstr(text, ==, NULL);
}

static void set_traps(const char *directory)
{
	g_autofree char *program = trap();

	for (gsize i = 0; i < G_N_ELEMENTS(traps); i++)
		g_assert_cmpint(build_run("git", "config", "--file", "included", traps[i], program,
					  NULL),
				==, 0);
	g_assert_cmpint(build_run("git", "-C", directory, "config", "include.path",
				  "../../included", NULL),
			==, 0);
	g_assert_cmpint(build_run("git", "-C", directory, "config", "core.fsmonitor", program,
				  NULL),
			==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(hooks); i++) {
		g_autofree char *hook =
			g_build_filename(directory, ".git", "hooks", hooks[i], NULL);

		g_assert_cmpint(build_run("cp", program, hook, NULL), ==, 0);
	}
}

/* What git itself makes of the tree, without a configuration. Caller frees. */
static char *plain_tree(const char *directory)
{
	g_autofree char *copy = g_strconcat(directory, ".copy", NULL);
	g_autofree char *config = g_build_filename(copy, ".git", "config", NULL);
	char *write_tree[] = {"git", "-C", copy, "write-tree", NULL};
	g_auto(VfChildEnd) end = {0};

	g_assert_cmpint(build_run("cp", "-a", directory, copy, NULL), ==, 0);
	scratch_write(config, "[core]\n\trepositoryformatversion = 0\n"
			      "\thooksPath = /dev/null\n");
	g_assert_cmpint(build_run("git", "-C", copy, "add", "--all", NULL), ==, 0);
	g_assert_true(vf_child_run(&(VfChild){.argv = write_tree, .keep = 100}, &end, NULL));
	g_assert_cmpint(end.status, ==, 0);
	g_assert_cmpint(build_run("rm", "-rf", copy, NULL), ==, 0);
	return g_strdup(g_strchomp(end.output));
}

/* Its key is the one of @object. */
static void assert_object(const VfSource *source, const char *object)
{
	g_autofree char *expected = g_strdup_printf("(tree %.12s)", object);

	g_assert_nonnull(strstr(vf_source_name(source), expected));
}

static void change(const char *directory)
{
	g_autofree char *executable = g_build_filename(directory, "salt", NULL);
	g_autofree char *gone = g_build_filename(directory, "unused.c", NULL);
	g_autofree char *link = g_build_filename(directory, "link", NULL);

	build_tree_file(directory, "a.c", "changed\n");
	build_tree_file(directory, "new \xc3\xbc\n\"file\".c", "new\n");
	build_tree_file(directory, "dir/-x:y,z", "new\n");
	build_tree_file(directory, "dir/ignored.o", "ignored\n");
	build_tree_file(directory, "b.c/now-a-directory.c", "x\n");
	g_assert_cmpint(chmod(executable, 0755), ==, 0);
	g_assert_cmpint(symlink("a.c", link), ==, 0);
	unlink(gone);
}

static void test_nothing_runs(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) first = NULL, changed = NULL, edited = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *object = NULL;

	source_git("linux", "nothing runs");
	set_traps("linux");
	build_tree_file("linux", ".gitattributes", "* filter=trap diff=trap merge=trap\n");
	first = source_identified("linux");
	source_unpack(first, &error);
	g_assert_no_error(error);
	/* a patch on the first */
	build_tree_file("linux", "common.h", "#define COMMON 8\n");
	edited = source_identified("linux");
	g_assert_nonnull(vf_source_delta(edited));
	unlink("linux/b.c");
	change("linux");
	changed = source_identified("linux");
	assert_not_sprung();
	object = plain_tree("linux");
	assert_object(changed, object);
	source_unpack(changed, &error);
	g_assert_no_error(error);
	source_assert_file(changed, "a.c", "changed\n");
	source_assert_file(changed, "new \xc3\xbc\n\"file\".c", "new\n");
	source_assert_file(changed, "dir/-x:y,z", "new\n");
	assert_not_sprung();
}

static void commit_all(const char *directory)
{
	g_assert_cmpint(build_run("git", "-C", directory, "add", "-A", NULL), ==, 0);
	g_assert_cmpint(build_run("git", "-C", directory, "commit", "-qm", "y", NULL), ==, 0);
}

/* A submodule has a configuration of its own. */
static void test_submodule(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL;
	g_autofree char *object = NULL;

	source_git("linux", "submodule");
	source_git("linux/sub", "inner");
	commit_all("linux");
	build_tree_file("linux/sub", "a.c", "another commit\n");
	commit_all("linux/sub");
	object = plain_tree("linux");
	set_traps("linux/sub");
	build_tree_file("linux/sub", ".gitattributes", "* filter=trap\n");
	source = source_identified("linux");
	assert_not_sprung();
	assert_object(source, object);
}

/* The tree's .git is a file; its index is in two parts; commits are replaced. */
static void test_kinds(void)
{
	static const char *const kinds[][6] = {
		{"worktree", "add", "-q", "--detach", "../other"},
		{"update-index", "--split-index"},
		{"replace", "HEAD^{tree}", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"},
		{"sparse-checkout", "set", "--sparse-index", "dir"},
		{"pack-refs", "--all"},
		{"gc", "-q"},
	};
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *expected = NULL;

	source_git("linux", "kinds");
	build_tree_file("linux", "dir/x.c", "x\n");
	build_tree_file("linux", "deep/er/y.c", "y\n");
	commit_all("linux");
	g_assert_cmpint(build_run("git", "-C", "linux", "hash-object", "-wt", "tree", "/dev/null",
				  NULL),
			==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const char *const *words = kinds[i];
		const char *where = i ? "linux" : "other";
		g_autoptr(VfSource) source = NULL;

		g_assert_cmpint(build_run("git", "-C", "linux", words[0], words[1], words[2],
					  words[3], words[4], NULL),
				==, 0);
		source = source_identified(where);
		g_assert_null(strstr(vf_source_name(source), "changes"));
		if (!expected)
			expected = g_strdup(vf_source_key(source));
		g_assert_cmpstr(vf_source_key(source), ==, expected);
	}
}

/* Objects that a partial clone lacks are not fetched. */
static void test_partial(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *program = trap(), *url = NULL;

	source_git("linux", "partial");
	g_assert_cmpint(build_run("git", "-C", "linux", "config", "uploadpack.allowFilter", "true",
				  NULL),
			==, 0);
	url = g_strdup_printf("file://%s/linux", scratch->path);
	g_assert_cmpint(build_run("git", "clone", "-q", "--no-checkout", "--filter=blob:none", url,
				  "clone", NULL),
			==, 0);
	g_assert_cmpint(build_run("git", "-C", "clone", "config", "remote.origin.uploadpack",
				  program, NULL),
			==, 0);
	g_assert_cmpint(build_run("git", "-C", "clone", "read-tree", "HEAD", NULL), ==, 0);
	g_assert_cmpint(build_run("git", "-C", "clone", "update-index", "--skip-worktree", "a.c",
				  "b.c", "common.h", "unused.c", "salt", NULL),
			==, 0);
	source = vf_source_new("clone", &error);
	g_assert_no_error(error);
	g_assert_false(source_identify(source, &error));
	g_test_message("%s", error->message);
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	assert_not_sprung();
}

/* The user's own configuration says which new files do not count. */
static void test_user_excludes(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL;
	g_autofree char *before = g_strdup(g_getenv("GIT_CONFIG_GLOBAL"));
	g_autofree char *config =
		g_strdup_printf("[core]\n\texcludesFile = %s/ignored\n", scratch->path);
	g_autofree char *path = g_build_filename(scratch->path, "config", NULL);

	source_git("linux", "user excludes");
	scratch_write("config", config);
	scratch_write("ignored", "tags\n");
	build_tree_file("linux", "tags", "of no interest\n");
	g_setenv("GIT_CONFIG_GLOBAL", path, TRUE);
	source = source_identified("linux");
	g_setenv("GIT_CONFIG_GLOBAL", before, TRUE);
	g_assert_null(strstr(vf_source_name(source), "changes"));
}

/* git refuses the tree of another user; nothing of it runs here. */
static void test_owner(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL;
	g_autofree char *expected = NULL;

	if (geteuid()) {
		g_test_message("only root can give a tree away");
		return;
	}
	source_git("linux", "owner");
	source = source_identified("linux");
	expected = g_strdup(vf_source_key(source));
	g_clear_pointer(&source, vf_source_free);
	g_assert_cmpint(build_run("chown", "-R", "1234:1234", "linux", NULL), ==, 0);
	source = source_identified("linux");
	g_assert_cmpstr(vf_source_key(source), ==, expected);
}

/* What cannot be read must not count as deleted. */
static void test_unreadable(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL;
	g_autoptr(GError) error = NULL;

	if (!geteuid()) {
		g_test_message("root reads everything");
		return;
	}
	source_git("linux", "unreadable");
	build_tree_file("linux", "dir/x.c", "x\n");
	g_assert_cmpint(chmod("linux/dir", 0), ==, 0);
	source = vf_source_new("linux", &error);
	g_assert_no_error(error);
	g_assert_false(source_identify(source, &error));
	g_test_message("%s", error->message);
	g_assert_nonnull(strstr(error->message, "dir/"));
	g_assert_cmpint(chmod("linux/dir", 0755), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/source-git/nothing-runs", test_nothing_runs);
	g_test_add_func("/source-git/submodule", test_submodule);
	g_test_add_func("/source-git/kinds", test_kinds);
	g_test_add_func("/source-git/partial", test_partial);
	g_test_add_func("/source-git/user-excludes", test_user_excludes);
	g_test_add_func("/source-git/owner", test_owner);
	g_test_add_func("/source-git/unreadable", test_unreadable);
	return build_fixture_main();
}
