// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer to a series: a whole mail, as text with LF at line ends. A pure function. All that
 * came from the mail, the build or a guest is escaped; headers are encoded and folded.
 */
#pragma once

#include "mail/findings.h"
#include "mail/policy.h"
#include "mail/series.h"
#include "mail/trial.h"

typedef struct VfReply {
	const VfSeries *series;
	VfOutcomeKind outcome;
	guint patch;	  /* number of the patch that is answered; 0: the cover letter */
	const char *tree; /* what the operator calls the tree */
	const char *base; /* for people: '0123456789ab ("subject")' */
	const char
		*base_note;  /* one sentence when it is not the base that was asked for; or NULL */
	const char *variant; /* "full" */
	const char *support; /* "below", "above", or "tree": the base has its patches already */
	const char *problem; /* NOT_APPLIED: what git said */
	const json_t *patched; /* results.json, where a run was made */
	const VfFindings *findings;
	GHashTable *named;	/* addresses that MAINTAINERS names (mail/maintainers.h), or NULL */
	const char *message_id; /* of this mail, without <> */
	gint64 date;		/* seconds since the epoch */
} VfReply;

/* What @trial of @series found. Borrows all. */
VfReply vf_reply_of(const VfSeries *series, const VfTrial *trial, const VfMailPolicy *policy);

/*
 * The addresses that the mail goes to: sender of the patch, and by policy its other recipients.
 * Empty when nobody is left. *left_out (may be NULL): how many are above the policy's maximum.
 * Caller frees with g_strfreev().
 */
GStrv vf_compose_recipients(const VfReply *reply, const VfMailPolicy *policy, guint *left_out);

/* The mail. Caller frees. */
char *vf_compose(const VfReply *reply, const VfMailPolicy *policy);

/* What it says, without greeting and footer: for a terminal. Caller frees. */
char *vf_compose_text(const VfReply *reply, const VfMailPolicy *policy);
