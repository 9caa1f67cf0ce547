// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has arrived: mails go in from sources, each exactly once; series and commands come out until
 * they are concluded. Lives in the results database (results-db/mail.h): a batch of mails and the
 * cursor behind it are one transaction, so that a killed process loses and repeats nothing.
 */
#pragma once

#include "mail/commands.h"
#include "mail/parser.h"
#include "mail/series.h"
#include "mail/source.h"
#include "results-db/db.h"

typedef struct VfInbox VfInbox;

/* Both are borrowed. */
VfInbox *vf_inbox_new(VfDb *db, VfMailParser *parser);
void vf_inbox_free(VfInbox *inbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfInbox, vf_inbox_free)

typedef struct VfInboxCounts {
	guint64 mails;	 /* read from the source */
	guint64 known;	 /* of these: seen before, in this or another source */
	guint64 kept;	 /* patches, cover letters and commands */
	guint64 refused; /* passed over as too large or malformed, one line each to @log */
	guint64 fatal;	 /* of these: that ended or stalled the parser; never tried again */
} VfInboxCounts;

/* Reads what is new in @source. @log may be NULL. @counts is added to. */
gboolean vf_inbox_poll(VfInbox *inbox, VfMailSource *source, VfMailSkip log, gpointer data,
		       VfInboxCounts *counts, GError **error);

/*
 * The series that are not concluded, as vf_assembler_finish(), their messages without body and
 * text. Those of which a newer revision was concluded before are SUPERSEDED.
 */
GPtrArray *vf_inbox_series(VfInbox *inbox, gint64 now, gint64 patience, GError **error);

/* Brings body and text into the messages of a series that vf_inbox_series() gave. */
gboolean vf_inbox_load(VfInbox *inbox, VfSeries *series, GError **error);

/*
 * The series (with its texts) that the mail @id belongs to, concluded or not; or NULL, without
 * error when its mails are not there (any more).
 */
VfSeries *vf_inbox_find(VfInbox *inbox, const char *id, gint64 now, gint64 patience,
			GError **error);

/*
 * @series is dealt with ("tested", "no concern", "superseded", ...): vf_inbox_series() gives it no
 * more, and a late duplicate of its mails changes nothing.
 */
gboolean vf_inbox_conclude(VfInbox *inbox, const VfSeries *series, const char *outcome,
			   GError **error);

/* Outcome under which the same patches (patchset hash) were concluded before, or NULL in *outcome.
 */
gboolean vf_inbox_outcome(VfInbox *inbox, const VfSeries *series, char **outcome, GError **error);

/* Commands that nobody has dealt with, oldest first; of VfMailCommand. Refused ones go to @log. */
GPtrArray *vf_inbox_commands(VfInbox *inbox, const VfMailSenders *senders, VfMailSkip log,
			     gpointer data, GError **error);
gboolean vf_inbox_command_done(VfInbox *inbox, const VfMailCommand *command, GError **error);

/* Drops concluded mails that arrived before @before (microseconds); their ids stay known. */
gboolean vf_inbox_prune(VfInbox *inbox, gint64 before, GError **error);
