// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/table.h"

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

static glong width_of(const VfTable *table, guint column)
{
	glong width = 0;

	for (guint i = 0; i < table->rows->len; i++) {
		const GPtrArray *row = table->rows->pdata[i];

		if (column < row->len)
			width = MAX(width, g_utf8_strlen(row->pdata[column], -1));
	}
	return width;
}

void vf_table_print(const VfTable *table, FILE *out)
{
	for (guint i = 0; i < table->rows->len; i++) {
		const GPtrArray *row = table->rows->pdata[i];

		for (guint j = 0; j < row->len; j++) {
			const char *cell = row->pdata[j];
			glong pad = width_of(table, j) + 2 - g_utf8_strlen(cell, -1);

			/* the last column needs no blanks behind it */
			fprintf(out, "%s%*s", cell, j + 1 < row->len ? (int)pad : 0, "");
		}
		fputc('\n', out);
	}
}
