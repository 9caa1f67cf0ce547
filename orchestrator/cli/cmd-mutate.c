// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "run/experiment.h"
#include "results-db/mutants.h"
#include "results-db/mutation-text.h"
#include "run/run.h"

typedef struct Options {
	VfSelection selection;
	char *resume, *output, *format;
	int parallel, timeout;
	gboolean list;
} Options;

static const char detail[] =
	"Builds each mutant of patches/mutants/ on top of its variant, runs its jobs, and checks "
	"that\nit is caught on the boards that its file names and nowhere else. The unmodified "
	"kernel runs as\nthe control. A mutant is not booted on an architecture that builds none "
	"of the files it changes.\n--mutant FILE.patch shows which jobs detect a patch of your "
	"own. show, why, repro and report\naccept the run of an experiment.\n";

static void options_clear(Options *options)
{
	vf_selection_clear(&options->selection);
	g_free(options->resume);
	g_free(options->output);
	g_free(options->format);
}

static gboolean is_json(const Options *options)
{
	return !g_strcmp0(options->format, "json");
}

static gboolean selects(const VfSelection *selection)
{
	return selection->archs || selection->boards || selection->jobs || selection->mutants ||
	       selection->linux_source;
}

static gboolean check(const Options *options, GError **error)
{
	if (options->format && strcmp(options->format, "text") && !is_json(options))
		return vf_throw(error, VF_ERROR_USAGE,
				"--format: expected text or json, found \"%s\"", options->format);
	if (options->parallel < 0)
		return vf_throw(error, VF_ERROR_USAGE, "--jobs: expected a positive number");
	if (options->timeout < 0)
		return vf_throw(error, VF_ERROR_USAGE,
				"--timeout: expected a positive number of seconds");
	if (options->resume && selects(&options->selection))
		return vf_throw(
			error, VF_ERROR_USAGE,
			"--resume goes on with what the run has selected: leave out --arch, "
			"--board, --job and --mutant");
	return TRUE;
}

/* "hppa/default/vflush, ..." of the selected tasks that must be red. Caller frees. */
static char *red_places(const VfMutantRecord *record)
{
	g_autoptr(GStrvBuilder) places = g_strv_builder_new();
	g_auto(GStrv) all = NULL;
	const json_t *cell;
	gsize i;

	json_array_foreach (record->cells, i, cell) {
		const char *arch, *board, *job, *expect;
		g_autofree char *place = NULL;

		json_unpack((json_t *)cell, "{s:s, s:s, s:s, s:s}", "arch", &arch, "board", &board,
			    "job", &job, "expect", &expect);
		place = g_strdup_printf("%s/%s/%s", arch, board, job);
		if (!strcmp(expect, "red"))
			g_strv_builder_add(places, place);
	}
	all = g_strv_builder_end(places);
	return g_strjoinv(", ", all);
}

static json_t *strings(const GStrv words)
{
	json_t *array = json_array();

	for (char **word = words; *word; word++)
		json_array_append_new(array, json_string(*word));
	return array;
}

static void print_list(const VfExperiment *experiment)
{
	g_autoptr(VfTable) table = vf_table_new("MUTANT", "JOBS", "MUST BE RED ON", NULL);

	for (guint i = 0; i < experiment->mutants->len; i++) {
		const VfMutant *mutant = experiment->mutants->pdata[i];
		g_autofree char *jobs = g_strjoinv(", ", mutant->jobs);
		g_autofree char *places = red_places(experiment->records->pdata[i]);

		vf_table_add(table, mutant->name, jobs, *places ? places : "-", NULL);
	}
	vf_table_print(table, stdout);
}

static void print_list_json(const VfExperiment *experiment)
{
	json_auto_t *list = json_array();
	g_autofree char *text = NULL;

	for (guint i = 0; i < experiment->mutants->len; i++) {
		const VfMutant *mutant = experiment->mutants->pdata[i];
		const VfMutantRecord *record = experiment->records->pdata[i];

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s*, s:s, s:s, s:s, s:o, s:O}", "name",
						mutant->name, "title", mutant->title, "kind",
						mutant->kind, "base", record->base, "patch",
						record->patch, "sha256", record->sha256, "jobs",
						strings(mutant->jobs), "cells", record->cells));
	}
	text = json_dumps(list, JSON_INDENT(2));
	g_print("%s\n", text);
}

