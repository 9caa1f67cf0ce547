// SPDX-License-Identifier: GPL-2.0-or-later
/* The member "in" of the bot's policy file, docs/bot.md: what is read and who may command. */
#pragma once

#include "base/json-reader.h"
#include "mail/commands.h"
#include "mail/source.h"

typedef struct VfMailIn {
	GPtrArray *sources;	/* of VfMailSourceConfig, in the file's order */
	char *filter;		/* path of the filter file; NULL: mail/filter.json */
	VfMailSenders commands; /* nobody when the file does not say */
	guint64 patience;	/* seconds that an incomplete series waits */
	guint64 keep_days;	/* how long mails of concluded series are kept */
} VfMailIn;

/* For a VF_JSON_OBJECT with .read: fills the VfMailIn at @target, which must be clear. */
gboolean vf_mail_in_read(VfJson *json, VfMailIn *in, GError **error);

/* The defaults, for a call without a policy file. */
void vf_mail_in_init(VfMailIn *in);
void vf_mail_in_clear(VfMailIn *in);
