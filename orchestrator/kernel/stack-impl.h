// SPDX-License-Identifier: GPL-2.0-or-later
/* What the two files that implement build/stack.h share. */
#pragma once

#include <jansson.h>

#include "kernel/stack.h"

/* All that is applied to the tree of @source: its delta, then @patches. Strings are borrowed. */
GPtrArray *vf_stack_patches(const VfSource *source, const GPtrArray *patches);

/*
 * Key and paths of the stack of vf_stack_patches(); files and skipped are NULL. VF_ERROR_DATA: a
 * patch cannot be read.
 */
VfStack *vf_stack_new(const VfSource *source, const GPtrArray *patches, GError **error);

/*
 * A whole patch. VF_ERROR_DATA when it cannot be read or is absurdly large; VF_ERROR_PATCH when a
 * binary hunk in it is.
 */
gboolean vf_stack_read_patch(const char *path, char **text, gsize *length, GError **error);

/*
 * Base names of the patches with these numbers. Patches are remembered by number: a renamed file
 * is still the same patch. Caller frees.
 */
GStrv vf_stack_names(json_t *numbers, const GPtrArray *patches);
