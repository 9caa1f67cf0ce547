// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/results-text.h"

#include <glib.h>
#include <string.h>

#include "base/screen.h"
#include "base/text.h"
#include "results-db/hazard-groups.h"
#include "results-db/mutation-text.h"

/* Lines of an excerpt or a splat that are printed; the rest is in the artefacts. */
#define EXCERPT_LINES 40

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static char *escaped(const json_t *object, const char *key)
{
	return vf_text_escape(text_of(object, key), -1, 1000);
}

static gboolean is(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static char *duration(const json_t *object, const char *key)
{
	return vf_text_duration(json_number_value(json_object_get(object, key)));
}

/* Words as they come first, without doubles. Not owned. */
static void add_word(GPtrArray *words, const char *word)
{
	for (guint i = 0; i < words->len; i++)
		if (!strcmp(words->pdata[i], word))
			return;
	g_ptr_array_add(words, (gpointer)word);
}

/* "hppa/default", and the variant when a run has more than one. Caller frees. */
static char *row_of(const json_t *test, gboolean variants)
{
	return g_strdup_printf("%s/%s%s%s", text_of(test, "arch"), text_of(test, "board"),
			       variants ? " " : "", variants ? text_of(test, "variant") : "");
}

static const json_t *cell(const json_t *tests, const char *row, const char *job, gboolean variants)
{
	const json_t *test;
	gsize i;

	json_array_foreach (tests, i, test) {
		g_autofree char *name = row_of(test, variants);

		if (!strcmp(name, row) && !strcmp(text_of(test, "job"), job))
			return test;
	}
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The matrix: its rows, jobs and tests. */
typedef struct Matrix {
	const json_t *tests;
	GPtrArray *rows, *jobs;
	gboolean variants; /* more than one: rows name theirs */
	int label;	   /* width of the longest row name */
} Matrix;

/* Columns of @job, without the two blanks before it. */
static int job_width(const Matrix *matrix, guint job)
{
	return MAX(6, (int)strlen(matrix->jobs->pdata[job]));
}

/* The first job after @from that does not fit @screen columns any more; one always does. */
static guint jobs_end(const Matrix *matrix, guint from, guint screen)
{
	int total = matrix->label;
	guint end = from;

	while (end < matrix->jobs->len) {
		total += 2 + job_width(matrix, end);
		if (end > from && total > (int)screen)
			break;
		end++;
	}
	return end;
}

/* Whether a test of row @row is in a column from @from to before @end. */
static gboolean has_cells(const Matrix *matrix, const char *row, guint from, guint end)
{
	for (guint j = from; j < end; j++)
		if (cell(matrix->tests, row, matrix->jobs->pdata[j], matrix->variants))
			return TRUE;
	return FALSE;
}

static void print_matrix_row(const Matrix *matrix, const char *row, guint from, guint end,
			     FILE *out)
{
	fprintf(out, "%-*s", matrix->label, row);
	for (guint j = from; j < end; j++) {
		const json_t *found =
			cell(matrix->tests, row, matrix->jobs->pdata[j], matrix->variants);
		g_autofree char *word = g_strconcat(found ? text_of(found, "status") : "-",
						    found && is(found, "flaky") ? "~" : "", NULL);

		fprintf(out, "  %-*s", j + 1 < end ? job_width(matrix, j) : 0, word);
	}
	fputc('\n', out);
}

/* Jobs @from to before @end, with the rows that have one of them. */
static void print_part(const Matrix *matrix, guint from, guint end, FILE *out)
{
	fprintf(out, "%*s", matrix->label, "");
	for (guint j = from; j < end; j++)
		fprintf(out, "  %-*s", j + 1 < end ? job_width(matrix, j) : 0,
			(const char *)matrix->jobs->pdata[j]);
	fputc('\n', out);
	for (guint r = 0; r < matrix->rows->len; r++)
		if (has_cells(matrix, matrix->rows->pdata[r], from, end))
			print_matrix_row(matrix, matrix->rows->pdata[r], from, end, out);
}

/* Folded into as many tables as the screen needs; where there is none, scripts get one table. */
static void print_matrix(const json_t *tests, guint screen, FILE *out)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) jobs = g_ptr_array_new(), names = g_ptr_array_new();
	Matrix matrix = {.tests = tests, .rows = rows, .jobs = jobs};
	const json_t *test;
	gsize i;

	json_array_foreach (tests, i, test) {
		add_word(names, text_of(test, "variant"));
		add_word(jobs, text_of(test, "job"));
	}
	matrix.variants = names->len > 1;
	json_array_foreach (tests, i, test) {
		char *row = row_of(test, matrix.variants);

		matrix.label = MAX(matrix.label, (int)strlen(row));
		if (g_ptr_array_find_with_equal_func(rows, row, g_str_equal, NULL))
			g_free(row);
		else
			g_ptr_array_add(rows, row);
	}
	g_ptr_array_sort(jobs, by_name);
	for (guint from = 0, end; from < jobs->len; from = end) {
		end = jobs_end(&matrix, from, screen);
		if (from)
			fputc('\n', out);
		print_part(&matrix, from, end, out);
	}
}

