// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text on a page of 72 columns.
 *
 * Most of an answer was written by others: titles, names, compilers, consoles. Tools read it: a
 * line that begins with "Tested-by: ", blanks before it or not, is a tag, one that begins with
 * "diff --git" a patch. So text of others comes onto a page by vf_paper_item() and vf_paper_lines()
 * only. Each of their lines begins with a label of ours or with VF_PAPER_MARK.
 */
#pragma once

#include <glib.h>

#define VF_PAPER_COLUMNS 72

/* No tool takes what begins with it for anything: git, b4, Patchwork, mail programs. */
#define VF_PAPER_MARK "| "

/*
 * @text as one line that may stand in headers and lines: what a program could take for the end of
 * a line, and what changes how the rest is shown, is escaped; blanks of all kinds are one blank;
 * cut after some 600 bytes. Never NULL; caller frees.
 */
char *vf_paper_foreign(const char *text);

/* Adds @text, our own prose, broken at blanks, each line after @indent blanks. */
void vf_paper_words(GString *page, guint indent, const char *text);
void vf_paper_format(GString *page, guint indent, const char *format, ...) G_GNUC_PRINTF(3, 4);

/*
 * Adds "@label  text" with the text in column @column (at least 2), broken at blanks, and words
 * that are too long for a line anywhere. Further lines, and the first one if @label is empty, have
 * the mark in front of the text.
 */
void vf_paper_item(GString *page, const char *label, guint column, const char *text);

/*
 * Adds the lines of @text as they are after @indent blanks and the mark; what is longer than the
 * page goes on in the next line, two columns further in. At most @lines lines of it, then "[...]".
 */
void vf_paper_lines(GString *page, guint indent, const char *text, guint lines);

/* Columns that @text takes; wide characters take two. */
guint vf_paper_width(const char *text);
