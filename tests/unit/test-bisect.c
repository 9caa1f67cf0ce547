// SPDX-License-Identifier: GPL-2.0-or-later
/* Bisections of small git trees, in which the file "state" says how a commit tests. */
#include "run/bisect.h"
#include "run/bisect-git.h"
#include "results-fixture.h"

typedef struct Search {
	Fixture fixture;
	char *tree;
	guint tests; /* made so far */
	guint turns; /* from this test on, everything is good; 0: never */
} Search;

static char *git(const char *tree, const char *a, const char *b, const char *c, const char *d)
{
	g_autoptr(GError) error = NULL;
	char *out = vf_git(tree, &error, a, b, c, d, NULL);

	g_assert_no_error(error);
	return out;
}

static void commit(Search *search, const char *file, const char *text, const char *subject)
{
	g_autofree char *path = g_build_filename(search->tree, file, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_free(git(search->tree, "add", "--all", NULL, NULL));
	g_free(git(search->tree, "commit", "--quiet", "-m", subject));
}

/* One commit a word of @states: its number is in a file of its own, so that each can be reverted.
 */
static void search_open(Search *search, const char *states)
{
	g_auto(GStrv) words = g_strsplit(states, " ", -1);

	*search = (Search){0};
	fixture_open(&search->fixture);
	search->tree = g_build_filename(search->fixture.dir, "linux", NULL);
	g_assert_cmpint(g_mkdir(search->tree, 0755), ==, 0);
	g_free(git(search->tree, "init", "--quiet", "--initial-branch=main", NULL));
	for (int i = 0; words[i]; i++) {
		g_autofree char *subject = g_strdup_printf("commit %d", i);
		g_autofree char *other = g_strdup_printf("file%d", i);

		if (i > 0 && !strcmp(words[i], words[i - 1]))
			commit(search, other, subject, subject);
		else
			commit(search, "state", words[i], subject);
	}
}

static void search_close(Search *search)
{
	g_free(search->tree);
	fixture_close(&search->fixture);
}

static gboolean read_state(const char *tree, gpointer data, VfBisectVerdict *verdict, char **reason,
			   char **run, GError **error)
{
	Search *search = data;
	g_autofree char *path = g_build_filename(tree, "state", NULL);

	search->tests++;
	*run = g_strdup_printf("run-%u", search->tests);
	if (!g_file_get_contents(path, reason, NULL, NULL))
		return vf_throw(error, VF_ERROR_HARNESS, "%s: no state", tree);
	*verdict = !strcmp(*reason, "good")	      ? VF_BISECT_GOOD
		   : g_str_has_prefix(*reason, "bad") ? VF_BISECT_BAD
						      : VF_BISECT_SKIP;
	if (search->turns && search->tests >= search->turns)
		*verdict = VF_BISECT_GOOD;
	return TRUE;
}

static json_t *bisect(Search *search, const char *good, const char *bad, GError **error)
{
	VfBisectOptions options = {.tree = search->tree,
				   .good = good,
				   .bad = bad,
				   .arch = "hppa",
				   .job = "boot",
				   .variant = "base",
				   .test = read_state,
				   .data = search};
	gint64 id = vf_bisect(search->fixture.db, &options, error);

	return id ? vf_db_bisect_json(search->fixture.db, id, error) : NULL;
}

static const char *text(const json_t *bisection, const char *key)
{
	return json_string_value(json_object_get(bisection, key));
}

static void test_find(void)
{
	static const struct {
		const char *states, *subject, *outcome;
		gboolean found;
	} cases[] = {
		{"good bad", "commit 1",
		 "first bad commit, confirmed 3 times; the bad end without "
		 "it tests good",
		 TRUE},
		{"good good good good bad bad bad bad", "commit 4", "tests good", TRUE},
		{"good good good good good good bad", "commit 6", "tests good", TRUE},
		{"good bad bad bad bad bad bad", "commit 1", "tests good", TRUE},
		/* cannot be built in the middle, but the boundary is elsewhere */
		{"good good skip good good bad bad", "commit 5", "tests good", TRUE},
		/* the boundary is among those that cannot be tested */
		{"good good skip skip bad bad", NULL, "one of 3 commits", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		Search search;
		g_autoptr(GError) error = NULL;
		g_autofree char *first = NULL;
		json_auto_t *bisection = NULL;

		search_open(&search, cases[i].states);
		first = git(search.tree, "rev-list", "--max-parents=0", "HEAD", NULL);
		bisection = bisect(&search, first, "HEAD", &error);
		g_assert_no_error(error);
		g_assert_cmpstr(text(bisection, "subject"), ==, cases[i].subject);
		if (!strstr(text(bisection, "outcome"), cases[i].outcome))
			g_error("%s: %s", cases[i].states, text(bisection, "outcome"));
		g_assert_true(json_is_true(json_object_get(bisection, "found")) == cases[i].found);
		g_assert_cmpuint(json_array_size(json_object_get(bisection, "steps")), ==,
				 search.tests);
		search_close(&search);
	}
}

/* Halving, not walking: 64 commits take two ends, 6 or 7 steps, six confirmations and a revert. */
static void test_halves(void)
{
	Search search;
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) states = g_string_new("good");
	json_auto_t *bisection = NULL;

	for (int i = 1; i < 65; i++)
		g_string_append(states, i < 23 ? " good" : " bad");
	search_open(&search, states->str);
	bisection = bisect(&search, "HEAD~64", "HEAD", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text(bisection, "subject"), ==, "commit 23");
	g_assert_cmpuint(search.tests, <=, 2 + 7 + 6 + 1);
	search_close(&search);
}

static void test_merge(void)
{
	Search search;
	g_autoptr(GError) error = NULL;
	json_auto_t *bisection = NULL;

	search_open(&search, "good good");
	g_free(git(search.tree, "checkout", "--quiet", "-b", "side"));
	commit(&search, "other", "x", "side 1");
	commit(&search, "state", "bad", "side 2");
	commit(&search, "other", "y", "side 3");
	g_free(git(search.tree, "checkout", "--quiet", "main", NULL));
	commit(&search, "more", "x", "main 1");
	commit(&search, "more", "y", "main 2");
	g_free(git(search.tree, "merge", "--quiet", "--no-edit", "side"));
	bisection = bisect(&search, "HEAD~3", "HEAD", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text(bisection, "subject"), ==, "side 2");
	g_assert_true(json_is_true(json_object_get(bisection, "found")));
	search_close(&search);
}

/* A failure that does not come back is no finding. */
static void test_not_confirmed(void)
{
	Search search;
	g_autoptr(GError) error = NULL;
	json_auto_t *bisection = NULL;

	search_open(&search, "good bad");
	search.turns = 4; /* two ends and one confirmation */
	bisection = bisect(&search, "HEAD~1", "HEAD", &error);
	g_assert_no_error(error);
	g_assert_false(json_is_true(json_object_get(bisection, "found")));
	g_assert_cmpstr(text(bisection, "outcome"), ==,
			"the boundary did not hold when it was tested again");
	search_close(&search);
}

static void test_no_revert(void)
{
	Search search;
	g_autoptr(GError) error = NULL;
	json_auto_t *bisection = NULL;

	/* the last commit changes the line that the culprit brought */
	search_open(&search, "good bad bad-too");
	bisection = bisect(&search, "HEAD~2", "HEAD", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(
		text(bisection, "outcome"), ==,
		"first bad commit, confirmed 3 times; it cannot be reverted on the bad end");
	g_assert_cmpstr(text(bisection, "subject"), ==, "commit 1");
	search_close(&search);
}

/* What stops a test stops the search; its steps so far stay. */
static void test_no_answer(void)
{
	Search search;
	g_autoptr(GError) error = NULL;
	json_auto_t *bisection = NULL, *stored = NULL;

	search_open(&search, "good good bad");
	g_free(git(search.tree, "rm", "--quiet", "state", NULL));
	commit(&search, "other", "x", "the file is gone");
	bisection = bisect(&search, "HEAD~3", "HEAD", &error);
	g_assert_null(bisection);
	g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
	g_clear_error(&error);
	stored = vf_db_bisect_json(search.fixture.db, 0, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(json_array_size(json_object_get(stored, "steps")), ==, 1);
	g_assert_null(json_object_get(stored, "ended"));
	search_close(&search);
}

static void assert_usage(Search *search, const char *good, const char *bad, const char *message)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(bisect(search, good, bad, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	if (!strstr(error->message, message))
		g_error("%s..%s: %s", good, bad, error->message);
}

static void test_wrong_ends(void)
{
	Search search;

	search_open(&search, "good good bad bad");
	assert_usage(&search, "HEAD", "HEAD~3", "does not come before");
	assert_usage(&search, "HEAD", "HEAD", "does not come before");
	assert_usage(&search, "nowhere", "HEAD", "no commit \"nowhere\"");
	assert_usage(&search, "--output=/tmp/x", "HEAD", "no commit");
	assert_usage(&search, "HEAD~1", "HEAD", "was given as good, but it tests bad");
	assert_usage(&search, "HEAD~3", "HEAD~2", "was given as bad, but it tests good");
	search_close(&search);
}

/* The user's own tree, with changes in it, is as it was. */
static void test_tree_untouched(void)
{
	Search search;
	g_autoptr(GError) error = NULL;
	json_auto_t *bisection = NULL;
	g_autofree char *path = NULL, *head = NULL, *after = NULL, *status = NULL, *trees = NULL;

	search_open(&search, "good good bad");
	path = g_build_filename(search.tree, "state", NULL);
	g_assert_true(g_file_set_contents(path, "my own work", -1, NULL));
	head = git(search.tree, "rev-parse", "HEAD", NULL, NULL);
	bisection = bisect(&search, "HEAD~2", "HEAD", &error);
	g_assert_no_error(error);
	after = git(search.tree, "rev-parse", "HEAD", NULL, NULL);
	status = git(search.tree, "status", "--porcelain", NULL, NULL);
	trees = git(search.tree, "worktree", "list", NULL, NULL);
	g_assert_cmpstr(head, ==, after);
	g_assert_cmpstr(status, ==, " M state");
	g_assert_null(strchr(trees, '\n'));
	search_close(&search);
}

static void test_judge(void)
{
	static const struct {
		const char *results;
		VfBisectVerdict verdict;
	} cases[] = {
		{"{\"status\": \"PASS\", \"tests\": [{\"status\": \"PASS\"}]}", VF_BISECT_GOOD},
		{"{\"status\": \"FAIL\", \"tests\": [{\"status\": \"FAIL\"}]}", VF_BISECT_BAD},
		{"{\"status\": \"ERROR\"}", VF_BISECT_SKIP},
		{"{\"status\": \"MISS\"}", VF_BISECT_SKIP},
		{"{\"status\": \"SKIP\"}", VF_BISECT_SKIP},
		{"{}", VF_BISECT_SKIP},
		{"{\"status\": \"FAIL\", \"builds\": [{\"status\": \"FAIL\"}]}", VF_BISECT_SKIP},
		{"{\"status\": \"PASS\", \"tests\": [{\"status\": \"PASS\", \"flaky\": true}]}",
		 VF_BISECT_SKIP},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		json_auto_t *results = json_loads(cases[i].results, 0, NULL);

		g_assert_cmpint(vf_bisect_judge(results), ==, cases[i].verdict);
	}
	g_assert_cmpint(vf_bisect_exit(VF_BISECT_GOOD), ==, 0);
	g_assert_cmpint(vf_bisect_exit(VF_BISECT_BAD), ==, 1);
	g_assert_cmpint(vf_bisect_exit(VF_BISECT_SKIP), ==, 125);
}

int main(int argc, char **argv)
{
	g_autofree char *cache = g_dir_make_tmp("vifarm-bisect-XXXXXX", NULL);
	int status;

	g_setenv("XDG_CACHE_HOME", cache, TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bisect/find", test_find);
	g_test_add_func("/bisect/halves", test_halves);
	g_test_add_func("/bisect/merge", test_merge);
	g_test_add_func("/bisect/not-confirmed", test_not_confirmed);
	g_test_add_func("/bisect/no-revert", test_no_revert);
	g_test_add_func("/bisect/no-answer", test_no_answer);
	g_test_add_func("/bisect/wrong-ends", test_wrong_ends);
	g_test_add_func("/bisect/tree-untouched", test_tree_untouched);
	g_test_add_func("/bisect/judge", test_judge);
	status = g_test_run();
	vf_dirs_remove(cache, NULL);
	return status;
}
