// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which files a patch touches. Both parsers read hostile text and only ever add safe paths:
 * relative, without ".", ".." or empty steps, not below ".git", without control bytes, and no
 * longer than 1024 bytes.
 */
#pragma once

#include <glib.h>

/* NULL when @path is safe, otherwise what is wrong with it. */
const char *vf_patch_path_problem(const char *path);

/*
 * Adds to the set @paths (strings, owned) what `git apply --numstat -z` printed. It is the
 * authority for names, but keeps silent about the sources of renames and copies.
 * VF_ERROR_PATCH: an unsafe path, or text of another form.
 */
gboolean vf_patch_read_numstat(const char *text, gsize length, GHashTable *paths, GError **error);

/* Adds the sources of the renames and copies in the patch @text. VF_ERROR_PATCH: an unsafe one. */
gboolean vf_patch_read_sources(const char *text, gsize length, GHashTable *paths, GError **error);

/*
 * A name as git writes it, plain or in quotes with C escapes, still to be checked. NULL when the
 * quotes are broken. Caller frees.
 */
char *vf_patch_read_name(const char *text, gsize length);
