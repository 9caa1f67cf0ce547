// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands in replies: "#vifarm test", "#vifarm test-base COMMIT", "#vifarm ignore", each alone on
 * an unquoted line that begins with it.
 */
#pragma once

#include "mail/message.h"

typedef enum { VF_COMMAND_TEST, VF_COMMAND_TEST_BASE, VF_COMMAND_IGNORE } VfMailCommandKind;

typedef struct VfMailCommand {
	VfMailCommandKind kind;
	char *commit; /* TEST_BASE: 7 to 64 lower-case hex digits, or a tag name; else NULL */
	char *sender; /* address in lower case */
	char *id;     /* Message-ID of the mail that it stands in */
	char *parent; /* the mail that it answers */
} VfMailCommand;

void vf_mail_command_free(VfMailCommand *command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailCommand, vf_mail_command_free)

/* Whether a line begins with "#vifarm": worth keeping the mail. */
gboolean vf_mail_command_wanted(const VfMessage *message);

/* Who may command. */
typedef struct VfMailSenders {
	GStrv allow;	     /* addresses, or "@domain" */
	char *authenticated; /* authserv-id whose Authentication-Results must say dkim=pass for the
				sender's domain; NULL: From is believed */
} VfMailSenders;

/*
 * The last command of the mail, or NULL: without error when there is none, with VF_ERROR_DATA
 * (one line for the log, never mailed) when the sender may not, or the line is malformed.
 */
VfMailCommand *vf_mail_command_parse(const VfMessage *message, const VfMailSenders *senders,
				     GError **error);
