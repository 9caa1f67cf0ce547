// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/ktap.h"

#include <string.h>

#include "base/text.h"

#define SHOWN 80 /* bytes of a bad line in an error */

typedef struct Level {
	gsize indent;
	char *name; /* from "# Subtest:", may be NULL */
	gboolean planned;
	guint64 plan;
	guint64 results;
	guint first;	/* index of its first case */
	guint64 opened; /* line number */
} Level;

struct VfKtap {
	GArray *levels; /* of Level, outermost first */
	GPtrArray *cases;
	GString *notes; /* lines since the last result, bounded */
	guint64 line;
	const char *text; /* of the current line */
	gsize length;
	char *error;
};

typedef struct Result {
	gboolean ok;
	guint64 number;
	char *name;   /* escaped, may be "" */
	char *detail; /* escaped text after the directive, or NULL */
	VfStatus status;
} Result;

static void clear_level(gpointer level)
{
	g_free(((Level *)level)->name);
}

VfKtap *vf_ktap_new(void)
{
	VfKtap *ktap = g_new0(VfKtap, 1);

	ktap->levels = g_array_new(FALSE, TRUE, sizeof(Level));
	g_array_set_clear_func(ktap->levels, clear_level);
	ktap->cases = g_ptr_array_new_with_free_func((GDestroyNotify)vf_case_free);
	ktap->notes = g_string_new(NULL);
	return ktap;
}

void vf_ktap_free(VfKtap *ktap)
{
	g_array_unref(ktap->levels);
	g_ptr_array_unref(ktap->cases);
	g_string_free(ktap->notes, TRUE);
	g_free(ktap->error);
	g_free(ktap);
}

const char *vf_ktap_error(const VfKtap *ktap)
{
	return ktap->error;
}

guint64 vf_ktap_lines(const VfKtap *ktap)
{
	return ktap->line;
}

GPtrArray *vf_ktap_cases(VfKtap *ktap)
{
	return ktap->cases;
}

static G_GNUC_PRINTF(2, 3) void fail(VfKtap *ktap, const char *format, ...)
{
	g_autofree char *what = NULL;
	g_autofree char *shown = NULL;
	va_list args;

	if (ktap->error)
		return;
	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	if (!ktap->text) {
		ktap->error = g_strdup_printf("KTAP ends after line %" G_GUINT64_FORMAT ": %s",
					      ktap->line, what);
		return;
	}
	shown = vf_text_escape(ktap->text, (gssize)ktap->length, SHOWN);
	ktap->error = g_strdup_printf("KTAP line %" G_GUINT64_FORMAT ": %s: \"%s\"", ktap->line,
				      what, shown);
}

static Level *top(VfKtap *ktap)
{
	return ktap->levels->len ? &g_array_index(ktap->levels, Level, ktap->levels->len - 1)
				 : NULL;
}

static const char *level_name(const Level *level)
{
	if (level->name)
		return level->name;
	return level->indent ? "a subtest" : "the top level";
}

/* Digits only, at least one, at most six: more is beyond every limit here. */
static gboolean take_number(const char **at, guint64 *number)
{
	gsize digits = strspn(*at, "0123456789");

	if (!digits || digits > 6)
		return FALSE;
	*number = g_ascii_strtoull(*at, NULL, 10);
	*at += digits;
	return TRUE;
}

static gboolean ends_here(const char *at)
{
	return !*at || *at == ' ' || *at == '\t';
}

static void note(VfKtap *ktap, const char *text)
{
	g_autofree char *line = NULL;
	const char *newline;

	if (text[0] == '#' && text[1] == ' ')
		text += 2;
	line = vf_text_escape(text, -1, VF_KTAP_DETAIL_MAX / 2);
	if (ktap->notes->len)
		g_string_append_c(ktap->notes, '\n');
	g_string_append(ktap->notes, line);
	while (ktap->notes->len > VF_KTAP_DETAIL_MAX && (newline = strchr(ktap->notes->str, '\n')))
		g_string_erase(ktap->notes, 0, newline + 1 - ktap->notes->str);
}

static void take_other(VfKtap *ktap, G_GNUC_UNUSED gsize indent, const char *text)
{
	if (!ktap->levels->len)
		return fail(ktap, "expected \"KTAP version 1\" first");
	if (*text)
		note(ktap, text);
}

static void push(VfKtap *ktap, gsize indent)
{
	Level level = {.indent = indent, .first = ktap->cases->len, .opened = ktap->line};

	g_array_append_val(ktap->levels, level);
	g_string_truncate(ktap->notes, 0);
}

static void take_version(VfKtap *ktap, gsize indent, const char *text)
{
	const Level *level = top(ktap);

	if (!g_str_equal(text, "KTAP version 1"))
		return fail(ktap, "expected \"KTAP version 1\"");
	if (!level && indent)
		return fail(ktap, "the first version line is indented");
	if (level && indent < level->indent + 2)
		return fail(ktap, "a version line inside %s", level_name(level));
	if (ktap->levels->len == VF_KTAP_DEPTH_MAX)
		return fail(ktap, "more than %d levels", VF_KTAP_DEPTH_MAX);
	if (level && level->planned && level->results == level->plan)
		return fail(ktap, "a subtest beyond the plan of %s", level_name(level));
	push(ktap, indent);
}

