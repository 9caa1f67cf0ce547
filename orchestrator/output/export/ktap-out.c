// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KTAP version 1: each test of the run is a result line, its cases a nested test. A MISS has no
 * result line, so that the plan is not met: the test never ran.
 */
#include "output/export/export.h"

#include <string.h>

#include "base/text.h"
#include "output/export/unique.h"

#define NAME_MAX_BYTES 1000

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* One line without '#', which would begin a directive. Caller frees. */
static char *description(const char *text)
{
	g_autofree char *printable = vf_text_escape(text, -1, NAME_MAX_BYTES);
	g_auto(GStrv) parts = g_strsplit(printable, "#", -1);

	return g_strjoinv("\\x23", parts);
}

/* @directive NULL: nothing follows the description */
static const struct {
	const char *status, *result, *directive;
} words[] = {
	{"PASS", "ok", NULL},	{"DONE", "ok", NULL},	      {"SKIP", "ok", "SKIP"},
	{"FAIL", "not ok", ""}, {"ERROR", "not ok", "ERROR"},
};

/* Whether a reader would take the beginning of @why for a directive. */
static gboolean is_directive(const char *why)
{
	return g_regex_match_simple("^\\s*(SKIP|TODO|XFAIL|TIMEOUT|ERROR)", why, G_REGEX_CASELESS,
				    0);
}

static void append_tail(GString *out, const char *directive, const char *why)
{
	const char *space = *directive && *why ? " " : "";

	if (!*directive && is_directive(why))
		directive = "FAIL: ";
	if (*directive || *why)
		g_string_append_printf(out, " # %s%s%s", directive, space, why);
}

/*
 * "ok 1 name", "not ok 2 name # ERROR reason"; a status without a word gets a diagnostic. @what is
 * a description() that no other result of its level has.
 */
static void append_result(GString *out, const char *indent, gsize number, const char *what,
			  const char *status, const char *reason)
{
	g_autofree char *why = description(reason);

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(words[i].status, status))
			continue;
		g_string_append_printf(out, "%s%s %zu %s", indent, words[i].result, number, what);
		if (words[i].directive)
			append_tail(out, words[i].directive, why);
		g_string_append_c(out, '\n');
		return;
	}
	g_string_append_printf(out, "%s# %s %s: %s\n", indent, status, what, why);
}

static void append_cases(GString *out, const json_t *test)
{
	const json_t *attempts = json_object_get(test, "attempts"), *c;
	const json_t *last = json_array_get(attempts, json_array_size(attempts) - 1);
	const json_t *cases = json_object_get(last, "cases");
	g_autofree char *name = description(text_of(test, "name"));
	g_autoptr(VfUnique) names = vf_unique_new();
	gsize i;

	if (json_array_size(cases) == 0)
		return;
	g_string_append_printf(out, "  KTAP version 1\n  # Subtest: %s\n  1..%zu\n", name,
			       json_array_size(cases));
	json_array_foreach (cases, i, c) {
		g_autofree char *plain = description(text_of(c, "name"));
		g_autofree char *what = vf_unique_name(names, "", plain);

		append_result(out, "  ", i + 1, what, text_of(c, "status"), text_of(c, "detail"));
	}
}

char *vf_ktap_render(const json_t *results, const VfExportOptions *options, GError **error)
{
	const json_t *tests = json_object_get(results, "tests"), *test;
	GString *out = g_string_new("KTAP version 1\n");
	gsize i;

	(void)options;
	(void)error;
	g_string_append_printf(out, "1..%zu\n", json_array_size(tests));
	json_array_foreach (tests, i, test) {
		g_autofree char *what = description(text_of(test, "name"));

		append_cases(out, test);
		append_result(out, "", i + 1, what, text_of(test, "status"),
			      text_of(test, "reason"));
	}
	return g_string_free(out, FALSE);
}
