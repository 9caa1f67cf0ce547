// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/run-series.h"
#include "guest/libvirt/backend.h"
#include "guest/lava/farm.h"
#include "results-db/results-text.h"
#include "run/run.h"

typedef struct Options {
	char *archs, *boards, *jobs, *variant, *linux_source, *mutant, *message_id, *output,
		*format, *append, *on, *resume, *backend, *series;
	char **inject, **hosts;
	int parallel, timeout;
	gboolean detach;
} Options;

static const char detail[] =
	"Builds the kernels of the selected tasks, boots each task in a guest, judges it by "
	"the\nevidence and stores the result. Progress goes to stderr, the result to stdout.\n";

static void options_clear(Options *options)
{
	char **strings[] = {&options->archs,	  &options->boards,	  &options->jobs,
			    &options->variant,	  &options->linux_source, &options->mutant,
			    &options->message_id, &options->output,	  &options->format,
			    &options->append,	  &options->on,		  &options->resume,
			    &options->backend,	  &options->series};

	for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
		g_free(*strings[i]);
	g_strfreev(options->inject);
	g_strfreev(options->hosts);
}

static const char *format_of(const Options *options)
{
	return options->format ? options->format : "text";
}

static const char *const backends[] = {"auto", "qemu", "libvirt", NULL};

static gboolean check_backend(const Options *options, GError **error)
{
	if (options->backend && !g_strv_contains(backends, options->backend))
		return vf_throw(error, VF_ERROR_USAGE,
				"--backend: expected auto, qemu or libvirt, found \"%s\"",
				options->backend);
	if (options->hosts && !g_strcmp0(options->backend, "qemu"))
		return vf_throw(error, VF_ERROR_USAGE,
				"--connect: names libvirt hosts, but --backend qemu uses none");
	if (options->on && (options->hosts || options->backend))
		return vf_throw(error, VF_ERROR_USAGE,
				"--on: the lab runs the guests; leave out --backend and --connect");
	return TRUE;
}

