// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/query.h"

static json_t *query(VfDb *db, const VfQuery *query, GError **error)
{
	json_auto_t *test = vf_db_task_json(db, query->arguments[0], error);
	const char *reproducer;

	if (!test)
		return NULL;
	reproducer = json_string_value(json_object_get(test, "reproducer"));
	if (!reproducer)
		return vf_throw_null(error, VF_ERROR_USAGE, "%s never had a guest: %s",
				     query->arguments[0],
				     json_string_value(json_object_get(test, "reason")));
	return json_pack("{s:O, s:O, s:s}", "id", json_object_get(test, "id"), "name",
			 json_object_get(test, "name"), "reproducer", reproducer);
}

/* The line goes to a shell as it is: it was quoted when it was made. */
static void print(const json_t *reproducer, FILE *out)
{
	fprintf(out, "%s\n", json_string_value(json_object_get(reproducer, "reproducer")));
}

int vf_cmd_repro(const VfCommand *command, int argc, char **argv)
{
	VfQuery repro = {
		.detail = vf_query_test_detail,
		.minimum = 1,
		.maximum = 1,
		.query = query,
		.print = print,
	};

	return vf_query_main(&repro, command, argc, argv);
}
