// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/query.h"
#include "output/export/b4.h"

/* A cover letter is a few kB. */
#define LETTER_MAX (1024 * 1024)

typedef struct Options {
	char *run, *url;
} Options;

static GString *read_stdin(GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char buffer[65536];
	gssize n;

	while ((n = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0) {
		g_string_append_len(text, buffer, n);
		if (text->len > LETTER_MAX)
			return vf_throw_null(error, VF_ERROR_USAGE,
					     "stdin: expected a cover letter of at most %d bytes",
					     LETTER_MAX);
	}
	if (n < 0) {
		vf_throw_errno(error, "stdin");
		return NULL;
	}
	return g_steal_pointer(&text);
}

/* The run of one of the commits that b4's tracking file names. */
static gboolean find_tracked(VfDb *db, char **run, GError **error)
{
	const char *path = g_getenv("B4_TRACKING_FILE");
	json_auto_t *tracking = path ? json_load_file(path, 0, NULL) : NULL;
	g_auto(GStrv) sources = vf_b4_sources(tracking);

	for (char **source = sources; *source && !*run; source++)
		if (!vf_db_find_run(db, NULL, *source, run, error))
			return FALSE;
	return TRUE;
}

static gboolean find_run(VfDb *db, const Options *options, char **run, GError **error)
{
	g_autoptr(GString) letter = NULL;
	g_autofree char *id = NULL;

	if (options->run)
		return (*run = vf_db_resolve_run(db, options->run, error)) != NULL;
	letter = read_stdin(error);
	if (!letter)
		return FALSE;
	id = vf_b4_message_id(letter->str, letter->len);
	if (id && !vf_db_find_run(db, id, NULL, run, error))
		return FALSE;
	return *run || find_tracked(db, run, error);
}

static char *url_of(const Options *options, const char *run)
{
	g_auto(GStrv) parts = NULL;

	if (!options->url)
		return NULL;
	parts = g_strsplit(options->url, "{run}", -1);
	return g_strjoinv(run, parts);
}

static json_t *query(VfDb *db, const VfQuery *query, GError **error)
{
	const Options *options = query->data;
	g_autofree char *run = NULL, *url = NULL;
	json_auto_t *results = NULL;

	if (!find_run(db, options, &run, error))
		return NULL;
	if (!run)
		return json_array();
	results = vf_db_run_json(db, run, error);
	url = url_of(options, run);
	return results ? vf_b4_check(results, url) : NULL;
}

/* b4 reads JSON whatever --format says. */
static void print(const json_t *answer, FILE *out)
{
	json_dumpf(answer, out, JSON_INDENT(2));
	fputc('\n', out);
}

int vf_cmd_b4_check(const VfCommand *command, int argc, char **argv)
{
	static const char detail[] =
		"For b4.review-series-check-cmd: reads the cover letter on stdin, finds the newest "
		"run of that\n"
		"series (by its Message-ID, or by a commit in $B4_TRACKING_FILE) and prints b4's "
		"JSON. [] when\n"
		"there is none.\n";
	Options options = {0};
	const GOptionEntry entries[] = {
		{"run", 'r', 0, G_OPTION_ARG_STRING, &options.run,
		 "Use this run instead of reading a cover letter", "RUN"},
		{"url", 0, 0, G_OPTION_ARG_STRING, &options.url,
		 "URL of the run; {run} is replaced by its name", "URL"},
		{NULL},
	};
	VfQuery check = {
		.options = entries,
		.detail = detail,
		.query = query,
		.print = print,
		.data = &options,
	};
	int status = vf_query_main(&check, command, argc, argv);

	g_free(options.run);
	g_free(options.url);
	return status;
}
