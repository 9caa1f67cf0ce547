// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/query.h"
#include "cli/table.h"
#include "output/post/sender.h"

typedef struct Options {
	char *targets, *format, *tag, *pending, *retry;
	char **to, **patches;
	gboolean status, send_only, no_send, wait;
} Options;

static const char detail[] =
	"Writes the letters about RUN (LAST by default) for each target into the spool and sends "
	"those\nthat are due. A letter that cannot be delivered stays in the spool; later calls "
	"retry it, at\ngrowing intervals. No letter is sent twice. docs/results.md describes the "
	"targets file.\n";

/* What `post` answers with. */
static json_t *letter_json(const VfLetter *letter, const char *state)
{
	g_autoptr(GDateTime) due = g_date_time_new_from_unix_utc(letter->due / G_USEC_PER_SEC);
	g_autofree char *when = g_date_time_format(due, "%Y-%m-%dT%H:%M:%S+00:00");

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s*}", "key", letter->key, "state",
			 state, "target", letter->target, "what", letter->what, "url", letter->url,
			 "attempts", (json_int_t)letter->attempts, "due", when, "outcome",
			 letter->outcome);
}

static gboolean add_state(VfSpool *spool, VfSpoolState state, const char *name, json_t *all,
			  GError **error)
{
	g_autoptr(GPtrArray) letters = vf_spool_list(spool, state, error);

	for (guint i = 0; letters && i < letters->len; i++)
		json_array_append_new(all, letter_json(letters->pdata[i], name));
	return letters != NULL;
}

static gboolean print_status(VfSpool *spool, gboolean json, GError **error)
{
	g_autoptr(VfTable) table =
		vf_table_new("STATE", "TARGET", "TRIES", "KEY", "WHAT", "OUTCOME", NULL);
	json_auto_t *all = json_array();
	const json_t *letter;
	gsize i;

	if (!add_state(spool, VF_SPOOL_DEAD, "dead", all, error) ||
	    !add_state(spool, VF_SPOOL_PENDING, "pending", all, error) ||
	    (json && !add_state(spool, VF_SPOOL_SENT, "sent", all, error)))
		return FALSE;
	if (json) {
		g_autofree char *text = json_dumps(all, JSON_INDENT(2));

		g_print("%s\n", text);
		return TRUE;
	}
	json_array_foreach (all, i, letter) {
		const char *state, *target, *key, *what, *outcome = "";
		json_int_t attempts;

		json_unpack((json_t *)letter, "{s:s, s:s, s:s, s:s, s:I, s?s}", "state", &state,
			    "target", &target, "key", &key, "what", &what, "attempts", &attempts,
			    "outcome", &outcome);
		g_autofree char *begin = g_strndup(key, 12);
		g_autofree char *tries = g_strdup_printf("%" JSON_INTEGER_FORMAT, attempts);

		vf_table_add(table, state, target, tries, begin, what, outcome, NULL);
	}
	if (json_array_size(all))
		vf_table_print(table, stdout);
	else
		g_print("The spool is empty.\n");
	return TRUE;
}

static gboolean spool_letters(VfSpool *spool, GPtrArray *letters, GError **error)
{
	for (guint i = 0; i < letters->len; i++) {
		VfLetter *letter = letters->pdata[i];
		gboolean added;

		/* keeps the order in which they were written, also within a microsecond */
		letter->created += i;
		if (!vf_spool_add(spool, letter, &added, error))
			return FALSE;
	}
	return TRUE;
}

static json_t *results_of(const char *run_name, GError **error)
{
	g_autofree char *path = vf_query_database();
	g_autoptr(VfDb) db = vf_db_open(path, error);
	g_autofree char *run = db ? vf_db_resolve_run(db, run_name, error) : NULL;

	return run ? vf_db_run_json(db, run, error) : NULL;
}

/* The targets that @options names; without names all that need nothing but a run. */
static gboolean wanted(const Options *options, const VfTarget *target)
{
	if (options->to)
		return g_strv_contains((const char *const *)options->to, target->name);
	return (target->type == &vf_target_patchwork) == (options->patches != NULL);
}

static gboolean write_all(const Options *options, const char *run, GPtrArray *targets,
			  VfSpool *spool, GError **error)
{
	g_autoptr(GPtrArray) letters =
		g_ptr_array_new_with_free_func((GDestroyNotify)vf_letter_free);
	g_auto(GStrv) pending = options->pending ? g_strsplit(options->pending, ",", -1) : NULL;
	VfPostOptions post = {options->patches, pending, options->tag};
	/* an announcement comes before there is a run */
	json_auto_t *results = pending ? json_object() : results_of(run, error);

	if (!results)
		return FALSE;
	for (char **name = options->to; name && *name; name++)
		if (!vf_targets_find(targets, *name, error))
			return FALSE;
	for (guint i = 0; i < targets->len; i++) {
		const VfTarget *target = targets->pdata[i];

		if (wanted(options, target) &&
		    !target->type->write(target, results, &post, letters, error))
			return FALSE;
	}
	return spool_letters(spool, letters, error);
}

static gboolean revive(VfSpool *spool, const char *key, GError **error)
{
	g_autoptr(GPtrArray) dead = vf_spool_list(spool, VF_SPOOL_DEAD, error);
	g_autofree char *escaped = vf_text_escape(key, -1, 64);
	guint revived = 0;

	for (guint i = 0; dead && i < dead->len; i++) {
		VfLetter *letter = dead->pdata[i];

		if (strcmp(key, "all") && !g_str_has_prefix(letter->key, key))
			continue;
		letter->attempts = 0;
		letter->due = g_get_real_time();
		if (!vf_spool_move(spool, letter, VF_SPOOL_DEAD, VF_SPOOL_PENDING, error))
			return FALSE;
		revived++;
	}
	if (!dead || revived || !strcmp(key, "all"))
		return dead != NULL;
	return vf_throw(error, VF_ERROR_USAGE, "--retry: no dead letter \"%s\"", escaped);
}

