// SPDX-License-Identifier: GPL-2.0-or-later
/* What the rules of verdict.c share. A rule that does not apply must not have said anything. */
#pragma once

#include "evidence/evidence.h"
#include "plan/job.h"

#define VF_EXCERPT_MAX (16 * 1024)

typedef struct VfSaid {
	const VfEvidence *evidence;
	const VfJob *job;
	GString *reason;
	GString *excerpt; /* thrown away when the rule does not apply */
} VfSaid;

gboolean vf_say(VfSaid *said, const char *format, ...) G_GNUC_PRINTF(2, 3); /* TRUE */
void vf_show(VfSaid *said, const char *text); /* up to VF_EXCERPT_MAX; NULL: nothing */

gboolean vf_rule_model_broken(VfSaid *said);
gboolean vf_rule_incoherent(VfSaid *said);
gboolean vf_rule_not_exercised(VfSaid *said);
