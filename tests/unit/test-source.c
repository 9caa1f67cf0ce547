// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <unistd.h>

#include "build-fixture.h"
#include "source-fixture.h"

static void test_tarballs(void)
{
	static const struct {
		const char *name, *option;
	} kinds[] = {{"t.tar.xz", "-cJf"},
		     {"t.tar.gz", "-czf"},
		     {"t.tar.bz2", "-cjf"},
		     {"t.tar", "-cf"}};

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(Scratch) scratch = scratch_new();
		g_autoptr(VfSource) source = NULL;
		g_autoptr(GError) error = NULL;

		build_tree("linux-x", kinds[i].name);
		if (build_run("tar", kinds[i].option, kinds[i].name, "linux-x", NULL)) {
			g_test_message("no compressor for %s", kinds[i].name);
			continue;
		}
		source = source_identified(kinds[i].name);
		g_assert_cmpstr(vf_source_name(source), ==, kinds[i].name);
		g_assert_null(vf_source_tree(source));
		source_unpack(source, &error);
		g_assert_no_error(error);
		source_assert_file(source, "salt", kinds[i].name);
	}
}

/* The second time the checksum is remembered, until the file is another one. */
static void test_memo(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) first = NULL, second = NULL, changed = NULL;

	build_tree("linux", "memo");
	g_assert_cmpint(build_run("tar", "-cf", "t.tar", "linux", NULL), ==, 0);
	first = source_open("t.tar");
	g_assert_null(vf_source_key(first));
	g_assert_true(source_identify(first, NULL));
	second = source_open("t.tar");
	g_assert_cmpstr(vf_source_key(second), ==, vf_source_key(first));
	scratch_write("linux/salt", "other");
	g_assert_cmpint(build_run("tar", "-cf", "t.tar", "linux", NULL), ==, 0);
	changed = source_open("t.tar");
	g_assert_null(vf_source_key(changed));
	g_assert_true(source_identify(changed, NULL));
	g_assert_cmpstr(vf_source_key(changed), !=, vf_source_key(first));
}

static void test_bad_tarballs(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) junk = NULL, other = NULL;
	g_autoptr(GError) unreadable = NULL, strange = NULL;
	g_autofree char *left = NULL;

	scratch_write("junk.tar", "this is no archive at all\n");
	junk = source_identified("junk.tar");
	g_assert_false(source_unpack(junk, &unreadable));
	g_assert_error(unreadable, VF_ERROR, VF_ERROR_IO);
	g_assert_null(vf_source_tree(junk));

	scratch_write("dir/readme", "x\n");
	g_assert_cmpint(build_run("tar", "-cf", "other.tar", "dir", NULL), ==, 0);
	other = source_identified("other.tar");
	g_assert_false(source_unpack(other, &strange));
	g_assert_error(strange, VF_ERROR, VF_ERROR_USAGE);
	g_assert_null(vf_source_tree(other));
}

static void test_directory(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) first = NULL, same = NULL, changed = NULL;

	build_tree("linux", "directory");
	first = source_identified("linux");
	g_assert_true(source_unpack(first, NULL));
	source_assert_file(first, "salt", "directory");
	same = source_identified("linux");
	g_assert_cmpstr(vf_source_key(same), ==, vf_source_key(first));
	g_assert_nonnull(vf_source_tree(same));
	scratch_write("linux/a.c", "changed\n");
	changed = source_identified("linux");
	g_assert_cmpstr(vf_source_key(changed), !=, vf_source_key(first));
	source_assert_file(first, "a.c", build_a_c);
}

static void assert_refused(const char *path, const char *says)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(vf_source_new(path, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, path));
	g_assert_nonnull(strstr(error->message, says));
}

static void test_refused(void)
{
	g_autoptr(Scratch) scratch = scratch_new();

	scratch_write("empty/readme", "x\n");
	build_tree("built", "built");
	scratch_write("built/.config", "CONFIG_A=y\n");
	assert_refused("nowhere", "no such");
	assert_refused("empty", "not a kernel tree");
	assert_refused("built", "mrproper");
	scratch_write("broken/.git", "gitdir: nowhere\n");
	assert_refused("broken", "git");
}

