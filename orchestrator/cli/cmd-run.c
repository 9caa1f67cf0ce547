// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/cli.h"
#include "results-db/results-text.h"
#include "run/run.h"

typedef struct Options {
	char *archs, *boards, *jobs, *variant, *linux_source, *mutant, *message_id, *output,
		*format, *append;
	char **inject;
	int parallel, timeout;
} Options;

static const char detail[] =
	"Builds the kernels that the selected tasks need, boots each task in a guest, judges it\n"
	"by evidence and stores it. Progress goes to stderr, the result to stdout.\n";

static void options_clear(Options *options)
{
	char **strings[] = {&options->archs,	  &options->boards,	  &options->jobs,
			    &options->variant,	  &options->linux_source, &options->mutant,
			    &options->message_id, &options->output,	  &options->format,
			    &options->append};

	for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
		g_free(*strings[i]);
	g_strfreev(options->inject);
}

static const char *format_of(const Options *options)
{
	return options->format ? options->format : "text";
}

static gboolean check(const Options *options, GError **error)
{
	const char *format = format_of(options);

	if (strcmp(format, "text") && strcmp(format, "json"))
		return vf_throw(error, VF_ERROR_USAGE,
				"--format: expected text or json, found \"%s\"", format);
	if (options->parallel < 0)
		return vf_throw(error, VF_ERROR_USAGE, "--jobs: expected a positive number");
	if (options->timeout < 0)
		return vf_throw(error, VF_ERROR_USAGE,
				"--timeout: expected a positive number of seconds");
	if (options->message_id &&
	    (!options->message_id[0] || strpbrk(options->message_id, "<> \t\n")))
		return vf_throw(error, VF_ERROR_USAGE,
				"--message-id: expected a Message-ID without angle brackets");
	if (options->mutant && !g_file_test(options->mutant, G_FILE_TEST_IS_REGULAR))
		return vf_throw(error, VF_ERROR_USAGE, "--mutant: %s: no such patch file",
				options->mutant);
	return TRUE;
}

static int exit_status(const VfRunResult *result)
{
	if (result->interrupted)
		return VF_EXIT_INTERRUPTED;
	if (result->counts[VF_STATUS_FAIL])
		return VF_EXIT_FAIL;
	if (result->counts[VF_STATUS_ERROR] || result->counts[VF_STATUS_MISS])
		return VF_EXIT_BROKEN;
	return VF_EXIT_PASS;
}

static gboolean report(VfDb *db, const char *id, const Options *options, gboolean json,
		       GError **error)
{
	json_t *run = vf_db_run_json(db, id, error);
	g_autofree char *text = NULL;
	gboolean ok = TRUE;

	if (!run)
		return FALSE;
	if (json || options->output)
		text = json_dumps(run, JSON_INDENT(2));
	if (options->output) {
		g_autofree char *line = g_strconcat(text, "\n", NULL);

		ok = vf_dirs_write(options->output, line, -1, error);
	}
	if (json)
		g_print("%s\n", text);
	else
		vf_results_print_run(run, stdout);
	json_decref(run);
	return ok;
}

