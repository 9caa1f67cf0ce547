// SPDX-License-Identifier: GPL-2.0-or-later
#include "pages.h"

#include <string.h>

#define VMALLOC_PAGES (1u << 20) /* with a note each; beyond, every access is looked up */
#define RECENT	      1024u
#define FOREIGN	      1024u
#define FOREIGN_USES  64u

/* Of a page in the vmalloc area. */
enum { PAGE_UNKNOWN, PAGE_OTHER };

struct VfPages {
	const VfAddressing *addressing;
	VfTrack track;
	guint64 mask;
	guint bits;
	guint8 *targets; /* one a physical page */
	guint n_targets;
	gboolean narrow;
	guint8 *vmalloc;  /* one a virtual page, PAGE_* */
	GHashTable *seen; /* virtual page to physical page, both without offset */
	struct {
		guint64 va, pa;
	} recent[RECENT]; /* what @seen has anyway */
	struct {
		guint64 page;
		guint uses;
	} foreign[FOREIGN]; /* user pages that are no target, see is_foreign() */
};

VfPages *vf_pages_new(const VfAddressing *a, VfTrack track)
{
	VfPages *p = g_new0(VfPages, 1);

	p->addressing = a;
	p->track = track;
	p->mask = a->page - 1;
	p->bits = g_bit_nth_lsf(a->page, -1);
	p->targets = g_malloc0((a->ram >> p->bits) + 1);
	p->vmalloc = g_malloc0(VMALLOC_PAGES);
	p->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	vf_pages_reset(p);
	return p;
}

void vf_pages_free(VfPages *p)
{
	g_hash_table_unref(p->seen);
	g_free(p->vmalloc);
	g_free(p->targets);
	g_free(p);
}

void vf_pages_reset(VfPages *p)
{
	memset(p->targets, 0, p->addressing->ram >> p->bits);
	memset(p->vmalloc, PAGE_UNKNOWN, VMALLOC_PAGES);
	memset(p->recent, 0xff, sizeof(p->recent));
	memset(p->foreign, 0, sizeof(p->foreign));
	g_hash_table_remove_all(p->seen);
	p->n_targets = 0;
	p->narrow = FALSE;
}

gboolean vf_pages_is_target(const VfPages *p, guint64 pa)
{
	return pa < p->addressing->ram && p->targets[pa >> p->bits];
}

gboolean vf_pages_add_target(VfPages *p, guint64 pa)
{
	if (pa >= p->addressing->ram || p->targets[pa >> p->bits])
		return FALSE;
	p->targets[pa >> p->bits] = 1;
	p->n_targets++;
	/* What was put aside may map the new page. */
	if (p->narrow)
		memset(p->vmalloc, PAGE_UNKNOWN, VMALLOC_PAGES);
	return TRUE;
}

gboolean vf_pages_narrow(VfPages *p)
{
	if (p->narrow || p->track != VF_TRACK_DMA)
		return FALSE;
	p->narrow = TRUE;
	return TRUE;
}

gboolean vf_pages_in_vmalloc(const VfPages *p, guint64 va)
{
	return va >= p->addressing->vmalloc && va < p->addressing->vmalloc_end;
}

static guint8 *note_of(VfPages *p, guint64 va)
{
	guint64 n = (va - p->addressing->vmalloc) >> p->bits;

	return n < VMALLOC_PAGES ? &p->vmalloc[n] : NULL;
}

/*
 * A user page that maps no target is not looked up again for FOREIGN_USES accesses: user programs
 * run long, and nothing tells when they map another page at the same place.
 */
static gboolean is_foreign(VfPages *p, guint64 va)
{
	guint64 page = va >> p->bits;
	guint slot = page % FOREIGN;

	if (p->foreign[slot].page != page || !p->foreign[slot].uses)
		return FALSE;
	p->foreign[slot].uses--;
	return TRUE;
}

static void note_foreign(VfPages *p, guint64 va)
{
	guint slot = (va >> p->bits) % FOREIGN;

	p->foreign[slot].page = va >> p->bits;
	p->foreign[slot].uses = FOREIGN_USES;
}

gboolean vf_pages_maybe(VfPages *p, const VfSegment *s, guint64 va)
{
	const guint8 *note;

	if (p->track == VF_TRACK_ALL)
		return TRUE;
	if (s->direct)
		return vf_pages_is_target(p, s->pa);
	if (vf_pages_in_vmalloc(p, va)) {
		note = note_of(p, va);
		return !note || *note != PAGE_OTHER;
	}
	return s->user && p->n_targets && !is_foreign(p, va);
}

gboolean vf_pages_wanted(VfPages *p, const VfSegment *s, guint64 va, guint64 pa)
{
	guint8 *note;

	if (p->track == VF_TRACK_ALL || s->direct || vf_pages_is_target(p, pa))
		return TRUE;
	if (s->user) {
		note_foreign(p, va);
		return FALSE;
	}
	if (!vf_pages_in_vmalloc(p, va) || !p->narrow)
		return vf_pages_in_vmalloc(p, va);
	note = note_of(p, va);
	if (note)
		*note = PAGE_OTHER;
	return FALSE;
}

void vf_pages_remember(VfPages *p, guint64 va, guint64 pa)
{
	guint64 *page;
	guint slot;

	va &= ~p->mask;
	pa &= ~p->mask;
	slot = (va >> p->bits) % RECENT;
	if (p->recent[slot].va == va && p->recent[slot].pa == pa)
		return;
	p->recent[slot].va = va;
	p->recent[slot].pa = pa;
	page = g_new(guint64, 2);
	page[0] = va;
	page[1] = pa;
	g_hash_table_replace(p->seen, page, &page[1]);
}

gboolean vf_pages_recall(const VfPages *p, guint64 va, guint64 *pa)
{
	guint64 page = va & ~p->mask;
	const guint64 *seen = g_hash_table_lookup(p->seen, &page);

	if (!seen)
		return FALSE;
	*pa = *seen | (va & p->mask);
	return TRUE;
}
