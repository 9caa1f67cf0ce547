// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A scan that knows less of MIME than a parser, and takes more for a header: what it counts is at
 * least what the parser will meet. Every line that begins with "Content-Type:" declares a part and
 * its separator, wherever it stands; what follows a separator is a header up to an empty line.
 */
#include "mail/excess.h"

#include <string.h>

#define BORDER_MAX 200 /* bytes of a separator; the standard allows 70 */

typedef struct Scan {
	const char *end;
	gboolean header;  /* the line belongs to a header block */
	gboolean message; /* what follows this block is a mail with a header of its own */
	gboolean digest;  /* parts without a type are mails */
	guint headers, types, inner, lines;
	gsize header_bytes, field_bytes;
	guint marks[3];
	guint borders;
	struct {
		const char *text;
		gsize length;
	} border[VF_MESSAGE_MULTIPARTS_MAX];
} Scan;

static const char mark_chars[] = ":;(";

static gsize line_length(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', (gsize)(end - line));

	return (gsize)((newline ?: end) - line);
}

static gboolean is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Case-insensitive strstr() in @length bytes. */
static const char *find(const char *text, gsize length, const char *word)
{
	gsize size = strlen(word);

	for (gsize i = 0; i + size <= length; i++)
		if (!g_ascii_strncasecmp(text + i, word, size))
			return text + i;
	return NULL;
}

/* Whether @field is "Content-Type: @word/..." in one of the ways that parsers understand. */
static gboolean names_type(const char *field, gsize length, const char *word)
{
	const char *at = memchr(field, ':', length), *end = field + length;
	gsize size = strlen(word);

	for (at++; at < end && is_space(*at);)
		at++;
	if ((gsize)(end - at) >= size && !g_ascii_strncasecmp(at, word, size))
		return TRUE;
	while ((at = find(at, (gsize)(end - at), word)) && at[size] != '/')
		at++;
	return at != NULL;
}

/* A header field with the lines that continue it, without its last newline. */
static gsize field_length(const char *field, const char *end)
{
	const char *at = field + line_length(field, end);

	while (at + 1 < end && (at[1] == ' ' || at[1] == '\t'))
		at += 1 + line_length(at + 1, end);
	return (gsize)(at - field);
}

/* The value behind "boundary"; NULL when it is none that every parser reads alike. */
static const char *border_value(const char *at, const char *end, gsize *length)
{
	gboolean quoted;
	const char *value;

	while (at < end && is_space(*at))
		at++;
	if (at == end || *at++ != '=')
		return NULL;
	while (at < end && is_space(*at))
		at++;
	quoted = at < end && *at == '"';
	value = at += quoted;
	while (at < end && (quoted ? *at != '"' : !is_space(*at) && *at != ';' && *at != '('))
		if (*at == '\\' || (guchar)*at >= 0x80 || (at[0] == '=' && at[1] == '?') || !*at++)
			return NULL;
	*length = (gsize)(at - value);
	return *length && *length <= BORDER_MAX && (!quoted || at < end) ? value : NULL;
}

static gboolean add_border(Scan *scan, const char *text, gsize length)
{
	for (guint i = 0; i < scan->borders; i++)
		if (scan->border[i].length == length && !memcmp(scan->border[i].text, text, length))
			return TRUE;
	if (scan->borders == VF_MESSAGE_MULTIPARTS_MAX)
		return FALSE;
	scan->border[scan->borders].text = text;
	scan->border[scan->borders++].length = length;
	return TRUE;
}

/* Every parameter that looks like a separator counts, whichever one the parser will choose. */
static const char *read_borders(Scan *scan, const char *field, gsize length)
{
	const char *end = field + length, *at = field;
	gboolean readable = FALSE, multipart = names_type(field, length, "multipart");

	while ((at = find(at, (gsize)(end - at), "boundary"))) {
		gsize size;
		const char *value = border_value(at += strlen("boundary"), end, &size);

		if (value && !add_border(scan, value, size))
			return "more multiparts than a mail has";
		if (!value && multipart && scan->header)
			return "a multipart with a separator that cannot be read";
		readable |= value != NULL;
	}
	return multipart && scan->header && !readable ? "a multipart without a separator" : NULL;
}

static const char *read_type(Scan *scan, const char *field)
{
	gsize length = field_length(field, scan->end);

	if (++scan->types > VF_MESSAGE_PARTS_MAX)
		return "more parts than a mail has";
	if (length > VF_MESSAGE_FIELD_KIB * 1024)
		return "a longer header field than a mail has";
	scan->digest |= find(field, length, "/digest") != NULL;
	if (names_type(field, length, "message")) {
		scan->message = TRUE;
		if (++scan->inner > VF_MESSAGE_INNER_MAX)
			return "more mails inside it than a mail has";
	}
	return read_borders(scan, field, length);
}

/* "Content-Type:", also with a space in front of the colon. */
static gboolean is_type(const char *line, gsize length)
{
	static const char word[] = "content-type";
	gsize at = strlen(word);

	if (length <= at || g_ascii_strncasecmp(line, word, at))
		return FALSE;
	while (at < length && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at < length && line[at] == ':';
}

static gboolean is_border(const Scan *scan, const char *line, gsize length)
{
	if (length < 3 || line[0] != '-' || line[1] != '-')
		return FALSE;
	for (guint i = 0; i < scan->borders; i++)
		if (length >= scan->border[i].length + 2 &&
		    !memcmp(line + 2, scan->border[i].text, scan->border[i].length))
			return TRUE;
	return FALSE;
}

static const char *read_header(Scan *scan, const char *line, gsize length)
{
	if (*line != ' ' && *line != '\t') {
		scan->field_bytes = 0;
		memset(scan->marks, 0, sizeof(scan->marks));
	}
	scan->field_bytes += length;
	scan->header_bytes += length + 1;
	if (scan->field_bytes > VF_MESSAGE_FIELD_KIB * 1024)
		return "a longer header field than a mail has";
	if (++scan->headers > VF_MESSAGE_HEADERS_MAX ||
	    scan->header_bytes > VF_MESSAGE_HEADER_KIB * 1024)
		return "more header lines than a mail has";
	for (gsize i = 0; i < length; i++) {
		const char *mark = line[i] ? strchr(mark_chars, line[i]) : NULL;

		if (mark && ++scan->marks[mark - mark_chars] > VF_MESSAGE_MARKS_MAX)
			return "a header field nested deeper than a mail's";
	}
	return NULL;
}

static void end_header(Scan *scan)
{
	/* the header of a mail inside follows, once */
	scan->header = scan->message;
	scan->message = FALSE;
}

static const char *read_line(Scan *scan, const char *line, gsize length)
{
	if (is_border(scan, line, length)) {
		scan->header = TRUE;
		scan->message = scan->digest;
		return ++scan->lines > VF_MESSAGE_BORDERS_MAX ? "more parts than a mail has" : NULL;
	}
	if (scan->header && (!length || (length == 1 && *line == '\r')))
		end_header(scan);
	else if (scan->header) {
		const char *problem = read_header(scan, line, length);

		if (problem)
			return problem;
	}
	return is_type(line, length) ? read_type(scan, line) : NULL;
}

const char *vf_message_excess(const char *bytes, gsize length)
{
	Scan scan = {.end = bytes + length, .header = TRUE};
	const char *problem = NULL;

	for (const char *line = bytes; line < scan.end && !problem;) {
		gsize size = line_length(line, scan.end);

		problem = read_line(&scan, line, size);
		line += size + 1;
	}
	return problem;
}
