// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The result of a patch stack on a source: the files that it changes, kept as
 * stacks/<key>/{stack.json,files/}. Applied in a scratch directory that holds only these files.
 */
#pragma once

#include "kernel/source.h"

typedef struct VfStack {
	char *key;	   /* of source and patches; 64 hex digits */
	char *directory;   /* stacks/<short key> */
	char *files_dir;   /* the changed files */
	GHashTable *files; /* path to identity, of what differs from the source; build/tree.h */
	GStrv skipped;	   /* names of the patches that were in the source already */
} VfStack;

void vf_stack_free(VfStack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfStack, vf_stack_free)

/*
 * The stack of @patches (of char *, paths) on the identified @source as it was applied before;
 * NULL without error when it was not. VF_ERROR_DATA: a patch cannot be read; VF_ERROR_PATCH: its
 * binary hunks are too large.
 */
VfStack *vf_stack_load(const VfSource *source, const GPtrArray *patches, GError **error);

/*
 * Applies it; the source must be unpacked. VF_ERROR_PATCH: "PATCH: hunk N at PATH:LINE does not
 * apply", with what git said and the rejects in *@log (path of a file, may be NULL). A patch that
 * does not apply but whose reverse does is in the source already and is skipped.
 */
void vf_stack_apply_async(VfSource *source, const GPtrArray *patches, GCancellable *cancellable,
			  GAsyncReadyCallback done, gpointer data);
VfStack *vf_stack_apply_finish(GAsyncResult *result, char **log, GError **error);