/* A file of the user's own has no expectation: being seen at all is what it is run for. */
static gboolean unseen(const json_t *mutation)
{
	const json_t *mutant;
	gsize i;

	json_array_foreach (json_object_get(mutation, "mutants"), i, mutant)
		if (!json_object_get(mutant, "kind") &&
		    g_strcmp0(json_string_value(json_object_get(mutant, "outcome")), "red"))
			return TRUE;
	return FALSE;
}

/* Anything that could not be decided, also of a task that must stay green. */
static gboolean undecided(const json_t *mutation)
{
	const json_t *mutant, *cell;
	gsize i, k;

	json_array_foreach (json_object_get(mutation, "mutants"), i, mutant) {
		json_array_foreach (json_object_get(mutant, "cells"), k, cell) {
			const char *outcome = json_string_value(json_object_get(cell, "outcome"));

			if (!g_strcmp0(outcome, "undecided") || !g_strcmp0(outcome, "pending"))
				return TRUE;
		}
	}
	return FALSE;
}

static int exit_status(const json_t *mutation)
{
	const json_t *score = json_object_get(mutation, "score");

	if (json_integer_value(json_object_get(score, "survived")) ||
	    json_integer_value(json_object_get(score, "unexpected")))
		return VF_EXIT_FAIL;
	if (undecided(mutation))
		return VF_EXIT_BROKEN;
	return unseen(mutation) ? VF_EXIT_FAIL : VF_EXIT_PASS;
}

static gboolean report(VfDb *db, const VfRunResult *result, const Options *options, int *status,
		       GError **error)
{
	json_auto_t *mutation = vf_db_mutation_json(db, result->id, error);
	g_autofree char *text = mutation ? json_dumps(mutation, JSON_INDENT(2)) : NULL;
	g_autofree char *line = text ? g_strconcat(text, "\n", NULL) : NULL;

	if (!mutation || (options->output && !vf_dirs_write(options->output, line, -1, error)))
		return FALSE;
	if (is_json(options)) {
		g_print("%s", line);
	} else {
		vf_results_print_mutation(mutation, stdout);
		g_print("\nRun %s\n", result->id);
	}
	*status = result->interrupted ? VF_EXIT_INTERRUPTED : exit_status(mutation);
	if (result->interrupted && !is_json(options))
		g_print("Go on with: orchestrator mutate --resume %s\n", result->id);
	return TRUE;
}

typedef struct Begun {
	VfDb *db;
	const VfExperiment *experiment;
} Begun;

static gboolean on_begun(const char *id, gpointer data, GError **error)
{
	const Begun *begun = data;

	return vf_db_experiment(begun->db, id, begun->experiment->selection,
				begun->experiment->records, error);
}

static VfExperiment *load_resumed(VfDb *db, const char *id, Options *options, GError **error)
{
	json_auto_t *stored = vf_db_experiment_json(db, id, error);
	g_autoptr(VfExperiment) experiment = NULL;

	if (!stored)
		return NULL;
	vf_selection_from_json(&options->selection, json_object_get(stored, "selection"));
	experiment = vf_experiment_new(vf_dirs_data(), &options->selection, error);
	if (!experiment || !vf_experiment_is(experiment, stored, error))
		return NULL;
	return g_steal_pointer(&experiment);
}

static VfRunResult *execute(VfDb *db, VfExperiment *experiment, const char *resume,
			    const Options *options, const char *command, GError **error)
{
	g_autofree char *plugin = vf_dirs_plugin();
	g_autofree char *altered = g_strdup_printf("mutate: %u mutants", experiment->mutants->len);
	guint cores = g_get_num_processors();
	g_autoptr(VfBuilder) builder =
		vf_builder_new(vf_dirs_data(), options->selection.linux_source, cores, error);
	g_autoptr(VfDisplay) display = NULL;
	Begun begun = {db, experiment};
	VfRunOptions run = {
		.command = command,
		.backend = &vf_guest_qemu,
		.plugin = g_file_test(plugin, G_FILE_TEST_EXISTS) ? plugin : NULL,
		.altered = altered,
		.resume = resume,
		.begun = on_begun,
		.begun_data = &begun,
		.jobs = options->parallel ? (guint)options->parallel : cores,
		.timeout = (guint)options->timeout,
	};
	guint strays;

	if (!builder)
		return NULL;
	display = vf_display_new(is_json(options) ? VF_DISPLAY_QUIET : VF_DISPLAY_AUTO, stderr,
				 experiment->plan->tasks->len);
	strays = vf_guest_qemu_reap();
	if (strays)
		vf_display_note(display, "ended %u guests that a killed run had left", strays);
	return vf_run(experiment->plan, builder, db, display, &run, error);
}

