// SPDX-License-Identifier: GPL-2.0-or-later
/* What the rules of verdict.c share. */
#pragma once

#include "evidence/evidence.h"
#include "evidence/verdict.h"
#include "plan/job.h"

#define VF_EXCERPT_MAX (16 * 1024)

typedef struct VfSaid {
	const VfEvidence *evidence;
	const VfJob *job;
	GString *reason, *excerpt; /* thrown away when the rule does not apply */
} VfSaid;

typedef struct VfRule {
	VfStatus status;
	VfAgain again;
	gboolean (*applies)(VfSaid *said); /* and gives the reason */
} VfRule;

/* The first rule of @table that applies decides; the last one must. Caller frees. */
VfVerdict *vf_verdict_by(const VfRule *table, const VfEvidence *evidence, const VfJob *job);

gboolean vf_say(VfSaid *said, const char *format, ...) G_GNUC_PRINTF(2, 3); /* TRUE */
void vf_show(VfSaid *said, const char *text); /* up to VF_EXCERPT_MAX; NULL: nothing */

gboolean vf_rule_model_broken(VfSaid *said);
gboolean vf_rule_incoherent(VfSaid *said);
gboolean vf_rule_not_exercised(VfSaid *said);