static void test_git(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) clean = NULL;

	source_git("linux", "git");
	scratch_write("linux/a.o", "ignored\n");
	clean = source_identified("linux");
	g_assert_true(g_str_has_prefix(vf_source_name(clean), "git "));
	g_assert_null(strstr(vf_source_name(clean), "changes"));
	g_assert_true(source_unpack(clean, NULL));
	source_assert_file(clean, "salt", "git");
}

/* What is not committed counts, and the user's index and objects are not touched. */
static void test_dirty_git(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) clean = NULL, dirty = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *index = NULL, *index_after = NULL;
	gsize length, length_after;

	source_git("linux", "dirty git");
	clean = source_identified("linux");
	scratch_write("linux/a.c", "changed\n");
	scratch_write("linux/new.c", "new\n");
	g_file_get_contents("linux/.git/index", &index, &length, NULL);
	dirty = source_identified("linux");
	g_file_get_contents("linux/.git/index", &index_after, &length_after, NULL);
	g_assert_cmpmem(index, length, index_after, length_after);
	g_assert_cmpstr(vf_source_key(dirty), !=, vf_source_key(clean));
	g_assert_nonnull(strstr(vf_source_name(dirty), " with changes (tree "));
	source_unpack(dirty, &error);
	g_assert_no_error(error);
	source_assert_file(dirty, "a.c", "changed\n");
	source_assert_file(dirty, "new.c", "new\n");
	source_assert_file(dirty, "b.c", build_b_c);
}

/* The same content at another commit is the same source. */
/* Only a repository: what counts is its HEAD, and it is the same source as a clean work tree. */
static void test_bare_git(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) bare = NULL, clean = NULL;

	source_git("linux", "bare git");
	g_assert_cmpint(build_run("git", "clone", "-q", "--bare", "linux", "bare", NULL), ==, 0);
	bare = source_open("bare");
	g_assert_nonnull(vf_source_key(bare));
	clean = source_identified("linux");
	g_assert_cmpstr(vf_source_key(bare), ==, vf_source_key(clean));
	g_assert_cmpstr(vf_source_name(bare), ==, vf_source_name(clean));
	source_unpack(bare, NULL);
	source_assert_file(bare, "salt", "bare git");
}

static void test_git_commits(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) first = NULL, second = NULL;

	source_git("linux", "commits");
	first = source_identified("linux");
	g_assert_cmpint(build_run("git", "-C", "linux", "commit", "-q", "--allow-empty", "-m", "y",
				  NULL),
			==, 0);
	second = source_identified("linux");
	g_assert_cmpstr(vf_source_name(second), !=, vf_source_name(first));
	g_assert_cmpstr(vf_source_key(second), ==, vf_source_key(first));
}

/* What a killed run left half unpacked is thrown away. */
static void test_left_over(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL;
	g_autofree char *left = NULL, *stray = NULL;

	build_tree("linux", "left over");
	source = source_identified("linux");
	left = g_strdup_printf("%s/sources/%s.tmp/tree/stray", vf_dirs_cache(),
			       vf_source_id(source));
	scratch_write(left, "x\n");
	g_assert_true(source_unpack(source, NULL));
	stray = g_build_filename(vf_source_tree(source), "stray", NULL);
	g_assert_false(g_file_test(stray, G_FILE_TEST_EXISTS));
}

