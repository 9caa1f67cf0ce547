// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/query.h"
#include "results-db/questions-text.h"
#include "results-db/questions.h"

static json_t *query(VfDb *db, const VfQuery *query, GError **error)
{
	g_autofree char *a = vf_db_resolve_run(db, query->arguments[0], error);
	g_autofree char *b = a ? vf_db_resolve_run(db, query->arguments[1], error) : NULL;

	return b ? vf_db_compare_json(db, a, b, error) : NULL;
}

static int status(const json_t *comparison)
{
	const json_t *counts = json_object_get(comparison, "counts");

	return json_object_get(counts, "broken") ? VF_EXIT_FAIL : VF_EXIT_PASS;
}

int vf_cmd_compare(const VfCommand *command, int argc, char **argv)
{
	static const char detail[] =
		"A and B are runs as for `show`; LAST/base is the last plain run of variant base. "
		"Tests are\n"
		"matched by architecture, board and job.\n";
	VfQuery compare = {
		.detail = detail,
		.minimum = 2,
		.maximum = 2,
		.query = query,
		.print = vf_questions_print_comparison,
		.status = status,
	};

	return vf_query_main(&compare, command, argc, argv);
}
