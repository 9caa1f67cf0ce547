// SPDX-License-Identifier: GPL-2.0-or-later
#include "pages.h"

#define RECENT 1024u

struct VfPages {
	const VfAddressing *addressing;
	VfTrack track;
	guint64 mask;
	guint bits;
	guint8 *targets; /* one a physical page */
	guint n_targets;
	gboolean narrow;
	GHashTable *seen; /* virtual page to physical page, both without offset */
	struct {
		guint64 va, pa;
	} recent[RECENT]; /* what @seen has anyway */
};

void vf_near_clear(VfNear *n)
{
	/* no address has such a key */
	memset(n, 0xff, sizeof(*n));
}

VfPages *vf_pages_new(const VfAddressing *a, VfTrack track)
{
	VfPages *p = g_new0(VfPages, 1);

	p->addressing = a;
	p->track = track;
	p->mask = a->page - 1;
	p->bits = g_bit_nth_lsf(a->page, -1);
	p->targets = g_malloc0((a->ram >> p->bits) + 1);
	p->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	vf_pages_reset(p);
	return p;
}

void vf_pages_free(VfPages *p)
{
	g_hash_table_unref(p->seen);
	g_free(p->targets);
	g_free(p);
}

void vf_pages_reset(VfPages *p)
{
	memset(p->targets, 0, p->addressing->ram >> p->bits);
	memset(p->recent, 0xff, sizeof(p->recent));
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

gboolean vf_pages_maybe(const VfPages *p, const VfSegment *s, guint64 va)
{
	if (p->track == VF_TRACK_ALL)
		return TRUE;
	if (s->direct)
		return vf_pages_is_target(p, s->pa);
	return vf_pages_in_vmalloc(p, va) || (s->user && p->n_targets);
}

gboolean vf_pages_wanted(const VfPages *p, const VfSegment *s, guint64 va, guint64 pa)
{
	if (p->track == VF_TRACK_ALL || s->direct || vf_pages_is_target(p, pa))
		return TRUE;
	return !p->narrow && vf_pages_in_vmalloc(p, va);
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
