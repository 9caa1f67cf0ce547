// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/query.h"
#include "cli/table.h"
#include "mail/bot.h"
#include "mail/diary.h"
#include "mail/inbox.h"
#include "mail/posts.h"
#include "mail/queue.h"
#include "output/post/sender.h"
#include "results-db/mail.h"

/* Of the mails that were passed over, in `mail status`. */
#define REFUSALS_SHOWN 50

typedef struct Options {
	char *policy, *mbox, *tree, *reason, *format;
	gboolean dry_run, quiet;
	VfMailPolicy *loaded;
	gboolean json;
	int status;
} Options;

static const char detail[] =
	"run     read new mail, test each series on its base and with its patches, and write the\n "
	"       answers: to stdout in a dry run, otherwise into the queue or to the mail "
	"server\nqueue   list the answers that need approval\nshow    print one of them as a "
	"complete mail\napprove, reject\n        send it, or reject it for good\nstatus  show what "
	"is pending\n"
	"\n"
	"KEY is a prefix of an answer's key; approve and reject also take \"all\". docs/bot.md "
	"describes\nthe policy file.\n";

static void print_json(json_t *object)
{
	g_autofree char *text = json_dumps(object, JSON_INDENT(2));

	g_print("%s\n", text);
	json_decref(object);
}

static void on_answer(const char *mail, gpointer data)
{
	const Options *options = data;

	if (!options->json)
		g_print("%s\n", mail);
}

static void on_say(const char *line, gpointer data)
{
	const Options *options = data;

	if (!options->quiet)
		g_printerr("mail: %s\n", line);
}

/* Letters that are due, of all kinds. A server that is away is no failure of the round. */
static gboolean send_due(const Options *options, GError **error)
{
	g_autofree char *path = g_build_filename(vf_dirs_state(), "spool", NULL);
	g_autoptr(VfSpool) spool = vf_spool_open(path, error);
	g_autoptr(GPtrArray) targets = spool ? vf_mail_posts_targets(options->loaded, error) : NULL;
	VfSent sent;

	return targets && vf_sender_round(spool, targets, &sent, error);
}

static gboolean is_dry(const Options *options)
{
	return options->dry_run || !strcmp(options->loaded->mode, "dry-run");
}

static gboolean run(Options *options, G_GNUC_UNUSED const char *key, GError **error)
{
	const VfMailBotOptions bot = {
		.policy = options->loaded,
		.mbox = options->mbox,
		.tree = options->tree,
		.dry_run = options->dry_run,
		.quiet = options->quiet || options->json,
		.answer = on_answer,
		.say = on_say,
		.data = options,
	};
	VfMailBotSummary summary;

	if (!vf_mail_bot_run(&bot, &summary, error) ||
	    (!is_dry(options) && !send_due(options, error)))
		return FALSE;
	if (summary.broken)
		options->status = VF_EXIT_FAIL;
	if (options->json)
		print_json(json_pack("{s:I, s:i, s:i, s:i, s:i, s:i}", "mails",
				     (json_int_t)summary.mails, "tested", summary.tested, "broken",
				     summary.broken, "answered", summary.answered, "concluded",
				     summary.concluded, "waiting", summary.waiting));
	else if (!options->quiet)
		g_printerr("mail: %" G_GUINT64_FORMAT " mails read, %u series tested (%u broken), "
			   "%u answers, %u concluded, %u waiting\n",
			   summary.mails, summary.tested, summary.broken, summary.answered,
			   summary.concluded, summary.waiting);
	return TRUE;
}

static json_t *letter_json(const VfLetter *letter, const char *state)
{
	g_autofree char *to = letter->envelope && letter->envelope[0]
				      ? g_strjoinv(", ", letter->envelope + 1)
				      : NULL;
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(letter->created / G_USEC_PER_SEC);
	g_autofree char *created = g_date_time_format(when, "%Y-%m-%dT%H:%M:%S+00:00");

	return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*}", "key", letter->key, "state", state,
			 "what", letter->what, "created", created, "to", to, "outcome",
			 letter->outcome);
}

