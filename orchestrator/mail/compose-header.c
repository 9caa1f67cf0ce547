// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/compose-impl.h"

#include <string.h>

#include "mail/paper.h"

#define WORD_BYTES 42 /* of text in one encoded word: 75 characters with all around it */
#define COLUMNS	   76

/* "=?utf-8?q?...?=" words of whole characters, one a line. */
static void add_encoded(GString *mail, const char *text)
{
	const char *before = "";

	while (*text) {
		guint used = 0;

		g_string_append_printf(mail, "%s=?utf-8?q?", before);
		while (*text) {
			gsize length = (gsize)(g_utf8_next_char(text) - text);
			gboolean plain = length == 1 && g_ascii_isalnum(*text);

			if (used + (plain ? 1 : 3 * length) > WORD_BYTES)
				break;
			used += plain ? 1 : 3 * length;
			for (; length; length--, text++) {
				if (plain)
					g_string_append_c(mail, *text);
				else
					g_string_append_printf(mail, "=%02X", (guchar)*text);
			}
		}
		g_string_append(mail, "?=");
		before = "\n ";
	}
}

static gboolean is_clean(const char *text)
{
	for (; *text; text++)
		if ((guchar)*text >= 0x7f || (guchar)*text < 0x20)
			return FALSE;
	return TRUE;
}

/* Breaks lines at blanks. */
static void add_folded(GString *mail, guint column, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (char **word = words; *word; word++) {
		guint length = (guint)strlen(*word);

		if (word != words) {
			/* a fold is a newline before the blank that is there anyway */
			if (column + 1 + length > COLUMNS && length) {
				g_string_append_c(mail, '\n');
				column = 0;
			}
			g_string_append_c(mail, ' ');
			column++;
		}
		g_string_append(mail, *word);
		column += length;
	}
}

void vf_header_text(GString *mail, const char *name, const char *text)
{
	g_autofree char *valid = vf_paper_foreign(text);

	g_string_append(mail, name);
	if (is_clean(valid) && !strstr(valid, "=?"))
		add_folded(mail, (guint)strlen(name), valid);
	else
		add_encoded(mail, valid);
	g_string_append_c(mail, '\n');
}

void vf_header_address(GString *mail, const char *name, const char *address)
{
	g_autofree char *valid = vf_paper_foreign(name);

	if (!*valid) {
		g_string_append(mail, address);
		return;
	}
	if (!is_clean(valid) || strpbrk(valid, "\"\\") || strstr(valid, "=?") ||
	    strlen(valid) > 200)
		add_encoded(mail, valid);
	else if (strpbrk(valid, "()<>[]:;@,."))
		g_string_append_printf(mail, "\"%s\"", valid);
	else
		g_string_append(mail, valid);
	g_string_append_printf(mail, " <%s>", address);
}

void vf_header_id(GString *mail, const char *id)
{
	g_string_append_c(mail, '<');
	for (; *id; id++)
		if ((guchar)*id > 0x20 && (guchar)*id < 0x7f && !strchr("<>", *id))
			g_string_append_c(mail, *id);
	g_string_append_c(mail, '>');
}
