// SPDX-License-Identifier: GPL-2.0-or-later
/* Evidence to verdict: a pure function, tested by table. */
#pragma once

#include "evidence/evidence.h"
#include "base/error.h"
#include "plan/job.h"

/* What to do before this is the last word. */
typedef enum {
	VF_AGAIN_NO,
	VF_AGAIN_SAME,	 /* a fresh guest may say something else */
	VF_AGAIN_CURVE,	 /* a hazard: once more, with caches of real sizes beside */
	VF_AGAIN_LAYOUT, /* nothing could be seen: once more, with other addresses */
} VfAgain;

typedef struct VfVerdict {
	VfStatus status;
	char *reason;  /* one sentence; never NULL */
	char *excerpt; /* the lines that show it, at most 16 KiB; may be NULL */
	VfAgain again;
} VfVerdict;

void vf_verdict_free(VfVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfVerdict, vf_verdict_free)

VfVerdict *vf_verdict_new(const VfEvidence *evidence, const VfJob *job);

/* The status that an error's class stands for; errors of other libraries are VF_STATUS_MISS. */
VfStatus vf_error_status(const GError *error);

/* The status that a task gets when it could not be run at all because of @error. */
VfVerdict *vf_verdict_from_error(const GError *error);

/* Whether a hazard of @class in @bucket turns a job red that the coherence model judges. */
gboolean vf_hazard_gates(const char *class, const char *bucket);
