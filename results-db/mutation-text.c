// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/mutation-text.h"
#include "results-db/results-text.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static int number(const json_t *object, const char *key)
{
	return (int)json_integer_value(json_object_get(object, key));
}

/* "96 %"; never 100 % for less than all. "-" when nothing was decided. Caller frees. */
static char *percent(const json_t *counts)
{
	const json_t *score = json_object_get(counts, "score");

	return score ? g_strdup_printf("%d %%", (int)(100 * json_number_value(score)))
		     : g_strdup("-");
}

static void print_counts(const char *name, int width, const json_t *counts, FILE *out)
{
	g_autofree char *score = percent(counts);

	fprintf(out, "%-*s  %7d  %6d  %8d  %9d  %5s  %14d\n", width, name,
		number(counts, "expected"), number(counts, "caught"), number(counts, "survived"),
		number(counts, "undecided"), score, number(counts, "unexpected"));
}

static void print_architectures(const json_t *mutation, FILE *out)
{
	const json_t *arch;
	int width = (int)strlen("all");
	gsize i;

	json_array_foreach (json_object_get(mutation, "architectures"), i, arch)
		width = MAX(width, (int)strlen(text_of(arch, "arch")));
	fprintf(out, "%-*s  MUTANTS  CAUGHT  SURVIVED  UNDECIDED  SCORE  UNEXPECTED RED\n", width,
		"");
	json_array_foreach (json_object_get(mutation, "architectures"), i, arch)
		print_counts(text_of(arch, "arch"), width, arch, out);
	print_counts("all", width, json_object_get(mutation, "score"), out);
}

static void print_mutants(const json_t *mutation, FILE *out)
{
	enum { COLUMN = 14 };
	const json_t *archs = json_object_get(mutation, "architectures");
	const json_t *mutants = json_object_get(mutation, "mutants");
	const json_t *mutant, *arch;
	int width = (int)strlen("MUTANT");
	gsize i, k;

	json_array_foreach (mutants, i, mutant)
		width = MAX(width, (int)strlen(text_of(mutant, "variant")));
	fprintf(out, "%-*s", width, "MUTANT");
	json_array_foreach (archs, k, arch)
		fprintf(out, "  %-*s", k + 1 < json_array_size(archs) ? COLUMN : 0,
			text_of(arch, "arch"));
	fputc('\n', out);
	json_array_foreach (mutants, i, mutant) {
		const json_t *by_arch = json_object_get(mutant, "architectures");

		fprintf(out, "%-*s", width, text_of(mutant, "variant"));
		json_array_foreach (archs, k, arch) {
			const char *word = text_of(by_arch, text_of(arch, "arch"));

			fprintf(out, "  %-*s", k + 1 < json_array_size(archs) ? COLUMN : 0,
				*word ? word : "-");
		}
		fputc('\n', out);
	}
}

/* A task whose outcome needs attention. */
static void print_problem(const json_t *mutant, const json_t *cell, FILE *out)
{
	g_autofree char *reason = vf_text_escape(text_of(cell, "reason"), -1, 1000);
	const char *note = text_of(cell, "note");

	fprintf(out, "%s: %s/%s/%s/%s: %s%s%s%s\n", text_of(cell, "outcome"), text_of(cell, "arch"),
		text_of(cell, "board"), text_of(cell, "job"), text_of(mutant, "variant"), note,
		*note ? "; " : "", reason, json_object_get(cell, "test") ? "" : "no result yet");
	if (json_object_get(cell, "test"))
		fprintf(out, "      orchestrator why %d\n", number(cell, "test"));
	if (*text_of(cell, "rerun"))
		fprintf(out, "      %s\n", text_of(cell, "rerun"));
}

static void print_problems(const json_t *mutation, const char *outcome, FILE *out)
{
	const json_t *mutant, *cell;
	gsize i, k;

	json_array_foreach (json_object_get(mutation, "mutants"), i, mutant) {
		json_array_foreach (json_object_get(mutant, "cells"), k, cell)
			if (!strcmp(text_of(cell, "outcome"), outcome))
				print_problem(mutant, cell, out);
	}
}

static void print_whole_mutation(const json_t *mutation, FILE *out)
{
	static const char *const problems[] = {"unexpected red", "survived", "red otherwise",
					       "undecided"};

	print_mutants(mutation, out);
	fputc('\n', out);
	for (gsize i = 0; i < G_N_ELEMENTS(problems); i++)
		print_problems(mutation, problems[i], out);
	print_architectures(mutation, out);
}

void vf_results_print_mutation(const json_t *mutation, FILE *out)
{
	vf_results_print_escaped(print_whole_mutation, mutation, out);
}
