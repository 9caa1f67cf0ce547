// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/text.h"
#include "mail/compose-impl.h"
#include "mail/paper.h"

#define LABEL	      13
#define EXCERPT_LINES 30

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* What the classes of docs/model.md mean, in words for somebody who has not read it. */
static const struct {
	const char *class, *meaning;
} classes[] = {
	{"R", "stale read: the CPU got an old line of the cache"},
	{"A", "alias: the newest data lay in a line of another colour"},
	{"U", "uncached access to memory whose newest data lay in the cache"},
	{"W-armed", "a dirty line is left that will overwrite newer data"},
	{"W", "a dirty line was written back over newer data"},
	{"P", "a store was lost: its line was purged before it was written back"},
	{"D", "the device read old data: a line was not written back before"},
};

static const char *meaning_of(const char *class)
{
	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
		if (!strcmp(classes[i].class, class))
			return classes[i].meaning;
	return "hazard of the cache model";
}

/* The attempt that the verdict stands on: the first with its status. */
static const json_t *decisive(const json_t *test)
{
	const json_t *attempt;
	gsize i;

	json_array_foreach (json_object_get(test, "attempts"), i, attempt) {
		if (!strcmp(text_of(attempt, "status"), text_of(test, "status")))
			return attempt;
	}
	return json_array_get(json_object_get(test, "attempts"), 0);
}

/* The first in memory that the test is about; otherwise the first. */
static const json_t *first_hazard(const json_t *attempt)
{
	const json_t *hazards = json_object_get(attempt, "hazards"), *hazard;
	gsize i;

	json_array_foreach (hazards, i, hazard) {
		if (!strcmp(text_of(hazard, "bucket"), "target"))
			return hazard;
	}
	return json_array_get(hazards, 0);
}

static const json_t *first_splat(const json_t *attempt)
{
	const json_t *splat;
	gsize i;

	json_array_foreach (json_object_get(attempt, "splats"), i, splat) {
		if (!json_is_true(json_object_get(splat, "expected")))
			return splat;
	}
	return NULL;
}

/* "vpeirq drivers/media/pci/ttpci/budget-core.c:198" as "vpeirq(), drivers/...:198". */
static void add_place(GString *body, const char *label, const char *place)
{
	const char *blank = strchr(place, ' ');
	g_autofree char *text =
		blank ? g_strdup_printf("%.*s(), %s", (int)(blank - place), place, blank + 1)
		      : g_strdup(place);

	if (*place)
		vf_paper_item(body, label, LABEL, text);
}

/* "a f:1 < b g:2": each caller on a line of its own. */
static void add_callers(GString *body, const char *callers)
{
	g_auto(GStrv) parts = g_strsplit(callers, " < ", 4);

	for (guint i = 0; parts[i] && i < 3; i++)
		add_place(body, i ? "" : "  called at", parts[i]);
}

static void add_hazard(GString *body, const json_t *hazard)
{
	g_autofree char *what =
		g_strdup_printf("%s, in window \"%s\" (%" JSON_INTEGER_FORMAT
				" times, %" JSON_INTEGER_FORMAT " bytes)",
				meaning_of(text_of(hazard, "class")), text_of(hazard, "window"),
				json_integer_value(json_object_get(hazard, "count")),
				json_integer_value(json_object_get(hazard, "bytes")));

	vf_paper_item(body, "  hazard", LABEL, what);
	add_place(body, "  at", text_of(hazard, "pc_source"));
	add_callers(body, text_of(hazard, "caller_source"));
	add_place(body, "  line by", text_of(hazard, "origin_source"));
}

static void add_evidence(GString *body, const json_t *test)
{
	const json_t *attempt = decisive(test), *hazard = first_hazard(attempt),
		     *splat = first_splat(attempt);

	if (hazard) {
		add_hazard(body, hazard);
		return;
	}
	if (splat && *text_of(splat, "excerpt")) {
		g_string_append_c(body, '\n');
		vf_paper_lines(body, 4, text_of(splat, "excerpt"), EXCERPT_LINES);
	} else if (*text_of(attempt, "excerpt")) {
		g_string_append_c(body, '\n');
		vf_paper_lines(body, 4, text_of(attempt, "excerpt"), EXCERPT_LINES);
	}
}

static void add_base(GString *body, const VfFinding *finding)
{
	g_autofree char *text = NULL;

	if (!finding->base)
		return;
	text = g_strdup_printf("%s: %s", text_of(finding->base, "status"),
			       text_of(finding->base, "reason"));
	vf_paper_item(body, "  base", LABEL, text);
}

static void add_patch(GString *body, const VfReply *reply, guint number)
{
	const VfMessage *patch = number && number <= reply->series->patches->len
					 ? reply->series->patches->pdata[number - 1]
					 : NULL;
	g_autofree char *text = NULL;

	if (!patch || reply->series->total < 2)
		return;
	text = g_strdup_printf("it begins with patch %u of %u, \"%s\"", number,
			       reply->series->total, patch->subject);
	vf_paper_item(body, "  patch", LABEL, text);
}

/* The paths of a log on our host mean nothing to others. */
static char *public_reason(const json_t *object)
{
	const char *reason = text_of(object, "reason");
	const char *log = g_strrstr(reason, " (log: ");

	return log ? g_strndup(reason, (gsize)(log - reason)) : g_strdup(reason);
}

static void add_reproducer(GString *body, const VfReply *reply, const VfFinding *finding)
{
	gboolean in_tree = !g_strcmp0(reply->support, "tree");

	g_string_append_c(body, '\n');
	vf_paper_words(body, 2, "to reproduce, with the series applied to its base in LINUX:");
	g_string_append_printf(body, "    ./farm run --arch %s", finding->arch);
	if (finding->job)
		g_string_append_printf(body, " --board %s --job %s", finding->board, finding->job);
	g_string_append_printf(body, " \\\n      --variant %s --linux LINUX\n", reply->variant);
	if (in_tree)
		vf_paper_words(body, 2,
			       "(the patches of the variant are in that tree already and "
			       "are skipped)");
}

void vf_compose_finding(GString *body, const VfReply *reply, const VfFinding *finding)
{
	g_autofree char *reason = public_reason(finding->test);
	g_autofree char *what = g_strdup_printf("%s: %s", text_of(finding->test, "status"), reason);

	if (!finding->job)
		g_string_append_printf(body, "* %s: the kernel does not build\n", finding->arch);
	else if (!strcmp(finding->board, "default"))
		g_string_append_printf(body, "* %s: %s\n", finding->arch, finding->job);
	else
		g_string_append_printf(body, "* %s (%s): %s\n", finding->arch, finding->board,
				       finding->job);
	vf_paper_item(body, "  verdict", LABEL, what);
	if (finding->job)
		add_evidence(body, finding->test);
	add_base(body, finding);
	add_patch(body, reply, finding->patch);
	add_reproducer(body, reply, finding);
	g_string_append_c(body, '\n');
}
