// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/triage.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define LINES_BEFORE 8
#define LINES_AFTER  80
#define EXCERPT_MAX  (16 * 1024)
#define REASON_MAX   200

/* An excerpt that is still growing. */
typedef struct Open {
	VfSplat *splat; /* owned by splats */
	GString *text;
	guint lines; /* that may still be added */
} Open;

struct VfTriage {
	const GPtrArray *patterns;
	GPtrArray *regexes; /* of GRegex, parallel to patterns */
	GRegex *any;	    /* all of them: most lines match none */
	GString *line;
	guint64 bytes;		    /* before the current line */
	char *before[LINES_BEFORE]; /* ring of escaped lines */
	guint n_before;
	GArray *open; /* of Open */
	GPtrArray *splats;
	guint dropped;
	gboolean fatal, expecting, init_end;
	char *message;
};

static GRegex *compile(const char *pattern, GError **error)
{
	return g_regex_new(pattern, G_REGEX_RAW | G_REGEX_OPTIMIZE | G_REGEX_DUPNAMES, 0, error);
}

static gboolean compile_all(VfTriage *triage, GError **error)
{
	g_autoptr(GString) any = g_string_new(NULL);

	for (guint i = 0; i < triage->patterns->len; i++) {
		const VfTriagePattern *p = triage->patterns->pdata[i];
		GRegex *regex = compile(p->pattern, error);

		if (!regex)
			return vf_prefix(error, "triage pattern \"%s\"", p->pattern);
		g_ptr_array_add(triage->regexes, regex);
		g_string_append_printf(any, "%s(?:%s)", any->len ? "|" : "", p->pattern);
	}
	triage->any = compile(any->str, error);
	return triage->any != NULL;
}

static void clear_open(gpointer open)
{
	g_string_free(((Open *)open)->text, TRUE);
}

VfTriage *vf_triage_new(const GPtrArray *patterns, GError **error)
{
	g_autoptr(VfTriage) triage = g_new0(VfTriage, 1);

	triage->patterns = patterns;
	triage->regexes = g_ptr_array_new_with_free_func((GDestroyNotify)g_regex_unref);
	triage->line = g_string_sized_new(VF_TRIAGE_LINE_MAX + 1);
	triage->open = g_array_new(FALSE, FALSE, sizeof(Open));
	g_array_set_clear_func(triage->open, clear_open);
	triage->splats = g_ptr_array_new_with_free_func((GDestroyNotify)vf_splat_free);
	return compile_all(triage, error) ? g_steal_pointer(&triage) : NULL;
}

void vf_triage_free(VfTriage *triage)
{
	g_ptr_array_unref(triage->regexes);
	g_clear_pointer(&triage->any, g_regex_unref);
	g_string_free(triage->line, TRUE);
	for (guint i = 0; i < LINES_BEFORE; i++)
		g_free(triage->before[i]);
	g_array_unref(triage->open);
	g_ptr_array_unref(triage->splats);
	g_free(triage->message);
	g_free(triage);
}

gboolean vf_triage_fatal(const VfTriage *triage)
{
	return triage->fatal;
}

gboolean vf_triage_init_end(const VfTriage *triage)
{
	return triage->init_end;
}

const char *vf_triage_message(const VfTriage *triage)
{
	return triage->message;
}

guint64 vf_triage_bytes(const VfTriage *triage)
{
	return triage->bytes + triage->line->len;
}

GPtrArray *vf_triage_splats(VfTriage *triage)
{
	return triage->splats;
}

guint vf_triage_dropped(const VfTriage *triage)
{
	return triage->dropped;
}

static void close_excerpt(VfTriage *triage, guint i)
{
	Open *open = &g_array_index(triage->open, Open, i);

	open->splat->excerpt = g_strdup(open->text->str);
	g_array_remove_index(triage->open, i);
}

static void add_to_excerpts(VfTriage *triage, const char *escaped)
{
	for (guint i = triage->open->len; i-- > 0;) {
		Open *open = &g_array_index(triage->open, Open, i);

		if (open->text->len + strlen(escaped) + 1 < EXCERPT_MAX) {
			g_string_append_printf(open->text, "%s\n", escaped);
			open->lines--;
		} else {
			open->lines = 0;
		}
		if (!open->lines || strstr(escaped, "---[ end "))
			close_excerpt(triage, i);
	}
}

static void remember(VfTriage *triage, char *escaped)
{
	char **slot = &triage->before[triage->n_before++ % LINES_BEFORE];

	g_free(*slot);
	*slot = escaped;
}