static void take_plan(VfKtap *ktap, gsize indent, const char *text)
{
	Level *level = top(ktap);
	const char *at = text + strlen("1..");
	guint64 plan;
	gboolean well_formed = take_number(&at, &plan) && ends_here(at);

	if (!level || indent != level->indent)
		return well_formed ? fail(ktap, "a plan outside its test")
				   : take_other(ktap, indent, text);
	if (!well_formed)
		return fail(ktap, "a malformed plan");
	if (plan > VF_KTAP_CASES_MAX)
		return fail(ktap, "a plan of more than %d cases", VF_KTAP_CASES_MAX);
	if (level->planned)
		return fail(ktap, "a second plan");
	if (level->results)
		return fail(ktap, "a plan after the first result");
	level->planned = TRUE;
	level->plan = plan;
}

static const struct {
	const char *word;
	VfStatus status; /* whatever the line says before the directive */
	gboolean keep;	 /* the word stays in the detail */
} directives[] = {
	{"SKIP", VF_STATUS_SKIP, FALSE},  {"TODO", VF_STATUS_SKIP, TRUE},
	{"XFAIL", VF_STATUS_SKIP, TRUE},  {"TIMEOUT", VF_STATUS_FAIL, TRUE},
	{"ERROR", VF_STATUS_ERROR, TRUE},
};

/* @text is what follows "# ". An unknown directive is a plain diagnostic. */
static void take_directive(Result *result, const char *text)
{
	for (guint i = 0; i < G_N_ELEMENTS(directives); i++) {
		gsize n = strlen(directives[i].word);

		if (g_ascii_strncasecmp(text, directives[i].word, n) || !ends_here(text + n))
			continue;
		result->status = directives[i].status;
		if (!directives[i].keep)
			text += n;
		break;
	}
	text += strspn(text, " \t");
	if (*text)
		result->detail = vf_text_escape(text, -1, VF_KTAP_DETAIL_MAX);
}

/* The '#' of " # ", of "# " at the beginning, or of " #" at the end of the line. */
static const char *find_directive(const char *text)
{
	for (const char *p = strchr(text, '#'); p; p = strchr(p + 1, '#'))
		if ((p == text || p[-1] == ' ') && ends_here(p + 1))
			return p;
	return NULL;
}

/* @at: after the number. */
static void take_description(Result *result, const char *at)
{
	g_autofree char *name = NULL;
	const char *hash;

	at += strspn(at, " \t");
	if (at[0] == '-' && ends_here(at + 1))
		at += 1 + strspn(at + 1, " \t");
	hash = find_directive(at);
	name = hash ? g_strndup(at, (gsize)(hash - at)) : g_strdup(at);
	g_strchomp(name);
	result->name = vf_text_escape(name, -1, VF_KTAP_NAME_MAX);
	result->status = result->ok ? VF_STATUS_PASS : VF_STATUS_FAIL;
	if (hash)
		take_directive(result, hash + 1 + strspn(hash + 1, " \t"));
	if (!*result->name) {
		g_free(result->name);
		result->name = g_strdup_printf("%" G_GUINT64_FORMAT, result->number);
	}
}

/* The name that a subtest gives its cases. Caller frees. */
static char *case_name(const char *prefix, const char *name)
{
	return g_strconcat(prefix, "/", name, NULL);
}

static void name_cases(VfKtap *ktap, guint first, const char *prefix)
{
	for (guint i = first; i < ktap->cases->len; i++) {
		VfCase *c = ktap->cases->pdata[i];
		char *name = case_name(prefix, c->name);

		g_free(c->name);
		c->name = name;
	}
}

static gboolean any_broken(const VfKtap *ktap, guint first)
{
	for (guint i = first; i < ktap->cases->len; i++)
		if (((const VfCase *)ktap->cases->pdata[i])->status > VF_STATUS_PASS)
			return TRUE;
	return FALSE;
}

static void add_case(VfKtap *ktap, Result *result)
{
	VfCase *c;

	if (ktap->cases->len == VF_KTAP_CASES_MAX)
		return fail(ktap, "more than %d cases", VF_KTAP_CASES_MAX);
	c = g_new0(VfCase, 1);
	c->name = g_steal_pointer(&result->name);
	c->status = result->status;
	c->detail = g_steal_pointer(&result->detail);
	if (!c->detail && c->status != VF_STATUS_PASS && ktap->notes->len)
		c->detail = g_strdup(ktap->notes->str);
	g_ptr_array_add(ktap->cases, c);
}

static void check_complete(VfKtap *ktap, const Level *level)
{
	if (level->planned && level->results < level->plan)
		fail(ktap,
		     "%s planned %" G_GUINT64_FORMAT " cases and has results of %" G_GUINT64_FORMAT,
		     level_name(level), level->plan, level->results);
}