static gboolean queue(Options *options, G_GNUC_UNUSED const char *key, GError **error)
{
	g_autoptr(VfMailQueue) answers = vf_mail_queue_open(error);
	g_autoptr(GPtrArray) letters =
		answers ? vf_mail_queue_list(answers, VF_SPOOL_PENDING, error) : NULL;
	g_autoptr(VfTable) table = vf_table_new("KEY", "WRITTEN", "WHAT", "TO", NULL);
	json_t *all = json_array();

	for (guint i = 0; letters && i < letters->len; i++) {
		json_t *entry = letter_json(letters->pdata[i], "waiting");
		g_autofree char *begin = g_strndup(((VfLetter *)letters->pdata[i])->key, 12);

		vf_table_add(table, begin, json_string_value(json_object_get(entry, "created")),
			     json_string_value(json_object_get(entry, "what")),
			     json_string_value(json_object_get(entry, "to")) ?: "", NULL);
		json_array_append_new(all, entry);
	}
	if (letters && options->json)
		print_json(json_incref(all));
	else if (letters && letters->len)
		vf_table_print(table, stdout);
	else if (letters)
		g_print("The queue is empty.\n");
	json_decref(all);
	return letters != NULL;
}

static gboolean show(Options *options, const char *key, GError **error)
{
	g_autoptr(VfMailQueue) answers = vf_mail_queue_open(error);
	g_autoptr(VfLetter) letter = answers ? vf_mail_queue_find(answers, key, error) : NULL;
	json_t *entry;

	if (!letter)
		return FALSE;
	if (options->json) {
		entry = letter_json(letter, "waiting");
		json_object_set_new(entry, "mail", json_string(letter->body));
		print_json(entry);
	} else {
		g_print("%s", letter->body);
	}
	return TRUE;
}

static gboolean decide(Options *options, const char *key, gboolean yes, GError **error)
{
	g_autoptr(VfMailQueue) answers = vf_mail_queue_open(error);
	g_autoptr(GPtrArray) letters = NULL;
	gboolean all = !strcmp(key, "all");
	guint count = 0;

	if (!answers)
		return FALSE;
	letters = all ? vf_mail_queue_list(answers, VF_SPOOL_PENDING, error)
		      : g_ptr_array_new_with_free_func((GDestroyNotify)vf_letter_free);
	if (letters && !all) {
		VfLetter *letter = vf_mail_queue_find(answers, key, error);

		if (!letter)
			return FALSE;
		g_ptr_array_add(letters, letter);
	}
	for (; letters && count < letters->len; count++)
		if (!(yes ? vf_mail_queue_approve(answers, letters->pdata[count], error)
			  : vf_mail_queue_reject(answers, letters->pdata[count],
						 options->reason ?: "rejected", error)))
			return FALSE;
	if (letters && options->json)
		print_json(json_pack("{s:i}", yes ? "approved" : "rejected", count));
	else if (letters)
		g_print("%u %s\n", count, yes ? "approved" : "rejected");
	return letters != NULL;
}

static gboolean approve(Options *options, const char *key, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (!decide(options, key, TRUE, error))
		return FALSE;
	/* it is in the spool for good; what hinders it now, it meets again in the next round */
	if (!send_due(options, &local))
		g_printerr("mail: approved, and will be sent later: %s\n", local->message);
	return TRUE;
}

static gboolean reject(Options *options, const char *key, GError **error)
{
	return decide(options, key, FALSE, error);
}

static gboolean add_letters(json_t *list, VfSpool *spool, VfSpoolState state, const char *name,
			    GError **error)
{
	g_autoptr(GPtrArray) letters = vf_spool_list(spool, state, error);

	for (guint i = 0; letters && i < letters->len; i++) {
		const VfLetter *letter = letters->pdata[i];

		if (letter->envelope && *letter->envelope)
			json_array_append_new(list, letter_json(letter, name));
	}
	return letters != NULL;
}

