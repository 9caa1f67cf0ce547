// SPDX-License-Identifier: GPL-2.0-or-later
/* A bisection of a tree whose configuration names programs. */
#include "run/bisect.h"

#include <string.h>

#include "both-users.h"
#include "build-fixture.h"
#include "kernel/source.h"
#include "results-db/db.h"

static void commit(const char *state)
{
	scratch_write("linux/state", state);
	g_assert_cmpint(build_run("git", "-C", "linux", "add", "--all", NULL), ==, 0);
	g_assert_cmpint(build_run("git", "-C", "linux", "commit", "-q", "-m", state, NULL), ==, 0);
}

/* What is checked out is what was committed, and it is a source that can be built. */
static gboolean read_state(const char *tree, G_GNUC_UNUSED gpointer data, VfBisectVerdict *verdict,
			   char **reason, char **run, GError **error)
{
	g_autofree char *path = g_build_filename(tree, "state", NULL);
	g_autoptr(VfSource) source = vf_source_new(tree, error);

	g_assert_nonnull(source);
	*reason = build_read(path);
	*run = g_strdup("run");
	*verdict = g_str_has_prefix(*reason, "good") ? VF_BISECT_GOOD : VF_BISECT_BAD;
	return TRUE;
}

static void set_trap(const char *key)
{
	g_autofree char *path = g_canonicalize_filename("trap.sh", NULL);

	g_assert_cmpint(build_run("git", "-C", "linux", "config", key, path, NULL), ==, 0);
}

static void test_bisect(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *tree = g_canonicalize_filename("linux", NULL);
	g_autofree char *trap =
		g_strdup_printf("#!/bin/sh\ntouch %s/sprung\nsed s/^/bad/\n", scratch->path);
	VfBisectOptions options = {.tree = tree,
				   .good = "main~3",
				   .bad = "main",
				   .arch = "hppa",
				   .job = "boot",
				   .variant = "base",
				   .test = read_state};
	g_autoptr(GError) error = NULL;
	g_autoptr(VfDb) db = NULL;
	json_auto_t *bisection = NULL;
	gint64 id;

	build_tree("linux", "bisect");
	g_assert_cmpint(build_run("git", "init", "-q", "-b", "main", "linux", NULL), ==, 0);
	scratch_write("linux/.gitattributes", "state filter=evil\n");
	commit("good 1");
	commit("good 2");
	commit("bad 3");
	commit("bad 4");
	scratch_write("trap.sh", trap);
	g_assert_cmpint(g_chmod("trap.sh", 0755), ==, 0);
	set_trap("filter.evil.smudge");
	set_trap("filter.evil.clean");
	set_trap("core.fsmonitor");
	scratch_write("linux/.git/hooks/post-checkout", trap);
	g_assert_cmpint(g_chmod("linux/.git/hooks/post-checkout", 0755), ==, 0);
	db = vf_db_open("results.db", &error);
	g_assert_no_error(error);
	id = vf_bisect(db, &options, &error);
	g_assert_no_error(error);
	bisection = vf_db_bisect_json(db, id, &error);
	g_assert_true(json_is_true(json_object_get(bisection, "found")));
	g_assert_cmpstr(json_string_value(json_object_get(bisection, "subject")), ==, "bad 3");
	g_assert_false(g_file_test("sprung", G_FILE_TEST_EXISTS));
	/* nothing of it is left in their tree */
	g_assert_false(g_file_test("linux/.git/worktrees", G_FILE_TEST_EXISTS));
	/* what git itself would have done */
	g_assert_cmpint(build_run("git", "-C", "linux", "worktree", "add", "-q", "../other", NULL),
			==, 0);
	g_assert_true(g_file_test("sprung", G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
	both_users();
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/stranger/bisect/traps", test_bisect);
	return build_fixture_main();
}