/* Sends until nothing is due, or with --wait until nothing waits. */
static gboolean send_all(const Options *options, VfSpool *spool, GPtrArray *targets, VfSent *total,
			 GError **error)
{
	VfSent round;

	for (;;) {
		if (!vf_sender_round(spool, targets, &round, error))
			return FALSE;
		total->sent += round.sent;
		total->dead += round.dead;
		total->waiting = round.waiting;
		if (!options->wait || round.waiting == round.stuck)
			return TRUE;
		g_usleep((gulong)CLAMP(round.next - g_get_real_time(), G_USEC_PER_SEC / 10,
				       60 * G_USEC_PER_SEC));
	}
}

static void print_sent(const VfSent *sent, gboolean json)
{
	if (json)
		g_print("{\"sent\": %u, \"waiting\": %u, \"dead\": %u}\n", sent->sent,
			sent->waiting, sent->dead);
	else
		g_print("%u sent, %u waiting, %u given up%s\n", sent->sent, sent->waiting,
			sent->dead,
			sent->waiting || sent->dead ? "; see orchestrator post --status" : "");
}

static gboolean post(const Options *options, const char *run, gboolean json, int *status,
		     GError **error)
{
	g_autofree char *spool_path = g_build_filename(vf_dirs_state(), "spool", NULL);
	g_autofree char *standard =
		g_build_filename(g_get_user_config_dir(), "vifarm", "targets.json", NULL);
	g_autoptr(VfSpool) spool = vf_spool_open(spool_path, error);
	g_autoptr(GPtrArray) targets = NULL;
	VfSent sent = {0};

	*status = VF_EXIT_PASS;
	if (!spool)
		return FALSE;
	if (options->status)
		return print_status(spool, json, error);
	targets = vf_targets_load(options->targets ?: standard, error);
	if (!targets || (options->retry && !revive(spool, options->retry, error)))
		return FALSE;
	if (!options->send_only && !options->retry &&
	    !write_all(options, run, targets, spool, error))
		return FALSE;
	if (!options->no_send && !send_all(options, spool, targets, &sent, error))
		return FALSE;
	print_sent(&sent, json);
	if (sent.waiting || sent.dead)
		*status = VF_EXIT_BROKEN;
	return TRUE;
}

static gboolean check(const Options *options, int argc, GError **error)
{
	if (options->format && strcmp(options->format, "text") && strcmp(options->format, "json"))
		return vf_throw(error, VF_ERROR_USAGE,
				"--format: expected text or json, found \"%s\"", options->format);
	if (argc > 2)
		return vf_throw(error, VF_ERROR_USAGE, "post: expected at most one RUN, found %d",
				argc - 1);
	for (char **patch = options->patches; patch && *patch; patch++)
		if (!g_ascii_string_to_unsigned(*patch, 10, 1, G_MAXINT64, NULL, NULL))
			return vf_throw(error, VF_ERROR_USAGE,
					"--patch: expected a number, found \"%s\"", *patch);
	if (options->pending && (!options->patches || !options->tag))
		return vf_throw(
			error, VF_ERROR_USAGE,
			"--announce: needs --patch and --tag, which distinguishes it from others");
	return TRUE;
}

static void options_clear(Options *options)
{
	g_free(options->targets);
	g_free(options->format);
	g_free(options->tag);
	g_free(options->pending);
	g_free(options->retry);
	g_strfreev(options->to);
	g_strfreev(options->patches);
}

int vf_cmd_post(const VfCommand *command, int argc, char **argv)
{
	Options options = {0};
	const GOptionEntry entries[] = {
		{"to", 't', 0, G_OPTION_ARG_STRING_ARRAY, &options.to,
		 "Only to this target; repeatable (default: all but Patchwork)", "TARGET"},
		{"patch", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &options.patches,
		 "Post checks to this patch at Patchwork; repeatable", "ID"},
		{"announce", 0, 0, G_OPTION_ARG_STRING, &options.pending,
		 "Post pending checks for these architectures, before there is a run", "LIST"},
		{"tag", 0, 0, G_OPTION_ARG_STRING, &options.tag,
		 "Distinguishes this announcement from others", "TEXT"},
		{"status", 's', 0, G_OPTION_ARG_NONE, &options.status,
		 "Show pending and dead letters", NULL},
		{"send", 0, 0, G_OPTION_ARG_NONE, &options.send_only,
		 "Only send the letters in the spool", NULL},
		{"no-send", 0, 0, G_OPTION_ARG_NONE, &options.no_send, "Only write into the spool",
		 NULL},
		{"retry", 0, 0, G_OPTION_ARG_STRING, &options.retry,
		 "Retry a dead letter (prefix of its key)", "KEY|all"},
		{"wait", 'w', 0, G_OPTION_ARG_NONE, &options.wait,
		 "Wait until each letter is delivered or given up", NULL},
		{"targets", 0, 0, G_OPTION_ARG_FILENAME, &options.targets,
		 "Targets file (default: vifarm/targets.json in the configuration directory)",
		 "FILE"},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
		 "Output format (default: text)", "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE, json;
	int status = VF_EXIT_USAGE;

	if (vf_cli_parse(command, entries, detail, &argc, &argv, &done)) {
		json = options.format && !strcmp(options.format, "json");
		status = VF_EXIT_PASS;
		if (!done && (!check(&options, argc, &error) ||
			      !post(&options, argc > 1 ? argv[1] : "LAST", json, &status, &error)))
			status = vf_cli_fail(error, json);
	}
	options_clear(&options);
	return status;
}
