// SPDX-License-Identifier: GPL-2.0-or-later
#include <gio/gio.h>
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "run/bisect.h"
#include "cli/query.h"

typedef struct Options {
	char *good, *bad, *arch, *job, *variant, *tree, *format;
	gint show;
	gboolean step;
} Options;

static const char detail[] =
	"Searches the git tree TREE for the commit after GOOD and up to BAD that broke JOB on "
	"ARCH. The\nfiles of TREE are not touched. The last good and the first bad commit are "
	"tested three times, and\nthe bad end is tested with the commit reverted.\n"
	"\n"
	"With --step it tests TREE as it is, for\n"
	"  git bisect run orchestrator bisect --step --arch ARCH --job JOB\n";

/* results.json of a run of this program on @tree; its progress goes to stderr. */
static json_t *run_once(const Options *options, const char *tree, GError **error)
{
	const char *argv[] = {"/proc/self/exe",
			      "run",
			      "--arch",
			      options->arch,
			      "--job",
			      options->job,
			      "--variant",
			      options->variant ?: "base",
			      "--linux",
			      tree,
			      "--format",
			      "json",
			      NULL};
	g_autofree char *self = g_file_read_link("/proc/self/exe", error);
	g_autoptr(GSubprocess) child = NULL;
	g_autofree char *text = NULL;
	json_error_t problem;
	json_t *results;

	if (!self)
		return NULL;
	argv[0] = self;
	child = g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);
	if (!child || !g_subprocess_communicate_utf8(child, NULL, NULL, &text, NULL, error))
		return NULL;
	results = json_loads(text ?: "", 0, &problem);
	if (!results || !json_object_get(results, "run")) {
		const char *message = json_string_value(
			json_object_get(json_object_get(results, "error"), "message"));

		vf_throw(error, VF_ERROR_HARNESS, "run: %s", message ?: "no results");
		json_decref(results);
		return NULL;
	}
	return results;
}

/* Why the first test that did not pass did not, or the first build. */
static char *reason_of(const json_t *results)
{
	static const char *const lists[] = {"builds", "tests"};
	const json_t *object;
	gsize i;

	for (gsize k = 0; k < G_N_ELEMENTS(lists); k++)
		json_array_foreach (json_object_get(results, lists[k]), i, object) {
			if (strcmp(json_string_value(json_object_get(object, "status")), "PASS"))
				return vf_text_escape(json_string_value(
							      json_object_get(object, "reason")),
						      -1, 300);
		}
	return g_strdup("passed");
}

static gboolean test(const char *tree, gpointer data, VfBisectVerdict *verdict, char **reason,
		     char **run, GError **error)
{
	json_auto_t *results = run_once(data, tree, error);

	if (!results)
		return FALSE;
	*verdict = vf_bisect_judge(results);
	*reason = reason_of(results);
	*run = g_strdup(json_string_value(json_object_get(json_object_get(results, "run"), "id")));
	return TRUE;
}

static void note(const char *line, gpointer data)
{
	(void)data;
	g_printerr("bisect: %s\n", line);
}

static void print(const json_t *bisection, gboolean json)
{
	const json_t *steps = json_object_get(bisection, "steps"), *step;
	g_autofree char *text = json ? json_dumps(bisection, JSON_INDENT(2)) : NULL;
	const char *arch, *job, *outcome = "not finished", *commit = NULL, *subject = "";
	gsize i;

	if (json) {
		g_print("%s\n", text);
		return;
	}
	json_unpack((json_t *)bisection, "{s:s, s:s, s?s, s?s, s?s}", "arch", &arch, "job", &job,
		    "outcome", &outcome, "first_bad", &commit, "subject", &subject);
	g_print("%s of %s: %s\n", job, arch, outcome);
	if (commit) {
		g_autofree char *shown = vf_text_escape(subject, -1, 200);

		g_print("%s %s\n", commit, shown);
	}
	json_array_foreach (steps, i, step) {
		const char *purpose, *hash, *verdict, *reason = "";

		json_unpack((json_t *)step, "{s:s, s:s, s:s, s?s}", "purpose", &purpose, "commit",
			    &hash, "verdict", &verdict, "reason", &reason);
		g_autofree char *why = vf_text_escape(reason, -1, 300);

		g_print("  %-7s  %.12s  %-4s  %s\n", purpose, hash, verdict, why);
	}
}

static gboolean show(gint64 id, gboolean json, int *status, GError **error)
{
	g_autofree char *path = vf_query_database();
	g_autoptr(VfDb) db = vf_db_open(path, error);
	json_auto_t *bisection = db ? vf_db_bisect_json(db, id, error) : NULL;

	if (!bisection)
		return FALSE;
	print(bisection, json);
	*status = json_is_true(json_object_get(bisection, "found")) ? VF_EXIT_PASS : VF_EXIT_BROKEN;
	return TRUE;
}