/* What is open, with the reason where it will not be tested. */
static gboolean add_series(json_t *list, VfDb *db, const Options *options, GError **error)
{
	g_autoptr(VfMailParser) parser = vf_mail_parser_new(NULL, NULL);
	g_autoptr(VfInbox) inbox = vf_inbox_new(db, parser);
	g_autoptr(GPtrArray) all =
		vf_inbox_series(inbox, g_get_real_time(),
				(gint64)options->loaded->in.patience * G_USEC_PER_SEC, error);

	for (guint i = 0; all && i < all->len; i++) {
		const VfSeries *series = all->pdata[i];
		g_autofree char *what =
			g_strdup_printf("series: %s (v%u)", series->title, series->version);

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:s*}", "key", series->id, "state",
						vf_series_state_name(series->state), "what", what,
						"outcome", series->problem ?: series->remark));
	}
	return all != NULL;
}

static gboolean add_refusals(json_t *list, VfDb *db, GError **error)
{
	g_autoptr(GPtrArray) all = vf_db_mail_refusals(db, REFUSALS_SHOWN, error);

	for (guint i = 0; all && i < all->len; i++) {
		const VfMailRefusal *refusal = all->pdata[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "key",
						      refusal->id ?: refusal->key, "state",
						      refusal->fatal ? "unreadable" : "passed over",
						      "what", refusal->why));
	}
	return all != NULL;
}

static gboolean add_inbox(json_t *list, const Options *options, GError **error)
{
	g_autofree char *path = vf_query_database();
	VfDb *db = vf_db_open(path, error);
	gboolean ok = db && add_series(list, db, options, error) && add_refusals(list, db, error);

	vf_db_close(db);
	return ok;
}

/* What ended without a result, once or so often that it is left alone. */
static void add_attempts(json_t *list)
{
	json_auto_t *attempts = vf_mail_diary_list();
	const json_t *attempt;
	gsize i;

	json_array_foreach (attempts, i, attempt) {
		const char *title = json_string_value(json_object_get(attempt, "title"));
		g_autofree char *what = g_strconcat("attempt: ", title ?: "?", NULL);

		json_array_append_new(list,
				      json_pack("{s:O, s:O, s:s, s:O, s:O}", "key",
						json_object_get(attempt, "key"), "state",
						json_object_get(attempt, "state"), "what", what,
						"attempts", json_object_get(attempt, "attempts"),
						"outcome", json_object_get(attempt, "reason")));
	}
}

/* Everything that is under way, from the mail that came in to the one that goes out. */
static gboolean status(Options *options, G_GNUC_UNUSED const char *key, GError **error)
{
	g_autofree char *queue_path = g_build_filename(vf_dirs_state(), "mail", "queue", NULL);
	g_autofree char *spool_path = g_build_filename(vf_dirs_state(), "spool", NULL);
	g_autoptr(VfSpool) answers = vf_spool_open(queue_path, error);
	g_autoptr(VfSpool) spool = answers ? vf_spool_open(spool_path, error) : NULL;
	g_autoptr(VfTable) table = vf_table_new("STATE", "KEY", "WHAT", "OUTCOME", NULL);
	json_auto_t *list = json_array();
	const json_t *entry;
	gsize i;

	if (!spool || !vf_dirs_make(vf_dirs_state(), error) || !add_inbox(list, options, error) ||
	    !add_letters(list, answers, VF_SPOOL_PENDING, "to be approved", error) ||
	    !add_letters(list, answers, VF_SPOOL_DEAD, "rejected", error) ||
	    !add_letters(list, spool, VF_SPOOL_PENDING, "to be sent", error) ||
	    !add_letters(list, spool, VF_SPOOL_DEAD, "not delivered", error) ||
	    !add_letters(list, spool, VF_SPOOL_SENT, "sent", error))
		return FALSE;
	add_attempts(list);
	json_array_foreach (list, i, entry) {
		const char *state, *id, *what, *outcome = "";

		json_unpack((json_t *)entry, "{s:s, s:s, s:s, s?s}", "state", &state, "key", &id,
			    "what", &what, "outcome", &outcome);
		g_autofree char *begin = g_strndup(id, strchr(id, '@') ? 40 : 12);

		vf_table_add(table, state, begin, what, outcome, NULL);
	}
	if (options->json)
		print_json(json_incref(list));
	else if (json_array_size(list))
		vf_table_print(table, stdout);
	else
		g_print("Nothing is under way.\n");
	return TRUE;
}

