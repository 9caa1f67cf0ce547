// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A virtually indexed, physically tagged data cache that is fed with what a
 * guest really does, and reports what that cache would have got wrong. It
 * knows no instruction set and nothing of QEMU.
 *
 * The guest runs on memory without caches, so each load returns the *latest*
 * value of each byte. The model keeps, for every copy of a byte (memory
 * itself and one cache line per colour), whether that copy is the latest.
 * A load, write-back or device access that the modelled hardware would have
 * served with another than the latest copy is a hazard.
 *
 * Lines are found by physical line and colour; the colour is the part of the
 * virtual index above the smallest page. Units are bytes. Not thread-safe: the
 * caller holds one lock around each call and the guest's access it describes.
 */
#pragma once

#include <glib.h>

#define VF_LINE_MAX	 64u /* masks of one bit a byte */
#define VF_MODEL_PA_BITS 36  /* pages at or above are ignored */

typedef enum {
	VF_HAZARD_R, /* a load hits a line that was overtaken by another writer */
	VF_HAZARD_A, /* a load of bytes that were filled while another colour had them dirty */
	VF_HAZARD_U, /* an uncached load of bytes that a line holds dirty */
	VF_HAZARD_W_ARMED, /* another writer stored below a dirty line: its write-back will destroy
			      that */
	VF_HAZARD_W,	   /* a write-back replaced newer bytes in memory */
	VF_HAZARD_P,	   /* a load of bytes whose last store was purged */
	VF_HAZARD_P_ARMED, /* a purge dropped the only copy of stored bytes */
	VF_HAZARD_D,	   /* a device read bytes that memory does not have */
	VF_HAZARD_C,	   /* a load of bytes that a write-back (W) had destroyed */
	VF_HAZARDS,
} VfHazardClass;

const char *vf_hazard_name(VfHazardClass class); /* "R", "W-armed", ... */

/* Who made the bytes newer than the copy that was used; for W also what wrote back. */
typedef enum {
	VF_CAUSE_CPU,	   /* a cached store, through this or another colour */
	VF_CAUSE_UNCACHED, /* an uncached store */
	VF_CAUSE_DMA,	   /* a device that reports its accesses */
	VF_CAUSE_EVICTION, /* W only: the line was replaced */
	VF_CAUSE_UNSEEN,   /* memory changed without a report: a device that does not report */
	VF_CAUSES,
} VfCause;

const char *vf_cause_name(VfCause cause);

/* The instruction that did something, and the last call executed before it. 0: unknown, device. */
typedef struct VfWho {
	guint64 pc;
	guint64 caller;
} VfWho;

typedef struct VfModelHazard {
	VfHazardClass class;
	VfCause cause;
	gboolean silent; /* every byte had the right value by chance */
	gboolean target; /* in a page that was declared as a target */
	VfWho who;	 /* what met the hazard */
	VfWho origin;	 /* who stored or filled the copy that was used */
	VfWho overtaken; /* who made it old, where known */
	guint64 va;	 /* 0 where the event has none */
	guint64 pa;	 /* of the first byte concerned */
	guint colour;	 /* of the copy that was used */
	guint other;	 /* colour of the copy with the latest bytes; equal: memory has them */
	guint bytes;
	int expected; /* first byte: the latest value, -1 unknown */
	int found;    /* first byte: what the hardware would have had, -1 unknown */
} VfModelHazard;

typedef struct VfGeometry {
	guint page;    /* colour granularity: the smallest page of the machine */
	guint line;    /* 8 .. VF_LINE_MAX */
	guint colours; /* way / page; 1: no aliases */
	guint ways;    /* 0: nothing is ever replaced */
	guint index;   /* bytes that operations by index address, 0: a way. Less than that where the
			* alias period is architected and the cache smaller: a set of the model then
			* stands for all that lie a multiple of it apart */
} VfGeometry;

typedef enum {
	VF_SNOOP_NONE,	 /* DMA goes to memory and no cache knows */
	VF_SNOOP_LINEAR, /* DMA sees the line at the colour of its physical address only */
	VF_SNOOP_ALL,	 /* DMA sees every line */
} VfSnoop;

typedef struct VfPolicy {
	gboolean write_through; /* and no allocation on a store; else write-back with allocation */
	VfSnoop snoop;
	gboolean move_in; /* before each DMA write, every known colour of the page is filled */
} VfPolicy;

typedef struct VfModelOps {
	/* The guest's memory of the page at @pa (a multiple of VfGeometry.page). NULL: not RAM; the
	 * model then ignores the page. The pointer stays valid for the model's life. */
	const guint8 *(*ram)(void *opaque, guint64 pa);
	/* @hazard is valid during the call only. */
	void (*hazard)(void *opaque, const VfModelHazard *hazard);
	void *opaque;
} VfModelOps;

