// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/dirs.h"
#include "cli/query.h"
#include "output/report/report.h"

/* Enough to find the plain runs of one variant among them. */
#define RUNS_LOOKED_AT 200

static json_t *query(VfDb *db, const VfQuery *query, GError **error)
{
	const char *directory = *(char **)query->data ?: "report";
	g_autofree char *run = vf_db_resolve_run(db, query->arguments[0], error);
	json_auto_t *results = run ? vf_db_run_json(db, run, error) : NULL;
	json_auto_t *runs = results ? vf_db_runs_json(db, RUNS_LOOKED_AT, error) : NULL;
	g_autofree char *page = NULL, *path = NULL;

	if (!runs || !vf_dirs_make(directory, error))
		return NULL;
	page = vf_report_render(results, runs, vf_dirs_state());
	path = g_build_filename(directory, "index.html", NULL);
	if (!vf_dirs_write(path, page, -1, error))
		return NULL;
	return json_pack("{s:s, s:s}", "run", run, "path", path);
}

static void print(const json_t *answer, FILE *out)
{
	fprintf(out, "%s\n", json_string_value(json_object_get(answer, "path")));
}

int vf_cmd_report(const VfCommand *command, int argc, char **argv)
{
	char *output = NULL;
	const GOptionEntry entries[] = {
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
		 "Directory for index.html (default: report)", "DIR"},
		{NULL},
	};
	VfQuery report = {
		.options = entries,
		.detail = "Writes one HTML page that needs neither a network nor a server. RUN is "
			  "a run as "
			  "for\n`show`, LAST by default.\n",
		.maximum = 1,
		.missing = "LAST",
		.query = query,
		.print = print,
		.data = &output,
	};
	int status = vf_query_main(&report, command, argc, argv);

	g_free(output);
	return status;
}
