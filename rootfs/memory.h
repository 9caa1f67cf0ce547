/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the pages of the machine are, exactly enough to see that a few are gone.
 *
 * Counting free pages alone does not do: slab caches keep empty slabs, per-CPU lists hold free
 * pages, the counters lag behind by up to a batch for each CPU, and much is freed by a worker some
 * time later. So what is known to be held is added to what is free, and the kernel is made to
 * give back and add up before.
 */
#ifndef VIFARM_ROOTFS_MEMORY_H
#define VIFARM_ROOTFS_MEMORY_H

#include <stdbool.h>

struct memory {
	long accounted; /* pages: free, or held by somebody who counts them */
	long slab;	/* pages of these: held by slab caches, large kmalloc() included */
};

/* Takes a fraction of a second. False, with errno, when the kernel does not tell. */
bool memory_count(struct memory *memory);

#endif