/* What differs little from an unpacked tree of the repository is that tree and a patch. */
static void test_git_delta(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) first = NULL, edited = NULL, worktree = NULL, bare = NULL, back = NULL;
	g_autofree char *delta = NULL;

	source_git("linux", "delta");
	first = source_identified("linux");
	g_assert_true(source_unpack(first, NULL));
	g_assert_null(vf_source_delta(first));
	scratch_write("linux/a.c", "edited\n");
	unlink("linux/b.c");
	edited = source_identified("linux");
	g_assert_cmpstr(vf_source_id(edited), ==, vf_source_id(first));
	g_assert_cmpstr(vf_source_key(edited), !=, vf_source_key(first));
	delta = build_read(vf_source_delta(edited));
	g_assert_nonnull(strstr(delta, "+edited\n"));
	g_assert_nonnull(strstr(delta, "deleted file mode 100644\nindex "));
	g_assert_true(source_unpack(edited, NULL));
	source_assert_file(edited, "b.c", build_b_c);
	g_assert_cmpint(build_run("git", "-C", "linux", "stash", "-q", NULL), ==, 0);
	g_assert_cmpint(build_run("git", "-C", "linux", "worktree", "add", "-q", "../other", NULL),
			==, 0);
	scratch_write("other/a.c", "elsewhere\n");
	worktree = source_identified("other");
	g_assert_cmpstr(vf_source_id(worktree), ==, vf_source_id(first));
	g_assert_cmpint(build_run("git", "-C", "other", "commit", "-qam", "elsewhere", NULL), ==,
			0);
	g_assert_cmpint(build_run("git", "clone", "-q", "--bare", "--shared", "-b", "other",
				  "linux", "bare", NULL),
			==, 0);
	bare = source_identified("bare");
	g_assert_cmpstr(vf_source_key(bare), ==, vf_source_key(worktree));
	g_assert_cmpstr(vf_source_id(bare), ==, vf_source_id(first));
	back = source_identified("linux");
	g_assert_cmpstr(vf_source_key(back), ==, vf_source_key(first));
	g_assert_null(vf_source_delta(back));
}

/* A patch cannot say these: they get a tree of their own. */
static void test_git_no_delta(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) first = NULL, linked = NULL, large = NULL;
	g_autofree char *bytes = g_malloc(9 << 20);

	source_git("linux", "no delta");
	first = source_identified("linux");
	g_assert_true(source_unpack(first, NULL));
	g_assert_cmpint(symlink("a.c", "linux/link.c"), ==, 0);
	linked = source_identified("linux");
	g_assert_null(vf_source_delta(linked));
	g_assert_null(vf_source_tree(linked));
	unlink("linux/link.c");
	for (gsize i = 0; i < 9 << 20; i++)
		bytes[i] = (char)g_random_int();
	g_assert_true(g_file_set_contents("linux/large", bytes, 9 << 20, NULL));
	large = source_identified("linux");
	g_assert_null(vf_source_delta(large));
	g_assert_null(vf_source_tree(large));
}

/* Trees that nobody uses go, the longest unused first, with what was built in them. */
static void test_trim(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(VfSource) used = NULL;
	g_autofree char *slot = NULL;

	for (guint i = 0; i < 8; i++) {
		g_autofree char *name = g_strdup_printf("trim%u", i);
		g_autoptr(VfSource) source = NULL;

		build_tree(name, name);
		source = source_identified(name);
		g_assert_true(source_unpack(source, NULL));
		g_ptr_array_add(ids, g_strdup(vf_source_id(source)));
		if (i == 0)
			used = g_steal_pointer(&source);
		if (i != 1)
			continue;
		slot = g_strdup_printf("%s/slots/%s-full", vf_dirs_cache(), vf_source_id(source));
		g_assert_cmpint(g_mkdir_with_parents(slot, 0755), ==, 0);
	}
	for (guint i = 0; i < ids->len; i++) {
		g_autofree char *tree = g_strdup_printf("%s/sources/%s/tree", vf_dirs_cache(),
							(char *)ids->pdata[i]);

		g_assert_cmpint(g_file_test(tree, G_FILE_TEST_IS_DIR), ==, i != 1);
	}
	g_assert_false(g_file_test(slot, G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/source/tarballs", test_tarballs);
	g_test_add_func("/source/memo", test_memo);
	g_test_add_func("/source/bad-tarballs", test_bad_tarballs);
	g_test_add_func("/source/directory", test_directory);
	g_test_add_func("/source/refused", test_refused);
	g_test_add_func("/source/git", test_git);
	g_test_add_func("/source/dirty-git", test_dirty_git);
	g_test_add_func("/source/bare-git", test_bare_git);
	g_test_add_func("/source/git-commits", test_git_commits);
	g_test_add_func("/source/left-over", test_left_over);
	g_test_add_func("/source/git-delta", test_git_delta);
	g_test_add_func("/source/git-no-delta", test_git_no_delta);
	g_test_add_func("/source/trim", test_trim);
	return build_fixture_main();
}