/* A series is run beside its base on this machine, with nothing else changed. */
static gboolean check_series(const Options *options, GError **error)
{
	const struct {
		const char *name;
		gboolean given;
	} others[] = {
		{"--mutant", options->mutant != NULL}, {"--append", options->append != NULL},
		{"--inject", options->inject != NULL}, {"--on", options->on != NULL},
		{"--connect", options->hosts != NULL}, {"--backend", options->backend != NULL},
		{"--jobs", options->parallel != 0},    {"--timeout", options->timeout != 0},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		if (others[i].given)
			return vf_throw(error, VF_ERROR_USAGE, "--series: does not go with %s",
					others[i].name);
	return TRUE;
}

static gboolean check(const Options *options, GError **error)
{
	const char *format = format_of(options);

	if (!check_backend(options, error))
		return FALSE;
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
	if (options->series && !check_series(options, error))
		return FALSE;
	if (options->mutant && !g_file_test(options->mutant, G_FILE_TEST_IS_REGULAR))
		return vf_throw(error, VF_ERROR_USAGE, "--mutant: %s: no such patch file",
				options->mutant);
	if (options->detach && !options->on)
		return vf_throw(error, VF_ERROR_USAGE, "--detach: only with --on");
	if (options->on && (options->backend || options->hosts))
		return vf_throw(error, VF_ERROR_USAGE,
				"--on: a lab runs the guests, not --backend or --connect");
	if (options->on && options->parallel)
		return vf_throw(error, VF_ERROR_USAGE,
				"--jobs: how many jobs a lab gets at once is in its lab file");
	return TRUE;
}

/* The lab that --on names and its farm, or NULL without error. */
static gboolean open_lab(const Options *options, VfLab **lab, VfLavaFarm **farm, GError **error)
{
	if (!options->on)
		return TRUE;
	*lab = vf_lab_load(options->on, error);
	*farm = *lab ? vf_lava_farm_new(*lab, error) : NULL;
	if (!*farm)
		return FALSE;
	(*farm)->detach = options->detach;
	return vf_lava_farm_check(*farm, error);
}

int vf_cli_run_status(const VfRunResult *result)
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

static void on_note(const char *text, gpointer display)
{
	vf_display_note(display, "%s", text);
}

/*
 * *@libvirt stays NULL for the back end qemu. On this machine libvirt would run the same QEMU, only
 * with one more layer between, so auto takes libvirt when hosts are named.
 */
static gboolean make_libvirt(const Options *options, VfLibvirt **libvirt, GError **error)
{
	gboolean forced = !g_strcmp0(options->backend, "libvirt");

	if (!forced && !options->hosts)
		return TRUE;
	*libvirt = vf_libvirt_new((const char *const *)options->hosts, !forced, error);
	return *libvirt != NULL;
}

static void use_libvirt(VfLibvirt *libvirt, const VfPlan *plan, VfDisplay *display,
			VfRunOptions *options)
{
	vf_libvirt_open(libvirt, plan, on_note, display);
	options->backend = vf_libvirt_backend(libvirt);
	if (!options->jobs)
		options->jobs = vf_libvirt_slots(libvirt);
}

static gboolean run(const Options *options, const char *command, int *status, GError **error)
{
	gboolean json = !strcmp(format_of(options), "json");
	guint cores = g_get_num_processors();
	g_autofree char *database = g_build_filename(vf_dirs_state(), "results.db", NULL);
	g_autofree char *plugin = vf_dirs_plugin();
	g_autofree char *mutant =
		options->mutant ? g_canonicalize_filename(options->mutant, NULL) : NULL;
	g_auto(GStrv) append =
		options->append ? g_strsplit_set(options->append, " \t\n", -1) : NULL;
	g_autoptr(VfLibvirt) libvirt = NULL;
	g_autoptr(VfDisplay) display = NULL;
	g_autoptr(VfPlan) plan = NULL;
	g_autoptr(VfBuilder) builder = NULL;
	g_autoptr(VfDb) db = NULL;
	g_autoptr(VfLab) lab = NULL;
	g_autoptr(VfLavaFarm) farm = NULL;
	g_autoptr(VfRunResult) result = NULL;
	VfRunOptions run_options = {
		.command = command,
		.backend = &vf_guest_qemu,
		.message_id = options->message_id,
		.plugin = g_file_test(plugin, G_FILE_TEST_EXISTS) ? plugin : NULL,
		.mutant = mutant,
		.append = append,
		.inject = options->inject,
		.jobs = (guint)options->parallel,
		.timeout = (guint)options->timeout,
		.resume = options->resume,
		.detach = options->detach,
	};
	guint strays;

	if (!check(options, error) || !open_lab(options, &lab, &farm, error))
		return FALSE;
	plan = vf_plan_new(vf_dirs_data(), options->archs, options->boards, options->jobs,
			   options->variant ? options->variant : "full", error);
	if (!plan)
		return FALSE;
	if (!make_libvirt(options, &libvirt, error))
		return FALSE;
	if (!vf_dirs_make(vf_dirs_state(), error) || !vf_dirs_make(vf_dirs_cache(), error))
		return FALSE;
	if (farm) {
		run_options.backend = &farm->backend;
		run_options.jobs = lab->jobs ? (guint)lab->jobs : plan->tasks->len;
	}
	builder = vf_builder_new(vf_dirs_data(), options->linux_source, cores, error);
	db = builder ? vf_db_open(database, error) : NULL;
	if (!db)
		return FALSE;
	display =
		vf_display_new(json ? VF_DISPLAY_QUIET : VF_DISPLAY_AUTO, stderr, plan->tasks->len);
	strays = vf_guest_qemu_reap();
	if (strays)
		vf_display_note(display, "ended %u guests that a killed run had left", strays);
	if (libvirt)
		use_libvirt(libvirt, plan, display, &run_options);
	if (!run_options.jobs)
		run_options.jobs = cores;
	result = vf_run(plan, builder, db, display, &run_options, error);
	g_clear_pointer(&display, vf_display_free);
	if (!result || !report(db, result->id, options, json, error))
		return FALSE;
	*status = vf_cli_run_status(result);
	return TRUE;
}

static gboolean run_series(const Options *options, int *status, GError **error)
{
	const VfSeriesRun series = {
		.series = options->series,
		.linux_tree = options->linux_source,
		.archs = options->archs,
		.boards = options->boards,
		.jobs = options->jobs,
		.variant = options->variant,
		.message_id = options->message_id,
		.output = options->output,
		.json = !strcmp(format_of(options), "json"),
	};

	return check(options, error) && vf_cli_run_series(&series, status, error);
}

static gboolean parse(const VfCommand *command, int *argc, char ***argv, Options *o, gboolean *done)
{
	const GOptionEntry entries[] = {
		{"arch", 'a', 0, G_OPTION_ARG_STRING, &o->archs,
		 "Architectures, separated by commas (default: all)", "LIST|all"},
		{"board", 'b', 0, G_OPTION_ARG_STRING, &o->boards,
		 "Boards of these architectures (default: those that a job names)", "LIST|all"},
		{"job", 'j', 0, G_OPTION_ARG_STRING, &o->jobs,
		 "Jobs, separated by commas (default: all)", "LIST|all"},
		{"variant", 'V', 0, G_OPTION_ARG_STRING, &o->variant,
		 "Patch stack of the kernel (default: full)", "NAME"},
		{"linux", 0, 0, G_OPTION_ARG_FILENAME, &o->linux_source,
		 "Kernel source (default: Debian's linux-source-6.12)",
		 "TREE|TARBALL|debian/SUITE"},
		{"mutant", 0, 0, G_OPTION_ARG_FILENAME, &o->mutant,
		 "Additional patch on top of the variant", "FILE"},
		{"series", 's', 0, G_OPTION_ARG_FILENAME, &o->series,
		 "Apply this series to --linux and compare it with its base: an mbox, a Maildir, "
		 "a directory of git format-patch, or - for the output of b4 am -o -",
		 "FILE|DIR|-"},
		{"message-id", 0, 0, G_OPTION_ARG_STRING, &o->message_id,
		 "Message-ID of the series in --linux, for b4-check; or one of several in --series",
		 "ID"},
		{"jobs", 'J', 0, G_OPTION_ARG_INT, &o->parallel,
		 "Guests in parallel (default: number of cores)", "N"},
		{"timeout", 't', 0, G_OPTION_ARG_INT, &o->timeout,
		 "Time limit of a guest in seconds (default: the job's)", "S"},
		{"append", 0, 0, G_OPTION_ARG_STRING, &o->append, "Additional kernel arguments",
		 "KERNEL-ARGS"},
		{"inject", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->inject,
		 "Inject a fault into the emulated chip, see docs/machine.md; repeatable",
		 "FAULT=N"},
		{"backend", 'B', 0, G_OPTION_ARG_STRING, &o->backend,
		 "Back end (default: auto, which is qemu unless --connect is given)",
		 "auto|qemu|libvirt"},
		{"connect", 'c', 0, G_OPTION_ARG_STRING_ARRAY, &o->hosts,
		 "A libvirt host for the guests, see docs/lab.md; repeatable", "URI"},
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
		 "Also write results.json to FILE", "FILE"},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &o->format, "Output format (default: text)",
		 "text|json"},
		{"on", 0, 0, G_OPTION_ARG_FILENAME, &o->on,
		 "Run in the LAVA lab described by FILE, see docs/lab-file.md", "FILE"},
		{"detach", 0, 0, G_OPTION_ARG_NONE, &o->detach,
		 "With --on: submit without waiting; --resume fetches the results", NULL},
		{"resume", 0, 0, G_OPTION_ARG_STRING, &o->resume,
		 "Resume a detached or killed run of --on, with its original options", "RUN"},
		{NULL},
	};

	return vf_cli_parse(command, entries, detail, argc, argv, done);
}

