// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "kernel/build.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "plan/arch.h"
#include "plan/job.h"
#include "plan/mutant.h"
#include "plan/variant.h"
#include "results-db/db.h"
#include "results-db/results-text.h"

#define RUNS 20

static const char detail[] =
	"Without an argument architectures, jobs and variants are printed; JSON has all lists.\n"
	"TOOLS names the tools that are missing here to build and boot an architecture. Of the "
	"runs\n"
	"the last 20 are listed.\n";

static json_t *strings(const GStrv words)
{
	json_t *array = json_array();

	for (char **word = words; *word; word++)
		json_array_append_new(array, json_string(*word));
	return array;
}

/* What is missing on this machine to run @arch: one line, or NULL. Caller frees. */
static char *missing_for(const VfArch *arch)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfBuilder) builder = vf_builder_new(vf_dirs_data(), NULL, 1, &error);

	if (builder && vf_builder_check_tools(builder, arch, &error))
		return NULL;
	return vf_text_escape(error->message, -1, 0);
}

static json_t *boards_of(const VfArch *arch)
{
	g_autoptr(GList) names =
		g_list_sort(g_hash_table_get_keys(arch->boards), (GCompareFunc)vf_board_order);
	json_t *boards = json_array();

	for (GList *name = names; name; name = name->next) {
		const VfBoard *board = vf_arch_board(arch, name->data);

		json_array_append_new(boards,
				      json_pack("{s:s, s:s, s:o}", "name", board->name, "title",
						board->title, "limits", strings(board->limits)));
	}
	return boards;
}

static json_t *describe_arch(const char *name, GError **error)
{
	g_autoptr(VfArch) arch = vf_arch_load(vf_dirs_data(), name, error);
	g_autofree char *missing = arch ? missing_for(arch) : NULL;

	if (!arch)
		return NULL;
	return json_pack("{s:s, s:s, s:o, s:o, s:s?}", "name", name, "title", arch->title, "boards",
			 boards_of(arch), "limits", strings(arch->limits), "missing", missing);
}

static json_t *describe_job(const char *name, GError **error)
{
	g_autoptr(VfJob) job = vf_job_load(vf_dirs_data(), name, error);

	if (!job)
		return NULL;
	return json_pack("{s:s, s:s, s:o, s:o, s:s}", "name", name, "title", job->title, "boards",
			 strings(job->boards), "needs", strings(job->needs), "control",
			 job->control);
}

static json_t *describe_variant(const char *name, GError **error)
{
	g_autoptr(VfVariant) variant = vf_variant_load(vf_dirs_data(), name, error);

	if (!variant)
		return NULL;
	return json_pack("{s:s, s:s, s:i, s:o}", "name", name, "title", variant->title, "patches",
			 (int)variant->patches->len, "provides", strings(variant->provides));
}

/* "hppa/default" of all that must be red, each once. */
static json_t *places_of(const VfMutant *mutant)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	json_t *places = json_array();

	for (guint i = 0; i < mutant->red->len; i++) {
		const VfMutantRed *red = mutant->red->pdata[i];

		for (char **place = red->on; *place; place++)
			if (g_hash_table_add(seen, *place))
				json_array_append_new(places, json_string(*place));
	}
	return places;
}

static json_t *describe_mutant(const char *name, GError **error)
{
	g_autoptr(VfMutant) mutant = vf_mutant_load(vf_dirs_data(), name, error);

	if (!mutant)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "name", name, "title", mutant->title,
			 "kind", mutant->kind, "variant", mutant->variant, "jobs",
			 strings(mutant->jobs), "red", places_of(mutant));
}

static json_t *describe_all(GStrv (*names)(const char *data, GError **error),
			    json_t *(*describe)(const char *name, GError **error), GError **error)
{
	g_auto(GStrv) all = names(vf_dirs_data(), error);
	json_auto_t *list = json_array();

	if (!all)
		return NULL;
	for (char **name = all; *name; name++) {
		json_t *item = describe(*name, error);

		if (!item)
			return NULL;
		json_array_append_new(list, item);
	}
	return json_incref(list);
}

static json_t *list_archs(GError **error)
{
	return describe_all(vf_arch_names, describe_arch, error);
}

static json_t *list_jobs(GError **error)
{
	return describe_all(vf_job_names, describe_job, error);
}

static json_t *list_variants(GError **error)
{
	return describe_all(vf_variant_names, describe_variant, error);
}

static json_t *list_mutants(GError **error)
{
	return describe_all(vf_mutant_names, describe_mutant, error);
}

static json_t *list_runs(GError **error)
{
	g_autofree char *path = g_build_filename(vf_dirs_state(), "results.db", NULL);
	g_autoptr(VfDb) db = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return json_array();
	db = vf_db_open(path, error);
	return db ? vf_db_runs_json(db, RUNS, error) : NULL;
}

static const char *text_of(const json_t *item, const char *key)
{
	const char *text = json_string_value(json_object_get(item, key));

	return text ? text : "";
}

/* "default, c3700" of strings or of objects with a name. Caller frees. */
static char *joined(const json_t *item, const char *key)
{
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();
	g_auto(GStrv) all = NULL;
	json_t *word;
	gsize i;

	json_array_foreach (json_object_get(item, key), i, word)
		g_strv_builder_add(words, json_is_object(word) ? text_of(word, "name")
							       : json_string_value(word));
	all = g_strv_builder_end(words);
	return g_strjoinv(", ", all);
}

