// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/bot.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/sandbox.h"
#include "mail/diary.h"
#include "mail/filter.h"
#include "mail/inbox.h"
#include "mail/posts.h"
#include "mail/queue.h"
#include "mail/trial.h"

/* What an attempt does behind its trial. */
#define POSTING	  "posting its results"
#define ANSWERING "writing its answer"

typedef struct Bot {
	const VfMailBotOptions *options;
	const VfMailPolicy *policy;
	VfMailBotSummary *summary;
	char *scratch;	/* directory of a dry run's inbox, or NULL */
	VfDb *results;	/* of the farm */
	VfDb *inbox_db; /* the same, but in a dry run over a file */
	VfMailParser *parser;
	VfInbox *inbox;
	VfMailFilter *filter;
	VfMailTree *tree; /* opened for the first series that needs it */
	VfMailQueue *queue;
	VfMailDiary *diary;
	GPtrArray *series;   /* of VfSeries: all that are not concluded */
	const char *attempt; /* key of what is attempted, or NULL */
	char *died;	     /* what its attempt before was doing when the bot ended, or NULL */
	gboolean unfinished; /* the attempt ended without a result, and another is to come */
} Bot;

static void bot_clear(Bot *bot)
{
	g_clear_pointer(&bot->series, g_ptr_array_unref);
	vf_mail_diary_free(bot->diary);
	vf_mail_queue_free(bot->queue);
	vf_mail_tree_free(bot->tree);
	vf_mail_filter_free(bot->filter);
	vf_inbox_free(bot->inbox);
	vf_mail_parser_free(bot->parser);
	if (bot->inbox_db != bot->results)
		vf_db_close(bot->inbox_db);
	vf_db_close(bot->results);
	if (bot->scratch)
		vf_dirs_remove(bot->scratch, NULL);
	g_free(bot->scratch);
	g_free(bot->died);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bot, bot_clear)

