// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Binary hunks of git's patches: base85 lines of deflated bytes, which inflate to up to a thousand
 * times their size. git believes the sizes that a hunk states, and allocates them.
 */
#pragma once

#include <glib.h>

/* Bytes that one hunk may state, inflate to or make of a file, and all of a patch together. */
#define VF_BINARY_HUNK_MAX  (G_GUINT64_CONSTANT(32) << 20)
#define VF_BINARY_PATCH_MAX (G_GUINT64_CONSTANT(64) << 20)

/*
 * One clause about the first binary hunk in @text that is damaged, larger than it states, or too
 * large; NULL when there is none. The text is hostile; needs 100 KiB of memory whatever it is.
 * Caller frees.
 */
char *vf_binary_patch_problem(const char *text, gsize length);
