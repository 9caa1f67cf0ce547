// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/questions-text.h"
#include "results-db/results-text.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"

/* Results that the line of signs shows. */
#define SIGNS 40

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static char *escaped(const json_t *object, const char *key)
{
	return vf_text_escape(text_of(object, key), -1, 1000);
}

static char sign_of(const json_t *result)
{
	static const struct {
		const char *status;
		char sign;
	} signs[] = {{"PASS", '.'}, {"FAIL", 'F'}, {"ERROR", 'E'},
		     {"MISS", 'M'}, {"SKIP", '-'}, {"DONE", 'd'}};

	if (json_is_true(json_object_get(result, "flaky")))
		return '~';
	for (gsize i = 0; i < G_N_ELEMENTS(signs); i++)
		if (!strcmp(signs[i].status, text_of(result, "status")))
			return signs[i].sign;
	return '?';
}

static void print_mark(const json_t *cell, const char *key, const char *words, FILE *out)
{
	const json_t *mark = json_object_get(cell, key);
	g_autofree char *reason = escaped(mark, "reason");

	if (mark)
		fprintf(out, "  %s run %s (%.19s): %s\n", words, text_of(mark, "run"),
			text_of(mark, "started"), reason);
}

static void print_cell(const json_t *cell, FILE *out)
{
	const json_t *recent = json_object_get(cell, "recent");
	const json_t *rate = json_object_get(cell, "pass_rate");
	char signs[SIGNS + 1];
	gsize shown = MIN(json_array_size(recent), SIGNS);

	/* the newest result on the right, as on a time line */
	for (gsize i = 0; i < shown; i++)
		signs[i] = sign_of(json_array_get(recent, shown - 1 - i));
	signs[shown] = '\0';
	fprintf(out, "%s: %s\n", text_of(cell, "name"), text_of(cell, "status"));
	if (rate)
		fprintf(out, "  pass rate %.1f %%, flaky score %.2f, ",
			100 * json_number_value(rate),
			json_number_value(json_object_get(cell, "flaky_score")));
	else
		fputs("  never judged, ", out);
	fprintf(out, "%" JSON_INTEGER_FORMAT " results\n",
		json_integer_value(json_object_get(cell, "results")));
	fprintf(out, "  %s\n", signs);
	print_mark(cell, "first_bad", "first bad:", out);
	print_mark(cell, "last_good", "last good:", out);
}

static void print_whole_history(const json_t *history, FILE *out)
{
	const json_t *cell;
	gsize i;

	json_array_foreach (history, i, cell)
		print_cell(cell, out);
	fputs("(oldest left: . pass, F fail, E error, M miss, - skip, ~ flaky)\n", out);
}

/* The most urgent first; "passing" is only counted. */
static const char *const changes[] = {"broken", "flaky", "still broken", "fixed",
				      "new",	"gone",	 "unjudged",	 NULL};

/* A test that ended early has all its cases "new" or "gone" on one side; only a FAIL is news. */
static gboolean is_news(const json_t *c)
{
	return !strcmp(text_of(c, "a"), "FAIL") || !strcmp(text_of(c, "b"), "FAIL");
}

static void print_change(const json_t *test, FILE *out)
{
	const json_t *a = json_object_get(test, "a"), *b = json_object_get(test, "b"), *c;
	const json_t *cases = json_object_get(test, "cases");
	g_autofree char *reason = escaped(b ?: a, "reason");
	gsize i;

	fprintf(out, "  %-28s %5s -> %-5s  %s\n", text_of(test, "name"),
		a ? text_of(a, "status") : "-", b ? text_of(b, "status") : "-", reason);
	json_array_foreach (cases, i, c) {
		g_autofree char *name = escaped(c, "name");

		if (is_news(c))
			fprintf(out, "    %-26s %5s -> %s\n", name,
				json_object_get(c, "a") ? text_of(c, "a") : "-",
				json_object_get(c, "b") ? text_of(c, "b") : "-");
	}
}

static void print_architectures(const json_t *archs, FILE *out)
{
	const json_t *arch, *number;
	const char *change;
	gsize i;

	json_array_foreach (archs, i, arch) {
		const char *separator = " ";

		fprintf(out, "%-10s", text_of(arch, "arch"));
		json_object_foreach (json_object_get(arch, "counts"), change, number) {
			fprintf(out, "%s%" JSON_INTEGER_FORMAT " %s", separator,
				json_integer_value(number), change);
			separator = ", ";
		}
		fputc('\n', out);
	}
}

static void print_run(const char *letter, const json_t *run, FILE *out)
{
	g_autofree char *source = escaped(run, "source"), *altered = escaped(run, "altered");

	fprintf(out, "%s  %s  variant %s of %s%s%s\n", letter, text_of(run, "id"),
		text_of(run, "variant"), source, *altered ? ", altered: " : "", altered);
}

static void print_whole_comparison(const json_t *comparison, FILE *out)
{
	const json_t *tests = json_object_get(comparison, "tests"), *test;
	gsize i;

	print_run("A", json_object_get(comparison, "a"), out);
	print_run("B", json_object_get(comparison, "b"), out);
	fputc('\n', out);
	for (const char *const *change = changes; *change; change++) {
		gboolean title = FALSE;

		json_array_foreach (tests, i, test) {
			if (strcmp(text_of(test, "change"), *change))
				continue;
			if (!title)
				fprintf(out, "%s:\n", *change);
			title = TRUE;
			print_change(test, out);
		}
		if (title)
			fputc('\n', out);
	}
	print_architectures(json_object_get(comparison, "architectures"), out);
}

void vf_questions_print_history(const json_t *history, FILE *out)
{
	vf_results_print_escaped(print_whole_history, history, out);
}

void vf_questions_print_comparison(const json_t *comparison, FILE *out)
{
	vf_results_print_escaped(print_whole_comparison, comparison, out);
}
