// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/cli.h"
#include "guest/lava/farm.h"
#include "guest/lava/follow.h"
#include "guest/lava/import.h"
#include "guest/lava/render.h"
#include "results-db/results-text.h"

typedef struct Options {
	char *lab, *archs, *boards, *jobs, *variant, *linux_source, *append, *format;
	int timeout;
	gboolean publish;
} Options;

static const char detail[] =
	"render   print the job definitions of the selected tasks, one YAML document each\n"
	"submit   build, publish and submit them, and do not wait: run --on LAB --detach\n"
	"watch    follow RUN to its end and judge it, or follow jobs of --lab and show their logs\n"
	"import   fetch jobs that have ended, judge them, and store that as a run\n"
	"cancel   end jobs of --lab, or those that RUN has submitted\n"
	"docs/lab-file.md describes the lab file, docs/lab.md how a lab is set up.\n";

typedef struct Verb {
	const char *name;
	gboolean needs_lab;
	int minimum, maximum; /* arguments */
	gboolean (*act)(const Options *options, char **arguments, int *status, GError **error);
} Verb;

static gboolean is_job(const char *word)
{
	return g_regex_match_simple("^[0-9]+(\\.[0-9]+)?$", word, G_REGEX_DOLLAR_ENDONLY, 0);
}

static gboolean check_jobs(char **words, GError **error)
{
	for (; *words; words++)
		if (!is_job(*words))
			return vf_throw(error, VF_ERROR_USAGE,
					"\"%s\": expected the number of a job", *words);
	return TRUE;
}

static VfLava *open_lava(const Options *options, VfLab **lab, GError **error)
{
	*lab = vf_lab_load(options->lab, error);
	return *lab ? vf_lava_new(*lab, error) : NULL;
}

static gboolean render(const Options *options, G_GNUC_UNUSED char **arguments, int *status,
		       GError **error)
{
	g_autofree char *plugin = vf_dirs_plugin();
	g_auto(GStrv) append =
		options->append ? g_strsplit_set(options->append, " \t\n", -1) : NULL;
	const VfLavaRender what = {
		.plugin = g_file_test(plugin, G_FILE_TEST_EXISTS) ? plugin : NULL,
		.append = append,
		.timeout = (guint)options->timeout,
		.publish = options->publish,
	};
	g_autoptr(VfLab) lab = vf_lab_load(options->lab, error);
	g_autoptr(VfPlan) plan = lab ? vf_plan_new(vf_dirs_data(), options->archs, options->boards,
						   options->jobs, options->variant ?: "full", error)
				     : NULL;
	g_autoptr(VfBuilder) builder = NULL;
	g_autofree char *text = NULL;

	if (!plan || !vf_dirs_make(vf_dirs_cache(), error))
		return FALSE;
	builder = vf_builder_new(vf_dirs_data(), options->linux_source, g_get_num_processors(),
				 error);
	text = builder ? vf_lava_render(plan, builder, lab, &what, error) : NULL;
	if (!text)
		return FALSE;
	g_print("%s", text);
	*status = VF_EXIT_PASS;
	return TRUE;
}

/* `run` does it; one way of running tasks is enough. */
static gboolean hand_over(GPtrArray *argv, int *status)
{
	static const VfCommand run = {"run", "", "build, boot and judge", vf_cmd_run};
	int argc = (int)argv->len;

	g_ptr_array_add(argv, NULL);
	*status = vf_cmd_run(&run, argc, (char **)argv->pdata);
	return TRUE;
}

static void add_option(GPtrArray *argv, const char *name, const char *value)
{
	if (!value)
		return;
	g_ptr_array_add(argv, (char *)name);
	g_ptr_array_add(argv, (char *)value);
}

static gboolean submit(const Options *options, G_GNUC_UNUSED char **arguments, int *status,
		       G_GNUC_UNUSED GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autofree char *timeout =
		options->timeout ? g_strdup_printf("%d", options->timeout) : NULL;
	g_autofree char *lab = g_canonicalize_filename(options->lab, NULL);

	g_ptr_array_add(argv, (char *)"run");
	add_option(argv, "--on", lab);
	add_option(argv, "--arch", options->archs);
	add_option(argv, "--board", options->boards);
	add_option(argv, "--job", options->jobs);
	add_option(argv, "--variant", options->variant);
	add_option(argv, "--linux", options->linux_source);
	add_option(argv, "--append", options->append);
	add_option(argv, "--timeout", timeout);
	add_option(argv, "--format", options->format);
	g_ptr_array_add(argv, (char *)"--detach");
	return hand_over(argv, status);
}

/* Jobs that are followed or cancelled for their own sake. */
typedef struct Crowd {
	GMainLoop *loop;
	guint left;
	gboolean failed;
} Crowd;

typedef struct Watched {
	Crowd *crowd;
	const char *id;
} Watched;

