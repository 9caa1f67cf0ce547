// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stacks of patches for different kernels, patches/stacks: one series, and for each stack the
 * patches in which it differs.
 *
 * DIR/STACK/NAME.patch takes the place of DIR/NAME.patch in that stack, and is in no other when
 * there is no DIR/NAME.patch; it is then listed as STACK/NAME.patch.
 */
#pragma once

#include <glib.h>

typedef struct VfStackName {
	char *name;
	guint version; /* first kernel that it is for: major << 16 | minor */
} VfStackName;

/*
 * All stacks below @data (of VfStackName), in the order of the file; empty when there is no file.
 * VF_ERROR_DATA names the line.
 */
GPtrArray *vf_stacks_load(const char *data, GError **error);

/* The version of the kernel tree at @path, from its Makefile; 0 when it does not say. */
guint vf_stacks_version(const char *makefile);

/*
 * Sorts @stacks by how well they fit a kernel of @version: first the newest of those that begin at
 * or before it, then the others, the newest first.
 */
void vf_stacks_sort(GPtrArray *stacks, guint version);

/* Whether @name is one of them. */
gboolean vf_stacks_has(const GPtrArray *stacks, const char *name);

/* @patches (of char *, paths) in the stack @name, one of @stacks. Caller unrefs; owns its strings. */
GPtrArray *vf_stacks_resolve(const GPtrArray *patches, const GPtrArray *stacks, const char *name);
