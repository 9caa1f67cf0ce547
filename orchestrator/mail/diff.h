// SPDX-License-Identifier: GPL-2.0-or-later
/* The diff in the text of a mail: where it begins, what it touches, whether it is whole. */
#pragma once

#include <glib.h>

typedef struct VfDiff {
	gsize start;  /* offset of its first line */
	GStrv paths;  /* touched, sorted, safe (build/patch.h) */
	char *damage; /* NULL: whole; otherwise one clause: what is wrong with which line */
} VfDiff;

void vf_diff_clear(VfDiff *diff);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VfDiff, vf_diff_clear)

/* Fills @diff, which must be clear; FALSE when @text has no diff. The text is hostile. */
gboolean vf_diff_scan(const char *text, gsize length, VfDiff *diff);