static void print_archs(const json_t *list)
{
	g_autoptr(VfTable) table = vf_table_new("ARCH", "TITLE", "BOARDS", "TOOLS", NULL);
	json_t *item;
	gsize i;

	json_array_foreach (list, i, item) {
		g_autofree char *boards = joined(item, "boards");
		const char *missing = text_of(item, "missing");

		vf_table_add(table, text_of(item, "name"), text_of(item, "title"), boards,
			     *missing ? missing : "ready", NULL);
	}
	vf_table_print(table, stdout);
}

static void print_jobs(const json_t *list)
{
	g_autoptr(VfTable) table = vf_table_new("JOB", "TITLE", "BOARDS", "NEEDS", NULL);
	json_t *item;
	gsize i;

	json_array_foreach (list, i, item) {
		g_autofree char *boards = joined(item, "boards");
		g_autofree char *needs = joined(item, "needs");

		vf_table_add(table, text_of(item, "name"), text_of(item, "title"), boards,
			     *needs ? needs : "-", NULL);
	}
	vf_table_print(table, stdout);
}

static void print_variants(const json_t *list)
{
	g_autoptr(VfTable) table = vf_table_new("VARIANT", "TITLE", "PATCHES", "PROVIDES", NULL);
	json_t *item;
	gsize i;

	json_array_foreach (list, i, item) {
		g_autofree char *provides = joined(item, "provides");
		g_autofree char *patches =
			g_strdup_printf("%d",
					(int)json_integer_value(json_object_get(item, "patches")));

		vf_table_add(table, text_of(item, "name"), text_of(item, "title"), patches,
			     *provides ? provides : "-", NULL);
	}
	vf_table_print(table, stdout);
}

static void print_mutants(const json_t *list)
{
	g_autoptr(VfTable) table = vf_table_new("MUTANT", "JOBS", "RED ON", "TITLE", NULL);
	json_t *item;
	gsize i;

	json_array_foreach (list, i, item) {
		g_autofree char *jobs = joined(item, "jobs");
		g_autofree char *red = joined(item, "red");

		vf_table_add(table, text_of(item, "name"), jobs, red, text_of(item, "title"), NULL);
	}
	vf_table_print(table, stdout);
}

static void print_runs(const json_t *list)
{
	vf_results_print_runs(list, stdout);
}

static const struct {
	const char *name;
	json_t *(*list)(GError **error);
	void (*print)(const json_t *list);
	gboolean on_demand; /* printed only by name */
} lists[] = {
	{"archs", list_archs, print_archs, FALSE},
	{"jobs", list_jobs, print_jobs, FALSE},
	{"variants", list_variants, print_variants, FALSE},
	{"mutants", list_mutants, print_mutants, TRUE},
	{"runs", list_runs, print_runs, TRUE},
};

static gboolean known_list(const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *shown = vf_text_escape(name, -1, 60);
	g_autofree char *known = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		if (!strcmp(lists[i].name, name))
			return TRUE;
		g_ptr_array_add(names, (gpointer)lists[i].name);
	}
	g_ptr_array_add(names, NULL);
	known = g_strjoinv(", ", (char **)names->pdata);
	return vf_throw(error, VF_ERROR_USAGE, "unknown list \"%s\"; known: %s", shown, known);
}

/* The list @only in an object, or all (with @text those that need no name); NULL: error. */
static json_t *collect(const char *only, gboolean text, GError **error)
{
	json_auto_t *all = json_object();

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		json_t *list;

		if (only ? strcmp(only, lists[i].name) != 0 : text && lists[i].on_demand)
			continue;
		list = lists[i].list(error);
		if (!list)
			return NULL;
		json_object_set_new(all, lists[i].name, list);
	}
	return json_incref(all);
}

static void print(const json_t *all)
{
	const char *gap = "";

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		const json_t *list = json_object_get(all, lists[i].name);

		if (!list)
			continue;
		fputs(gap, stdout);
		lists[i].print(list);
		gap = "\n";
	}
}

static gboolean list(const char *format, int argc, char **argv, GError **error)
{
	json_auto_t *all = NULL;
	gboolean as_text = !strcmp(format, "text");

	if (!as_text && strcmp(format, "json"))
		return vf_throw(error, VF_ERROR_USAGE,
				"--format: expected text or json, found \"%s\"", format);
	if (argc > 2)
		return vf_throw(error, VF_ERROR_USAGE,
				"list: expected at most one argument, found %d", argc - 1);
	if (argc > 1 && !known_list(argv[1], error))
		return FALSE;
	all = collect(argc > 1 ? argv[1] : NULL, as_text, error);
	if (!all)
		return FALSE;
	if (as_text) {
		print(all);
	} else {
		g_autofree char *text = json_dumps(all, JSON_INDENT(2));

		g_print("%s\n", text);
	}
	return TRUE;
}

int vf_cmd_list(const VfCommand *command, int argc, char **argv)
{
	g_autofree char *format = NULL;
	const GOptionEntry options[] = {
		{"format", 'f', 0, G_OPTION_ARG_STRING, &format, "Output format (default: text)",
		 "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;

	if (!vf_cli_parse(command, options, detail, &argc, &argv, &done))
		return VF_EXIT_USAGE;
	if (done || list(format ? format : "text", argc, argv, &error))
		return VF_EXIT_PASS;
	return vf_cli_fail(error, format && !strcmp(format, "json"));
}