static void say(const Bot *bot, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void say(const Bot *bot, const char *format, ...)
{
	g_autofree char *line = NULL, *escaped = NULL;
	va_list args;

	va_start(args, format);
	line = g_strdup_vprintf(format, args);
	va_end(args);
	escaped = vf_text_escape(line, -1, 0);
	bot->options->say(escaped, bot->options->data);
}

static void on_line(const char *line, gpointer data)
{
	say(data, "%s", line);
}

static gboolean dry(const Bot *bot)
{
	return bot->options->dry_run || !strcmp(bot->policy->mode, "dry-run");
}

static gboolean conclude(Bot *bot, const VfSeries *series, const char *outcome, GError **error)
{
	say(bot, "%s (v%u): %s", series->title, series->version, outcome);
	bot->summary->concluded++;
	return vf_inbox_conclude(bot->inbox, series, outcome, error);
}

/* Which mails there are, by outcome; the words of the policy's "when". */
static gboolean wanted(const VfMailPolicy *policy, VfOutcomeKind outcome)
{
	const char *const answers[] = {
		[VF_OUTCOME_PASSED] = policy->when.success,
		[VF_OUTCOME_BROKEN] = policy->when.broken,
		[VF_OUTCOME_BASE_BROKEN] = policy->when.base_broken,
		[VF_OUTCOME_FLAKY] = policy->when.flaky,
		[VF_OUTCOME_UNJUDGED] = "silent",
		[VF_OUTCOME_NOT_APPLIED] = policy->when.not_applied,
		[VF_OUTCOME_INCOMPLETE] = policy->when.incomplete,
	};

	return strcmp(answers[outcome], "silent") != 0;
}

/* A list that wants no answers of ours. */
static gboolean is_quiet(const VfMailPolicy *policy, const VfMessage *mail)
{
	for (char **list = policy->reply.quiet_lists; *list; list++)
		if (g_strv_contains((const char *const *)mail->lists, *list))
			return TRUE;
	return FALSE;
}

/* Why @reply is not sent, one clause; NULL: it is. An error leaves it unset as well. */
static char *silence(Bot *bot, const VfReply *reply, GStrv recipients, GError **error)
{
	const VfMessage *parent = vf_series_parent(reply->series, reply->patch);

	if (!wanted(bot->policy, reply->outcome))
		return g_strdup("no mail about that (policy)");
	if (parent->automatic)
		return g_strdup("no mail to a program");
	if (is_quiet(bot->policy, parent))
		return g_strdup("no mail to that list (policy)");
	if (!recipients[0])
		return g_strdup("nobody to answer to");
	return vf_mail_queue_full(bot->queue, bot->policy, recipients[0], error);
}

/* Keeps a dry run's answer where it can be looked at: vf_dirs_state()/mail/dry-run/. */
static gboolean keep_dry(Bot *bot, const VfLetter *letter, GError **error)
{
	g_autofree char *directory = g_build_filename(vf_dirs_state(), "mail", "dry-run", NULL);
	g_autofree char *name = g_strdup_printf("%.12s.eml", letter->key);
	g_autofree char *path = g_build_filename(directory, name, NULL);

	bot->options->answer(letter->body, bot->options->data);
	return vf_dirs_make(directory, error) && vf_dirs_write(path, letter->body, -1, error);
}

static gboolean open_tree(Bot *bot, GError **error)
{
	const char *path = bot->options->tree ?: bot->policy->tree;

	if (bot->tree)
		return TRUE;
	if (!path)
		return vf_throw(error, VF_ERROR_USAGE,
				"no tree to test on: --tree, or \"tree\" in the policy file");
	bot->tree = vf_mail_tree_open(path, error);
	return bot->tree != NULL;
}

/* Whom an answer may go to besides its author. Without a tree, nobody. */
static GHashTable *find_named(Bot *bot, const VfSeries *series)
{
	GHashTable *named = NULL;

	if (strcmp(bot->policy->reply.cc, "maintainers"))
		return NULL;
	if (open_tree(bot, NULL))
		named = vf_mail_tree_named(bot->tree, series->paths);
	if (!named)
		say(bot, "no copies: the tree has no MAINTAINERS");
	return named;
}

/* The answer is on disk when this returns. */
static gboolean answer(Bot *bot, VfReply *reply, const char *again, GError **error)
{
	g_autofree char *id = vf_mail_queue_message_id(bot->policy->reply.address);
	g_autoptr(GHashTable) named = find_named(bot, reply->series);
	g_auto(GStrv) recipients = NULL;
	g_autofree char *text = NULL, *why = NULL;
	g_autoptr(VfLetter) letter = NULL;
	g_autoptr(GError) local = NULL;
	gboolean added;
	guint left_out;

	reply->named = named;
	recipients = vf_compose_recipients(reply, bot->policy, &left_out);
	if (left_out)
		say(bot, "%u recipients get no copy (recipients_max)", left_out);
	why = silence(bot, reply, recipients, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (why) {
		say(bot, "%s: %s", vf_outcome_name(reply->outcome), why);
		return TRUE;
	}
	reply->message_id = id;
	reply->date = g_get_real_time() / G_USEC_PER_SEC;
	text = vf_compose(reply, bot->policy);
	letter = vf_mail_queue_letter(reply, bot->policy, text, recipients, again);
	bot->summary->answered++;
	if (dry(bot))
		return keep_dry(bot, letter, error);
	return vf_mail_queue_add(bot->queue, letter, !strcmp(bot->policy->mode, "send"), &added,
				 error);
}

/* What is done of the attempt from here on. An error shows again with the next write. */
static void on_stage(const char *stage, gpointer data)
{
	Bot *bot = data;

	vf_mail_diary_stage(bot->diary, bot->attempt, stage, NULL);
}

static VfTrial *try_series(Bot *bot, const VfSeries *series, const VfConcern *concern,
			   const char *base, GError **error)
{
	g_autofree char *archs = g_strjoinv(",", concern->archs);
	g_autofree char *jobs = g_strjoinv(",", concern->jobs);
	g_autofree char *name = vf_series_directory_name(series);
	g_autofree char *directory =
		g_build_filename(vf_dirs_state(), "mail", "series", name, NULL);
	const VfTrialTask task = {
		.series = series,
		.candidates = bot->series,
		.base = base,
		.archs = archs,
		.jobs = jobs,
		.directory = directory,
		.quiet = bot->options->quiet,
		.search = bot->policy->bisect_runs && g_strcmp0(bot->died, VF_TRIAL_SEARCHING) != 0,
		.say = on_line,
		.stage = on_stage,
		.data = bot,
	};

	return open_tree(bot, error)
		       ? vf_trial_new(bot->policy, bot->results, bot->tree, &task, error)
		       : NULL;
}

static gboolean report(Bot *bot, const VfSeries *series, const VfTrial *trial, const char *again,
		       GError **error)
{
	VfReply reply = vf_reply_of(series, trial, bot->policy);

	if (trial->problem)
		say(bot, "%s: %s", vf_outcome_name(trial->outcome), trial->problem);
	/* on a base that nobody named, a series need not apply */
	if (trial->outcome == VF_OUTCOME_NOT_APPLIED && !trial->base_stated) {
		say(bot, "no mail: nobody said that it applies there");
		return TRUE;
	}
	return answer(bot, &reply, again, error);
}

/* What the outside gets besides mail. Its troubles are said; they do not stop the bot. */
static void post(Bot *bot, const VfSeries *series, const VfTrial *trial)
{
	g_autoptr(GError) error = NULL;

	if (dry(bot) || !trial->patched_run || !*bot->policy->post)
		return;
	if (!g_strcmp0(bot->died, POSTING)) {
		say(bot, "not posted: the attempt before ended with it");
		return;
	}
	on_stage(POSTING, bot);
	if (!vf_mail_posts_write(bot->policy, series, trial->patched_run, &error))
		say(bot, "cannot post: %s", error->message);
}

/* Errors that the next series would meet as well. */
static gboolean is_fatal(const GError *error)
{
	static const gint codes[] = {VF_ERROR_USAGE, VF_ERROR_CANCELLED, VF_ERROR_IO,
				     VF_ERROR_MISSING};

	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
		if (g_error_matches(error, VF_ERROR, codes[i]))
			return TRUE;
	return FALSE;
}

/* The attempt ended with @problem: another one follows, or none. */
static gboolean fail(Bot *bot, const VfSeries *series, const GError *problem, GError **error)
{
	g_autofree char *outcome = NULL;

	if (!vf_mail_diary_failed(bot->diary, bot->attempt, problem->message, error))
		return FALSE;
	if (vf_mail_diary_attempts(bot->diary, bot->attempt) < VF_MAIL_TRIES_MAX) {
		say(bot, "%s; it will be tried again", problem->message);
		bot->unfinished = TRUE;
		return TRUE;
	}
	outcome = g_strdup_printf("given up: %s", problem->message);
	return conclude(bot, series, outcome, error);
}

static gboolean test(Bot *bot, VfSeries *series, const VfConcern *concern, const char *base,
		     const char *again, GError **error)
{
	g_autofree char *outcome = NULL;
	g_autoptr(VfTrial) trial = NULL;
	g_autoptr(GError) local = NULL;

	say(bot, "%s (v%u, %u patches) from %s", series->title, series->version, series->total,
	    vf_series_parent(series, 0)->from->address);
	if (series->remark)
		say(bot, "%s", series->remark);
	trial = try_series(bot, series, concern, base, &local);
	if (!trial && is_fatal(local)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!trial)
		return fail(bot, series, local, error);
	bot->summary->tested++;
	bot->summary->broken += trial->outcome == VF_OUTCOME_BROKEN;
	post(bot, series, trial);
	on_stage(ANSWERING, bot);
	outcome = g_strdup_printf("tested: %s", vf_outcome_name(trial->outcome));
	return report(bot, series, trial, again, error) && conclude(bot, series, outcome, error) &&
	       vf_mail_diary_done(bot->diary, series->id, error);
}

/* The bot, or the host, ended in the middle of all attempts. */
static char *given_up(const Bot *bot, const char *key)
{
	g_autofree char *reason = vf_mail_diary_reason(bot->diary, key);

	return g_strdup_printf("given up: %s", reason);
}

/*
 * Begins an attempt of what @key names, on disk. When there were enough, *@why says so and nothing
 * begins; caller frees it.
 */
static gboolean begin(Bot *bot, const char *key, const char *title, char **why, GError **error)
{
	/* nothing of a file that is only tried out is remembered */
	if (bot->scratch && !vf_mail_diary_done(bot->diary, key, error))
		return FALSE;
	if (vf_mail_diary_attempts(bot->diary, key) >= VF_MAIL_TRIES_MAX) {
		*why = given_up(bot, key);
		return TRUE;
	}
	g_free(bot->died);
	bot->died = g_strdup(vf_mail_diary_died(bot->diary, key));
	bot->attempt = key;
	bot->unfinished = FALSE;
	return vf_mail_diary_begin(bot->diary, key, title, error);
}

/*
 * Ends the attempt. @ok: it has a result, or a problem that is in the diary; otherwise the round
 * ends, for a reason that is not the fault of what was attempted.
 */
static gboolean end(Bot *bot, gboolean ok, GError **error)
{
	const char *key = g_steal_pointer(&bot->attempt);

	if (!ok) {
		vf_mail_diary_withdraw(bot->diary, key, NULL);
		return FALSE;
	}
	return !vf_mail_diary_died(bot->diary, key) || vf_mail_diary_done(bot->diary, key, error);
}

/* Why a complete series is not tested, one clause, or NULL. */
static char *refusal(Bot *bot, const VfSeries *series, const VfConcern *concern, GError **error)
{
	g_autofree char *before = NULL;

	if (series->opted_out)
		return g_strdup("opted out");
	if (vf_series_parent(series, 0)->automatic)
		return g_strdup("sent by a program");
	if (concern->ignored)
		return g_strdup_printf("no concern: [%s]", concern->ignored);
	if (!*concern->archs || !*concern->jobs)
		return g_strdup("no concern");
	if (series->total > bot->policy->patches_max)
		return g_strdup_printf("%u patches are more than %" G_GUINT64_FORMAT
				       " (patches_max)",
				       series->total, bot->policy->patches_max);
	if (vf_inbox_outcome(bot->inbox, series, &before, error) && before)
		return g_strdup_printf("duplicate, %s", before);
	return NULL;
}

/* Of the names in @have those that the policy's @wanted ("all" or a list) has; caller frees. */
static GStrv narrowed(GStrv have, const char *wanted_names)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) names = g_strsplit(wanted_names, ",", -1);

	for (char **name = have; *name; name++)
		if (!strcmp(wanted_names, "all") ||
		    g_strv_contains((const char *const *)names, *name))
			g_strv_builder_add(builder, *name);
	return g_strv_builder_end(builder);
}

