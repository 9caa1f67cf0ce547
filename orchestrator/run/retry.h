// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a task gets another guest, which one, and the verdict of all of them. */
#pragma once

#include "evidence/verdict.h"

enum { VF_RETRY_MAX = 16 }; /* attempts of one task */

/* One guest: how it was started, and its verdict. */
typedef struct VfAttempt {
	guint layout;	/* 0: as board and job say; N: the job's layout N - 1 */
	gboolean curve; /* with caches of real sizes */
	VfStatus status;
	VfAgain again;
} VfAttempt;

/*
 * Fills layout and curve of the guest that comes after @count others; with 0 of the first one.
 * @layouts: how many the job has; @first: the one to begin with. FALSE: no more guests.
 */
gboolean vf_retry_next(const VfAttempt *done, guint count, guint layouts, guint first,
		       VfAttempt *next);

typedef struct VfRetryOutcome {
	VfStatus status;
	guint decided_by; /* index of the attempt whose reason stands */
	gboolean flaky;
} VfRetryOutcome;

/*
 * @done are @count attempts, in their order. A FAIL once seen stays: a kernel that fails sometimes
 * is wrong. ERROR and MISS say nothing about the kernel, so the last attempt replaces them.
 * Attempts that disagree make the task flaky, except those that were a MISS, or could not show
 * anything in their layout. A guest with caches of real sizes that ends in another way than by a
 * hazard was too slow, or was stopped: the hazard before it stands.
 */
VfRetryOutcome vf_retry_outcome(const VfAttempt *done, guint count);
