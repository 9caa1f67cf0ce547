// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/paper.h"

#include <string.h>

#include "base/text.h"

#define FOREIGN_BYTES 600 /* of one line, before it is escaped */
#define CHUNK_BYTES   300 /* that a line of the page takes: servers break at 998 */

static guint char_width(gunichar c)
{
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

guint vf_paper_width(const char *text)
{
	guint width = 0;

	for (; *text; text = g_utf8_next_char(text))
		width += char_width(g_utf8_get_char(text));
	return width;
}

static void add_blanks(GString *page, guint count)
{
	for (guint i = 0; i < count; i++)
		g_string_append_c(page, ' ');
}

char *vf_paper_foreign(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autoptr(GString) blanks = g_string_new(NULL);

	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (c == '\t' || g_unichar_type(c) == G_UNICODE_SPACE_SEPARATOR)
			c = ' ';
		g_string_append_unichar(blanks, c);
	}
	return vf_text_escape(blanks->str, (gssize)blanks->len, FOREIGN_BYTES);
}

/* The part of @word that fits into @columns, at least one character. */
static gsize fitting(const char *word, guint columns)
{
	const char *at = word;
	guint width = 0;

	while (*at) {
		width += char_width(g_utf8_get_char(at));
		if (at > word && (width > columns || at - word > CHUNK_BYTES))
			break;
		at = g_utf8_next_char(at);
	}
	return (gsize)(at - word);
}

/* @column is where the cursor is; lines that follow begin with @margin. */
static void add_words(GString *page, guint column, const char *margin, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	guint indent = vf_paper_width(margin);
	gboolean first = TRUE;

	for (char **word = words; *word; word++) {
		const char *rest = *word;

		while (*rest) {
			guint space = first ? 0 : 1;
			guint room = VF_PAPER_COLUMNS - MIN(column + space, VF_PAPER_COLUMNS);
			gsize length = fitting(rest, VF_PAPER_COLUMNS - indent);
			g_autofree char *part = g_strndup(rest, length);

			if (!first && vf_paper_width(part) > room) {
				g_string_append_printf(page, "\n%s", margin);
				column = indent;
				first = TRUE;
				continue;
			}
			g_string_append_printf(page, "%s%s", space ? " " : "", part);
			column += space + vf_paper_width(part);
			first = FALSE;
			rest += length;
		}
	}
	g_string_append_c(page, '\n');
}

void vf_paper_words(GString *page, guint indent, const char *text)
{
	g_autofree char *margin = g_strnfill(indent, ' ');

	add_blanks(page, indent);
	add_words(page, indent, margin, text);
}

void vf_paper_format(GString *page, guint indent, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	vf_paper_words(page, indent, text);
}

void vf_paper_item(GString *page, const char *label, guint column, const char *text)
{
	guint width = vf_paper_width(label);
	g_autofree char *blanks = g_strnfill(column - strlen(VF_PAPER_MARK), ' ');
	g_autofree char *margin = g_strconcat(blanks, VF_PAPER_MARK, NULL);
	g_autofree char *foreign = vf_paper_foreign(text);

	g_string_append(page, *label ? label : margin);
	if (*label)
		add_blanks(page, column > width ? column - width : 1);
	add_words(page, MAX(column, width + 1), margin, foreign);
}

/* One line, folded by columns and, where characters have no width, by bytes. */
static void add_line(GString *page, guint indent, const char *line)
{
	guint column = indent + (guint)strlen(VF_PAPER_MARK);
	gsize start;

	add_blanks(page, indent);
	g_string_append(page, VF_PAPER_MARK);
	start = page->len;
	for (; *line; line = g_utf8_next_char(line)) {
		gunichar c = g_utf8_get_char(line);

		if (column + char_width(c) > VF_PAPER_COLUMNS || page->len - start > CHUNK_BYTES) {
			g_string_append_c(page, '\n');
			add_blanks(page, indent);
			g_string_append(page, VF_PAPER_MARK "  ");
			column = indent + (guint)strlen(VF_PAPER_MARK) + 2;
			start = page->len;
		}
		g_string_append_unichar(page, c);
		column += char_width(c);
	}
	g_string_append_c(page, '\n');
}

void vf_paper_lines(GString *page, guint indent, const char *text, guint lines)
{
	g_auto(GStrv) parts = g_strsplit(text, "\n", (gint)lines + 1);
	guint count = 0;

	for (char **part = parts; *part && count < lines; part++, count++) {
		g_autofree char *line = vf_paper_foreign(g_strchomp(*part));

		if (*line || part[1])
			add_line(page, indent, line);
	}
	if (parts[count] && *parts[count])
		add_line(page, indent, "[...]");
}
