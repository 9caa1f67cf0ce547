// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/dirs.h"
#include "cli/query.h"
#include "results-db/questions.h"

typedef struct Options {
	int keep;
	char *before;
	gboolean dry_run;
} Options;

static gboolean parse_before(const char *text, gint64 *before, GError **error)
{
	g_autofree char *midnight = g_strconcat(text, "T00:00:00Z", NULL);
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(midnight, NULL);

	if (!time)
		time = g_date_time_new_from_iso8601(text, NULL);
	if (!time)
		return vf_throw(error, VF_ERROR_USAGE,
				"--before: expected a date such as 2026-01-31, found \"%s\"", text);
	*before = g_date_time_to_unix(time) * G_USEC_PER_SEC;
	return TRUE;
}

/* A run's rows go first: artefacts without rows are garbage, rows without artefacts are lies. */
static gboolean remove_runs(VfDb *db, char **runs, GError **error)
{
	if (!vf_db_prune(db, (const char *const *)runs, error))
		return FALSE;
	for (; *runs; runs++) {
		g_autofree char *directory = g_build_filename(vf_dirs_state(), "runs", *runs, NULL);

		if (!vf_dirs_remove(directory, error))
			return FALSE;
	}
	return TRUE;
}

static json_t *query(VfDb *db, const VfQuery *query, GError **error)
{
	const Options *options = query->data;
	g_auto(GStrv) runs = NULL;
	json_t *names = json_array();
	json_auto_t *answer = json_pack("{s:b, s:o}", "dry_run", options->dry_run, "runs", names);
	gint64 before = 0;

	if (options->keep < 1)
		return vf_throw_null(error, VF_ERROR_USAGE, "--keep: expected a positive number");
	if (options->before && !parse_before(options->before, &before, error))
		return NULL;
	runs = vf_db_prunable(db, (guint)options->keep, before, error);
	if (!runs || (!options->dry_run && !remove_runs(db, runs, error)))
		return NULL;
	for (char **run = runs; *run; run++)
		json_array_append_new(names, json_string(*run));
	return g_steal_pointer(&answer);
}

static void print(const json_t *answer, FILE *out)
{
	const json_t *runs = json_object_get(answer, "runs"), *run;
	gboolean dry = json_is_true(json_object_get(answer, "dry_run"));
	gsize i;

	json_array_foreach (runs, i, run)
		fprintf(out, "%s %s\n", dry ? "would remove" : "removed", json_string_value(run));
	if (json_array_size(runs) == 0)
		fputs("Nothing to remove.\n", out);
}

int vf_cmd_prune(const VfCommand *command, int argc, char **argv)
{
	Options options = {.keep = 100};
	const GOptionEntry entries[] = {
		{"keep", 'k', 0, G_OPTION_ARG_INT, &options.keep,
		 "Number of newest runs to keep (default: 100)", "N"},
		{"before", 'b', 0, G_OPTION_ARG_STRING, &options.before,
		 "Remove only runs that began before this day (UTC)", "DATE"},
		{"dry-run", 'n', 0, G_OPTION_ARG_NONE, &options.dry_run,
		 "Only list what would be removed", NULL},
		{NULL},
	};
	static const char detail[] = "Removes the results and artefacts of old runs. A run that "
				     "began in the last 24 hours and has\nnot ended is kept.\n";
	VfQuery prune = {
		.options = entries,
		.detail = detail,
		.query = query,
		.print = print,
		.data = &options,
	};
	int status = vf_query_main(&prune, command, argc, argv);

	g_free(options.before);
	return status;
}
