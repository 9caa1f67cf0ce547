// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which pages matter, decided before anything expensive is asked, and which
 * physical page was last seen behind a virtual one. Depends on nothing of QEMU.
 */
#pragma once

#include "config.h"

#include <string.h>

#define VF_ASIDE_PAGES 1024u
#define VF_ASIDE_USES  1024u

/*
 * Virtual pages that were found not to matter a moment ago: nearly all accesses end here. A page is
 * looked up again after VF_ASIDE_USES accesses, because nothing tells when it is mapped anew; one
 * whose place in memory follows from its address stays.
 */
typedef struct VfAside {
	guint64 keys[VF_ASIDE_PAGES];
	guint32 left[VF_ASIDE_PAGES];
} VfAside;

static inline void vf_aside_clear(VfAside *a)
{
	memset(a->left, 0, sizeof(a->left));
}

/* The address and the way of translation (QEMU's MMU index), at the grain of the smallest page. */
static inline guint64 vf_aside_key(guint64 va, guint mmu_index)
{
	return va >> 12 ^ (guint64)mmu_index << 56;
}

static inline gboolean vf_aside_has(VfAside *a, guint64 key)
{
	guint slot = key % VF_ASIDE_PAGES;

	if (!a->left[slot] || a->keys[slot] != key)
		return FALSE;
	a->left[slot]--;
	return TRUE;
}

static inline void vf_aside_add(VfAside *a, guint64 key, gboolean fixed)
{
	a->keys[key % VF_ASIDE_PAGES] = key;
	a->left[key % VF_ASIDE_PAGES] = fixed ? G_MAXUINT32 : VF_ASIDE_USES;
}

typedef struct VfPages VfPages;

/* @a lives as long as the pages; its vmalloc area may become known later. */
VfPages *vf_pages_new(const VfAddressing *a, VfTrack track);
void vf_pages_free(VfPages *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfPages, vf_pages_free)

/* Forgets everything. */
void vf_pages_reset(VfPages *p);

/* FALSE: it was one already, or is no memory. */
gboolean vf_pages_add_target(VfPages *p, guint64 pa);
gboolean vf_pages_is_target(const VfPages *p, guint64 pa);

/*
 * From now on, with track=dma, only targets matter. Before, every page of the vmalloc area does,
 * because it may turn out to be one. FALSE: so it was.
 */
gboolean vf_pages_narrow(VfPages *p);

/* Can this access matter? Before its physical page is known, unless @s has it. */
gboolean vf_pages_maybe(const VfPages *p, const VfSegment *s, guint64 va);
/* Does it, now that the page is known? */
gboolean vf_pages_wanted(const VfPages *p, const VfSegment *s, guint64 va, guint64 pa);

gboolean vf_pages_in_vmalloc(const VfPages *p, guint64 va);

/* An access to @va went to @pa. */
void vf_pages_remember(VfPages *p, guint64 va, guint64 pa);
/* FALSE: none was seen since the last reset. */
gboolean vf_pages_recall(const VfPages *p, guint64 va, guint64 *pa);