static void print_counts(const json_t *counts, FILE *out)
{
	const char *separator = "";
	const char *name;
	const json_t *count;

	json_object_foreach ((json_t *)counts, name, count) {
		fprintf(out, "%s%" JSON_INTEGER_FORMAT " %s", separator, json_integer_value(count),
			name);
		separator = ", ";
	}
}

/* Each test that is not PASS, with its reason; @skips: those that need no action. */
static void print_reasons(const json_t *tests, gboolean skips, FILE *out)
{
	const json_t *test;
	gsize i;

	json_array_foreach (tests, i, test) {
		const char *status = text_of(test, "status");
		gboolean skip = !strcmp(status, "SKIP");
		g_autofree char *reason = escaped(test, "reason");

		if (skip != skips || (!strcmp(status, "PASS") && !is(test, "flaky")))
			continue;
		fprintf(out, "%-5s %s%s: %s\n", status, text_of(test, "name"),
			is(test, "flaky") ? " (flaky)" : "", reason);
		if (!skip)
			fprintf(out, "      orchestrator why %" JSON_INTEGER_FORMAT "\n",
				json_integer_value(json_object_get(test, "id")));
	}
}

void vf_results_print_escaped(void (*print)(const json_t *json, FILE *out), const json_t *json,
			      FILE *out)
{
	g_autofree char *escaped_text = NULL;
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		g_error("out of memory");
	print(json, memory);
	fclose(memory);
	escaped_text = vf_text_escape_lines(text);
	free(text);
	fputs(escaped_text, out);
}

static void print_whole_run(const json_t *document, FILE *out)
{
	const json_t *run = json_object_get(document, "run");
	const json_t *tests = json_object_get(document, "tests");
	g_autofree char *source = escaped(run, "source"), *command = escaped(run, "command");
	g_autofree char *altered = escaped(run, "altered"), *seconds = duration(run, "seconds");

	fprintf(out, "Run %s: variant %s of %s, %s\n", text_of(run, "id"), text_of(run, "variant"),
		source, is(run, "complete") ? seconds : "not complete");
	fprintf(out, "%s\n", command);
	if (*altered)
		fprintf(out, "Altered: %s\n", altered);
	if (json_array_size(tests) == 0) {
		fputs("No results yet.\n", out);
		return;
	}
	fputc('\n', out);
	if (json_object_get(document, "mutation")) {
		vf_results_print_mutation(json_object_get(document, "mutation"), out);
		return;
	}
	print_matrix(tests, (guint)json_integer_value(json_object_get(document, "columns")), out);
	fputc('\n', out);
	print_reasons(tests, FALSE, out);
	print_reasons(tests, TRUE, out);
	fprintf(out, "%s: ", text_of(document, "status"));
	print_counts(json_object_get(document, "counts"), out);
	fputc('\n', out);
}

static void print_whole_runs(const json_t *runs, FILE *out)
{
	const json_t *run;
	gsize i;

	if (json_array_size(runs) == 0)
		fputs("No runs yet.\n", out);
	json_array_foreach (runs, i, run) {
		g_autofree char *altered = escaped(run, "altered");

		fprintf(out, "%-20s  %.19s  %-6s  %-5s  ", text_of(run, "id"),
			text_of(run, "started"), text_of(run, "variant"),
			is(run, "complete") ? text_of(run, "status") : "...");
		print_counts(json_object_get(run, "counts"), out);
		fprintf(out, "%s%s\n", *altered ? "  altered: " : "", altered);
	}
}

/* Lines of hostile text, each escaped and indented; at most EXCERPT_LINES. */
static void print_lines(const char *text, const char *indent, FILE *out)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", EXCERPT_LINES + 1);

	for (guint i = 0; lines[i]; i++) {
		g_autofree char *line = vf_text_escape(lines[i], -1, 400);

		if (i == EXCERPT_LINES || (!lines[i + 1] && !*line))
			break;
		fprintf(out, "%s%s\n", indent, line);
	}
	if (g_strv_length(lines) > EXCERPT_LINES)
		fprintf(out, "%s... (the rest is in the artefacts)\n", indent);
}

static void print_place(const json_t *hazard, const char *what, const char *pc, const char *source,
			FILE *out)
{
	g_autofree char *place = escaped(hazard, source);

	if (*place || *text_of(hazard, pc))
		fprintf(out, "      %-11s %s%s%s%s\n", what, place, *place ? " (" : "",
			text_of(hazard, pc), *place ? ")" : "");
}