static gboolean mutate(Options *options, const char *command, int *status, GError **error)
{
	g_autofree char *database = g_build_filename(vf_dirs_state(), "results.db", NULL);
	g_autofree char *resume = NULL;
	g_autoptr(VfExperiment) experiment = NULL;
	g_autoptr(VfDb) db = NULL;
	g_autoptr(VfRunResult) result = NULL;

	if (!vf_dirs_make(vf_dirs_state(), error) || !vf_dirs_make(vf_dirs_cache(), error))
		return FALSE;
	if (!options->resume)
		experiment = vf_experiment_new(vf_dirs_data(), &options->selection, error);
	db = options->resume || experiment ? vf_db_open(database, error) : NULL;
	if (!db)
		return FALSE;
	if (options->resume) {
		resume = vf_db_resolve_run(db, options->resume, error);
		experiment = resume ? load_resumed(db, resume, options, error) : NULL;
	}
	result = experiment ? execute(db, experiment, resume, options, command, error) : NULL;
	return result && report(db, result, options, status, error);
}

static gboolean list(const Options *options, GError **error)
{
	g_autoptr(VfExperiment) experiment =
		vf_experiment_new(vf_dirs_data(), &options->selection, error);

	if (!experiment)
		return FALSE;
	if (is_json(options))
		print_list_json(experiment);
	else
		print_list(experiment);
	return TRUE;
}

static gboolean dispatch(Options *options, int argc, char **argv, const char *command, int *status,
			 GError **error)
{
	if (argc > 1)
		return vf_throw(error, VF_ERROR_USAGE, "mutate: unexpected argument \"%s\"",
				argv[1]);
	if (!check(options, error))
		return FALSE;
	*status = VF_EXIT_PASS;
	return options->list ? list(options, error) : mutate(options, command, status, error);
}

int vf_cmd_mutate(const VfCommand *command, int argc, char **argv)
{
	g_autofree char *line = vf_text_shell((const char *const *)argv);
	Options options = {.list = FALSE};
	const GOptionEntry entries[] = {
		{"arch", 'a', 0, G_OPTION_ARG_STRING, &options.selection.archs,
		 "Architectures, separated by commas (default: all)", "LIST|all"},
		{"board", 'b', 0, G_OPTION_ARG_STRING, &options.selection.boards,
		 "Boards of these architectures (default: those that a job names)", "LIST|all"},
		{"job", 'j', 0, G_OPTION_ARG_STRING, &options.selection.jobs,
		 "Only these jobs of each mutant; all: every job", "LIST|all"},
		{"mutant", 'm', 0, G_OPTION_ARG_STRING, &options.selection.mutants,
		 "Mutants by name, or patch files of your own (default: all)", "NAME|FILE,..."},
		{"linux", 0, 0, G_OPTION_ARG_FILENAME, &options.selection.linux_source,
		 "Kernel source (default: Debian's linux-source-6.12)",
		 "TREE|TARBALL|debian/SUITE"},
		{"jobs", 'J', 0, G_OPTION_ARG_INT, &options.parallel,
		 "Guests in parallel (default: number of cores)", "N"},
		{"timeout", 't', 0, G_OPTION_ARG_INT, &options.timeout,
		 "Time limit of a guest in seconds (default: the job's)", "S"},
		{"resume", 0, 0, G_OPTION_ARG_STRING, &options.resume,
		 "Resume an interrupted experiment", "RUN"},
		{"list", 'l', 0, G_OPTION_ARG_NONE, &options.list, "Only list the selected mutants",
		 NULL},
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
		 "Also write the result as JSON to FILE (docs/mutation.schema.json)", "FILE"},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
		 "Output format (default: text)", "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	int status = VF_EXIT_USAGE;

	if (vf_cli_parse(command, entries, detail, &argc, &argv, &done)) {
		status = VF_EXIT_PASS;
		if (!done && !dispatch(&options, argc, argv, line, &status, &error))
			status = vf_cli_fail(error, is_json(&options));
	}
	options_clear(&options);
	return status;
}