static void open_excerpt(VfTriage *triage, VfSplat *splat)
{
	Open open = {.splat = splat, .text = g_string_new(NULL), .lines = LINES_AFTER};
	guint n = triage->n_before;

	for (guint i = n < LINES_BEFORE ? 0 : n - LINES_BEFORE; i < n; i++)
		g_string_append_printf(open.text, "%s\n", triage->before[i % LINES_BEFORE]);
	g_array_append_val(triage->open, open);
}

static char *reason_of(const GMatchInfo *match)
{
	g_autofree char *group = NULL;

	if (g_match_info_get_match_count(match) > 1)
		group = g_match_info_fetch(match, 1);
	if (!group || !*group) {
		g_free(group);
		group = g_match_info_fetch(match, 0);
	}
	g_strstrip(group);
	return vf_text_escape(group, -1, REASON_MAX);
}

static void add_splat(VfTriage *triage, const VfTriagePattern *pattern, const GMatchInfo *match)
{
	VfSplat *splat;

	if (triage->splats->len >= VF_TRIAGE_SPLATS_MAX && (!pattern->fatal || triage->fatal)) {
		triage->dropped++;
		return;
	}
	splat = g_new0(VfSplat, 1);
	splat->class = g_strdup(pattern->class);
	splat->reason = reason_of(match);
	splat->offset = triage->bytes;
	splat->fatal = pattern->fatal;
	splat->after_end = triage->init_end;
	splat->expected = triage->expecting && !pattern->fatal;
	triage->fatal |= pattern->fatal;
	g_ptr_array_add(triage->splats, splat);
	open_excerpt(triage, splat);
}

static void match_patterns(VfTriage *triage)
{
	const GString *line = triage->line;

	/* "---[ end Kernel panic" repeats what was matched above */
	if (!triage->patterns->len || strstr(line->str, "---[ end ") ||
	    !g_regex_match_full(triage->any, line->str, (gssize)line->len, 0, 0, NULL, NULL))
		return;
	for (guint i = 0; i < triage->patterns->len; i++) {
		g_autoptr(GMatchInfo) match = NULL;

		if (!g_regex_match_full(triage->regexes->pdata[i], line->str, (gssize)line->len, 0,
					0, &match, NULL))
			continue;
		add_splat(triage, triage->patterns->pdata[i], match);
		return;
	}
}

static void keep_message(VfTriage *triage, const char *message)
{
	g_free(triage->message);
	triage->message = vf_text_escape(message, -1, REASON_MAX);
}

static void take_marker(VfTriage *triage)
{
	const char *marker = strstr(triage->line->str, "vifarm: ");

	if (!marker)
		return;
	marker += strlen("vifarm: ");
	if (g_str_equal(marker, "end"))
		triage->init_end = TRUE;
	else if (g_str_equal(marker, "expect-warning begin"))
		triage->expecting = TRUE;
	else if (g_str_equal(marker, "expect-warning end"))
		triage->expecting = FALSE;
	else if (!g_str_equal(marker, "init up"))
		keep_message(triage, marker);
}

/* @skipped: bytes of the line's end that are not in the buffer. */
static void take_line(VfTriage *triage, gsize skipped)
{
	gsize length = triage->line->len;
	char *escaped;

	if (length && triage->line->str[length - 1] == '\r')
		g_string_truncate(triage->line, length - 1);
	escaped = vf_text_escape(triage->line->str, (gssize)triage->line->len, 0);
	take_marker(triage);
	match_patterns(triage);
	add_to_excerpts(triage, escaped);
	remember(triage, escaped);
	triage->bytes += length + skipped;
	g_string_truncate(triage->line, 0);
}

void vf_triage_feed(VfTriage *triage, const char *bytes, gsize length)
{
	while (length) {
		gsize room = VF_TRIAGE_LINE_MAX - triage->line->len;
		gsize n = MIN(length, room);
		const char *newline = memchr(bytes, '\n', n);

		if (newline)
			n = (gsize)(newline - bytes);
		g_string_append_len(triage->line, bytes, (gssize)n);
		if (newline || n == room)
			take_line(triage, newline ? 1 : 0);
		bytes += n + (newline ? 1 : 0);
		length -= n + (newline ? 1 : 0);
	}
}

void vf_triage_finish(VfTriage *triage)
{
	if (triage->line->len)
		take_line(triage, 0);
	while (triage->open->len)
		close_excerpt(triage, triage->open->len - 1);
}