static const struct {
	const char *name;
	gboolean key; /* an argument */
	gboolean (*main)(Options *options, const char *key, GError **error);
} actions[] = {
	{"run", FALSE, run},	    {"queue", FALSE, queue},  {"show", TRUE, show},
	{"approve", TRUE, approve}, {"reject", TRUE, reject}, {"status", FALSE, status},
};

static gboolean check(const Options *options, GError **error)
{
	if (options->format && strcmp(options->format, "text") && strcmp(options->format, "json"))
		return vf_throw(error, VF_ERROR_USAGE,
				"--format: expected text or json, found \"%s\"", options->format);
	if (options->mbox && !g_file_test(options->mbox, G_FILE_TEST_EXISTS))
		return vf_throw(error, VF_ERROR_USAGE, "--mbox: no such file: %s", options->mbox);
	return TRUE;
}

/* The policy file that was named, or the usual one if it is there, or none. */
static gboolean load_policy(Options *options, GError **error)
{
	g_autofree char *standard =
		g_build_filename(g_get_user_config_dir(), "vifarm", "mail.json", NULL);
	const char *path = options->policy;

	if (!path && g_file_test(standard, G_FILE_TEST_EXISTS))
		path = standard;
	options->loaded = vf_mail_policy_load(path, error);
	return options->loaded != NULL;
}

static gboolean dispatch(Options *options, int argc, char **argv, GError **error)
{
	g_autofree char *escaped = vf_text_escape(argc > 1 ? argv[1] : "", -1, 60);

	if (!check(options, error) || !load_policy(options, error))
		return FALSE;
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(actions); i++) {
		if (strcmp(actions[i].name, argv[1]))
			continue;
		if (argc != (actions[i].key ? 3 : 2))
			return vf_throw(error, VF_ERROR_USAGE, "mail %s: expected %s", argv[1],
					actions[i].key ? "one KEY; see orchestrator mail queue"
						       : "no argument");
		return actions[i].main(options, argc > 2 ? argv[2] : NULL, error);
	}
	return vf_throw(error, VF_ERROR_USAGE,
			"mail: expected run, queue, show, approve, reject or status, found \"%s\"",
			escaped);
}

static void options_clear(Options *options)
{
	g_free(options->policy);
	g_free(options->mbox);
	g_free(options->tree);
	g_free(options->reason);
	g_free(options->format);
	vf_mail_policy_free(options->loaded);
}

int vf_cmd_mail(const VfCommand *command, int argc, char **argv)
{
	Options options = {.status = VF_EXIT_PASS};
	const GOptionEntry entries[] = {
		{"policy", 'p', 0, G_OPTION_ARG_FILENAME, &options.policy,
		 "Policy file (default: vifarm/mail.json in the configuration directory)", "FILE"},
		{"mbox", 0, 0, G_OPTION_ARG_FILENAME, &options.mbox,
		 "Read this file instead of the policy's sources", "FILE"},
		{"tree", 0, 0, G_OPTION_ARG_FILENAME, &options.tree,
		 "Git tree of Linux to test on, instead of the policy's", "TREE"},
		{"dry-run", 'n', 0, G_OPTION_ARG_NONE, &options.dry_run,
		 "Print the answers; nothing is sent or remembered", NULL},
		{"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason,
		 "Why an answer is rejected, for the record", "TEXT"},
		{"quiet", 'q', 0, G_OPTION_ARG_NONE, &options.quiet, "No progress on stderr", NULL},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
		 "Output format (default: text)", "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	int status = VF_EXIT_USAGE;

	if (vf_cli_parse(command, entries, detail, &argc, &argv, &done)) {
		options.json = options.format && !strcmp(options.format, "json");
		if (!done && !dispatch(&options, argc, argv, &error))
			options.status = vf_cli_fail(error, options.json);
		status = options.status;
	}
	options_clear(&options);
	return status;
}
