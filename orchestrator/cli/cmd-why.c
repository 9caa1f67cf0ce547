// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/query.h"
#include "results-db/results-text.h"

static json_t *query(VfDb *db, const VfQuery *query, GError **error)
{
	return vf_db_task_json(db, query->arguments[0], error);
}

int vf_cmd_why(const VfCommand *command, int argc, char **argv)
{
	VfQuery why = {
		.detail = vf_query_test_detail,
		.minimum = 1,
		.maximum = 1,
		.query = query,
		.print = vf_results_print_test,
	};

	return vf_query_main(&why, command, argc, argv);
}
