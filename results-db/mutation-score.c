// SPDX-License-Identifier: GPL-2.0-or-later
/* Compares the expectations of mutants with the verdicts of their tasks, and scores them. */
#include <string.h>

#include "base/text.h"
#include "evidence/evidence.h"
#include "results-db/mutants.h"

/* What can be said of a task, an architecture or a mutant; of a set, the first that occurs. */
typedef enum {
	UNEXPECTED,
	SURVIVED,
	OTHERWISE,
	UNDECIDED,
	PENDING,
	CAUGHT,
	RED,
	GREEN,
	SAME,
	SKIPPED,
	OUTCOMES,
} Outcome;

static const char *const words[OUTCOMES] = {
	[UNEXPECTED] = "unexpected red",
	[SURVIVED] = "survived",
	[OTHERWISE] = "red otherwise",
	[UNDECIDED] = "undecided",
	[PENDING] = "pending",
	[CAUGHT] = "caught",
	[RED] = "red",
	[GREEN] = "green",
	[SAME] = "same kernel",
	[SKIPPED] = "skipped",
};

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static gboolean is(const json_t *object, const char *key, const char *text)
{
	return !strcmp(text_of(object, key), text);
}

/* Name of a test to the test; nothing is owned. */
static GHashTable *index_of(const json_t *tests)
{
	GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);
	json_t *test;
	gsize i;

	json_array_foreach ((json_t *)tests, i, test)
		g_hash_table_insert(names, (gpointer)text_of(test, "name"), test);
	return names;
}

static const json_t *find(GHashTable *tests, const json_t *cell, const char *variant)
{
	g_autofree char *name =
		g_strdup_printf("%s/%s/%s/%s", text_of(cell, "arch"), text_of(cell, "board"),
				text_of(cell, "job"), variant);

	return g_hash_table_lookup(tests, name);
}

static gboolean has_hazard(const json_t *attempt, const char *class)
{
	const json_t *hazard;
	gsize i;

	json_array_foreach (json_object_get(attempt, "hazards"), i, hazard)
		if (is(hazard, "bucket", "target") && is(hazard, "class", class))
			return TRUE;
	return FALSE;
}

static gboolean has_failed(const json_t *attempt, const char *name)
{
	const json_t *c;
	gsize i;

	json_array_foreach (json_object_get(attempt, "cases"), i, c)
		if (is(c, "name", name) && is(c, "status", "FAIL"))
			return TRUE;
	return FALSE;
}

static gboolean any_attempt(const json_t *test, gboolean (*has)(const json_t *, const char *),
			    const char *what)
{
	const json_t *attempt;
	gsize i;

	json_array_foreach (json_object_get(test, "attempts"), i, attempt)
		if (has(attempt, what))
			return TRUE;
	return FALSE;
}

/* What of the expectation a FAIL does not meet; NULL: nothing. Caller frees. */
static char *unmet(const json_t *cell, const json_t *test)
{
	const char *failed = text_of(cell, "failed"), *reason = text_of(cell, "reason");
	const json_t *class;
	gsize i;

	json_array_foreach (json_object_get(cell, "hazards"), i, class)
		if (!any_attempt(test, has_hazard, json_string_value(class)))
			return g_strdup_printf("no hazard %s in a tested buffer",
					       json_string_value(class));
	if (*failed && !any_attempt(test, has_failed, failed))
		return g_strdup_printf("the case %s did not fail", failed);
	if (*reason && !strstr(text_of(test, "reason"), reason))
		return g_strdup_printf("the reason does not say \"%s\"", reason);
	return NULL;
}

/* A task that was not booted because its kernel is that of @base. */
static gboolean is_same(const json_t *test, const json_t *base)
{
	return is(test, "status", "SKIP") && *text_of(test, "kernel_sha256") && base &&
	       is(base, "kernel_sha256", text_of(test, "kernel_sha256"));
}

