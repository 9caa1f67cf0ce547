// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/triage-rules.h"

#include <string.h>

#include "base/error.h"

/* Messages that are looked at in one line: a kernel's own lines have one or two. */
#define STARTS_MAX 16

#define PREFIX "\\A<\\d{1,3}>|\\[ *\\d+\\.\\d{1,9}\\](?:\\[[^\\]\\[]{1,24}\\])? ?|\\bkernel: "

/*
 * Patterns as one expression, each in a group of its own. Most lines match none: @filter, which
 * captures nothing, is much the cheaper of the two.
 */
typedef struct Set {
	const GPtrArray *patterns;
	GArray *rows; /* of guint: which of @patterns */
	GRegexCompileFlags flags;
	GRegex *filter, *finder; /* @finder: NULL before the first match */
	GArray *groups;		 /* of int, parallel to @rows: number of its group in @finder */
} Set;

struct VfTriageRules {
	GRegex *prefix;
	Set starts; /* anchored where a message starts */
	Set inside; /* of the patterns that may match anywhere */
};

static GRegex *compile(const char *pattern, GRegexCompileFlags flags, GError **error)
{
	return g_regex_new(pattern, G_REGEX_RAW | G_REGEX_DUPNAMES | flags, 0, error);
}

/* The whole is refused: which pattern is it? */
static gboolean refuse(const Set *set, GError **error)
{
	for (guint i = 0; i < set->rows->len; i++) {
		const VfTriagePattern *pattern =
			set->patterns->pdata[g_array_index(set->rows, guint, i)];
		g_autoptr(GError) local = NULL;
		g_autoptr(GRegex) alone = compile(pattern->pattern, 0, &local);

		if (alone)
			continue;
		g_clear_error(error);
		g_propagate_error(error, g_steal_pointer(&local));
		return vf_prefix(error, "triage pattern \"%s\"", pattern->pattern);
	}
	return FALSE;
}

/* Without captures: "a|b"; with: "(?<r0>a)|(?<r1>b)". */
static GRegex *join(const Set *set, gboolean capture, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);
	GRegexCompileFlags flags = set->flags | (capture ? 0 : G_REGEX_NO_AUTO_CAPTURE);

	for (guint i = 0; i < set->rows->len; i++) {
		guint row = g_array_index(set->rows, guint, i);
		const VfTriagePattern *pattern = set->patterns->pdata[row];

		if (capture)
			g_string_append_printf(all, "%s(?<r%u>%s)", i ? "|" : "", i,
					       pattern->pattern);
		else
			g_string_append_printf(all, "%s(?:%s)", i ? "|" : "", pattern->pattern);
	}
	return compile(all->str, flags | G_REGEX_OPTIMIZE, error);
}

static gboolean fill(Set *set, const GPtrArray *patterns, gboolean inside, GError **error)
{
	set->patterns = patterns;
	set->flags = inside ? 0 : G_REGEX_ANCHORED;
	set->rows = g_array_new(FALSE, FALSE, sizeof(guint));
	set->groups = g_array_new(FALSE, FALSE, sizeof(int));
	for (guint i = 0; i < patterns->len; i++)
		if (!inside || ((const VfTriagePattern *)patterns->pdata[i])->inside)
			g_array_append_val(set->rows, i);
	if (!set->rows->len)
		return TRUE;
	set->filter = join(set, FALSE, error);
	return set->filter || refuse(set, error);
}

/* Most consoles need no finder. What was right without captures is right with them. */
static const GRegex *finder_of(Set *set)
{
	if (set->finder)
		return set->finder;
	set->finder = join(set, TRUE, NULL);
	g_assert(set->finder);
	for (guint i = 0; i < set->rows->len; i++) {
		g_autofree char *name = g_strdup_printf("r%u", i);
		int group = g_regex_get_string_number(set->finder, name);

		g_array_append_val(set->groups, group);
	}
	return set->finder;
}

VfTriageRules *vf_triage_rules_new(const GPtrArray *patterns, GError **error)
{
	g_autoptr(VfTriageRules) rules = g_new0(VfTriageRules, 1);

	rules->prefix = compile(PREFIX, G_REGEX_OPTIMIZE, error);
	if (!rules->prefix || !fill(&rules->starts, patterns, FALSE, error) ||
	    !fill(&rules->inside, patterns, TRUE, error))
		return NULL;
	return g_steal_pointer(&rules);
}

