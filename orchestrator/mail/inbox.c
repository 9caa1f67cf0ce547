// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/inbox-impl.h"

#include "results-db/mail.h"

VfInbox *vf_inbox_new(VfDb *db)
{
	VfInbox *inbox = g_new0(VfInbox, 1);

	inbox->db = db;
	return inbox;
}

void vf_inbox_free(VfInbox *inbox)
{
	g_free(inbox);
}

/* One transaction at the latest after so much. */
#define BATCH_MAILS 500
#define BATCH_BYTES (16 * 1024 * 1024)

typedef struct Poll {
	VfInbox *inbox;
	GPtrArray *batch; /* of VfMailRecord */
	gsize bytes;
	guint since; /* mails since the cursor was stored */
	VfMailSkip log;
	gpointer log_data;
	VfInboxCounts *counts;
} Poll;

static void free_record(gpointer record)
{
	vf_mail_record_free(record);
}

static gboolean flush(Poll *poll, VfMailSource *source, GError **error)
{
	g_autofree char *cursor = vf_mail_source_cursor(source);
	guint64 added;

	if (!vf_db_mail_store(poll->inbox->db, vf_mail_source_name(source), poll->batch, cursor,
			      &added, error))
		return FALSE;
	poll->counts->kept += added;
	poll->counts->known += poll->batch->len - added;
	g_ptr_array_set_size(poll->batch, 0);
	poll->bytes = 0;
	poll->since = 0;
	return TRUE;
}

static void keep(Poll *poll, const VfMessage *message, gboolean command, const char *bytes,
		 gsize length)
{
	VfMailRecord *record = g_new0(VfMailRecord, 1);

	record->id = g_strdup(message->id);
	record->arrived = g_get_real_time();
	record->command = command;
	record->raw = g_bytes_new(bytes, length);
	g_ptr_array_add(poll->batch, record);
	poll->bytes += length;
}

static void on_skip(const char *why, gpointer data)
{
	Poll *poll = data;

	poll->counts->mails++;
	poll->counts->refused++;
	if (poll->log)
		poll->log(why, poll->log_data);
}

static gboolean on_mail(VfMailSource *source, const char *bytes, gsize length, const char *where,
			gpointer data, GError **error)
{
	Poll *poll = data;
	g_autoptr(GError) local = NULL;
	g_autoptr(VfMessage) message = vf_message_parse(bytes, length, where, &local);

	if (!message) {
		on_skip(local->message, poll);
	} else {
		gboolean part = vf_assembler_wants(message);

		poll->counts->mails++;
		if (part || vf_mail_command_wanted(message))
			keep(poll, message, !part, bytes, length);
	}
	if (++poll->since < BATCH_MAILS && poll->bytes < BATCH_BYTES)
		return TRUE;
	return flush(poll, source, error);
}

gboolean vf_inbox_poll(VfInbox *inbox, VfMailSource *source, VfMailSkip log, gpointer data,
		       VfInboxCounts *counts, GError **error)
{
	g_autoptr(GPtrArray) batch = g_ptr_array_new_with_free_func(free_record);
	Poll poll = {
		.inbox = inbox, .batch = batch, .log = log, .log_data = data, .counts = counts};
	g_autofree char *cursor = NULL;

	if (!vf_db_mail_cursor(inbox->db, vf_mail_source_name(source), &cursor, error))
		return FALSE;
	if (vf_mail_source_read(source, cursor, on_mail, on_skip, &poll, error))
		return flush(&poll, source, error);
	/* what came before a connection broke need not come again */
	flush(&poll, source, NULL);
	return FALSE;
}

gboolean vf_inbox_prune(VfInbox *inbox, gint64 before, GError **error)
{
	return vf_db_mail_prune(inbox->db, before, error);
}
