// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/query.h"

#include <string.h>

#include "base/dirs.h"
#include "base/text.h"

const char vf_query_test_detail[] =
	"TEST is a test's number as `show` lists it, RUN:NAME, or NAME in the last run; a NAME is\n"
	"architecture/board/job/variant, such as hppa/default/boot/full.\n";

char *vf_query_database(void)
{
	return g_build_filename(vf_dirs_state(), "results.db", NULL);
}

static gboolean check(const VfQuery *query, const VfCommand *command, const char *format, int given,
		      GError **error)
{
	if (strcmp(format, "text") && strcmp(format, "json"))
		return vf_throw(error, VF_ERROR_USAGE,
				"--format: expected text or json, found \"%s\"", format);
	if (given < query->minimum || given > query->maximum)
		return vf_throw(
			error, VF_ERROR_USAGE,
			"%s: expected %s, found %d argument%s; see `orchestrator %s --help`",
			command->name, *command->arguments ? command->arguments : "nothing", given,
			given == 1 ? "" : "s", command->name);
	return TRUE;
}

static int answer(const VfQuery *query, const VfCommand *command, const char *format, int given,
		  GError **error)
{
	g_autofree char *path = vf_query_database();
	g_autoptr(VfDb) db = NULL;
	json_auto_t *json = NULL;
	g_autofree char *text = NULL;

	if (!check(query, command, format, given, error))
		return VF_EXIT_USAGE;
	db = vf_db_open(path, error);
	json = db ? query->query(db, query, error) : NULL;
	if (!json)
		return VF_EXIT_BROKEN;
	if (strcmp(format, "json")) {
		query->print(json, stdout);
	} else {
		text = json_dumps(json, JSON_INDENT(2));
		g_print("%s\n", text);
	}
	return query->status ? query->status(json) : VF_EXIT_PASS;
}

/* the query's own options, then the common ones; freed with g_free() */
static GOptionEntry *all_options(const VfQuery *query, const GOptionEntry *common)
{
	GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));

	for (const GOptionEntry *entry = query->options; entry && entry->long_name; entry++)
		g_array_append_vals(entries, entry, 1);
	for (const GOptionEntry *entry = common; entry->long_name; entry++)
		g_array_append_vals(entries, entry, 1);
	return (GOptionEntry *)(void *)g_array_free(entries, FALSE);
}

int vf_query_main(VfQuery *query, const VfCommand *command, int argc, char **argv)
{
	g_autofree char *format = NULL;
	const GOptionEntry common[] = {
		{"format", 'f', 0, G_OPTION_ARG_STRING, &format, "Output format (default: text)",
		 "text|json"},
		{NULL},
	};
	g_autofree GOptionEntry *options = all_options(query, common);
	const char *missing[] = {query->missing, NULL};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	int status;

	if (!vf_cli_parse(command, options, query->detail, &argc, &argv, &done))
		return VF_EXIT_USAGE;
	if (done)
		return VF_EXIT_PASS;
	query->arguments = argc > 1 || !query->missing ? (const char *const *)argv + 1 : missing;
	status = answer(query, command, format ?: "text", argc - 1, &error);
	return error ? vf_cli_fail(error, format && !strcmp(format, "json")) : status;
}
