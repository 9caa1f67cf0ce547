// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/text.h"

#include <math.h>
#include <string.h>

/* Longer words have no neighbours; bounds the table of distances. */
#define NEAREST_MAX 64

static gboolean shown(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT: /* bidirectional overrides reorder what a terminal shows */
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_UNASSIGNED:
		return FALSE;
	default:
		return TRUE;
	}
}

/* Length of the character at @at, and whether it may be shown as it is. */
static gsize character(const char *at, gsize left, gboolean *plain)
{
	guchar byte = (guchar)*at;
	gunichar c;

	if (byte < 0x80) {
		*plain = byte >= 0x20 && byte != 0x7f;
		return 1;
	}
	c = g_utf8_get_char_validated(at, (gssize)left);
	if (c == (gunichar)-1 || c == (gunichar)-2) {
		*plain = FALSE;
		return 1;
	}
	*plain = shown(c);
	return (gsize)(g_utf8_next_char(at) - at);
}

char *vf_text_escape(const char *bytes, gssize length, gsize max)
{
	gsize size = length < 0 ? strlen(bytes) : (gsize)length;
	gsize limit = max && max < size ? max : size;
	GString *out = g_string_sized_new(limit + 4);
	gsize at = 0;

	while (at < limit) {
		gboolean plain;
		gsize n = character(bytes + at, size - at, &plain);

		if (n > limit - at)
			break;
		if (plain)
			g_string_append_len(out, bytes + at, (gssize)n);
		for (gsize i = 0; !plain && i < n; i++)
			g_string_append_printf(out, "\\x%02x", (guchar)bytes[at + i]);
		at += n;
	}
	if (at < size)
		g_string_append(out, "...");
	return g_string_free(out, FALSE);
}

char *vf_text_escape_lines(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		char *escaped = vf_text_escape(*line, -1, 0);

		g_free(*line);
		*line = escaped;
	}
	return g_strjoinv("\n", lines);
}

static gboolean shell_plain(const char *word, gboolean first)
{
	/* VAR=value in front of a command is an assignment */
	if (!*word || (first && strchr(word, '=')))
		return FALSE;
	for (; *word; word++)
		if (!g_ascii_isalnum(*word) && !strchr("_@%+=:,./-", *word))
			return FALSE;
	return TRUE;
}

static void shell_quote(GString *out, const char *word)
{
	g_string_append_c(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			g_string_append(out, "'\\''");
		else
			g_string_append_c(out, *word);
	}
	g_string_append_c(out, '\'');
}

char *vf_text_shell(const char *const *argv)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; argv[i]; i++) {
		if (i)
			g_string_append_c(out, ' ');
		if (shell_plain(argv[i], i == 0))
			g_string_append(out, argv[i]);
		else
			shell_quote(out, argv[i]);
	}
	return g_string_free(out, FALSE);
}

char *vf_text_list(const char *const *words)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; words[i]; i++) {
		if (i)
			g_string_append(out, words[i + 1] ? ", " : " and ");
		g_string_append(out, words[i]);
	}
	return g_string_free(out, FALSE);
}

/* Edits (insert, delete, replace, swap neighbours) from @a to @b, letters in any case. */
static guint distance(const char *a, const char *b)
{
	guint8 rows[3][NEAREST_MAX + 1];
	guint8 *before = rows[0], *last = rows[1], *row = rows[2];
	guint n = (guint)strlen(b);

	for (guint j = 0; j <= n; j++)
		last[j] = (guint8)j;
	for (guint i = 1; a[i - 1]; i++) {
		guint8 *free_row = before;
		char ca = g_ascii_tolower(a[i - 1]);

		row[0] = (guint8)i;
		for (guint j = 1; j <= n; j++) {
			char cb = g_ascii_tolower(b[j - 1]);
			guint best = MIN(last[j], row[j - 1]) + 1u;

			best = MIN(best, last[j - 1] + (ca != cb ? 1u : 0u));
			if (i > 1 && j > 1 && ca == g_ascii_tolower(b[j - 2]) &&
			    cb == g_ascii_tolower(a[i - 2]))
				best = MIN(best, before[j - 2] + 1u);
			row[j] = (guint8)best;
		}
		before = last;
		last = row;
		row = free_row;
	}
	return last[n];
}

const char *vf_text_nearest(const char *word, const char *const *words)
{
	const char *nearest = NULL;
	gsize length = strlen(word);
	guint best = G_MAXUINT;

	if (!length || length > NEAREST_MAX)
		return NULL;
	for (; *words; words++) {
		gsize other = strlen(*words);
		guint edits;

		if (other > NEAREST_MAX)
			continue;
		edits = distance(word, *words);
		if (length > 1 && g_str_has_prefix(*words, word))
			edits = MIN(edits, 1);
		if (edits <= MAX(1, MAX(length, other) / 3) && edits < best) {
			best = edits;
			nearest = *words;
		}
	}
	return nearest;
}

char *vf_text_duration(double seconds)
{
	gint64 tenths = seconds > 0 ? llround(seconds * 10) : 0;
	gint64 whole = (tenths + 5) / 10;

	if (tenths < 600)
		return g_strdup_printf("%d.%d s", (int)(tenths / 10), (int)(tenths % 10));
	if (whole < 3600)
		return g_strdup_printf("%d min %02d s", (int)(whole / 60), (int)(whole % 60));
	return g_strdup_printf("%" G_GINT64_FORMAT " h %02d min", whole / 3600,
			       (int)(whole % 3600 / 60));
}