/* The parent's result @result closes the innermost level. */
static void close_subtest(VfKtap *ktap, Result *result)
{
	const Level *child = top(ktap);
	guint first = child->first;

	check_complete(ktap, child);
	if (child->name && !g_str_equal(child->name, result->name))
		fail(ktap, "the subtest was named %s", child->name);
	if (!child->results && result->status != VF_STATUS_SKIP)
		fail(ktap, "%s has no cases", level_name(child));
	name_cases(ktap, first, result->name);
	if (!child->results || (result->status > VF_STATUS_PASS && !any_broken(ktap, first)))
		add_case(ktap, result);
	g_array_set_size(ktap->levels, ktap->levels->len - 1);
}

static void check_number(VfKtap *ktap, const Level *level, guint64 number)
{
	guint64 expected = level->results + 1;

	if (level->planned && number > level->plan)
		fail(ktap, "beyond the plan 1..%" G_GUINT64_FORMAT, level->plan);
	else if (number > expected)
		fail(ktap, "result %" G_GUINT64_FORMAT " is missing", expected);
	else if (number < expected)
		fail(ktap, "result %" G_GUINT64_FORMAT " comes again", number);
}

/* The level that a result line at @indent belongs to, or NULL with the error set. */
static Level *level_of(VfKtap *ktap, gsize indent, gboolean *closes)
{
	guint depth = ktap->levels->len;
	Level *level = top(ktap);

	*closes = FALSE;
	if (level && level->indent == indent)
		return level;
	if (depth > 1 && level[-1].indent == indent) {
		*closes = TRUE;
		return level - 1;
	}
	if (level && indent < level->indent)
		fail(ktap, "%s has no result line", level_name(level));
	else
		fail(ktap, "a result outside its test");
	return NULL;
}

static void take_result(VfKtap *ktap, gsize indent, const char *text)
{
	Result result = {.ok = *text == 'o'};
	const char *at = text + strlen(result.ok ? "ok " : "not ok ");
	gboolean numbered = take_number(&at, &result.number) && ends_here(at);
	gboolean closes;
	Level *level;

	/* KUnit shows variables of failed expectations below the case, also one named "ok" */
	if (!numbered && top(ktap) && indent > top(ktap)->indent)
		return note(ktap, text);
	level = level_of(ktap, indent, &closes);
	if (!level)
		return;
	if (!numbered)
		return fail(ktap, "a result without a number");
	check_number(ktap, level, result.number);
	level->results++;
	take_description(&result, at);
	if (closes)
		close_subtest(ktap, &result);
	else
		add_case(ktap, &result);
	g_string_truncate(ktap->notes, 0);
	g_free(result.name);
	g_free(result.detail);
}

static void take_subtest(VfKtap *ktap, gsize indent, const char *text)
{
	Level *level = top(ktap);

	if (level && level->indent == indent && !level->results && !level->name && indent) {
		text += strlen("# Subtest:");
		text += strspn(text, " ");
		level->name = vf_text_escape(text, -1, VF_KTAP_NAME_MAX);
	}
}

static const struct {
	const char *prefix;
	void (*take)(VfKtap *ktap, gsize indent, const char *text);
} kinds[] = {
	{"KTAP version", take_version},
	{"TAP version", take_version},
	{"1..", take_plan},
	{"ok ", take_result},
	{"not ok ", take_result},
	{"# Subtest:", take_subtest},
	{"", take_other},
};

static gboolean is_text(const char *line, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if (((guchar)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return FALSE;
	return g_utf8_validate_len(line, length, NULL);
}

void vf_ktap_line(VfKtap *ktap, const char *line, gsize length)
{
	g_autofree char *text = NULL;
	gsize indent;

	if (ktap->error)
		return;
	ktap->line++;
	ktap->text = line;
	ktap->length = length;
	if (length > VF_KTAP_LINE_MAX)
		return fail(ktap, "longer than %d bytes", VF_KTAP_LINE_MAX);
	if (!is_text(line, length))
		return fail(ktap, "bytes that are not text");
	text = g_strndup(line, length);
	indent = strspn(text, " ");
	for (guint i = 0;; i++) {
		if (!g_str_has_prefix(text + indent, kinds[i].prefix))
			continue;
		kinds[i].take(ktap, indent, text + indent);
		break;
	}
}

void vf_ktap_finish(VfKtap *ktap)
{
	Level *level;

	ktap->text = NULL;
	level = top(ktap);
	if (!level)
		fail(ktap, "there was no \"KTAP version 1\"");
	else if (level->indent)
		fail(ktap, "%s, begun in line %" G_GUINT64_FORMAT ", has no result line",
		     level_name(level), level->opened);
	else if (!level->planned)
		fail(ktap, "there was no plan");
	else
		check_complete(ktap, level);
	for (; ktap->levels->len; g_array_set_size(ktap->levels, ktap->levels->len - 1)) {
		level = top(ktap);
		if (level->name)
			name_cases(ktap, level->first, level->name);
	}
}
