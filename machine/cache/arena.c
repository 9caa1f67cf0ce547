// SPDX-License-Identifier: GPL-2.0-or-later
#include "arena.h"

#include <sys/mman.h>

#define CHUNK ((gsize)16 << 20) /* bytes, of which those that are used take memory */

typedef struct VfArenaChunk {
	struct VfArenaChunk *next;
	gsize size;
} __attribute__((aligned(VF_ARENA_ALIGNMENT))) Chunk;

static void add_chunk(VfArena *a, gsize size)
{
	Chunk *chunk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (chunk == MAP_FAILED)
		g_error("no %zu bytes of memory for the cache model", size);
	madvise(chunk, size, MADV_HUGEPAGE); /* it works without */
	*chunk = (Chunk){a->newest, size};
	a->newest = chunk;
	a->left = size - sizeof(Chunk);
}

void *vf_arena_take(VfArena *a, gsize size)
{
	guint8 *at;

	size = (size + VF_ARENA_ALIGNMENT - 1) & ~(gsize)(VF_ARENA_ALIGNMENT - 1);
	if (size > a->left)
		add_chunk(a, MAX(size + sizeof(Chunk), CHUNK));
	at = (guint8 *)a->newest + a->newest->size - a->left;
	a->left -= size;
	return at;
}

void vf_arena_clear(VfArena *a)
{
	Chunk *next;

	for (Chunk *chunk = a->newest; chunk; chunk = next) {
		next = chunk->next;
		munmap(chunk, chunk->size);
	}
	*a = (VfArena){NULL, 0};
}
