// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cache model once more, slow and plain: every byte of memory and of every
 * line has a version number, and a byte is stale when its version is not the
 * newest one. Written apart from machine/cache/model.c, to be compared with it.
 */
#pragma once

#include "model.h"

#define REF_PAGE    4096u
#define REF_PAGES   4u
#define REF_RAM	    (REF_PAGES * REF_PAGE)
#define REF_LINE    32u
#define REF_COLOURS 4u

/* What is compared of a hazard. */
typedef struct RefHazard {
	guint class;
	gboolean silent;
	guint64 pa;
	guint bytes, colour;
	int expected, found;
} RefHazard;

typedef struct Reference Reference;

/* @ram has REF_RAM bytes and is the guest's memory; @found gets RefHazard elements. */
Reference *ref_new(const guint8 *ram, guint ways, const VfPolicy *policy, GArray *found);
void ref_free(Reference *r);

/* As vf_model_*(). */
void ref_load(Reference *r, guint colour, guint pa, guint size);
void ref_store(Reference *r, guint colour, guint pa, guint size);
void ref_uncached_load(Reference *r, guint pa, guint size);
void ref_uncached_store(Reference *r, guint pa, guint size);
void ref_line(Reference *r, guint colour, guint pa, gboolean write, gboolean drop);
void ref_page(Reference *r, guint pa, gboolean write);
void ref_index(Reference *r, guint colour, guint pa, gboolean write);
void ref_whole(Reference *r);
void ref_dma_write(Reference *r, guint pa, guint size);
void ref_dma_read(Reference *r, guint pa, guint size);
