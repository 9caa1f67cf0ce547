// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/bisect.h"

#include <string.h>

#include "base/dirs.h"
#include "base/git.h"
#include "base/lock.h"
#include "base/text.h"
#include "run/bisect-git.h"

#define CONFIRMATIONS 3

typedef struct Bisect {
	VfDb *db;
	const VfBisectOptions *options;
	gint64 id;
	VfGitView *view; /* of the tree; its work trees are the view's */
	char *work;	 /* the work tree */
	char *good_end, *bad_end;
	char *bad;	     /* the earliest known */
	GPtrArray *good;     /* of char *, NULL-terminated: rules out all their ancestors */
	GHashTable *skipped; /* commits that say nothing */
} Bisect;

static void bisect_clear(Bisect *bisect)
{
	/* a work tree that stays behind is in nobody's way: the next bisection removes it */
	if (bisect->work)
		g_free(vf_git(bisect->view->directory, NULL, "worktree", "remove", "--force",
			      bisect->work, NULL));
	g_free(bisect->work);
	vf_git_view_free(bisect->view);
	g_free(bisect->good_end);
	g_free(bisect->bad_end);
	g_free(bisect->bad);
	g_clear_pointer(&bisect->good, g_ptr_array_unref);
	g_clear_pointer(&bisect->skipped, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bisect, bisect_clear)

static const struct {
	const char *word;
	int exit;
} verdicts[] = {
	[VF_BISECT_GOOD] = {"good", 0},
	[VF_BISECT_BAD] = {"bad", 1},
	[VF_BISECT_SKIP] = {"skip", 125},
};

const char *vf_bisect_word(VfBisectVerdict verdict)
{
	return verdicts[verdict].word;
}

int vf_bisect_exit(VfBisectVerdict verdict)
{
	return verdicts[verdict].exit;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* A kernel that does not build, or a test that is now red and now green, tells nothing. */
VfBisectVerdict vf_bisect_judge(const json_t *results)
{
	const json_t *object;
	gsize i;

	json_array_foreach (json_object_get(results, "builds"), i, object) {
		if (strcmp(text_of(object, "status"), "PASS"))
			return VF_BISECT_SKIP;
	}
	json_array_foreach (json_object_get(results, "tests"), i, object) {
		if (json_is_true(json_object_get(object, "flaky")))
			return VF_BISECT_SKIP;
	}
	if (!strcmp(text_of(results, "status"), "PASS"))
		return VF_BISECT_GOOD;
	return strcmp(text_of(results, "status"), "FAIL") ? VF_BISECT_SKIP : VF_BISECT_BAD;
}

static void note(const Bisect *bisect, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void note(const Bisect *bisect, const char *format, ...)
{
	g_autofree char *line = NULL;
	va_list args;

	if (!bisect->options->note)
		return;
	va_start(args, format);
	line = g_strdup_vprintf(format, args);
	va_end(args);
	bisect->options->note(line, bisect->options->data);
}

/* Tests what is checked out; @commit names it in the record. */
static gboolean test(Bisect *bisect, const char *purpose, const char *commit,
		     VfBisectVerdict *verdict, GError **error)
{
	g_autofree char *reason = NULL, *run = NULL;
	VfBisectStep step = {.purpose = purpose, .commit = commit};

	if (!bisect->options->test(bisect->work, bisect->options->data, verdict, &reason, &run,
				   error))
		return FALSE;
	step.verdict = vf_bisect_word(*verdict);
	step.reason = reason;
	step.run = run;
	note(bisect, "%.12s %s: %s", commit, step.verdict, reason ?: "");
	return vf_db_bisect_step(bisect->db, bisect->id, &step, error);
}

static gboolean test_commit(Bisect *bisect, const char *purpose, const char *commit,
			    VfBisectVerdict *verdict, GError **error)
{
	g_autofree char *out = vf_git(bisect->work, error, "checkout", "--quiet", "--force",
				      "--detach", commit, NULL);

	return out && test(bisect, purpose, commit, verdict, error);
}

static gboolean check_end(Bisect *bisect, const char *commit, VfBisectVerdict wanted,
			  GError **error)
{
	VfBisectVerdict verdict;

	if (!test_commit(bisect, "end", commit, &verdict, error))
		return FALSE;
	if (verdict == wanted)
		return TRUE;
	return vf_throw(error, VF_ERROR_USAGE,
			"%.12s was given as %s, but it tests %s; nothing to search", commit,
			vf_bisect_word(wanted), vf_bisect_word(verdict));
}

static void add_good(Bisect *bisect, const char *commit)
{
	g_ptr_array_insert(bisect->good, (gint)bisect->good->len - 1, g_strdup(commit));
}

/* The next commit to test, or NULL: *left says how many could not be told apart. */
static gboolean choose(Bisect *bisect, char **commit, guint *left, GError **error)
{
	g_auto(GStrv) candidates =
		vf_git_candidates(bisect->view->directory, bisect->bad,
				  (const char *const *)bisect->good->pdata, error);

	*commit = NULL;
	*left = 0;
	for (char **candidate = candidates; candidate && *candidate; candidate++) {
		(*left)++;
		if (!*commit && strcmp(*candidate, bisect->bad) &&
		    !g_hash_table_contains(bisect->skipped, *candidate))
			*commit = g_strdup(*candidate);
	}
	return candidates != NULL;
}

/* Narrows until @bad is the only candidate; *left > 1: others could not be tested. */
static gboolean search(Bisect *bisect, guint *left, GError **error)
{
	for (;;) {
		g_autofree char *commit = NULL;
		VfBisectVerdict verdict;

		if (!choose(bisect, &commit, left, error))
			return FALSE;
		if (!commit)
			return TRUE;
		note(bisect, "%u commits left", *left);
		if (!test_commit(bisect, "search", commit, &verdict, error))
			return FALSE;
		if (verdict == VF_BISECT_GOOD) {
			add_good(bisect, commit);
		} else if (verdict == VF_BISECT_BAD) {
			g_free(bisect->bad);
			bisect->bad = g_steal_pointer(&commit);
		} else {
			g_hash_table_add(bisect->skipped, g_steal_pointer(&commit));
		}
	}
}

static gboolean confirm(Bisect *bisect, const char *commit, VfBisectVerdict wanted, gboolean *sure,
			GError **error)
{
	for (int i = 0; i < CONFIRMATIONS && *sure; i++) {
		VfBisectVerdict verdict;

		if (!test_commit(bisect, "confirm", commit, &verdict, error))
			return FALSE;
		*sure = verdict == wanted;
	}
	return TRUE;
}

/* Does the bad end pass without the commit? *answer is a clause of the outcome. */
static gboolean revert(Bisect *bisect, char **answer, GError **error)
{
	g_autofree char *checkout = vf_git(bisect->work, error, "checkout", "--quiet", "--force",
					   "--detach", bisect->bad_end, NULL);
	g_autofree char *reverted = NULL;
	VfBisectVerdict verdict;

	if (!checkout)
		return FALSE;
	reverted = vf_git(bisect->work, NULL, "revert", "--no-edit", bisect->bad, NULL);
	if (!reverted) {
		g_free(vf_git(bisect->work, NULL, "revert", "--abort", NULL));
		*answer = g_strdup("it cannot be reverted on the bad end");
		return TRUE;
	}
	if (!test(bisect, "revert", bisect->bad, &verdict, error))
		return FALSE;
	*answer = g_strdup_printf("the bad end without it tests %s", vf_bisect_word(verdict));
	return TRUE;
}

static gboolean finish(Bisect *bisect, const char *outcome, gboolean found, gboolean named,
		       GError **error)
{
	g_autofree char *subject = named ? vf_git(bisect->view->directory, NULL, "show",
						  "--no-patch", "--format=%s", bisect->bad, NULL)
					 : NULL;

	note(bisect, "%s", outcome);
	return vf_db_bisect_end(bisect->db, bisect->id, outcome, found, named ? bisect->bad : NULL,
				subject, error);
}

static gboolean confirm_boundary(Bisect *bisect, GError **error)
{
	g_autofree char *before = g_strconcat(bisect->bad, "^", NULL);
	g_autofree char *parent = vf_git_commit(bisect->view->directory, before, error);
	g_autofree char *clause = NULL, *outcome = NULL;
	gboolean sure = TRUE;

	if (!parent || !confirm(bisect, bisect->bad, VF_BISECT_BAD, &sure, error) ||
	    !confirm(bisect, parent, VF_BISECT_GOOD, &sure, error))
		return FALSE;
	if (!sure)
		return finish(bisect, "the boundary did not hold when it was tested again", FALSE,
			      TRUE, error);
	if (!revert(bisect, &clause, error))
		return FALSE;
	outcome =
		g_strdup_printf("first bad commit, confirmed %d times; %s", CONFIRMATIONS, clause);
	return finish(bisect, outcome, TRUE, TRUE, error);
}

static gboolean run(Bisect *bisect, GError **error)
{
	g_autofree char *outcome = NULL;
	guint left;

	if (!check_end(bisect, bisect->good_end, VF_BISECT_GOOD, error) ||
	    !check_end(bisect, bisect->bad_end, VF_BISECT_BAD, error) ||
	    !search(bisect, &left, error))
		return FALSE;
	if (left == 1)
		return confirm_boundary(bisect, error);
	outcome = g_strdup_printf("one of %u commits; the others could not be tested", left);
	return finish(bisect, outcome, FALSE, FALSE, error);
}

/* The commit that the user calls @revision. */
static char *find_commit(const Bisect *bisect, const char *revision, GError **error)
{
	g_autofree char *escaped = vf_text_escape(revision, -1, 80);
	char *commit = vf_git_commit(bisect->view->directory, revision, NULL);

	if (!commit)
		vf_throw(error, VF_ERROR_USAGE, "%s: no commit \"%s\"", bisect->options->tree,
			 escaped);
	return commit;
}

static gboolean resolve_ends(Bisect *bisect, GError **error)
{
	const VfBisectOptions *options = bisect->options;
	g_autofree char *base = NULL;

	bisect->view = vf_git_view_new(options->tree, error);
	if (!bisect->view)
		return FALSE;
	bisect->good_end = find_commit(bisect, options->good, error);
	bisect->bad_end = bisect->good_end ? find_commit(bisect, options->bad, error) : NULL;
	if (!bisect->bad_end)
		return FALSE;
	base = vf_git(bisect->view->directory, NULL, "merge-base", bisect->good_end,
		      bisect->bad_end, NULL);
	if (g_strcmp0(base, bisect->good_end) || !strcmp(bisect->good_end, bisect->bad_end))
		return vf_throw(error, VF_ERROR_USAGE,
				"%s: the good commit %.12s does not come before the bad one %.12s",
				options->tree, bisect->good_end, bisect->bad_end);
	bisect->bad = g_strdup(bisect->bad_end);
	return TRUE;
}

static gboolean make_work_tree(Bisect *bisect, GError **error)
{
	const char *tree = bisect->view->directory;
	g_autofree char *work = g_build_filename(vf_dirs_cache(), "bisect", "tree", NULL);
	g_autofree char *pruned = NULL, *added = NULL;

	if (!vf_dirs_remove(work, error))
		return FALSE;
	pruned = vf_git(tree, error, "worktree", "prune", NULL);
	added = pruned ? vf_git(tree, error, "worktree", "add", "--quiet", "--detach", "--force",
				work, bisect->good_end, NULL)
		       : NULL;
	if (!added)
		return FALSE;
	bisect->work = g_steal_pointer(&work);
	return TRUE;
}

/* Two bisections would share the work tree. */
static VfLock *take_lock(GError **error)
{
	g_autofree char *directory = g_build_filename(vf_dirs_cache(), "bisect", NULL);
	g_autofree char *path = g_build_filename(directory, "lock", NULL);
	g_autoptr(GError) local = NULL;
	VfLock *lock;

	if (!vf_dirs_make(directory, error))
		return NULL;
	lock = vf_lock_try(path, VF_LOCK_EXCLUSIVE, &local);
	if (!lock && !local)
		return vf_throw_null(error, VF_ERROR_HARNESS, "another bisection is running");
	if (local)
		g_propagate_error(error, g_steal_pointer(&local));
	return lock;
}

gint64 vf_bisect(VfDb *db, const VfBisectOptions *options, GError **error)
{
	g_auto(Bisect) bisect = {.db = db, .options = options};
	g_autoptr(VfLock) lock = take_lock(error);
	VfBisectRecord record = {.arch = options->arch,
				 .job = options->job,
				 .variant = options->variant,
				 .tree = options->tree};

	if (!lock || !resolve_ends(&bisect, error) || !make_work_tree(&bisect, error))
		return 0;
	bisect.skipped = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	bisect.good = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(bisect.good, g_strdup(bisect.good_end));
	g_ptr_array_add(bisect.good, NULL);
	record.good = bisect.good_end;
	record.bad = bisect.bad_end;
	bisect.id = vf_db_bisect_begin(db, &record, error);
	return bisect.id && run(&bisect, error) ? bisect.id : 0;
}