static gboolean search(Options *options, gboolean json, int *status, GError **error)
{
	g_autofree char *path = vf_query_database();
	g_autoptr(VfDb) db = vf_db_open(path, error);
	g_autofree char *tree = g_canonicalize_filename(options->tree ?: ".", NULL);
	VfBisectOptions bisect = {.tree = tree,
				  .good = options->good,
				  .bad = options->bad,
				  .arch = options->arch,
				  .job = options->job,
				  .variant = options->variant ?: "base",
				  .test = test,
				  .data = options,
				  .note = note};
	gint64 id = db ? vf_bisect(db, &bisect, error) : 0;

	return id && show(id, json, status, error);
}

static gboolean step(Options *options, int *status, GError **error)
{
	g_autofree char *tree = g_canonicalize_filename(options->tree ?: ".", NULL);
	g_autofree char *reason = NULL, *run = NULL;
	VfBisectVerdict verdict;

	if (!test(tree, options, &verdict, &reason, &run, error))
		return FALSE;
	g_print("%s: %s (run %s)\n", vf_bisect_word(verdict), reason, run);
	*status = vf_bisect_exit(verdict);
	return TRUE;
}

static gboolean check(const Options *options, int argc, GError **error)
{
	if (options->format && strcmp(options->format, "text") && strcmp(options->format, "json"))
		return vf_throw(error, VF_ERROR_USAGE,
				"--format: expected text or json, found \"%s\"", options->format);
	if (argc > 1)
		return vf_throw(error, VF_ERROR_USAGE, "bisect: unexpected argument");
	if (options->show >= 0)
		return TRUE;
	if (!options->arch || !options->job)
		return vf_throw(error, VF_ERROR_USAGE, "bisect: --arch and --job are needed");
	if (!options->step && (!options->good || !options->bad))
		return vf_throw(error, VF_ERROR_USAGE,
				"bisect: --good and --bad are needed (or --step, or --show)");
	return TRUE;
}

static gboolean dispatch(Options *options, int argc, gboolean json, int *status, GError **error)
{
	if (!check(options, argc, error))
		return FALSE;
	if (options->show >= 0)
		return show(options->show, json, status, error);
	if (options->step)
		return step(options, status, error);
	return search(options, json, status, error);
}

static void options_clear(Options *options)
{
	g_free(options->good);
	g_free(options->bad);
	g_free(options->arch);
	g_free(options->job);
	g_free(options->variant);
	g_free(options->tree);
	g_free(options->format);
}

int vf_cmd_bisect(const VfCommand *command, int argc, char **argv)
{
	Options options = {.show = -1};
	const GOptionEntry entries[] = {
		{"good", 'g', 0, G_OPTION_ARG_STRING, &options.good, "A commit where it passed",
		 "REVISION"},
		{"bad", 'b', 0, G_OPTION_ARG_STRING, &options.bad, "A later one where it fails",
		 "REVISION"},
		{"arch", 'a', 0, G_OPTION_ARG_STRING, &options.arch, "Architecture", "NAME"},
		{"job", 'j', 0, G_OPTION_ARG_STRING, &options.job, "Job", "NAME"},
		{"variant", 'V', 0, G_OPTION_ARG_STRING, &options.variant,
		 "Patch stack on top of each commit (default: base)", "NAME"},
		{"linux", 0, 0, G_OPTION_ARG_FILENAME, &options.tree,
		 "Git tree (default: the working directory)", "TREE"},
		{"step", 0, 0, G_OPTION_ARG_NONE, &options.step,
		 "Test TREE once, for `git bisect run`", NULL},
		{"show", 0, 0, G_OPTION_ARG_INT, &options.show,
		 "Show a stored bisection by its number, 0: the latest", "N"},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
		 "Output format (default: text)", "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE, json;
	/* `git bisect run` takes 64 for bad */
	gboolean step = g_strv_contains((const char *const *)argv, "--step");
	int status = VF_EXIT_USAGE;

	if (vf_cli_parse(command, entries, detail, &argc, &argv, &done)) {
		json = options.format && !strcmp(options.format, "json");
		status = VF_EXIT_PASS;
		if (!done && !dispatch(&options, argc, json, &status, &error))
			status = vf_cli_fail(error, json);
	}
	if (step && (error || status == VF_EXIT_USAGE))
		status = VF_EXIT_SKIP;
	options_clear(&options);
	return status;
}
