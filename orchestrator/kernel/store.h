// SPDX-License-Identifier: GPL-2.0-or-later
/* Finished kernels: kernels/<key>/, complete or not there. */
#pragma once

#include "kernel/build.h"
#include "kernel/slot.h"

/*
 * The kernel @key, or NULL when it was never built or its files are damaged (missing, or of
 * another size than when they were stored). @cached is set; kernel.json gets the time of now,
 * which is what vf_trim() goes by.
 */
VfKernel *vf_store_find(const char *key);

/*
 * Copies a built kernel out of @slot. @kernel has key, compiler, command, seconds and skipped;
 * @image is relative to the object directory; @sources is the text of the list of files that it was
 * built from (build/sources.h), NULL when there is none. The other members are filled in. The files
 * must be @owner's and what build/product.h says, else VF_ERROR_COMPILE. A thread copies: some
 * 100 MB.
 */
void vf_store_add_async(VfKernel *kernel, const VfSlot *slot, const char *image,
			const char *sources, uid_t owner, GCancellable *cancellable,
			GAsyncReadyCallback done, gpointer data);
gboolean vf_store_add_finish(GAsyncResult *result, GError **error);
