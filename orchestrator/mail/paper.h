// SPDX-License-Identifier: GPL-2.0-or-later
/* Text on a page of 72 columns. Everything that is put on it is escaped first. */
#pragma once

#include <glib.h>

#define VF_PAPER_COLUMNS 72

/* Adds @text, one line of prose, broken at blanks, each line after @indent blanks. */
void vf_paper_words(GString *page, guint indent, const char *text);
void vf_paper_format(GString *page, guint indent, const char *format, ...) G_GNUC_PRINTF(3, 4);

/*
 * Adds "@label  text" with the text in column @column, broken at blanks; a word that is too long
 * for a line gets one of its own.
 */
void vf_paper_item(GString *page, const char *label, guint column, const char *text);

/*
 * Adds the lines of @text as they are after @indent blanks; what is longer than the page goes on
 * in the next line, two columns further in. At most @lines lines of it, then "[...]".
 */
void vf_paper_lines(GString *page, guint indent, const char *text, guint lines);

/* Columns that @text takes; wide characters take two. */
guint vf_paper_width(const char *text);