/* Everything since vf_model_new() or the last vf_model_epoch(). */
typedef struct VfCounters {
	guint64 loads, stores; /* cached, by line touched */
	guint64 uncached_loads, uncached_stores;
	guint64 fills, evictions;
	guint64 flushes, writebacks,
		purges; /* operations by address; a page operation counts once */
	guint64 index_ops;
	guint64 hits;  /* lines that an operation found valid */
	guint64 whole; /* the whole cache: one operation, or a sweep over every set */
	guint64 dma_write_bytes, dma_read_bytes;
	guint64 target_loads, target_stores, target_dma_bytes;
	guint64 unseen;		     /* lines whose memory changed without a report */
	guint64 silent;		     /* hazards of any class with the right value by chance */
	guint64 hazards[VF_HAZARDS]; /* the others */
} VfCounters;

/* Of the pages declared with vf_model_target(), since the last epoch. */
typedef struct VfTargets {
	guint pages;
	guint touched;	    /* by at least one cached access */
	guint aliased;	    /* by accesses of at least two colours */
	guint64 dma_extent; /* different bytes that DMA wrote */
} VfTargets;

typedef struct VfModel VfModel;

/*
 * NULL and @error set when the geometry is impossible. The model allocates at most @limit bytes;
 * pages for which there is none left are ignored, and vf_model_overflowed() says so.
 */
VfModel *vf_model_new(const VfGeometry *geometry, const VfPolicy *policy, const VfModelOps *ops,
		      gsize limit, GError **error);
void vf_model_free(VfModel *m);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfModel, vf_model_free)

/* Empties the cache and forgets all pages and targets; counters start again. */
void vf_model_reset(VfModel *m);
/* Starts counters and the coverage of the targets again; the cache stays. */
void vf_model_epoch(VfModel *m);

/*
 * Accesses, after they happened. [@pa, @pa + @size) lies inside one page, @value has @size bytes in
 * memory order. @va decides the colour.
 */
void vf_model_load(VfModel *m, guint64 va, guint64 pa, guint size, const guint8 *value, VfWho who);
void vf_model_store(VfModel *m, guint64 va, guint64 pa, guint size, const guint8 *value, VfWho who);
/*
 * What the model keeps of the page at @pa in the colour of @va, for the two below. NULL: it was not
 * accessed in this epoch. Valid until the next epoch or reset.
 */
typedef struct VfCopy VfCopy;
VfCopy *vf_model_copy(VfModel *m, guint64 va, guint64 pa);
guint64 vf_copy_page(const VfCopy *c);	    /* its physical address */
const guint8 *vf_copy_ram(const VfCopy *c); /* what VfModelOps.ram gave for it */
/*
 * The same for the common case, at a fraction of the cost: an access inside of one line whose bytes
 * in memory are the value, and that is no hazard. Only the place of @va in its page matters. FALSE:
 * nothing was done, call one of the two above.
 */
gboolean vf_model_quick_load(VfModel *m, VfCopy *c, guint64 va, guint size);
gboolean vf_model_quick_store(VfModel *m, VfCopy *c, guint64 va, guint size, VfWho who);
/* The same past the cache. */
void vf_model_uncached_load(VfModel *m, guint64 pa, guint size, const guint8 *value, VfWho who);
void vf_model_uncached_store(VfModel *m, guint64 pa, guint size, VfWho who);

/* Operations on the line of colour(@va) that holds @pa. */
void vf_model_flush(VfModel *m, guint64 va, guint64 pa, VfWho who);	/* write back, invalidate */
void vf_model_writeback(VfModel *m, guint64 va, guint64 pa, VfWho who); /* write back, keep */
void vf_model_purge(VfModel *m, guint64 va, guint64 pa, VfWho who);	/* invalidate only */
/* All lines, of any colour, of the page at @pa. */
void vf_model_page_flush(VfModel *m, guint64 pa, VfWho who);
void vf_model_page_purge(VfModel *m, guint64 pa, VfWho who);
/* All lines of the set that @va selects. */
void vf_model_index_flush(VfModel *m, guint64 va, VfWho who);
void vf_model_index_purge(VfModel *m, guint64 va, VfWho who);
void vf_model_whole_flush(VfModel *m, VfWho who);

/* DMA inside one page: a write before memory changes, a read before or after it. */
void vf_model_dma_write(VfModel *m, guint64 pa, guint size);
void vf_model_dma_read(VfModel *m, guint64 pa, guint size);

/* The page that holds @pa belongs to a tested buffer. Idempotent. */
void vf_model_target(VfModel *m, guint64 pa);
/* Empties the cache of all pages that are no targets, because their accesses end to be reported. */
void vf_model_forget_others(VfModel *m);

const VfCounters *vf_model_counters(const VfModel *m);
void vf_model_targets(VfModel *m, VfTargets *targets);
gsize vf_model_memory(const VfModel *m); /* bytes allocated */
gboolean vf_model_overflowed(const VfModel *m);
