// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/diff.h"

#include <string.h>

#include "base/text.h"
#include "kernel/binary-patch.h"
#include "kernel/patch.h"

/* More files than any honest patch touches; bounds the set of names. */
#define PATHS_MAX 20000

typedef struct Line {
	const char *text;
	gsize length; /* without the newline */
} Line;

typedef struct Scan {
	const char *text, *at, *end;
	guint64 number; /* of the current line, from 1 */
	Line line;
	gboolean begun;
	gsize start;
	gboolean header;  /* between "diff --git" and its first hunk */
	gboolean binary;  /* behind "GIT binary patch" */
	guint64 old, new; /* lines that the hunk still has to have */
	gboolean ended;	  /* the line before was the last one of a hunk */
	GHashTable *paths;
	char *damage;
} Scan;

void vf_diff_clear(VfDiff *diff)
{
	g_strfreev(diff->paths);
	g_free(diff->damage);
	memset(diff, 0, sizeof(*diff));
}

static gboolean begins(Line line, const char *word)
{
	gsize length = strlen(word);

	return line.length >= length && !memcmp(line.text, word, length);
}

static Line line_at(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (gsize)(end - at));

	return (Line){at, (gsize)((newline ? newline : end) - at)};
}

static Line line_behind(const Scan *scan, Line line)
{
	const char *next = line.text + line.length + 1;

	return next < scan->end ? line_at(next, scan->end) : (Line){scan->end, 0};
}

G_GNUC_PRINTF(2, 3)
static void damaged(Scan *scan, const char *format, ...)
{
	va_list args;

	if (scan->damage)
		return;
	va_start(args, format);
	scan->damage = g_strdup_vprintf(format, args);
	va_end(args);
}

/* A decimal number that ends before 2^31; NULL when there is none. */
static const char *number_at(const char *at, const char *end, guint64 *value)
{
	const char *start = at;

	*value = 0;
	while (at < end && g_ascii_isdigit(*at) && *value < (1u << 27))
		*value = *value * 10 + (guint64)(*at++ - '0');
	return at > start && (at == end || !g_ascii_isdigit(*at)) ? at : NULL;
}

/* ",N", or nothing for 1. */
static const char *count_at(const char *at, const char *end, guint64 *count)
{
	*count = 1;
	return at && at < end && *at == ',' ? number_at(at + 1, end, count) : at;
}

/* "@@ -1,7 +1,6 @@" */
static gboolean hunk_header(Line line, guint64 *old, guint64 *new)
{
	const char *end = line.text + line.length, *at;
	guint64 first, before, after;

	if (!begins(line, "@@ -"))
		return FALSE;
	at = count_at(number_at(line.text + 4, end, &first), end, &before);
	if (!at || end - at < 2 || memcmp(at, " +", 2))
		return FALSE;
	at = count_at(number_at(at + 2, end, &first), end, &after);
	if (!at || end - at < 3 || memcmp(at, " @@", 3))
		return FALSE;
	*old = before;
	*new = after;
	return TRUE;
}

static gboolean file_header(const Scan *scan, Line line)
{
	guint64 old, new;
	Line second, third;

	if (!begins(line, "--- ") || line.length < 5 || g_ascii_isspace(line.text[4]))
		return FALSE;
	second = line_behind(scan, line);
	third = line_behind(scan, second);
	return begins(second, "+++ ") && hunk_header(third, &old, &new);
}

static gboolean git_header(Line line)
{
	return begins(line, "diff --git ") && line.length > 15;
}

static void add_path(Scan *scan, const char *path)
{
	const char *problem = vf_patch_path_problem(path);
	g_autofree char *shown = NULL;

	if (!problem) {
		if (g_hash_table_size(scan->paths) < PATHS_MAX)
			g_hash_table_add(scan->paths, g_strdup(path));
		else
			damaged(scan, "it touches more than %d files", PATHS_MAX);
		return;
	}
	shown = vf_text_escape(path, -1, 200);
	damaged(scan, "line %" G_GUINT64_FORMAT ": the path \"%s\" %s", scan->number, shown,
		problem);
}

/* @prefixed: "a/" or the like goes; what has no such step is taken whole. */
static void add_name(Scan *scan, const char *text, gsize length, gboolean prefixed)
{
	const char *tab = memchr(text, '\t', length);
	g_autofree char *name = NULL;
	const char *slash;

	while (!tab && length && g_ascii_isspace(text[length - 1]))
		length--;
	name = vf_patch_read_name(text, tab ? (gsize)(tab - text) : length);
	if (!name) {
		damaged(scan, "line %" G_GUINT64_FORMAT ": a name with broken quotes",
			scan->number);
		return;
	}
	if (!strcmp(name, "/dev/null"))
		return;
	slash = prefixed ? strchr(name, '/') : NULL;
	add_path(scan, slash ? slash + 1 : name);
}