static gboolean run(const Options *options, const char *command, int *status, GError **error)
{
	gboolean json = !strcmp(format_of(options), "json");
	guint cores = g_get_num_processors();
	g_autofree char *database = g_build_filename(vf_dirs_state(), "results.db", NULL);
	g_autofree char *plugin = g_build_filename(VIFARM_BINARY_DIR, "machine", "vifarm.so", NULL);
	g_autofree char *mutant =
		options->mutant ? g_canonicalize_filename(options->mutant, NULL) : NULL;
	g_auto(GStrv) append =
		options->append ? g_strsplit_set(options->append, " \t\n", -1) : NULL;
	g_autoptr(VfDisplay) display = NULL;
	g_autoptr(VfPlan) plan = NULL;
	g_autoptr(VfBuilder) builder = NULL;
	g_autoptr(VfDb) db = NULL;
	g_autoptr(VfRunResult) result = NULL;
	VfRunOptions run_options = {
		.command = command,
		.backend = &vf_guest_qemu,
		.message_id = options->message_id,
		.plugin = g_file_test(plugin, G_FILE_TEST_EXISTS) ? plugin : NULL,
		.mutant = mutant,
		.append = append,
		.inject = options->inject,
		.jobs = options->parallel ? (guint)options->parallel : cores,
		.timeout = (guint)options->timeout,
	};
	guint strays;

	if (!check(options, error))
		return FALSE;
	plan = vf_plan_new(vf_dirs_data(), options->archs, options->boards, options->jobs,
			   options->variant ? options->variant : "full", error);
	if (!plan)
		return FALSE;
	if (!vf_dirs_make(vf_dirs_state(), error) || !vf_dirs_make(vf_dirs_cache(), error))
		return FALSE;
	builder = vf_builder_new(vf_dirs_data(), options->linux_source, cores, error);
	db = builder ? vf_db_open(database, error) : NULL;
	if (!db)
		return FALSE;
	display =
		vf_display_new(json ? VF_DISPLAY_QUIET : VF_DISPLAY_AUTO, stderr, plan->tasks->len);
	strays = vf_guest_qemu_reap();
	if (strays)
		vf_display_note(display, "ended %u guests that a killed run had left", strays);
	result = vf_run(plan, builder, db, display, &run_options, error);
	g_clear_pointer(&display, vf_display_free);
	if (!result || !report(db, result->id, options, json, error))
		return FALSE;
	*status = exit_status(result);
	return TRUE;
}

int vf_cmd_run(const VfCommand *command, int argc, char **argv)
{
	g_autofree char *line = vf_text_shell((const char *const *)argv);
	Options options = {NULL};
	const GOptionEntry entries[] = {
		{"arch", 'a', 0, G_OPTION_ARG_STRING, &options.archs,
		 "Architectures, separated by commas (default: all)", "LIST|all"},
		{"board", 'b', 0, G_OPTION_ARG_STRING, &options.boards,
		 "Boards of these architectures (default: those that a job names)", "LIST|all"},
		{"job", 'j', 0, G_OPTION_ARG_STRING, &options.jobs,
		 "Jobs, separated by commas (default: all)", "LIST|all"},
		{"variant", 'V', 0, G_OPTION_ARG_STRING, &options.variant,
		 "Patch stack of the kernel (default: full)", "NAME"},
		{"linux", 0, 0, G_OPTION_ARG_FILENAME, &options.linux_source,
		 "Kernel source (default: Debian's linux-source-6.12)", "TREE|TARBALL"},
		{"mutant", 0, 0, G_OPTION_ARG_FILENAME, &options.mutant,
		 "One more patch on top of the variant", "FILE"},
		{"message-id", 0, 0, G_OPTION_ARG_STRING, &options.message_id,
		 "Message-ID of the series that --linux holds; b4-check finds the run by it", "ID"},
		{"jobs", 'J', 0, G_OPTION_ARG_INT, &options.parallel,
		 "Guests at once (default: number of cores)", "N"},
		{"timeout", 't', 0, G_OPTION_ARG_INT, &options.timeout,
		 "Seconds that a guest may take (default: the job's)", "S"},
		{"append", 0, 0, G_OPTION_ARG_STRING, &options.append, "Further kernel arguments",
		 "KERNEL-ARGS"},
		{"inject", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.inject,
		 "Let the emulated chip misbehave, see docs/machine.md; repeatable", "FAULT=N"},
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
		 "Write results.json here as well", "FILE"},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
		 "What stdout gets (default: text)", "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	int status = VF_EXIT_USAGE;

	if (vf_cli_parse(command, entries, detail, &argc, &argv, &done) && !done) {
		if (argc > 1)
			vf_throw(&error, VF_ERROR_USAGE, "run: unexpected argument \"%s\"",
				 argv[1]);
		else
			run(&options, line, &status, &error);
		if (error)
			status = vf_cli_fail(error, !strcmp(format_of(&options), "json"));
	} else if (done) {
		status = VF_EXIT_PASS;
	}
	options_clear(&options);
	return status;
}