typedef struct Judged {
	Outcome outcome;
	char *note; /* NULL: the test's own reason says it */
} Judged;

static Judged judge_red(const json_t *cell, const json_t *test)
{
	char *why = unmet(cell, test);

	return why ? (Judged){OTHERWISE, why} : (Judged){CAUGHT, NULL};
}

static Judged judge(const json_t *cell, const json_t *test, const json_t *base)
{
	gboolean red = is(cell, "expect", "red"), any = is(cell, "expect", "any");
	gboolean same = test && is_same(test, base);

	if (!test)
		return (Judged){PENDING, NULL};
	if (base && !is(base, "status", "PASS") && !is(base, "status", "SKIP"))
		return (Judged){UNDECIDED,
				g_strdup_printf("%s is %s there", text_of(base, "variant"),
						text_of(base, "status"))};
	if (is(test, "status", "FAIL"))
		return red ? judge_red(cell, test) : (Judged){any ? RED : UNEXPECTED, NULL};
	if (is(test, "status", "PASS") || same)
		return (Judged){red ? SURVIVED : same ? SAME : GREEN, NULL};
	if (is(test, "status", "SKIP"))
		return (Judged){red ? UNDECIDED : SKIPPED, NULL};
	return (Judged){UNDECIDED, NULL};
}

/* The command that runs this one task again. Caller frees. */
static char *rerun(const json_t *mutant, const json_t *cell)
{
	const char *argv[] = {"orchestrator",
			      "run",
			      "--arch",
			      text_of(cell, "arch"),
			      "--board",
			      text_of(cell, "board"),
			      "--job",
			      text_of(cell, "job"),
			      "--variant",
			      text_of(mutant, "base"),
			      "--mutant",
			      text_of(mutant, "patch"),
			      NULL};

	return vf_text_shell(argv);
}

static void copy(json_t *to, const json_t *from, const char *const *keys)
{
	for (; *keys; keys++)
		if (json_object_get(from, *keys))
			json_object_set(to, *keys, json_object_get(from, *keys));
}

static json_t *score_cell(const json_t *mutant, const json_t *cell, GHashTable *tests,
			  Outcome *outcome)
{
	static const char *const of_cell[] = {"arch", "board", "job", "expect", NULL};
	static const char *const of_test[] = {"status", "reason", "flaky", NULL};
	const json_t *test = find(tests, cell, text_of(mutant, "variant"));
	Judged judged = judge(cell, test, find(tests, cell, text_of(mutant, "base")));
	g_autofree char *note = judged.note;
	json_t *scored = json_object();

	*outcome = judged.outcome;
	copy(scored, cell, of_cell);
	json_object_set_new(scored, "outcome", json_string(words[judged.outcome]));
	if (test) {
		json_object_set(scored, "test", json_object_get(test, "id"));
		copy(scored, test, of_test);
	}
	if (note)
		json_object_set_new(scored, "note", json_string(note));
	if (judged.outcome <= UNDECIDED) {
		g_autofree char *line = rerun(mutant, cell);
		static const char *const reproducer[] = {"reproducer", NULL};

		json_object_set_new(scored, "rerun", json_string(line));
		copy(scored, test, reproducer);
	}
	return scored;
}

typedef struct Arch {
	guint expected, caught, survived, undecided, unexpected;
} Arch;

/* What of one mutant was seen on one architecture. */
typedef struct Seen {
	Outcome worst;	   /* of all its tasks */
	Outcome red_worst; /* of those that must be red; OUTCOMES: there is none */
	guint unexpected;
} Seen;

static void look(Seen *seen, Outcome outcome, gboolean red)
{
	seen->worst = MIN(seen->worst, outcome);
	if (red)
		seen->red_worst = MIN(seen->red_worst, outcome);
	seen->unexpected += outcome == UNEXPECTED;
}