static void clear(Set *set)
{
	g_clear_pointer(&set->rows, g_array_unref);
	g_clear_pointer(&set->groups, g_array_unref);
	g_clear_pointer(&set->filter, g_regex_unref);
	g_clear_pointer(&set->finder, g_regex_unref);
}

void vf_triage_rules_free(VfTriageRules *rules)
{
	g_clear_pointer(&rules->prefix, g_regex_unref);
	clear(&rules->starts);
	clear(&rules->inside);
	g_free(rules);
}

/* Group 1 of the row whose group is @group, when it took part, or all of the row. */
static char *text_of(const GMatchInfo *info, int group, int next)
{
	g_autofree char *text = NULL;

	if (group + 1 < next)
		text = g_match_info_fetch(info, group + 1);
	if (!text || !*text) {
		g_free(text);
		text = g_match_info_fetch(info, group);
	}
	return g_strdup(g_strstrip(text));
}

/* What a set found; @row is G_MAXUINT when nothing. */
typedef struct Found {
	guint row;
	char *text;
} Found;

static void take(const Set *set, const GMatchInfo *info, Found *found)
{
	for (guint i = 0; i < set->rows->len; i++) {
		int group = g_array_index(set->groups, int, i);
		int next =
			i + 1 < set->rows->len ? g_array_index(set->groups, int, i + 1) : G_MAXINT;
		int start = -1;

		if (!g_match_info_fetch_pos(info, group, &start, NULL) || start < 0)
			continue;
		found->row = g_array_index(set->rows, guint, i);
		found->text = text_of(info, group, next);
		return;
	}
}

static Found look(Set *set, const VfTriageLine *line, gsize from)
{
	g_autoptr(GMatchInfo) info = NULL;
	Found found = {.row = G_MAXUINT};
	int start = 0;

	if (set->filter &&
	    g_regex_match_full(set->filter, line->bytes, (gssize)line->length, (int)from, 0, NULL,
			       NULL) &&
	    g_regex_match_full(finder_of(set), line->bytes, (gssize)line->length, (int)from, 0,
			       &info, NULL) &&
	    g_match_info_fetch_pos(info, 0, &start, NULL) && (gsize)start < line->until)
		take(set, info, &found);
	return found;
}

/* The end of the first prefix from @from on, and its start; FALSE: there is none. */
static gboolean next_prefix(const VfTriageRules *rules, const VfTriageLine *line, gsize from,
			    gsize *start, gsize *end)
{
	g_autoptr(GMatchInfo) info = NULL;
	int first, last;

	if (!g_regex_match_full(rules->prefix, line->bytes, (gssize)line->length, (int)from, 0,
				&info, NULL) ||
	    !g_match_info_fetch_pos(info, 0, &first, &last))
		return FALSE;
	*start = (gsize)first;
	*end = (gsize)last;
	return TRUE;
}

/* What stands before a prefix is not the kernel's, or the start of a message that was cut. */
static Found look_at_starts(VfTriageRules *rules, const VfTriageLine *line)
{
	Found found = {.row = G_MAXUINT};
	gsize start = 0, end = 0;
	gboolean more = next_prefix(rules, line, 0, &start, &end);
	gboolean at_once = more && start == 0;

	for (guint i = 0; i < STARTS_MAX && more && found.row == G_MAXUINT; i++) {
		gsize at = end;

		more = next_prefix(rules, line, at, &start, &end);
		if (at >= line->from && at < line->until && !(more && start == at))
			found = look(&rules->starts, line, at);
	}
	if (found.row == G_MAXUINT && !at_once && line->from == 0)
		found = look(&rules->starts, line, 0);
	return found;
}

gboolean vf_triage_rules_find(VfTriageRules *rules, const VfTriageLine *line, VfTriageMatch *match)
{
	Found found = {.row = G_MAXUINT}, inside = {.row = G_MAXUINT};

	if (line->length) {
		found = look_at_starts(rules, line);
		inside = look(&rules->inside, line, line->from);
	}
	match->inside = inside.row < found.row;
	if (match->inside) {
		g_free(found.text);
		found = inside;
	} else {
		g_free(inside.text);
	}
	if (found.row == G_MAXUINT)
		return FALSE;
	match->pattern = rules->starts.patterns->pdata[found.row];
	match->text = found.text;
	return TRUE;
}

const char *vf_triage_rules_message(const VfTriageRules *rules, const VfTriageLine *line)
{
	gsize at = 0, start, end;

	for (guint i = 0;
	     line->length && i < STARTS_MAX && next_prefix(rules, line, at, &start, &end); i++)
		at = end;
	return line->bytes + at;
}
