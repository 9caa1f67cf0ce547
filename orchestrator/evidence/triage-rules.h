// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The patterns of an architecture, compiled, and where in a line of a console a message of the
 * kernel starts: at the line's start, behind each prefix of printk ("<4>", "[    1.234567] ",
 * "[    1.234567][  T123] ", in a log "kernel: "), and, for patterns that say so, anywhere.
 */
#pragma once

#include "plan/arch.h"

typedef struct VfTriageRules VfTriageRules;

/* @patterns: of VfTriagePattern, the first that matches a message wins; must outlive the object. */
VfTriageRules *vf_triage_rules_new(const GPtrArray *patterns, GError **error);
void vf_triage_rules_free(VfTriageRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfTriageRules, vf_triage_rules_free)

/* A line, or a piece of one that is too long. */
typedef struct VfTriageLine {
	const char *bytes;
	gsize length;
	gsize from, until; /* only what starts between is looked for; 0 and @length: all of it */
} VfTriageLine;

typedef struct VfTriageMatch {
	const VfTriagePattern *pattern;
	char *text;	 /* group 1 or all that matched, without space around; caller frees */
	gboolean inside; /* not where a message starts */
} VfTriageMatch;

/* FALSE: none matches. */
gboolean vf_triage_rules_find(VfTriageRules *rules, const VfTriageLine *line, VfTriageMatch *match);

/* Behind the last prefix of printk in @line. */
const char *vf_triage_rules_message(const VfTriageRules *rules, const VfTriageLine *line);
