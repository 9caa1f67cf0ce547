// SPDX-License-Identifier: GPL-2.0-or-later
/* Names and small files in the cache directory. All returned paths are the caller's to free. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* Path of WORD/WORD... below vf_dirs_cache(). */
char *vf_cache_path(const char *first, ...) G_GNUC_NULL_TERMINATED;

/* Path of the lock file NAME; makes its directory. NULL with VF_ERROR_IO. */
char *vf_cache_lock(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The JSON object in @path; NULL when it is missing or not one: a cache entry can be made again. */
json_t *vf_cache_read(const char *path);

/*
 * Replaces @path at once. Without fsync(2), which can hold the main loop for seconds behind a
 * compiler's data: what a power failure leaves empty or damaged in the cache is made again.
 */
gboolean vf_cache_write_text(const char *path, const char *text, gsize length, GError **error);

/* The same with @json, which is taken over. */
gboolean vf_cache_write(const char *path, json_t *json, GError **error);

/* Renames a finished @temporary to @path. */
gboolean vf_cache_commit(const char *temporary, const char *path, GError **error);

/* TRUE when the three figures of stat(2) in @memo are those of @path now. */
gboolean vf_cache_same_file(json_t *memo, const char *path);
/* Adds these figures of @path to the object @memo. */
gboolean vf_cache_note_file(json_t *memo, const char *path, GError **error);
