// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which pages matter, decided before anything expensive is asked, and which
 * physical page was last seen behind a virtual one. Depends on nothing of QEMU.
 *
 * vf_pages_maybe() and vf_pages_wanted() run without the caller's lock: they
 * read and write single bytes and counters whose loss costs a look-up.
 */
#pragma once

#include "config.h"

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
gboolean vf_pages_maybe(VfPages *p, const VfSegment *s, guint64 va);
/* Does it, now that the page is known? */
gboolean vf_pages_wanted(VfPages *p, const VfSegment *s, guint64 va, guint64 pa);

gboolean vf_pages_in_vmalloc(const VfPages *p, guint64 va);

/* An access to @va went to @pa. */
void vf_pages_remember(VfPages *p, guint64 va, guint64 pa);
/* FALSE: none was seen since the last reset. */
gboolean vf_pages_recall(const VfPages *p, guint64 va, guint64 *pa);
