// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "output/export/export.h"
#include "output/export/schema.h"
#include "schemas.h"

static gboolean check_results(const json_t *document, GError **error)
{
	json_auto_t *schema = vf_schema_embedded(schema_results_schema_json);

	return vf_schema_check(schema, document, error) || vf_prefix(error, "results.json");
}

static gboolean check_mutation(const json_t *document, GError **error)
{
	json_auto_t *schema = vf_schema_embedded(schema_mutation_schema_json);

	return vf_schema_check(schema, document, error) || vf_prefix(error, "mutation.json");
}

static const struct {
	const char *name;
	gboolean (*check)(const json_t *document, GError **error);
} kinds[] = {{"kcidb", vf_kcidb_check}, {"results", check_results}, {"mutation", check_mutation}};

/* NUL characters are read so that the rules can refuse them by name. */
static json_t *load(const char *path, GError **error)
{
	json_error_t problem;
	json_t *document = strcmp(path, "-") ? json_load_file(path, JSON_ALLOW_NUL, &problem)
					     : json_loadf(stdin, JSON_ALLOW_NUL, &problem);
	g_autofree char *text = NULL;

	if (document)
		return document;
	text = vf_text_escape(problem.text, -1, 200);
	if (problem.line < 0)
		return vf_throw_null(error, VF_ERROR_DATA, "%s", text);
	return vf_throw_null(error, VF_ERROR_DATA, "%s:%d:%d: %s", path, problem.line,
			     problem.column, text);
}

static gboolean validate(int argc, char **argv, GError **error)
{
	json_auto_t *document = NULL;

	if (argc != 3)
		return vf_throw(
			error, VF_ERROR_USAGE,
			"validate: expected kcidb|results|mutation and FILE, found %d arguments",
			argc - 1);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (strcmp(kinds[i].name, argv[1]))
			continue;
		document = load(argv[2], error);
		return document &&
		       (kinds[i].check(document, error) || vf_prefix(error, "%s", argv[2]));
	}
	return vf_throw(error, VF_ERROR_USAGE,
			"validate: expected kcidb, results or mutation, found \"%s\"", argv[1]);
}

int vf_cmd_validate(const VfCommand *command, int argc, char **argv)
{
	static const char detail[] =
		"Checks FILE (- is stdin) against the rules of KCIDB v5.3, of results.json or of "
		"what `mutate`\n"
		"writes, and names the first object, member and rule that is broken.\n";
	g_autofree char *format = NULL;
	const GOptionEntry entries[] = {
		{"format", 'f', 0, G_OPTION_ARG_STRING, &format, "Format of errors (default: text)",
		 "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;

	if (!vf_cli_parse(command, entries, detail, &argc, &argv, &done))
		return VF_EXIT_USAGE;
	if (done || validate(argc, argv, &error))
		return VF_EXIT_PASS;
	return vf_cli_fail(error, format && !strcmp(format, "json"));
}
