// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A slot: a hard-linked clone of a source with one patch stack on it, and an object directory
 * for each architecture in which make works incrementally. From one stack to the next only the
 * files that differ are replaced, with the time of now, so that make rebuilds what they need.
 *
 *   slots/<source>-<name>/tree           the clone
 *   slots/<source>-<name>/tree.json      how it differs from the source; "dirty" while it changes
 *   slots/<source>-<name>/<arch>/        objects
 *   slots/<source>-<name>/<arch>.json    what they were built from; "building" while make runs
 *
 * The caller holds the locks: vf_slot_lock_tree() around all that reads (shared) or writes
 * (exclusive) tree and tree.json, vf_slot_lock_objects() the same for the objects.
 */
#pragma once

#include "kernel/stack.h"

typedef struct VfSlot {
	char *name; /* "<source>-<name>" */
	char *directory;
	char *tree;
	char *tree_state;
	char *arch;
	char *objects;
	char *objects_state;
	char *log; /* of make */
} VfSlot;

VfSlot *vf_slot_new(const VfSource *source, const char *name, const char *arch);
void vf_slot_free(VfSlot *slot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfSlot, vf_slot_free)

/* Paths of lock files for vf_lock_async(); NULL with VF_ERROR_IO. */
char *vf_slot_lock_tree(const VfSlot *slot, GError **error);
char *vf_slot_lock_objects(const VfSlot *slot, GError **error);
/* This one is held as long as make and all that it starts: it tells when a killed run's are gone. */
char *vf_slot_lock_make(const VfSlot *slot, GError **error);

/* FALSE as well when nobody can say what it is. */
gboolean vf_slot_has_tree(const VfSlot *slot);

/* TRUE when the tree is there and is the source with exactly @stack on it; reads all its files. */
gboolean vf_slot_is(const VfSlot *slot, const VfStack *stack);

/*
 * Makes the tree, which is there, @stack on @source. A tree that was left dirty is repaired.
 * The paths in the set @also, if given, become new files even where they are right already.
 */
gboolean vf_slot_sync(const VfSlot *slot, VfSource *source, const VfStack *stack, GHashTable *also,
		      GError **error);

typedef enum {
	VF_OBJECTS_NONE,       /* not there, of another tree, or unknown: to be removed */
	VF_OBJECTS_UNFINISHED, /* make was killed: what it wrote since it began is worth nothing */
	VF_OBJECTS_SOUND,      /* make ended by itself, with or without a kernel */
} VfObjects;

VfObjects vf_slot_objects(const VfSlot *slot);

/* For VF_OBJECTS_UNFINISHED: when make began, as `find -newermt` takes it. Caller frees. */
char *vf_slot_since(const VfSlot *slot);

/* Objects that make finished a kernel from: the map of files of then, or NULL. */
GHashTable *vf_slot_built_from(const VfSlot *slot);

/* Stamp of all that .config was made from, or NULL. Caller frees. */
char *vf_slot_configured(const VfSlot *slot);

/*
 * Marks the objects as being built; @configured is the stamp of the .config that is there. Then
 * as sound, built from the files of @stack, @finished with a kernel.
 */
gboolean vf_slot_begin(const VfSlot *slot, const char *configured, GError **error);
gboolean vf_slot_end(const VfSlot *slot, const VfStack *stack, const char *configured,
		     gboolean finished, GError **error);

/*
 * Puts the clone @temporary in place as the tree: a clone of @donor's, or if NULL of the source.
 */
gboolean vf_slot_adopt_tree(const VfSlot *slot, const VfSlot *donor, const char *temporary,
			    GError **error);

/*
 * The slot of the same source and architecture whose finished objects were built from the files
 * nearest to @stack's; NULL when there is none. Looks at state files only; no locks needed.
 */
VfSlot *vf_slot_donor(const VfSlot *slot, const VfStack *stack);