/* How many of the most frequent hazards, or groups of them, are printed. */
#define HAZARDS_SHOWN 8

/* Both addresses of the page: the one that was used, and the kernel's linear one. */
static void print_aliases(const json_t *hazard, const json_t *model, FILE *out)
{
	guint64 page = (guint64)json_integer_value(json_object_get(model, "page"));
	guint64 colours = (guint64)json_integer_value(json_object_get(model, "colours"));
	guint64 pa = g_ascii_strtoull(text_of(hazard, "pa"), NULL, 16);
	json_int_t used = json_integer_value(json_object_get(hazard, "colour"));
	json_int_t newest = json_integer_value(json_object_get(hazard, "other_colour"));

	fprintf(out, "      %-11s %s in colour %" JSON_INTEGER_FORMAT " of physical %s", "aliases",
		text_of(hazard, "va"), used, text_of(hazard, "pa"));
	if (page && colours)
		fprintf(out, ", whose linear address has colour %" G_GUINT64_FORMAT,
			pa / page % colours);
	if (newest == used)
		fputs("; memory has the newest\n", out);
	else
		fprintf(out, "; colour %" JSON_INTEGER_FORMAT " has the newest\n", newest);
}

static void print_hazard(const json_t *hazard, const json_t *model, FILE *out)
{
	g_autofree char *window = escaped(hazard, "window"), *buffer = escaped(hazard, "buffer");
	const json_t *expected = json_object_get(hazard, "expected");

	fprintf(out,
		"    %s (%s)%s%s: %" JSON_INTEGER_FORMAT " times, %" JSON_INTEGER_FORMAT
		" bytes%s%s\n",
		vf_hazard_words(text_of(hazard, "class")), text_of(hazard, "class"),
		*window ? " in window " : "", window,
		json_integer_value(json_object_get(hazard, "count")),
		json_integer_value(json_object_get(hazard, "bytes")), *buffer ? ", in " : "",
		buffer);
	if (!*text_of(hazard, "pa")) {
		fputs("      at          other places than those below\n", out);
		return;
	}
	print_place(hazard, "at", "pc", "pc_source", out);
	print_place(hazard, "called from", "caller", "caller_source", out);
	print_place(hazard, "written by", "origin", "origin_source", out);
	print_aliases(hazard, model, out);
	if (expected)
		fprintf(out, "      %-11s 0x%02x, found 0x%02x\n", "expected",
			(int)json_integer_value(expected),
			(int)json_integer_value(json_object_get(hazard, "found")));
}

/* The lines of a case's diagnostics on one. Caller frees. */
static char *one_line(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *joined = g_strjoinv(" / ", lines);

	return vf_text_escape(joined, -1, 1000);
}

static void print_cases(const json_t *cases, FILE *out)
{
	const json_t *c;
	guint passed = 0, skipped = 0;
	gsize i;

	json_array_foreach (cases, i, c) {
		const char *status = text_of(c, "status");
		g_autofree char *name = escaped(c, "name"), *why = one_line(text_of(c, "detail"));

		passed += !strcmp(status, "PASS");
		skipped += !strcmp(status, "SKIP");
		if (strcmp(status, "PASS") && strcmp(status, "SKIP"))
			fprintf(out, "    %-5s %s%s%s\n", status, name, *why ? ": " : "", why);
	}
	if (json_array_size(cases))
		fprintf(out, "    %u of %zu cases passed, %u skipped\n", passed,
			json_array_size(cases), skipped);
}

static void print_protocol(const json_t *attempt, FILE *out)
{
	static const char *const keys[] = {"channel_error", "ktap_error", "model_error", "error"};

	if (json_object_get(attempt, "ending"))
		fprintf(out, "    guest ended: %s; end marker: %s\n", text_of(attempt, "ending"),
			is(attempt, "end_marker") ? "yes" : "no");
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree char *what = escaped(attempt, keys[i]);

		if (*what)
			fprintf(out, "    %s\n", what);
	}
}

static void print_splat(const json_t *splats, FILE *out)
{
	const json_t *splat = json_array_get(splats, 0);
	g_autofree char *reason = NULL;

	if (!splat)
		return;
	reason = escaped(splat, "reason");
	fprintf(out, "    first splat of %zu: %s: %s\n", json_array_size(splats),
		text_of(splat, "class"), reason);
	print_lines(text_of(splat, "excerpt"), "      | ", out);
}

static int by_count(gconstpointer a, gconstpointer b)
{
	const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;
	json_int_t n = json_integer_value(json_object_get(x, "count"));
	json_int_t m = json_integer_value(json_object_get(y, "count"));

	return n > m ? -1 : n < m;
}

