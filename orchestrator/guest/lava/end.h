// SPDX-License-Identifier: GPL-2.0-or-later
/* What a lab says about the end of a job, as evidence: docs/evidence.md, "In a LAVA lab". */
#pragma once

#include "evidence/evidence.h"
#include "guest/lava/follow.h"

/*
 * Fills how @evidence ended. What the guest itself has said, a panic or its end marker, is there
 * already and weighs more than the lab's opinion. @timeout: seconds that the guest had, @silence
 * likewise.
 */
void vf_lava_take_end(VfEvidence *evidence, const VfLavaOutcome *outcome, guint timeout,
		      guint silence);
