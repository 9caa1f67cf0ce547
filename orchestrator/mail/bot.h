// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bot: reads what has arrived, tests one series after the other, and puts the answers where
 * the policy wants them. Everything that is finished is on disk before the next begins; a killed
 * bot tests again what it had not finished, and answers nothing twice.
 */
#pragma once

#include "mail/policy.h"
#include "results-db/db.h"

/* All borrowed. */
typedef struct VfMailBotOptions {
	const VfMailPolicy *policy;
	const char *mbox; /* read this file instead of the policy's sources; or NULL */
	const char *tree; /* instead of the policy's; or NULL */
	gboolean dry_run; /* whatever the policy says */
	gboolean quiet;	  /* no progress on stderr */
	/* A whole answer, in a dry run, or one line about what is done. */
	void (*answer)(const char *mail, gpointer data);
	void (*say)(const char *line, gpointer data);
	gpointer data;
} VfMailBotOptions;

typedef struct VfMailBotSummary {
	guint64 mails; /* read */
	guint tested, broken, answered, concluded, waiting;
} VfMailBotSummary;

/*
 * One round; blocks. What is wrong with a single series is said and does not end the round. Errors:
 * VF_ERROR_USAGE, VF_ERROR_DATA, VF_ERROR_MISSING (no sandbox), VF_ERROR_IO, VF_ERROR_CANCELLED.
 */
gboolean vf_mail_bot_run(const VfMailBotOptions *options, VfMailBotSummary *summary,
			 GError **error);