/* Those that decide the verdict. */
static void print_hazards(const json_t *attempt, FILE *out)
{
	const json_t *model = json_object_get(json_object_get(attempt, "coverage"), "model");
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	json_t *hazard;
	gsize i;

	json_array_foreach (json_object_get(attempt, "hazards"), i, hazard)
		if (vf_hazard_decides(attempt, hazard))
			g_ptr_array_add(sorted, hazard);
	g_ptr_array_sort(sorted, by_count);
	for (guint n = 0; n < sorted->len && n < HAZARDS_SHOWN; n++)
		print_hazard(sorted->pdata[n], model, out);
	if (sorted->len > HAZARDS_SHOWN)
		fprintf(out, "    ... and %u kinds of hazards that happened less often\n",
			sorted->len - HAZARDS_SHOWN);
}

static void print_group(const json_t *group, FILE *out)
{
	g_autofree char *at = escaped(group, "at"), *caller = escaped(group, "caller");
	const char *separator = "          in windows ";
	const json_t *window;
	gsize i;

	fprintf(out, "        %" JSON_INTEGER_FORMAT " times, %" JSON_INTEGER_FORMAT " bytes: %s\n",
		json_integer_value(json_object_get(group, "count")),
		json_integer_value(json_object_get(group, "bytes")), *at ? at : "other places");
	if (*caller)
		fprintf(out, "          called from %s\n", caller);
	json_array_foreach (json_object_get(group, "windows"), i, window) {
		g_autofree char *name = vf_text_escape(json_string_value(window), -1, 100);

		fprintf(out, "%s%s", separator, name);
		separator = ", ";
	}
	if (i)
		fputc('\n', out);
}

/* Those that decide nothing: a line for each function and line of the kernel. */
static void print_harmless(const json_t *attempt, FILE *out)
{
	json_auto_t *attempts = json_pack("[O]", attempt);
	json_auto_t *groups = vf_hazard_groups(attempts);
	const char *why = "", *class = "";
	const json_t *group;
	gsize i;

	if (json_array_size(groups))
		fputs("    Hazards that do not decide the verdict:\n", out);
	json_array_foreach (groups, i, group) {
		if (i == HAZARDS_SHOWN) {
			fprintf(out, "      ... and %zu more places\n",
				json_array_size(groups) - i);
			return;
		}
		if (strcmp(text_of(group, "why"), why) || strcmp(text_of(group, "class"), class)) {
			why = text_of(group, "why");
			class = text_of(group, "class");
			fprintf(out, "      %s (%s), %s\n", vf_hazard_words(class), class, why);
		}
		print_group(group, out);
	}
}

static void print_attempt(const json_t *attempt, FILE *out)
{
	g_autofree char *reason = escaped(attempt, "reason"),
			*seconds = duration(attempt, "seconds");
	const json_t *splats = json_object_get(attempt, "splats");

	fprintf(out, "\n  Attempt %" JSON_INTEGER_FORMAT ": %s after %s: %s\n",
		json_integer_value(json_object_get(attempt, "number")), text_of(attempt, "status"),
		seconds, reason);
	print_protocol(attempt, out);
	print_cases(json_object_get(attempt, "cases"), out);
	print_hazards(attempt, out);
	print_harmless(attempt, out);
	print_splat(splats, out);
	/* the excerpt of the verdict is usually that of the first splat */
	if (json_array_size(splats) == 0)
		print_lines(text_of(attempt, "excerpt"), "      | ", out);
	if (*text_of(attempt, "directory"))
		fprintf(out, "    artefacts: %s\n", text_of(attempt, "directory"));
}

static void print_whole_test(const json_t *test, FILE *out)
{
	g_autofree char *reason = escaped(test, "reason");
	g_autofree char *reproducer = vf_text_escape(text_of(test, "reproducer"), -1, 0);
	const json_t *attempt;
	gsize i;

	fprintf(out, "%s  %s%s  (test %" JSON_INTEGER_FORMAT " of run %s)\n%s\n",
		text_of(test, "status"), text_of(test, "name"),
		is(test, "flaky") ? "  flaky: the attempts disagree" : "",
		json_integer_value(json_object_get(test, "id")), text_of(test, "run"), reason);
	json_array_foreach (json_object_get(test, "attempts"), i, attempt)
		print_attempt(attempt, out);
	if (*reproducer)
		fprintf(out, "\n  Boot the same guest:\n    %s\n", reproducer);
}

void vf_results_print_run(const json_t *run, FILE *out)
{
	json_auto_t *view = json_copy((json_t *)run);

	/* the text is made in memory, which has no width of its own */
	json_object_set_new(view, "columns", json_integer(vf_screen_columns(out, G_MAXINT)));
	vf_results_print_escaped(print_whole_run, view, out);
}

void vf_results_print_runs(const json_t *runs, FILE *out)
{
	vf_results_print_escaped(print_whole_runs, runs, out);
}

void vf_results_print_test(const json_t *test, FILE *out)
{
	vf_results_print_escaped(print_whole_test, test, out);
}
