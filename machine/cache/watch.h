// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's loads, stores, cache instructions and calls, taken from QEMU's
 * plugin API and handed to the models as physical accesses with a colour.
 *
 * Threads: callbacks run in the vCPU's thread, DMA in whichever thread a device
 * runs in. vf_watch_lock() guards the models and all that is here.
 */
#pragma once

#include "vifarm.h"
#include "config.h"

#define VF_MODELS_MAX (VF_CURVE_MAX + 1)

/* What vf_watch_counters() gives, since the last vf_watch_epoch(). */
typedef struct VfWatchCounters {
	uint64_t operations; /* cache instructions and hooks executed */
	uint64_t by_address, tmpalias, by_index, by_page; /* of these */
	uint64_t nullified;
	uint64_t ignored;   /* by ignore= */
	uint64_t unmatched; /* by an address of unknown physical page, where accesses are not
			       tracked */
	uint64_t untouched; /* the same where they are: no access, so no line */
	uint64_t outside;   /* looks at pages of the guest's memory that the models do not have */
	uint64_t checked;   /* stores whose registers agreed with the address that QEMU used */
} VfWatchCounters;

/* @config and @models live as long as the program; the first model gives the verdict. */
void vf_watch_install(qemu_plugin_id_t id, const VfConfig *config, VfModel **models, guint n);

void vf_watch_lock(void);
void vf_watch_unlock(void);

/* The rest is called with the lock held. */

/* Starts with empty models, or stops. Translated code follows at the next block. */
void vf_watch_arm(void);
void vf_watch_disarm(void);
bool vf_watch_armed(void);

void vf_watch_epoch(void);
const VfWatchCounters *vf_watch_counters(void);
/* Whether what is kept here, beside the models, reached its share of the limit. */
bool vf_watch_overflowed(void);
/* NULL, or why nothing that was seen can be trusted. */
const char *vf_watch_broken(void);

/* A device named the pages of its buffer: they and all their aliases are tracked from now on. */
void vf_watch_targets(const uint64_t *pages, size_t n);
void vf_watch_dma_write(uint64_t pa, size_t len);
void vf_watch_dma_read(uint64_t pa, size_t len);

/* For a hazard that is being reported: the call sites that led to it. Returns how many. */
guint vf_watch_chain(guint64 *sites, guint max);

/* VfModelOps.ram: the guest's memory at @pa, NULL where there is none. */
const guint8 *vf_watch_ram(void *opaque, guint64 pa);
