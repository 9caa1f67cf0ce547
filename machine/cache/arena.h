// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that is freed all at once, in huge pages: the model of a whole guest takes hundreds of
 * MiB, and bringing them in small pages costs the kernel a tenth of the guest's time.
 */
#pragma once

#include <glib.h>

#define VF_ARENA_ALIGNMENT 64u /* bytes: a cache line of the host */

typedef struct VfArena {
	struct VfArenaChunk *newest;
	gsize left; /* bytes in that one */
} VfArena;

/* @size zero bytes at a multiple of VF_ARENA_ALIGNMENT, until vf_arena_clear(). Never NULL. */
void *vf_arena_take(VfArena *a, gsize size);
void vf_arena_clear(VfArena *a);
