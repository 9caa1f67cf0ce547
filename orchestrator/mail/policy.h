// SPDX-License-Identifier: GPL-2.0-or-later
/* What the bot does and does not: the policy file, docs/bot.md. Immutable after loading. */
#pragma once

#include "kernel/child.h"
#include "mail/config.h"

typedef struct VfMailPolicy {
	char *mode; /* "dry-run": nothing is kept to be sent; "moderate": a human approves; "send"
		     */
	char *tree; /* git tree of Linux, or NULL: given on the command line */
	GStrv trusted; /* patterns of the references of @tree whose commits are built as our own */
	char *variant; /* whose patches and configuration the jobs need */
	char *support; /* "below" or "above": where these patches lie, seen from the series */
	char *archs, *boards; /* comma-separated, or "all" */

	struct {
		char *name, *address; /* of From */
		char *contact;	      /* a human's address, or NULL */
		char *cc; /* of the patch's recipients: "maintainers", "all", "lists" or "none" */
		guint64 recipients_max; /* of one answer */
		GStrv always, never;	/* addresses; @never also "@domain" */
		GStrv quiet_lists;	/* List-Ids to which no answer goes at all */
		char *archive;		/* link to a mail, "{id}" is its Message-ID; or NULL */
		char *smtp;		/* name of the target, or NULL */
	} reply;

	/* "mail" or "silent"; success also "matrix": a short one */
	struct {
		char *success, *broken, *base_broken, *flaky, *not_applied, *incomplete;
	} when;

	guint64 patches_max; /* a longer series is not tested */
	guint64 bisect_runs; /* runs to find the first bad patch of a series; 0: not searched */
	guint64 mails_day, author_mails_day, series_day;
	GStrv post;    /* targets that get the results of each series */
	char *targets; /* targets file, or NULL: the usual one */
	struct {
		guint64 minutes, memory_mib, total_memory_mib, disk_mib, processes;
	} limits;
	VfMailIn in;
} VfMailPolicy;

void vf_mail_policy_free(VfMailPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailPolicy, vf_mail_policy_free)

/* @path NULL: the defaults, with mode "dry-run". VF_ERROR_DATA names the file and the key. */
VfMailPolicy *vf_mail_policy_load(const char *path, GError **error);
VfMailPolicy *vf_mail_policy_parse(const char *text, gsize length, const char *name,
				   GError **error);

/* What one build of a series may use. */
VfLimits vf_mail_policy_limits(const VfMailPolicy *policy);
