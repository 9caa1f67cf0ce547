// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "mail/inbox.h"

#include "results-db/mail.h"

struct VfInbox {
	VfDb *db;
	VfMailParser *parser;
	GPtrArray *fatal; /* of VfMailRefusal: stored mails that vf_inbox_settle() is to end */
};

/*
 * A stored mail, parsed, for a VfMailRow. NULL without error: the parser refuses it.
 * VF_ERROR_MISSING.
 */
VfMessage *vf_inbox_parse(VfInbox *inbox, const VfMailRecord *record, GError **error);

/* Ends the stored mails that turned out to be fatal, when no row of them is being read any more. */
gboolean vf_inbox_settle(VfInbox *inbox, GError **error);