static void match(Bot *bot, const VfSeries *series, VfConcern *concern)
{
	GStrv archs;

	vf_mail_filter_match(bot->filter, (const char *const *)series->paths,
			     (const char *const *)series->prefixes, concern);
	archs = narrowed(concern->archs, bot->policy->archs);
	g_strfreev(concern->archs);
	concern->archs = archs;
}

/* @work on @series, whose texts are read first, as an attempt of it. */
static gboolean attempt(Bot *bot, VfSeries *series,
			gboolean (*work)(Bot *, VfSeries *, const VfConcern *, GError **),
			const VfConcern *concern, GError **error)
{
	g_autofree char *why = NULL;

	if (!begin(bot, series->id, series->title, &why, error))
		return FALSE;
	if (why)
		return conclude(bot, series, why, error);
	return end(bot,
		   vf_inbox_load(bot->inbox, series, error) && work(bot, series, concern, error),
		   error);
}

static gboolean test_first(Bot *bot, VfSeries *series, const VfConcern *concern, GError **error)
{
	return test(bot, series, concern, NULL, NULL, error);
}

static gboolean take_complete(Bot *bot, VfSeries *series, GError **error)
{
	g_auto(VfConcern) concern = {0};
	g_autofree char *why = NULL;
	g_autoptr(GError) local = NULL;

	match(bot, series, &concern);
	why = refusal(bot, series, &concern, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (why)
		return conclude(bot, series, why, error);
	/* killed after the answer and before the conclusion */
	if (vf_mail_queue_has(bot->queue, series, NULL, &local) && !dry(bot))
		return conclude(bot, series, "answered before", error);
	if (vf_mail_diary_today(bot->diary) >= bot->policy->series_day) {
		say(bot, "%s: waits, enough series were tested in 24 hours (series_day)",
		    series->title);
		bot->summary->waiting++;
		return TRUE;
	}
	return attempt(bot, series, test_first, &concern, error);
}

static gboolean answer_incomplete(Bot *bot, VfSeries *series,
				  G_GNUC_UNUSED const VfConcern *concern, GError **error)
{
	VfReply reply = {.series = series, .outcome = VF_OUTCOME_INCOMPLETE, .support = "none"};

	return answer(bot, &reply, NULL, error) &&
	       conclude(bot, series, series->problem ?: "incomplete", error);
}

static gboolean take_incomplete(Bot *bot, VfSeries *series, GError **error)
{
	g_auto(VfConcern) concern = {0};

	match(bot, series, &concern);
	if (series->opted_out || !*concern.archs)
		return conclude(bot, series, "incomplete, and no concern", error);
	return attempt(bot, series, answer_incomplete, &concern, error);
}

static gboolean take_waiting(Bot *bot, VfSeries *series, G_GNUC_UNUSED GError **error)
{
	say(bot, "%s (v%u): waits for the rest of its patches", series->title, series->version);
	bot->summary->waiting++;
	return TRUE;
}

static gboolean take_hopeless(Bot *bot, VfSeries *series, GError **error)
{
	return conclude(bot, series, series->problem ?: vf_series_state_name(series->state), error);
}

static gboolean (*const takers[])(Bot *, VfSeries *, GError **) = {
	[VF_SERIES_WAITING] = take_waiting,	  [VF_SERIES_COMPLETE] = take_complete,
	[VF_SERIES_INCOMPLETE] = take_incomplete, [VF_SERIES_SUPERSEDED] = take_hopeless,
	[VF_SERIES_BROKEN] = take_hopeless,
};

static gboolean retest(Bot *bot, const VfMailCommand *command, VfSeries *series, GError **error)
{
	g_auto(VfConcern) concern = {0};

	match(bot, series, &concern);
	if (series->state != VF_SERIES_COMPLETE) {
		say(bot, "%s: %s, cannot be tested", series->title,
		    vf_series_state_name(series->state));
		return TRUE;
	}
	if (series->total > bot->policy->patches_max || !*concern.archs) {
		say(bot, "%s: too long, or no concern", series->title);
		return TRUE;
	}
	return test(bot, series, &concern, command->commit, command->id, error);
}

static gboolean obey(Bot *bot, const VfMailCommand *command, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(VfSeries) series =
		vf_inbox_find(bot->inbox, command->parent, g_get_real_time(),
			      (gint64)bot->policy->in.patience * G_USEC_PER_SEC, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!series) {
		say(bot, "command of %s: there is no series that <%s> belongs to", command->sender,
		    command->parent);
		return TRUE;
	}
	if (command->kind == VF_COMMAND_IGNORE)
		return conclude(bot, series, "ignored by command", error);
	return retest(bot, command, series, error);
}

/* A command is an attempt of its own, however often its series was tried before. */
static gboolean take_command(Bot *bot, const VfMailCommand *command, GError **error)
{
	g_autofree char *title = g_strconcat("command of ", command->sender, NULL);
	g_autofree char *why = NULL;

	if (!begin(bot, command->id, title, &why, error))
		return FALSE;
	if (why)
		say(bot, "%s: %s", title, why);
	else if (!end(bot, obey(bot, command, error), error))
		return FALSE;
	return bot->unfinished || vf_inbox_command_done(bot->inbox, command, error);
}

static void on_skip(const char *why, gpointer data)
{
	say(data, "%s", why);
}

static gboolean take_commands(Bot *bot, GError **error)
{
	g_autoptr(GPtrArray) commands =
		vf_inbox_commands(bot->inbox, &bot->policy->in.commands, on_skip, bot, error);

	for (guint i = 0; commands && i < commands->len; i++)
		if (!take_command(bot, commands->pdata[i], error))
			return FALSE;
	return commands != NULL;
}

static gboolean take_series(Bot *bot, GError **error)
{
	bot->series = vf_inbox_series(bot->inbox, g_get_real_time(),
				      (gint64)bot->policy->in.patience * G_USEC_PER_SEC, error);
	for (guint i = 0; bot->series && i < bot->series->len; i++) {
		VfSeries *series = bot->series->pdata[i];

		if (!takers[series->state](bot, series, error))
			return FALSE;
	}
	return bot->series != NULL;
}

static gboolean poll_one(Bot *bot, const VfMailSourceConfig *config, GError **error)
{
	g_autoptr(VfMailSource) source = vf_mail_source_new(config, error);
	VfInboxCounts counts = {0};

	if (!source || !vf_inbox_poll(bot->inbox, source, on_skip, bot, &counts, error))
		return FALSE;
	bot->summary->mails += counts.mails;
	return TRUE;
}

/* A server that is away today is not the reason to leave the others' mails. */
static gboolean poll(Bot *bot, GError **error)
{
	GPtrArray *sources = bot->policy->in.sources;

	if (bot->options->mbox) {
		const VfMailSourceConfig file = {
			.type = (char *)"mbox",
			.path = (char *)bot->options->mbox,
			.name = (char *)bot->options->mbox,
		};

		return poll_one(bot, &file, error);
	}
	if (!sources || !sources->len)
		return vf_throw(error, VF_ERROR_USAGE,
				"nothing to read: --mbox, or \"in.sources\" in the policy file");
	for (guint i = 0; i < sources->len; i++) {
		g_autoptr(GError) local = NULL;

		if (poll_one(bot, sources->pdata[i], &local))
			continue;
		if (is_fatal(local) && sources->len == 1) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
		say(bot, "%s", local->message);
	}
	return TRUE;
}

static gboolean open_results(Bot *bot, GError **error)
{
	g_autofree char *path = g_build_filename(vf_dirs_state(), "results.db", NULL);

	if (!vf_dirs_make(vf_dirs_state(), error) || !vf_dirs_make(vf_dirs_cache(), error))
		return FALSE;
	bot->results = vf_db_open(path, error);
	return bot->results != NULL;
}

/* A file that is only tried out leaves no trace among the mails of the real sources. */
static gboolean open_inbox(Bot *bot, GError **error)
{
	g_autofree char *path = NULL;
	g_autoptr(GError) local = NULL;

	bot->inbox_db = bot->results;
	if (bot->options->mbox && dry(bot)) {
		bot->scratch = g_dir_make_tmp("vifarm-mail-XXXXXX", &local);
		if (!bot->scratch)
			return vf_throw(error, VF_ERROR_IO, "%s", local->message);
		path = g_build_filename(bot->scratch, "inbox.db", NULL);
		bot->inbox_db = vf_db_open(path, error);
	}
	if (!bot->inbox_db)
		return FALSE;
	bot->parser = vf_mail_parser_new(NULL, NULL);
	bot->inbox = vf_inbox_new(bot->inbox_db, bot->parser);
	return TRUE;
}

static gboolean open_all(Bot *bot, GError **error)
{
	/* what must not be built is better not even fetched */
	if (!vf_sandbox_available(TRUE, error))
		return vf_prefix(error, "the bot builds strangers' patches only in a sandbox");
	if (!open_results(bot, error) || !open_inbox(bot, error))
		return FALSE;
	bot->filter = vf_mail_filter_load(vf_dirs_data(), bot->policy->in.filter, error);
	bot->queue = bot->filter ? vf_mail_queue_open(error) : NULL;
	bot->diary = bot->queue ? vf_mail_diary_open(error) : NULL;
	return bot->diary != NULL;
}

static gboolean prune(Bot *bot, GError **error)
{
	gint64 before =
		g_get_real_time() - (gint64)bot->policy->in.keep_days * 24 * 3600 * G_USEC_PER_SEC;

	return vf_inbox_prune(bot->inbox, before, error);
}

gboolean vf_mail_bot_run(const VfMailBotOptions *options, VfMailBotSummary *summary, GError **error)
{
	g_auto(Bot) bot = {.options = options, .policy = options->policy, .summary = summary};

	*summary = (VfMailBotSummary){0};
	return open_all(&bot, error) && poll(&bot, error) && take_commands(&bot, error) &&
	       take_series(&bot, error) && prune(&bot, error);
}