/*
 * The options of the run that is to be taken up again come from its command; *line (caller frees)
 * becomes that command.
 */
static gboolean take_up(const VfCommand *command, Options *options, char **line, GError **error)
{
	g_autofree char *database = g_build_filename(vf_dirs_state(), "results.db", NULL);
	g_autoptr(VfDb) db = vf_db_open(database, error);
	g_autofree char *id = db ? vf_db_resolve_run(db, options->resume, error) : NULL;
	json_auto_t *run = id ? vf_db_run_json(db, id, error) : NULL;
	const json_t *facts = json_object_get(run, "run");
	g_auto(GStrv) argv = NULL;
	g_autofree char **words = NULL;
	Options before = {NULL};
	gboolean done;
	int argc;

	if (!run)
		return FALSE;
	if (json_object_get(facts, "ended"))
		return vf_throw(error, VF_ERROR_USAGE, "--resume: run %s is finished", id);
	g_free(*line);
	*line = g_strdup(json_string_value(json_object_get(facts, "command")));
	if (!g_shell_parse_argv(*line, &argc, &argv, NULL) || strcmp(argv[0], "run"))
		return vf_throw(error, VF_ERROR_USAGE, "--resume: %s is not a run of a lab", id);
	words = g_memdup2(argv, sizeof(char *) * ((gsize)argc + 1));
	if (!parse(command, &argc, &words, &before, &done) || !before.on) {
		options_clear(&before);
		return vf_throw(error, VF_ERROR_USAGE, "--resume: %s is not a run of a lab", id);
	}
	/* this call decides the output, not the one that is resumed */
	g_free(before.format);
	g_free(before.output);
	before.format = g_steal_pointer(&options->format);
	before.output = g_steal_pointer(&options->output);
	before.detach = FALSE;
	before.resume = g_steal_pointer(&id);
	options_clear(options);
	*options = before;
	return TRUE;
}

int vf_cmd_run(const VfCommand *command, int argc, char **argv)
{
	g_autofree char *line = vf_text_shell((const char *const *)argv);
	Options options = {NULL};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	int status = VF_EXIT_USAGE;

	if (parse(command, &argc, &argv, &options, &done) && !done) {
		if (argc > 1)
			vf_throw(&error, VF_ERROR_USAGE, "run: unexpected argument \"%s\"",
				 argv[1]);
		else if (options.series && !options.resume)
			run_series(&options, &status, &error);
		else if (!options.resume || take_up(command, &options, &line, &error))
			run(&options, line, &status, &error);
		if (error)
			status = vf_cli_fail(error, !strcmp(format_of(&options), "json"));
	} else if (done) {
		status = VF_EXIT_PASS;
	}
	options_clear(&options);
	return status;
}
