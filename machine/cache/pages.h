// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which pages matter, decided before anything expensive is asked, and which
 * physical page was last seen behind a virtual one. Depends on nothing of QEMU.
 */
#pragma once

#include "config.h"

#include <string.h>

#define VF_NEAR_PAGES 1024u
#define VF_NEAR_USES  1024u

/* A virtual page that was accessed a moment ago. */
typedef struct VfNearPage {
	guint64 key;
	void *copy;   /* what is known of it; NULL: it does not matter */
	guint32 left; /* accesses until it is looked up again, where it does not matter */
	gboolean fixed;
} VfNearPage;

/*
 * Nearly all accesses end here. A page that does not matter is looked up again after VF_NEAR_USES
 * accesses, because nothing tells when it is mapped anew; one whose place in memory follows from
 * its address (fixed) stays.
 */
typedef struct VfNear {
	VfNearPage pages[VF_NEAR_PAGES];
} VfNear;

void vf_near_clear(VfNear *n);

/* The address and the way of translation (QEMU's MMU index), at the grain of the smallest page. */
static inline guint64 vf_near_key(guint64 va, guint mmu_index)
{
	return va >> 12 ^ (guint64)mmu_index << 56;
}

/* Where the page with @key is, if it is there: look at its key. */
static inline VfNearPage *vf_near_slot(VfNear *n, guint64 key)
{
	return &n->pages[key % VF_NEAR_PAGES];
}

/* Does the page not matter? Counts the access. */
static inline gboolean vf_near_aside(VfNearPage *p)
{
	if (p->copy || !p->left)
		return FALSE;
	p->left -= !p->fixed;
	return TRUE;
}

static inline void vf_near_add(VfNear *n, guint64 key, void *copy, gboolean fixed)
{
	*vf_near_slot(n, key) = (VfNearPage){key, copy, VF_NEAR_USES, fixed};
}

typedef struct VfPages VfPages;

/*
 * @a lives as long as the pages; its vmalloc area may become known later, and its memory with the
 * next reset. What is remembered takes at most @limit bytes.
 */
VfPages *vf_pages_new(const VfAddressing *a, VfTrack track, gsize limit);
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

/* An access to @va went to @pa. Beyond the limit it is not remembered. */
void vf_pages_remember(VfPages *p, guint64 va, guint64 pa);
/* FALSE: none was seen since the last reset. */
gboolean vf_pages_recall(const VfPages *p, guint64 va, guint64 *pa);
/* Whether the limit was reached since the last reset. */
gboolean vf_pages_overflowed(const VfPages *p);
