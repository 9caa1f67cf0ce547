// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Collects hazards of one window and writes them as records: one for each
 * (class, cause, silent, bucket, pc, callers, origin). Shapes: docs/model.md.
 * The caller holds the model's lock.
 */
#pragma once

#include "model.h"

#define VF_CHAIN_MAX 8u

typedef struct VfReport VfReport;

VfReport *vf_report_new(void);
void vf_report_clear(VfReport *r);

/* @chain: call sites, innermost first, @n of them, at most VF_CHAIN_MAX. */
void vf_report_add(VfReport *r, const VfModelHazard *h, const guint64 *chain, guint n);

/* Writes all records in the order of their first occurrence and clears. */
void vf_report_write(VfReport *r, const char *window);
