// SPDX-License-Identifier: GPL-2.0-or-later
/* The size of the terminal that a text is printed on. */
#pragma once

#include <glib.h>
#include <stdio.h>

/* What tables of words are fitted to where there is no terminal. */
#define VF_SCREEN_COLUMNS 100

/*
 * Columns for a text printed to @out: $COLUMNS, else those of the terminal that @out is, else
 * @otherwise.
 */
guint vf_screen_columns(FILE *out, guint otherwise);

/* Rows of the terminal that @out is, else @otherwise. */
guint vf_screen_rows(FILE *out, guint otherwise);