static void one_less(Crowd *crowd)
{
	if (!--crowd->left)
		g_main_loop_quit(crowd->loop);
}

static void on_state(const VfLavaJob *job, G_GNUC_UNUSED gpointer data)
{
	g_printerr("job %s: %s%s%s\n", job->id, job->word, job->device ? " on " : "",
		   job->device ?: "");
}

static void on_line(const char *level, const char *text, gsize length, gpointer data)
{
	const Watched *watched = data;
	g_autofree char *escaped = NULL;

	if (strcmp(level, "target") && strcmp(level, "feedback"))
		return;
	escaped = vf_text_escape(text, (gssize)length, 0);
	g_print("%s: %s\n", watched->id, escaped);
}

static void on_followed(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Watched *watched = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(VfLavaOutcome) outcome = vf_lava_follow_finish(result, &error);

	if (outcome && outcome->error_type)
		g_printerr("job %s: %s: %s\n", watched->id, outcome->error_type,
			   outcome->error_message ?: "no message");
	if (error)
		g_printerr("orchestrator: %s\n", error->message);
	watched->crowd->failed |= !outcome || outcome->job->health != VF_LAVA_COMPLETE;
	one_less(watched->crowd);
	g_free(watched);
}

static gboolean watch_jobs(const Options *options, char **ids, int *status, GError **error)
{
	g_autoptr(VfLab) lab = NULL;
	g_autoptr(VfLava) lava = open_lava(options, &lab, error);
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Crowd crowd = {loop, g_strv_length(ids), FALSE};

	if (!lava || !check_jobs(ids, error))
		return FALSE;
	for (; *ids; ids++) {
		Watched *watched = g_new0(Watched, 1);
		const VfLavaFollow calls = {.state = on_state, .line = on_line, .data = watched};

		watched->crowd = &crowd;
		watched->id = *ids;
		vf_lava_follow_async(lava, *ids, &calls, NULL, on_followed, watched);
	}
	g_main_loop_run(loop);
	/* that a job is complete says nothing about the kernel */
	*status = crowd.failed ? VF_EXIT_BROKEN : VF_EXIT_PASS;
	return TRUE;
}

static gboolean watch(const Options *options, char **arguments, int *status, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	if (is_job(arguments[0])) {
		if (options->lab)
			return watch_jobs(options, arguments, status, error);
		return vf_throw(error, VF_ERROR_USAGE, "watch: jobs need --lab FILE");
	}
	if (arguments[1])
		return vf_throw(error, VF_ERROR_USAGE, "watch: expected one run, or jobs");
	g_ptr_array_add(argv, (char *)"run");
	add_option(argv, "--resume", arguments[0]);
	add_option(argv, "--format", options->format);
	return hand_over(argv, status);
}

static gboolean import(const Options *options, char **ids, int *status, GError **error)
{
	g_autofree char *database = g_build_filename(vf_dirs_state(), "results.db", NULL);
	g_autoptr(VfLab) lab = NULL;
	g_autoptr(VfLava) lava = NULL;
	g_autoptr(VfDb) db = NULL;
	g_autoptr(VfRunResult) result = NULL;
	json_auto_t *results = NULL;

	if (!check_jobs(ids, error))
		return FALSE;
	lava = open_lava(options, &lab, error);
	if (!lava || !vf_dirs_make(vf_dirs_state(), error))
		return FALSE;
	db = vf_db_open(database, error);
	result =
		db ? vf_lava_import(lava, db, (const char *const *)ids, options->lab, error) : NULL;
	results = result ? vf_db_run_json(db, result->id, error) : NULL;
	if (!results)
		return FALSE;
	*status = vf_cli_run_status(result);
	if (!g_strcmp0(options->format, "json")) {
		g_autofree char *text = json_dumps(results, JSON_INDENT(2));

		g_print("%s\n", text);
	} else {
		vf_results_print_run(results, stdout);
	}
	return TRUE;
}

static void on_cancelled(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Crowd *crowd = data;
	g_autoptr(GError) error = NULL;

	if (!vf_lava_cancel_finish(result, &error)) {
		g_printerr("orchestrator: %s\n", error->message);
		crowd->failed = TRUE;
	}
	one_less(crowd);
}

/* The jobs that the journal of @name knows. */
static GStrv jobs_of(const char *name, GError **error)
{
	g_autofree char *database = g_build_filename(vf_dirs_state(), "results.db", NULL);
	g_autoptr(VfDb) db = vf_db_open(database, error);
	g_autofree char *run = db ? vf_db_resolve_run(db, name, error) : NULL;
	g_autofree char *path = run ? vf_lava_farm_journal(run) : NULL;
	g_autoptr(VfJournal) journal = NULL;
	g_autoptr(GStrvBuilder) ids = g_strv_builder_new();
	const GPtrArray *entries;

	if (!path)
		return NULL;
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		vf_throw(error, VF_ERROR_USAGE, "run %s has no jobs in a lab", run);
		return NULL;
	}
	journal = vf_journal_open(path, error);
	if (!journal)
		return NULL;
	entries = vf_journal_entries(journal);
	for (guint i = 0; i < entries->len; i++) {
		const VfJournalEntry *entry = entries->pdata[i];

		if (entry->job)
			g_strv_builder_add(ids, entry->job);
	}
	return g_strv_builder_end(ids);
}

