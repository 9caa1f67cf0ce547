// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/trial.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "mail/farm.h"
#include "results-db/questions.h"

void vf_trial_free(VfTrial *trial)
{
	if (!trial)
		return;
	vf_findings_free(trial->findings);
	json_decref(trial->base_run);
	json_decref(trial->patched_run);
	json_decref(trial->comparison);
	g_free(trial->tree_name);
	g_free(trial->base);
	g_free(trial->base_note);
	g_free(trial->problem);
	g_free(trial);
}

/* What a trial works with. */
typedef struct Work {
	const VfMailPolicy *policy;
	VfDb *db;
	VfMailTree *tree;
	const VfTrialTask *task;
	VfTrial *trial;
	VfVariant *variant;
	VfSupport support;
	VfApplied applied;
	gboolean base_stranger; /* nobody whom we trust decides what the base holds */
	char *onto; /* the commit that the series lies on: base or support, and prerequisites */
} Work;

static void work_clear(Work *work)
{
	vf_variant_free(work->variant);
	vf_support_clear(&work->support);
	vf_applied_clear(&work->applied);
	g_free(work->onto);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static void say(const Work *work, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void say(const Work *work, const char *format, ...)
{
	g_autofree char *line = NULL;
	va_list args;

	if (!work->task->say)
		return;
	va_start(args, format);
	line = g_strdup_vprintf(format, args);
	va_end(args);
	work->task->say(line, work->task->data);
}

static void stage(const Work *work, const char *what)
{
	if (work->task->stage)
		work->task->stage(what, work->task->data);
}

/* The commit that was asked for, if it may be the base; otherwise NULL and a note. */
static char *take_base(Work *work, const char *asked)
{
	g_autofree char *commit = vf_mail_tree_commit(work->tree, asked);
	VfBaseTrust trust = commit ? vf_mail_tree_trust(work->tree, commit, work->policy->trusted)
				   : VF_BASE_LOOSE;

	if (trust == VF_BASE_LOOSE) {
		work->trial->base_note =
			g_strdup_printf("The base that was named, %.12s, is %s.", asked,
					commit ? "on no branch of that tree" : "not in that tree");
		return NULL;
	}
	work->base_stranger = trust == VF_BASE_FOREIGN;
	if (work->base_stranger)
		say(work, "the base %.12s is on no trusted branch: built as a stranger's", commit);
	return g_steal_pointer(&commit);
}

/* The commit to begin with, in the order: command, base-commit, HEAD of the tree. */
static char *choose_base(Work *work, GError **error)
{
	const char *asked = work->task->base ?: work->task->series->base_commit;
	g_autofree char *commit = asked ? take_base(work, asked) : NULL;

	work->trial->base_stated = commit != NULL;
	if (commit)
		return g_steal_pointer(&commit);
	commit = vf_mail_tree_commit(work->tree, NULL);
	if (!commit)
		vf_throw(error, VF_ERROR_USAGE, "the tree has no commit");
	return g_steal_pointer(&commit);
}

static gboolean above(const Work *work)
{
	return !strcmp(work->policy->support, "above");
}

/* Nothing that a mail could say: the trial ends here, the operator reads why. */
static gboolean unjudged(Work *work, char *problem)
{
	work->trial->outcome = VF_OUTCOME_UNJUDGED;
	work->trial->problem = problem;
	return TRUE;
}

/* Takes those of @wanted (patch ids) from @series that it has. */
static void take_prerequisites(Work *work, const VfSeries *series, GHashTable *found)
{
	for (guint i = 0; i < series->patches->len; i++) {
		const VfMessage *patch = series->patches->pdata[i];
		g_autofree char *id =
			patch && patch->text ? vf_mail_tree_patch_id(work->tree, patch) : NULL;

		if (id)
			g_hash_table_insert(found, g_steal_pointer(&id), (gpointer)patch);
	}
}

/* The mails of the prerequisites in their order; NULL when one of them is not known. */
static GPtrArray *find_prerequisites(Work *work)
{
	const VfSeries *series = work->task->series;
	g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) mails = g_ptr_array_new();

	for (guint i = 0; work->task->candidates && i < work->task->candidates->len; i++)
		if (work->task->candidates->pdata[i] != series)
			take_prerequisites(work, work->task->candidates->pdata[i], found);
	for (char **id = series->prerequisites; *id; id++) {
		gpointer mail = g_hash_table_lookup(found, *id);

		if (!mail)
			return NULL;
		g_ptr_array_add(mails, mail);
	}
	return g_steal_pointer(&mails);
}

/*
 * Puts the prerequisites on @work->onto. Those that are not known are left out: the tree may have
 * them in another form, which shows when the series applies.
 */
static gboolean add_prerequisites(Work *work, GError **error)
{
	g_autoptr(GPtrArray) mails = NULL;
	g_auto(VfApplied) applied = {0};

	if (!*work->task->series->prerequisites)
		return TRUE;
	mails = find_prerequisites(work);
	if (!mails) {
		work->trial->base_note =
			g_strdup("Not all of its prerequisite patches are known here.");
		work->trial->base_stated = FALSE;
		return TRUE;
	}
	if (!vf_mail_tree_apply_mails(work->tree, work->onto, mails, &applied, error))
		return FALSE;
	if (applied.problem) {
		work->trial->base_note =
			g_strdup_printf("Its prerequisite patches do not apply there: %s",
					applied.problem);
		work->trial->base_stated = FALSE;
	} else if (applied.commits->len) {
		g_free(work->onto);
		work->onto = g_strdup(applied.commits->pdata[applied.commits->len - 1]);
	}
	return TRUE;
}

/* Does the series fail on its own base as well, or is it our patches that are in its way? */
static gboolean judge_conflict(Work *work, GError **error)
{
	g_auto(VfApplied) plain = {0};
	const VfApplied *shown = &work->applied;

	if (strcmp(work->onto, work->support.base)) {
		if (!vf_mail_tree_apply(work->tree, work->support.base, work->task->series, &plain,
					error))
			return FALSE;
		if (!plain.problem)
			return unjudged(work,
					g_strdup_printf("patch %u conflicts with the patches "
							"of variant %s: %s",
							work->applied.failed, work->policy->variant,
							work->applied.problem));
		shown = &plain;
	}
	work->trial->problem = g_strdup(shown->problem);
	work->trial->patch = shown->failed;
	work->trial->support = "none";
	work->trial->outcome = shown->refused ? VF_OUTCOME_UNJUDGED : VF_OUTCOME_NOT_APPLIED;
	return TRUE;
}

/* Whether our patches go on top of the series. */
static gboolean check_above(Work *work, gboolean *fits, GError **error)
{
	const char *tip = work->applied.commits->pdata[work->applied.commits->len - 1];
	g_auto(VfSupport) support = {0}, back = {0};

	*fits = TRUE;
	if (!above(work) || work->support.in_tree)
		return TRUE;
	/* the base becomes HEAD again */
	if (!vf_mail_tree_base(work->tree, tip, work->variant, &support, error) ||
	    !vf_mail_tree_base(work->tree, work->support.base, work->variant, &back, error))
		return FALSE;
	*fits = !support.problem;
	return *fits || unjudged(work, g_strdup_printf("the patches of variant %s do not apply on "
						       "top of it: %s",
						       work->policy->variant, support.problem));
}

/* What leads from the farm's own part of the tree to @commit, as a file; caller frees. */
static char *write_patch(Work *work, const char *name, const char *commit, GError **error)
{
	g_autofree char *path = g_build_filename(work->task->directory, name, NULL);
	const char *from = above(work) ? work->support.base : work->support.commit;

	return vf_mail_tree_diff(work->tree, from, commit, path, error) ? g_steal_pointer(&path)
									: NULL;
}

/* The patch that the build of the first @count patches gets; caller frees. */
static char *write_prefix(Work *work, guint count, GError **error)
{
	g_autofree char *name = g_strdup_printf("%04u.patch", count);

	return write_patch(work, name, work->applied.commits->pdata[count - 1], error);
}

/* Prerequisites are strangers' as well, and belong to the base. FALSE with an error only. */
static gboolean write_base(Work *work, char **path, GError **error)
{
	const char *from = above(work) ? work->support.base : work->support.commit;

	if (!strcmp(from, work->onto))
		return TRUE;
	*path = write_patch(work, "base.patch", work->onto, error);
	return *path != NULL;
}

static json_t *farm_run(Work *work, const char *patch, const VfFinding *only, const char *id,
			const char *what, GError **error)
{
	const VfMailRun run = {
		.repository = vf_mail_tree_repository(work->tree),
		.archs = only ? only->arch : work->task->archs,
		.boards = only && only->board ? only->board : work->policy->boards,
		.jobs = only && only->job ? only->job : work->task->jobs,
		.patch = patch,
		.support = work->trial->support,
		.stranger = work->base_stranger,
		.message_id = id,
		.what = what,
		.quiet = work->task->quiet,
	};

	return vf_mail_farm_run(work->policy, work->db, &run, error);
}

static const char *run_id(const json_t *results)
{
	return json_string_value(json_object_get(json_object_get(results, "run"), "id"));
}

static gboolean run_both(Work *work, GError **error)
{
	VfTrial *trial = work->trial;
	g_autofree char *patch = write_prefix(work, work->applied.commits->len, error);
	g_autofree char *below = NULL;
	g_autofree char *base = g_strdup_printf("base of <%s>", work->task->series->id);
	g_autofree char *series = g_strdup_printf("series <%s>", work->task->series->id);

	if (!patch || !write_base(work, &below, error))
		return FALSE;
	stage(work, "running its base");
	trial->base_run = farm_run(work, below, NULL, NULL, base, error);
	if (!trial->base_run)
		return FALSE;
	stage(work, "running it");
	trial->patched_run = farm_run(work, patch, NULL, work->task->series->id, series, error);
	if (!trial->patched_run)
		return FALSE;
	trial->comparison = vf_db_compare_json(work->db, run_id(trial->base_run),
					       run_id(trial->patched_run), error);
	if (!trial->comparison)
		return FALSE;
	trial->findings = vf_findings_new(trial->base_run, trial->patched_run, trial->comparison);
	trial->outcome = trial->findings->outcome;
	return TRUE;
}

typedef enum { PREFIX_GOOD, PREFIX_BAD, PREFIX_SILENT } PrefixVerdict;

static PrefixVerdict prefix_verdict(const json_t *results, const VfFinding *finding)
{
	const char *list = finding->job ? "tests" : "builds", *status;
	const json_t *first = json_array_get(json_object_get(results, list), 0);

	status = json_string_value(json_object_get(first, "status")) ?: "";
	if (json_is_true(json_object_get(first, "flaky")))
		return PREFIX_SILENT;
	return !strcmp(status, "PASS")	 ? PREFIX_GOOD
	       : !strcmp(status, "FAIL") ? PREFIX_BAD
					 : PREFIX_SILENT;
}

/* The first patch with which @finding is there: bisection of the prefixes of the series. */
static gboolean find_patch(Work *work, VfFinding *finding, guint64 *runs, GError **error)
{
	guint good = 0, bad = work->applied.commits->len;
	/* a build is asked for by the cheapest job */
	VfFinding only = *finding;

	while (bad - good > 1 && *runs) {
		guint middle = good + (bad - good) / 2;
		g_autofree char *what =
			g_strdup_printf("patches 1 to %u of <%s>", middle, work->task->series->id);
		g_autofree char *patch = write_prefix(work, middle, error);
		json_auto_t *results = NULL;
		PrefixVerdict verdict;

		(*runs)--;
		if (!only.job)
			only.job = "boot";
		results = patch ? farm_run(work, patch, &only, NULL, what, error) : NULL;
		if (!results)
			return FALSE;
		verdict = prefix_verdict(results, finding);
		say(work, "%s: %s", what,
		    verdict == PREFIX_GOOD  ? "good"
		    : verdict == PREFIX_BAD ? "bad"
					    : "no verdict");
		if (verdict == PREFIX_SILENT)
			return TRUE;
		*(verdict == PREFIX_BAD ? &bad : &good) = middle;
	}
	if (bad - good == 1)
		finding->patch = bad;
	return TRUE;
}

/* The answer goes to the first patch that breaks anything. */
static gboolean find_patches(Work *work, GError **error)
{
	guint64 runs = work->task->search ? work->policy->bisect_runs : 0;
	GPtrArray *broken = work->trial->findings->broken;

	if (broken->len)
		stage(work, VF_TRIAL_SEARCHING);
	for (guint i = 0; i < broken->len; i++) {
		VfFinding *finding = broken->pdata[i];

		if (!find_patch(work, finding, &runs, error))
			return FALSE;
		if (finding->patch && (!work->trial->patch || finding->patch < work->trial->patch))
			work->trial->patch = finding->patch;
	}
	return TRUE;
}

static gboolean place(Work *work, GError **error)
{
	g_autofree char *base = NULL;

	stage(work, "applying it");
	base = choose_base(work, error);
	if (!base)
		return FALSE;
	work->trial->base = vf_mail_tree_describe(work->tree, base);
	if (!vf_mail_tree_base(work->tree, base, work->variant, &work->support, error))
		return FALSE;
	work->trial->support = work->support.in_tree	      ? "tree"
			       : !work->variant->patches->len ? "tree"
							      : work->policy->support;
	if (!work->support.commit && !above(work))
		return unjudged(work,
				g_strdup_printf("the patches of variant %s do not apply to "
						"the base: %s",
						work->policy->variant, work->support.problem));
	work->onto = g_strdup(above(work) ? base : work->support.commit);
	return add_prerequisites(work, error) &&
	       vf_mail_tree_apply(work->tree, work->onto, work->task->series, &work->applied,
				  error);
}

static gboolean try_it(Work *work, GError **error)
{
	gboolean fits;

	if (!place(work, error))
		return FALSE;
	if (work->trial->problem)
		return TRUE;
	if (work->applied.problem)
		return judge_conflict(work, error);
	if (!check_above(work, &fits, error))
		return FALSE;
	if (!fits)
		return TRUE;
	say(work, "testing on %s", work->trial->base);
	return run_both(work, error) && find_patches(work, error);
}

VfTrial *vf_trial_new(const VfMailPolicy *policy, VfDb *db, VfMailTree *tree,
		      const VfTrialTask *task, GError **error)
{
	g_autoptr(VfTrial) trial = g_new0(VfTrial, 1);
	g_auto(Work)
		work = {.policy = policy, .db = db, .tree = tree, .task = task, .trial = trial};

	trial->support = "none";
	trial->tree_name = g_strdup(vf_mail_tree_name(tree));
	work.variant = vf_variant_load(vf_dirs_data(), policy->variant, error);
	if (!work.variant || !vf_dirs_make(task->directory, error))
		return NULL;
	return try_it(&work, error) ? g_steal_pointer(&trial) : NULL;
}
