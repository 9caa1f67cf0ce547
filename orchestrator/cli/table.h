// SPDX-License-Identifier: GPL-2.0-or-later
/* Aligned columns for people. */
#pragma once

#include <glib.h>
#include <stdio.h>

typedef struct VfTable VfTable;

/* Column titles, ended by NULL. */
VfTable *vf_table_new(const char *title, ...) G_GNUC_NULL_TERMINATED;
void vf_table_free(VfTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfTable, vf_table_free)

/* One cell a column, ended by NULL; they are escaped. */
void vf_table_add(VfTable *table, const char *cell, ...) G_GNUC_NULL_TERMINATED;

/*
 * Two blanks between columns, none at the end of a line. Cells of several words are wrapped where
 * the table is wider than vf_screen_columns() of @out; a word is never cut.
 */
void vf_table_print(const VfTable *table, FILE *out);