static gboolean cancel(const Options *options, char **arguments, int *status, GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(VfLab) lab = NULL;
	g_autoptr(VfLava) lava = NULL;
	g_auto(GStrv) ids =
		is_job(arguments[0]) ? g_strdupv(arguments) : jobs_of(arguments[0], error);
	Crowd crowd = {loop, 0, FALSE};

	if (!ids || !check_jobs(ids, error))
		return FALSE;
	lava = open_lava(options, &lab, error);
	if (!lava)
		return FALSE;
	crowd.left = g_strv_length(ids);
	for (char **id = ids; *id; id++)
		vf_lava_cancel_async(lava, *id, on_cancelled, &crowd);
	if (crowd.left)
		g_main_loop_run(loop);
	*status = crowd.failed ? VF_EXIT_BROKEN : VF_EXIT_PASS;
	return TRUE;
}

static const Verb verbs[] = {
	{"render", TRUE, 0, 0, render},	       {"submit", TRUE, 0, 0, submit},
	{"watch", FALSE, 1, G_MAXINT, watch},  {"import", TRUE, 1, G_MAXINT, import},
	{"cancel", TRUE, 1, G_MAXINT, cancel},
};

static gboolean run(const Options *options, int argc, char **argv, int *status, GError **error)
{
	const char *name = argc > 1 ? argv[1] : "nothing";

	if (options->format && strcmp(options->format, "text") && strcmp(options->format, "json"))
		return vf_throw(error, VF_ERROR_USAGE,
				"--format: expected text or json, found \"%s\"", options->format);
	for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++) {
		const Verb *verb = &verbs[i];

		if (strcmp(verb->name, name))
			continue;
		if (verb->needs_lab && !options->lab)
			return vf_throw(error, VF_ERROR_USAGE, "lava %s: --lab FILE is missing",
					name);
		if (argc - 2 < verb->minimum || argc - 2 > verb->maximum)
			return vf_throw(error, VF_ERROR_USAGE, "lava %s: expected %s", name,
					verb->minimum ? "a run or jobs" : "no further argument");
		return verb->act(options, argv + 2, status, error);
	}
	return vf_throw(error, VF_ERROR_USAGE,
			"lava: expected render, submit, watch, import or cancel, found \"%s\"",
			name);
}

int vf_cmd_lava(const VfCommand *command, int argc, char **argv)
{
	Options options = {NULL};
	const GOptionEntry entries[] = {
		{"lab", 'l', 0, G_OPTION_ARG_FILENAME, &options.lab, "The lab file", "FILE"},
		{"arch", 'a', 0, G_OPTION_ARG_STRING, &options.archs,
		 "Architectures, separated by commas (default: all)", "LIST|all"},
		{"board", 'b', 0, G_OPTION_ARG_STRING, &options.boards,
		 "Boards of these architectures (default: those that a job names)", "LIST|all"},
		{"job", 'j', 0, G_OPTION_ARG_STRING, &options.jobs,
		 "Jobs, separated by commas (default: all)", "LIST|all"},
		{"variant", 'V', 0, G_OPTION_ARG_STRING, &options.variant,
		 "Patch stack of the kernel (default: full)", "NAME"},
		{"linux", 0, 0, G_OPTION_ARG_FILENAME, &options.linux_source,
		 "Kernel source (default: Debian's linux-source-6.12)",
		 "TREE|TARBALL|debian/SUITE"},
		{"append", 0, 0, G_OPTION_ARG_STRING, &options.append,
		 "Additional kernel arguments", "KERNEL-ARGS"},
		{"timeout", 't', 0, G_OPTION_ARG_INT, &options.timeout,
		 "Time limit of a guest in seconds (default: the job's)", "S"},
		{"publish", 0, 0, G_OPTION_ARG_NONE, &options.publish,
		 "render: publish the artefacts as well", NULL},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
		 "Output format of results (default: text)", "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	int status = VF_EXIT_USAGE;

	if (vf_cli_parse(command, entries, detail, &argc, &argv, &done) && !done)
		run(&options, argc, argv, &status, &error);
	else if (done)
		status = VF_EXIT_PASS;
	if (error)
		status = vf_cli_fail(error, !g_strcmp0(options.format, "json"));
	g_free(options.lab);
	g_free(options.archs);
	g_free(options.boards);
	g_free(options.jobs);
	g_free(options.variant);
	g_free(options.linux_source);
	g_free(options.append);
	g_free(options.format);
	return status;
}
