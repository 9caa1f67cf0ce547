// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/query.h"
#include "results-db/questions-text.h"
#include "results-db/questions.h"

typedef struct Options {
	char *arch, *board, *job, *variant;
	int limit;
} Options;

static json_t *query(VfDb *db, const VfQuery *query, GError **error)
{
	const Options *options = query->data;
	VfHistoryFilter filter = {options->arch, options->board, options->job, options->variant,
				  (guint)options->limit};

	if (options->limit <= 0)
		return vf_throw_null(error, VF_ERROR_USAGE, "--limit: expected a positive number");
	return vf_db_history_json(db, &filter, error);
}

int vf_cmd_history(const VfCommand *command, int argc, char **argv)
{
	Options options = {.limit = 100};
	const GOptionEntry entries[] = {
		{"arch", 'a', 0, G_OPTION_ARG_STRING, &options.arch, "Only this architecture",
		 "NAME"},
		{"board", 'b', 0, G_OPTION_ARG_STRING, &options.board, "Only this board", "NAME"},
		{"job", 'j', 0, G_OPTION_ARG_STRING, &options.job, "Only this job", "NAME"},
		{"variant", 'V', 0, G_OPTION_ARG_STRING, &options.variant, "Only this variant",
		 "NAME"},
		{"limit", 'n', 0, G_OPTION_ARG_INT, &options.limit,
		 "Number of newest results of each test (default: 100)", "N"},
		{NULL},
	};
	static const char detail[] =
		"The pass rate counts PASS and FAIL only. The flaky score is the share of them "
		"that differ\n"
		"from the one before, or whose own attempts disagreed. Altered runs (mutants, "
		"injected\n"
		"faults) are left out.\n";
	VfQuery history = {
		.options = entries,
		.detail = detail,
		.query = query,
		.print = vf_questions_print_history,
		.data = &options,
	};
	int status = vf_query_main(&history, command, argc, argv);

	g_free(options.arch);
	g_free(options.board);
	g_free(options.job);
	g_free(options.variant);
	return status;
}
