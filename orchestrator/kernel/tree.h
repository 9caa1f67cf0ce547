// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Single files below a directory of sources that share their inodes with other trees: a file is
 * only ever replaced, never written, and no symbolic link is followed on the way to it.
 *
 * The identity of a file is a short string: VF_TREE_ABSENT, or "644 SHA256", or "755 SHA256".
 */
#pragma once

#include <glib.h>

#define VF_TREE_ABSENT "absent"

/* Opens @path as root of such a tree; -1 with VF_ERROR_IO. Caller closes. */
int vf_tree_open(const char *path, GError **error);

/*
 * Identity of @path below @root. NULL with VF_ERROR_IO, or VF_ERROR_PATCH when a symbolic link or
 * something else that is no regular file stands there. Caller frees.
 */
char *vf_tree_identity(int root, const char *path, GError **error);

/*
 * Makes @path below @to what it is below @from (absent there: removed), as a new file of its own
 * with the time of now.
 */
gboolean vf_tree_replace(int to, int from, const char *path, GError **error);

/* A map of path to identity (both strings, owned), as JSON object and back; NULL if it is none. */
GHashTable *vf_tree_map_new(void);
struct json_t;
struct json_t *vf_tree_map_to_json(GHashTable *map);
GHashTable *vf_tree_map_from_json(struct json_t *json);

/* Set of the paths in which two trees differ that are the same apart from these maps. */
GHashTable *vf_tree_map_difference(GHashTable *a, GHashTable *b);