static void count(Arch *arch, const Seen *seen)
{
	arch->unexpected += seen->unexpected;
	if (seen->red_worst == OUTCOMES)
		return;
	arch->expected++;
	arch->caught += seen->red_worst == CAUGHT;
	arch->survived += seen->red_worst == SURVIVED || seen->red_worst == OTHERWISE;
	arch->undecided += seen->red_worst == UNDECIDED || seen->red_worst == PENDING;
}

static json_t *arch_json(const char *name, const Arch *arch)
{
	guint decided = arch->caught + arch->survived;
	json_t *json =
		json_pack("{s:i, s:i, s:i, s:i, s:i}", "expected", (int)arch->expected, "caught",
			  (int)arch->caught, "survived", (int)arch->survived, "undecided",
			  (int)arch->undecided, "unexpected", (int)arch->unexpected);

	if (name)
		json_object_set_new(json, "arch", json_string(name));
	if (decided)
		json_object_set_new(json, "score", json_real((double)arch->caught / decided));
	return json;
}

static Seen *seen_on(GHashTable *archs, const char *name)
{
	Seen *seen = g_hash_table_lookup(archs, name);

	if (seen)
		return seen;
	seen = g_new0(Seen, 1);
	seen->worst = seen->red_worst = OUTCOMES;
	g_hash_table_insert(archs, (gpointer)name, seen);
	return seen;
}

/* Adds each architecture's counts to @totals (name to Arch), and returns the mutant's own. */
static json_t *score_mutant(const json_t *mutant, GHashTable *tests, GHashTable *totals, Arch *all)
{
	static const char *const keys[] = {"name",    "title", "kind",	 "base",
					   "variant", "patch", "sha256", NULL};
	g_autoptr(GHashTable) archs = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	Seen whole = {.worst = OUTCOMES, .red_worst = OUTCOMES};
	json_t *scored = json_object(), *cells = json_array(), *by_arch = json_object();
	const json_t *cell;
	GHashTableIter iter;
	gpointer name, seen;
	gsize i;

	json_array_foreach (json_object_get(mutant, "cells"), i, cell) {
		gboolean red = is(cell, "expect", "red");
		Outcome outcome;

		json_array_append_new(cells, score_cell(mutant, cell, tests, &outcome));
		look(&whole, outcome, red);
		look(seen_on(archs, text_of(cell, "arch")), outcome, red);
	}
	g_hash_table_iter_init(&iter, archs);
	while (g_hash_table_iter_next(&iter, &name, &seen)) {
		json_object_set_new(by_arch, name, json_string(words[((Seen *)seen)->worst]));
		if (!g_hash_table_contains(totals, name))
			g_hash_table_insert(totals, name, g_new0(Arch, 1));
		count(g_hash_table_lookup(totals, name), seen);
	}
	count(all, &whole);
	copy(scored, mutant, keys);
	json_object_set_new(scored, "outcome",
			    json_string(whole.worst == OUTCOMES ? "skipped" : words[whole.worst]));
	json_object_set_new(scored, "architectures", by_arch);
	json_object_set_new(scored, "cells", cells);
	return scored;
}

json_t *vf_mutation_score(const json_t *mutants, const json_t *tests)
{
	g_autoptr(GHashTable) names = index_of(tests);
	g_autoptr(GHashTable) totals = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	g_autoptr(GList) sorted = NULL;
	json_t *scored = json_array(), *archs = json_array();
	Arch all = {0};
	const json_t *mutant;
	gsize i;

	json_array_foreach (mutants, i, mutant)
		json_array_append_new(scored, score_mutant(mutant, names, totals, &all));
	sorted = g_list_sort(g_hash_table_get_keys(totals), (GCompareFunc)strcmp);
	for (GList *name = sorted; name; name = name->next)
		json_array_append_new(archs, arch_json(name->data,
						       g_hash_table_lookup(totals, name->data)));
	return json_pack("{s:o, s:o, s:o}", "score", arch_json(NULL, &all), "architectures", archs,
			 "mutants", scored);
}
