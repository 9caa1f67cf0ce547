// SPDX-License-Identifier: GPL-2.0-or-later
/* Locks a slot and makes it ready for make. */
#pragma once

#include "base/lock.h"
#include "kernel/slot.h"

/* A slot that is ready and locked; others may read its tree as well. */
typedef struct VfSlotHold {
	VfLock *objects;
	VfLock *tree;
	char *configured; /* stamp of the .config that is there, or NULL */
} VfSlotHold;

void vf_slot_hold_free(VfSlotHold *hold); /* unlocks */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfSlotHold, vf_slot_hold_free)

/*
 * Makes the tree of @slot @stack on @source (unpacked), and its object directory sound; one that
 * is not there yet is cloned from the nearest slot if @clone. Waits for other runs.
 * VF_ERROR_IO, VF_ERROR_CANCELLED. All arguments are borrowed until the end.
 */
void vf_slot_prepare_async(const VfSlot *slot, VfSource *source, const VfStack *stack,
			   gboolean clone, GCancellable *cancellable, VfBuildProgress progress,
			   gpointer progress_data, GAsyncReadyCallback done, gpointer data);
VfSlotHold *vf_slot_prepare_finish(GAsyncResult *result, GError **error);
