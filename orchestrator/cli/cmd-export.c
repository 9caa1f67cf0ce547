// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/query.h"
#include "output/export/export.h"

typedef struct Options {
	char *output, *origin, *url;
	gboolean json;
} Options;

static gboolean check(const Options *options, int argc, GError **error)
{
	g_autofree char *found = NULL;

	if (argc < 2 || argc > 3)
		return vf_throw(error, VF_ERROR_USAGE,
				"export: expected FORMAT [RUN], found %d arguments", argc - 1);
	if (options->origin &&
	    !g_regex_match_simple("^[a-z0-9_]+$", options->origin, G_REGEX_DOLLAR_ENDONLY, 0)) {
		found = vf_text_escape(options->origin, -1, 60);
		return vf_throw(error, VF_ERROR_USAGE,
				"--origin: expected lower-case letters, digits and _, found \"%s\"",
				found);
	}
	return TRUE;
}

static gboolean export(const Options *options, int argc, char **argv, GError **error)
{
	g_autofree char *path = vf_query_database(), *run = NULL, *text = NULL;
	VfExportOptions rendering = {.origin = options->origin ?: "vifarm", .url = options->url};
	const VfExportFormat *format;
	g_autoptr(VfDb) db = NULL;
	json_auto_t *results = NULL;

	if (!check(options, argc, error))
		return FALSE;
	format = vf_export_format(argv[1], error);
	db = format ? vf_db_open(path, error) : NULL;
	run = db ? vf_db_resolve_run(db, argc > 2 ? argv[2] : "LAST", error) : NULL;
	results = run ? vf_db_run_json(db, run, error) : NULL;
	text = results ? format->render(results, &rendering, error) : NULL;
	if (!text)
		return FALSE;
	if (options->output)
		return vf_dirs_write(options->output, text, -1, error);
	fputs(text, stdout);
	return TRUE;
}

static char *detail_new(void)
{
	GString *text = g_string_new("FORMAT is one of\n");

	for (const VfExportFormat *format = vf_export_formats; format->name; format++)
		g_string_append_printf(text, "  %-6s %s\n", format->name, format->summary);
	g_string_append(text, "RUN is a run as for `show`, LAST by default.\n");
	return g_string_free(text, FALSE);
}

int vf_cmd_export(const VfCommand *command, int argc, char **argv)
{
	Options options = {0};
	g_autofree char *detail = detail_new(), *errors = NULL;
	const GOptionEntry entries[] = {
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
		 "Write to FILE instead of stdout", "FILE"},
		{"origin", 0, 0, G_OPTION_ARG_STRING, &options.origin,
		 "KCIDB's name of the submitter (default: vifarm)", "NAME"},
		{"url", 0, 0, G_OPTION_ARG_STRING, &options.url,
		 "URL of the state directory, for links to logs", "URL"},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &errors, "Format of errors (default: text)",
		 "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	int status = VF_EXIT_USAGE;

	if (vf_cli_parse(command, entries, detail, &argc, &argv, &done)) {
		status = VF_EXIT_PASS;
		if (!done && !export(&options, argc, argv, &error))
			status = vf_cli_fail(error, errors && !strcmp(errors, "json"));
	}
	g_free(options.output);
	g_free(options.origin);
	g_free(options.url);
	return status;
}
