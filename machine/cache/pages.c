// SPDX-License-Identifier: GPL-2.0-or-later
#include "pages.h"

#define RECENT	   1024u
#define SEEN_BYTES 80u /* of an entry in @seen: its allocation, and its share of the table */

struct VfPages {
	const VfAddressing *addressing;
	VfTrack track;
	guint64 mask;
	guint bits;
	guint8 *targets; /* one a physical page of memory */
	guint64 n_pages;
	guint n_targets;
	gboolean narrow;
	guint max_seen;
	gboolean overflowed;
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

VfPages *vf_pages_new(const VfAddressing *a, VfTrack track, gsize limit)
{
	VfPages *p = g_new0(VfPages, 1);

	p->addressing = a;
	p->track = track;
	p->mask = a->page - 1;
	p->bits = g_bit_nth_lsf(a->page, -1);
	p->max_seen = MIN(limit / SEEN_BYTES, G_MAXUINT);
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
	p->n_pages = vf_ram_pages(&p->addressing->ram, p->bits);
	g_free(p->targets);
	p->targets = g_malloc0(p->n_pages);
	memset(p->recent, 0xff, sizeof(p->recent));
	g_hash_table_remove_all(p->seen);
	p->n_targets = 0;
	p->narrow = FALSE;
	p->overflowed = FALSE;
}

/* Its place in p->targets; NULL: no memory. */
static guint8 *target_of(const VfPages *p, guint64 pa)
{
	guint64 n;

	if (!vf_ram_page(&p->addressing->ram, pa, p->bits, &n) || n >= p->n_pages)
		return NULL;
	return &p->targets[n];
}

gboolean vf_pages_is_target(const VfPages *p, guint64 pa)
{
	const guint8 *target = target_of(p, pa);

	return target && *target;
}

gboolean vf_pages_add_target(VfPages *p, guint64 pa)
{
	guint8 *target = target_of(p, pa);

	if (!target || *target)
		return FALSE;
	*target = 1;
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
	if (g_hash_table_size(p->seen) >= p->max_seen && !g_hash_table_contains(p->seen, &va)) {
		p->overflowed = TRUE;
		return;
	}
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

gboolean vf_pages_overflowed(const VfPages *p)
{
	return p->overflowed;
}
