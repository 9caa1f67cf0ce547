// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of the tree that a kernel was built from, as the compilers told kbuild: a sorted list,
 * one path below the tree a line. It answers whether a patch can make a difference at all.
 */
#pragma once

#include <gio/gio.h>

/*
 * Reads the list out of the .cmd files below @objects, in which the tree is @prefix (with its
 * slash); a child does the searching. In finish: the text, owned by the caller; NULL with
 * VF_ERROR_IO, or without an error when the list had more than 8 MiB.
 */
void vf_sources_collect_async(const char *objects, const char *prefix, GCancellable *cancellable,
			      GAsyncReadyCallback done, gpointer data);
char *vf_sources_collect_finish(GAsyncResult *result, GError **error);

/*
 * Whether two trees, which are @tree apart from the files in the maps @a and @b (build/tree.h),
 * give the same kernel for sure, when that of @a was built from the files that the list at @path
 * names. Only C, assembler and header files can be told from the list; anything else that differs,
 * files that come or go, and what lies in scripts/ and tools/ count as a difference. FALSE as well
 * when @path is NULL or cannot be read.
 */
gboolean vf_sources_same(const char *path, const char *tree, GHashTable *a, GHashTable *b);