/*
 * "a/NAME b/NAME" with equal names: what has neither "---" nor "rename", such as a change of mode.
 * Names in quotes are in the other lines of such headers, or not worth it.
 */
static void add_equal_names(Scan *scan, Line line)
{
	const char *names = line.text + strlen("diff --git ");
	gsize length = line.length - strlen("diff --git ");
	gsize half = length / 2;
	const char *first = memchr(names, '/', half);
	const char *second = names + half + 1;

	if (length % 2 == 0 || names[half] != ' ' || !first)
		return;
	if (!memcmp(first, second + (first - names), half - (gsize)(first - names)))
		add_name(scan, names, half, TRUE);
}

static const struct {
	const char *word;
	gboolean prefixed;
} names[] = {
	{"--- ", TRUE},	       {"+++ ", TRUE},	      {"rename from ", FALSE},
	{"rename to ", FALSE}, {"copy from ", FALSE}, {"copy to ", FALSE},
};

static void read_header_line(Scan *scan)
{
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		gsize skip = strlen(names[i].word);

		if (begins(scan->line, names[i].word))
			add_name(scan, scan->line.text + skip, scan->line.length - skip,
				 names[i].prefixed);
	}
	if (begins(scan->line, "GIT binary patch"))
		scan->binary = TRUE;
}

static void take(guint64 *count, Scan *scan)
{
	if (*count)
		(*count)--;
	else
		damaged(scan, "line %" G_GUINT64_FORMAT ": the hunk has more lines than it says",
			scan->number);
}

static void read_hunk_line(Scan *scan)
{
	g_autofree char *shown = NULL;

	switch (scan->line.length ? scan->line.text[0] : ' ') {
	case '\r': /* an empty line of a CRLF file whose space was lost */
	case ' ':
		take(&scan->old, scan);
		take(&scan->new, scan);
		return;
	case '-':
		take(&scan->old, scan);
		return;
	case '+':
		take(&scan->new, scan);
		return;
	case '\\':
		return;
	}
	shown = vf_text_escape(scan->line.text, (gssize)scan->line.length, 60);
	damaged(scan,
		"line %" G_GUINT64_FORMAT
		": \"%s\" inside a hunk is not a line of a diff (wrapped by "
		"the mail program?)",
		scan->number, shown);
	scan->old = scan->new = 0;
}

static void begin(Scan *scan)
{
	if (!scan->begun)
		scan->start = (gsize)(scan->line.text - scan->text);
	scan->begun = TRUE;
}

/* The line behind a hunk is the next header, a signature's "-- ", or no part of the diff. */
static void check_end(Scan *scan)
{
	char first = scan->line.length ? scan->line.text[0] : '\0';

	if (first == '+' || (first == '-' && !begins(scan->line, "--")))
		damaged(scan, "line %" G_GUINT64_FORMAT ": the hunk has more lines than it says",
			scan->number);
}

static void read_line(Scan *scan)
{
	gboolean in_hunk = scan->old || scan->new;

	if (scan->ended)
		check_end(scan);
	if (in_hunk) {
		read_hunk_line(scan);
	} else if (git_header(scan->line)) {
		begin(scan);
		scan->header = TRUE;
		scan->binary = FALSE;
		add_equal_names(scan, scan->line);
	} else if (file_header(scan, scan->line)) {
		begin(scan);
		scan->header = TRUE;
		read_header_line(scan);
	} else if (scan->begun && !scan->binary &&
		   hunk_header(scan->line, &scan->old, &scan->new)) {
		scan->header = FALSE;
	} else if (scan->header && begins(scan->line, "@@ ")) {
		damaged(scan, "line %" G_GUINT64_FORMAT ": this begins no hunk", scan->number);
	} else if (scan->header) {
		read_header_line(scan);
	}
	scan->ended = in_hunk && !scan->old && !scan->new;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GStrv sorted(GHashTable *set)
{
	g_autofree char **keys = (char **)g_hash_table_get_keys_as_array(set, NULL);
	GStrv copy = g_strdupv(keys);

	qsort(copy, g_strv_length(copy), sizeof(*copy), by_name);
	return copy;
}

gboolean vf_diff_scan(const char *text, gsize length, VfDiff *diff)
{
	g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Scan scan = {.text = text, .at = text, .end = text + length, .paths = paths};

	while (scan.at < scan.end) {
		scan.line = line_at(scan.at, scan.end);
		scan.number++;
		read_line(&scan);
		scan.at = scan.line.text + scan.line.length + 1;
	}
	if (scan.old || scan.new)
		damaged(&scan, "the last hunk ends too early");
	if (!scan.begun) {
		g_free(scan.damage);
		return FALSE;
	}
	diff->start = scan.start;
	diff->paths = sorted(paths);
	diff->damage = scan.damage ?: vf_binary_patch_problem(text, length);
	if (!*diff->paths && !diff->damage)
		diff->damage = g_strdup("it touches no file");
	return TRUE;
}
