// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/table.h"

#include <string.h>

#include "base/screen.h"
#include "base/text.h"

struct VfTable {
	GPtrArray *rows; /* of GPtrArray of char * */
};

static void add(VfTable *table, const char *cell, va_list args)
{
	GPtrArray *row = g_ptr_array_new_with_free_func(g_free);

	for (; cell; cell = va_arg(args, const char *))
		g_ptr_array_add(row, vf_text_escape(cell, -1, 0));
	g_ptr_array_add(table->rows, row);
}

VfTable *vf_table_new(const char *title, ...)
{
	VfTable *table = g_new0(VfTable, 1);
	va_list args;

	table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	va_start(args, title);
	add(table, title, args);
	va_end(args);
	return table;
}

void vf_table_free(VfTable *table)
{
	if (!table)
		return;
	g_ptr_array_unref(table->rows);
	g_free(table);
}

void vf_table_add(VfTable *table, const char *cell, ...)
{
	va_list args;

	va_start(args, cell);
	add(table, cell, args);
	va_end(args);
}

/* Blanks between two columns. */
#define GAP 2

typedef struct Column {
	glong width, least; /* of the longest cell; of its longest word */
} Column;

static glong longest_word(const char *cell)
{
	g_auto(GStrv) words = g_strsplit(cell, " ", -1);
	glong longest = 0;

	for (char **word = words; *word; word++)
		longest = MAX(longest, g_utf8_strlen(*word, -1));
	return longest;
}

static GArray *measure(const VfTable *table)
{
	GArray *columns = g_array_new(FALSE, TRUE, sizeof(Column));

	for (guint i = 0; i < table->rows->len; i++) {
		const GPtrArray *row = table->rows->pdata[i];

		if (row->len > columns->len)
			g_array_set_size(columns, row->len);
		for (guint j = 0; j < row->len; j++) {
			Column *column = &g_array_index(columns, Column, j);

			column->width = MAX(column->width, g_utf8_strlen(row->pdata[j], -1));
			column->least = MAX(column->least, longest_word(row->pdata[j]));
		}
	}
	return columns;
}

/* Takes from the widest columns that have words to wrap until @columns fit @screen. */
static void fit(GArray *columns, glong screen)
{
	glong total = -GAP;

	for (guint j = 0; j < columns->len; j++)
		total += g_array_index(columns, Column, j).width + GAP;
	for (; total > screen; total--) {
		Column *widest = NULL;

		for (guint j = 0; j < columns->len; j++) {
			Column *column = &g_array_index(columns, Column, j);

			if (column->width > column->least &&
			    (!widest || column->width > widest->width))
				widest = column;
		}
		if (!widest)
			return;
		widest->width--;
	}
}

/* Takes from *@rest the words that fit @width, one at least. Caller frees. */
static char *take_line(const char **rest, glong width)
{
	const char *start = *rest, *end = start + strcspn(start, " ");

	for (const char *at = end; *at; end = at) {
		at += strspn(at, " ");
		at += strcspn(at, " ");
		if (g_utf8_strlen(start, at - start) > width)
			break;
	}
	*rest = end + strspn(end, " ");
	return g_strndup(start, (gsize)(end - start));
}

/* A row takes as many lines as its longest cell. */
static void print_row(const GPtrArray *row, const GArray *columns, FILE *out)
{
	g_autofree const char **rest = g_memdup2(row->pdata, row->len * sizeof(char *));
	gboolean more = TRUE;

	while (more) {
		glong at = 0, start = 0;

		more = FALSE;
		for (guint j = 0; j < row->len; j++) {
			const Column *column = &g_array_index(columns, Column, j);
			g_autofree char *line = take_line(&rest[j], column->width);

			if (*line) {
				fprintf(out, "%*s%s", (int)(start - at), "", line);
				at = start + g_utf8_strlen(line, -1);
			}
			start += column->width + GAP;
			more |= *rest[j] != '\0';
		}
		fputc('\n', out);
	}
}

void vf_table_print(const VfTable *table, FILE *out)
{
	g_autoptr(GArray) columns = measure(table);

	fit(columns, vf_screen_columns(out, VF_SCREEN_COLUMNS));
	for (guint i = 0; i < table->rows->len; i++)
		print_row(table->rows->pdata[i], columns, out);
}
