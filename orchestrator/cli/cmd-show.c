// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/query.h"
#include "results-db/results-text.h"

static json_t *query(VfDb *db, const VfQuery *query, GError **error)
{
	g_autofree char *run = vf_db_resolve_run(db, query->arguments[0], error);

	return run ? vf_db_run_json(db, run, error) : NULL;
}

int vf_cmd_show(const VfCommand *command, int argc, char **argv)
{
	static const char detail[] =
		"RUN is a run's name, an unambiguous prefix of one, LAST (the default) or LAST~N, "
		"the Nth\nbefore the last. docs/results.schema.json describes the JSON.\n";
	VfQuery show = {
		.detail = detail,
		.minimum = 0,
		.maximum = 1,
		.missing = "LAST",
		.query = query,
		.print = vf_results_print_run,
	};

	return vf_query_main(&show, command, argc, argv);
}
