// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of a task whose first guest did not pass. */
#pragma once

#include "evidence/verdict.h"

enum { VF_RETRY_ATTEMPTS = 2 };

typedef struct VfRetryOutcome {
	VfStatus status;
	guint decided_by; /* index of the attempt whose reason stands */
	gboolean flaky;
} VfRetryOutcome;

/*
 * @statuses of @count attempts, in their order. A FAIL once seen stays: a kernel that fails
 * sometimes is wrong. ERROR and MISS say nothing about the kernel, so the last attempt replaces
 * them. Attempts that disagree make the task flaky, except where the first one was a MISS.
 */
VfRetryOutcome vf_retry_outcome(const VfStatus *statuses, guint count);
