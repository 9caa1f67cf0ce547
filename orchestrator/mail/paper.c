// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/paper.h"

#include <string.h>

#include "base/text.h"

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

/* @column is where the cursor is; lines that follow begin in column @indent. */
static void add_words(GString *page, guint column, guint indent, const char *text)
{
	g_autofree char *escaped = vf_text_escape(text, -1, 0);
	g_auto(GStrv) words = g_strsplit(escaped, " ", -1);
	gboolean first = TRUE;

	for (char **word = words; *word; word++) {
		guint width = vf_paper_width(*word);

		if (!**word)
			continue;
		if (!first && column + 1 + width > VF_PAPER_COLUMNS) {
			g_string_append_c(page, '\n');
			add_blanks(page, indent);
			column = indent;
			first = TRUE;
		}
		if (!first)
			g_string_append_c(page, ' ');
		g_string_append(page, *word);
		column += width + !first;
		first = FALSE;
	}
	g_string_append_c(page, '\n');
}

void vf_paper_words(GString *page, guint indent, const char *text)
{
	add_blanks(page, indent);
	add_words(page, indent, indent, text);
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

	g_string_append(page, label);
	add_blanks(page, column > width ? column - width : 1);
	add_words(page, MAX(column, width + 1), column, text);
}

/* One line, folded by columns. */
static void add_line(GString *page, guint indent, const char *line)
{
	guint column = indent;

	add_blanks(page, indent);
	for (; *line; line = g_utf8_next_char(line)) {
		gunichar c = g_utf8_get_char(line);

		if (column + char_width(c) > VF_PAPER_COLUMNS) {
			g_string_append_c(page, '\n');
			add_blanks(page, indent + 2);
			column = indent + 2;
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
		g_autofree char *expanded = g_strchomp(g_strdup(*part));
		g_autofree char *escaped = NULL;

		/* a tab would be a control character */
		escaped = vf_text_escape(g_strdelimit(expanded, "\t", ' '), -1, 1000);
		if (*escaped || part[1])
			add_line(page, indent, escaped);
	}
	if (parts[count] && *parts[count])
		add_line(page, indent, "[...]");
}
