// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run-series.h"

#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/cli.h"
#include "mail/compose.h"
#include "mail/filter.h"
#include "mail/load.h"
#include "mail/trial.h"

static void say(const char *line, G_GNUC_UNUSED gpointer data)
{
	g_autofree char *escaped = vf_text_escape(line, -1, 400);

	g_printerr("%s\n", escaped);
}

static void replace(char **member, const char *value)
{
	if (!value)
		return;
	g_free(*member);
	*member = g_strdup(value);
}

static VfMailPolicy *make_policy(const VfSeriesRun *run, GError **error)
{
	VfMailPolicy *policy = vf_mail_policy_load(NULL, error);

	if (!policy)
		return NULL;
	replace(&policy->variant, run->variant);
	replace(&policy->boards, run->boards);
	return policy;
}

/* What the user did not choose, mail/filter.json does; where no rule is met, all. */
static gboolean choose(const VfSeriesRun *run, const VfSeries *series, char **archs, char **jobs,
		       GError **error)
{
	g_autoptr(VfMailFilter) filter = vf_mail_filter_load(vf_dirs_data(), NULL, error);
	g_auto(VfConcern) concern = {0};

	if (!filter)
		return FALSE;
	vf_mail_filter_match(filter, (const char *const *)series->paths,
			     (const char *const *)series->prefixes, &concern);
	*archs = run->archs	  ? g_strdup(run->archs)
		 : *concern.archs ? g_strjoinv(",", concern.archs)
				  : g_strdup("all");
	*jobs = run->jobs	? g_strdup(run->jobs)
		: *concern.jobs ? g_strjoinv(",", concern.jobs)
				: g_strdup("all");
	return TRUE;
}

static json_t *trial_json(const VfSeries *series, const VfTrial *trial)
{
	return json_pack("{s:s, s:o, s:s*, s:s*, s:s*, s:s*, s:I, s:s*, s:O*, s:O*, s:O*}",
			 "outcome", vf_outcome_name(trial->outcome), "series",
			 vf_series_json(series), "tree", trial->tree_name, "base", trial->base,
			 "base_note", trial->base_note, "support", trial->support, "patch",
			 (json_int_t)trial->patch, "problem", trial->problem, "base_run",
			 trial->base_run, "patched_run", trial->patched_run, "comparison",
			 trial->comparison);
}

static int status_of(VfOutcomeKind outcome)
{
	switch (outcome) {
	case VF_OUTCOME_PASSED:
	case VF_OUTCOME_BASE_BROKEN:
		return VF_EXIT_PASS;
	case VF_OUTCOME_BROKEN:
	case VF_OUTCOME_NOT_APPLIED:
		return VF_EXIT_FAIL;
	default:
		return VF_EXIT_BROKEN;
	}
}

static const char *run_id(const json_t *results)
{
	return json_string_value(json_object_get(json_object_get(results, "run"), "id"));
}

/* The text of the answer that the bot would send, and where the evidence is. */
static void print_text(const VfSeries *series, const VfTrial *trial, const VfMailPolicy *policy)
{
	const VfReply reply = vf_reply_of(series, trial, policy);
	g_autofree char *text =
		trial->outcome == VF_OUTCOME_UNJUDGED ? NULL : vf_compose_text(&reply, policy);
	g_autofree char *problem = vf_text_escape(trial->problem ?: "", -1, 400);

	g_print("%s", text ?: "");
	if (!text)
		g_print("No verdict%s%s\n", *problem ? ": " : "", problem);
	if (trial->base_run && trial->patched_run)
		g_print("\norchestrator compare %s %s\n", run_id(trial->base_run),
			run_id(trial->patched_run));
}

static gboolean print(const VfSeriesRun *run, const VfSeries *series, const VfTrial *trial,
		      const VfMailPolicy *policy, GError **error)
{
	json_auto_t *json = run->json || run->output ? trial_json(series, trial) : NULL;
	g_autofree char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	g_autofree char *file = text ? g_strconcat(text, "\n", NULL) : NULL;

	if ((run->json || run->output) && !file)
		return vf_throw(error, VF_ERROR_DATA,
				"%s: the results cannot be JSON: its name is not UTF-8",
				run->linux_tree);
	if (run->output && !vf_dirs_write(run->output, file, -1, error))
		return FALSE;
	if (run->json)
		g_print("%s", file);
	else
		print_text(series, trial, policy);
	return TRUE;
}

/* Where the patches of the series are kept. */
static char *directory_of(const VfSeries *series)
{
	g_autofree char *name = vf_series_directory_name(series);

	return g_build_filename(vf_dirs_state(), "series", name, NULL);
}

static VfTrial *try_series(const VfSeriesRun *run, const VfMailPolicy *policy,
			   const VfSeries *series, GError **error)
{
	g_autofree char *directory = directory_of(series);
	g_autofree char *database = g_build_filename(vf_dirs_state(), "results.db", NULL);
	g_autofree char *archs = NULL, *jobs = NULL;
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(VfDb) db = NULL;
	VfTrialTask task = {
		.series = series,
		.directory = directory,
		.quiet = run->json,
		.search = TRUE,
		.say = say,
	};

	if (!choose(run, series, &archs, &jobs, error) || !vf_dirs_make(directory, error))
		return NULL;
	task.archs = archs;
	task.jobs = jobs;
	db = vf_db_open(database, error);
	tree = db ? vf_mail_tree_open(run->linux_tree, error) : NULL;
	return tree ? vf_trial_new(policy, db, tree, &task, error) : NULL;
}

gboolean vf_cli_run_series(const VfSeriesRun *run, int *status, GError **error)
{
	g_autoptr(VfMailParser) parser = vf_mail_parser_new(NULL, NULL);
	g_autoptr(VfMailPolicy) policy = NULL;
	g_autoptr(VfSeries) series = NULL;
	g_autoptr(VfTrial) trial = NULL;

	if (!run->linux_tree)
		return vf_throw(
			error, VF_ERROR_USAGE,
			"--series: needs --linux, a git tree that the series is applied to");
	policy = make_policy(run, error);
	series = policy ? vf_series_load(run->series, run->message_id, parser, say, NULL, error)
			: NULL;
	trial = series ? try_series(run, policy, series, error) : NULL;
	if (!trial || !print(run, series, trial, policy, error))
		return FALSE;
	*status = status_of(trial->outcome);
	return TRUE;
}
