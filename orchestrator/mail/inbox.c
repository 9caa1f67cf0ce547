// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/inbox-impl.h"

#include "base/error.h"
#include "mail/message-impl.h"

static void free_refusal(gpointer refusal)
{
	vf_mail_refusal_free(refusal);
}

VfInbox *vf_inbox_new(VfDb *db, VfMailParser *parser)
{
	VfInbox *inbox = g_new0(VfInbox, 1);

	inbox->db = db;
	inbox->parser = parser;
	inbox->fatal = g_ptr_array_new_with_free_func(free_refusal);
	return inbox;
}

void vf_inbox_free(VfInbox *inbox)
{
	if (!inbox)
		return;
	g_ptr_array_unref(inbox->fatal);
	g_free(inbox);
}

/* One transaction at the latest after so much. */
#define BATCH_MAILS 500
#define BATCH_BYTES (16 * 1024 * 1024)

typedef struct Poll {
	VfInbox *inbox;
	GPtrArray *batch;    /* of VfMailRecord */
	GPtrArray *refusals; /* of VfMailRefusal */
	GHashTable *fatal;   /* keys of the mails that are not tried again */
	GHashTable *lengths; /* theirs: what has none of them need not be hashed */
	gsize bytes;
	guint since;	 /* mails since the cursor was stored */
	gboolean broken; /* by ourselves: the cursor is ahead of what was done */
	VfMailSkip log;
	gpointer log_data;
	VfInboxCounts *counts;
} Poll;

static void free_record(gpointer record)
{
	vf_mail_record_free(record);
}

static void poll_clear(Poll *poll)
{
	g_clear_pointer(&poll->batch, g_ptr_array_unref);
	g_clear_pointer(&poll->refusals, g_ptr_array_unref);
	g_clear_pointer(&poll->fatal, g_hash_table_unref);
	g_clear_pointer(&poll->lengths, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Poll, poll_clear)

static gboolean flush(Poll *poll, VfMailSource *source, GError **error)
{
	g_autofree char *cursor = vf_mail_source_cursor(source);
	guint64 added;

	if (!vf_db_mail_store(poll->inbox->db, vf_mail_source_name(source), poll->batch,
			      poll->refusals, cursor, &added, error)) {
		poll->broken = TRUE;
		return FALSE;
	}
	poll->counts->kept += added;
	poll->counts->known += poll->batch->len - added;
	g_ptr_array_set_size(poll->batch, 0);
	g_ptr_array_set_size(poll->refusals, 0);
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

static VfMailRefusal *new_refusal(const char *bytes, gsize length, const char *why, gboolean fatal)
{
	VfMailRefusal *refusal = g_new0(VfMailRefusal, 1);

	refusal->key = bytes ? g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes,
							   length)
			     : g_compute_checksum_for_string(G_CHECKSUM_SHA256, why, -1);
	refusal->id = bytes ? vf_message_find_id(bytes, length) : NULL;
	refusal->why = g_strdup(why);
	refusal->length = bytes ? length : 0;
	refusal->fatal = fatal;
	refusal->met = g_get_real_time();
	return refusal;
}

/* Takes @refusal over. */
static void refuse(Poll *poll, VfMailRefusal *refusal)
{
	poll->counts->refused++;
	poll->counts->fatal += refusal->fatal;
	if (poll->log)
		poll->log(refusal->why, poll->log_data);
	g_ptr_array_add(poll->refusals, refusal);
}

static void on_skip(const char *why, gpointer data)
{
	Poll *poll = data;

	poll->counts->mails++;
	refuse(poll, new_refusal(NULL, 0, why, FALSE));
}

static void remember(Poll *poll, const VfMailRefusal *refusal)
{
	g_hash_table_add(poll->fatal, g_strdup(refusal->key));
	g_hash_table_add(poll->lengths, GSIZE_TO_POINTER(refusal->length));
}

/* Met before, by a cursor that was lost, or in another source. */
static gboolean is_fatal(const Poll *poll, const char *bytes, gsize length)
{
	g_autofree char *key = NULL;

	if (!g_hash_table_contains(poll->lengths, GSIZE_TO_POINTER(length)))
		return FALSE;
	key = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, length);
	return g_hash_table_contains(poll->fatal, key);
}

static void take_message(Poll *poll, const VfMessage *message, const char *bytes, gsize length)
{
	gboolean part = vf_assembler_wants(message);

	if (part || vf_mail_command_wanted(message))
		keep(poll, message, !part, bytes, length);
}

static gboolean on_mail(VfMailSource *source, const char *bytes, gsize length, const char *where,
			gpointer data, GError **error)
{
	Poll *poll = data;
	g_autoptr(GError) local = NULL;
	g_autoptr(VfMessage) message = NULL;
	gboolean fatal = FALSE;

	poll->counts->mails++;
	if (is_fatal(poll, bytes, length))
		return TRUE;
	message = vf_mail_parser_parse(poll->inbox->parser, bytes, length, where, &fatal, &local);
	if (message) {
		take_message(poll, message, bytes, length);
	} else if (g_error_matches(local, VF_ERROR, VF_ERROR_DATA)) {
		VfMailRefusal *refusal = new_refusal(bytes, length, local->message, fatal);

		if (fatal)
			remember(poll, refusal);
		refuse(poll, refusal);
	} else {
		poll->broken = TRUE;
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!fatal && ++poll->since < BATCH_MAILS && poll->bytes < BATCH_BYTES)
		return TRUE;
	return flush(poll, source, error);
}

static gboolean load_fatal(Poll *poll, GError **error)
{
	g_autoptr(GPtrArray) known = vf_db_mail_fatal(poll->inbox->db, error);

	for (guint i = 0; known && i < known->len; i++)
		remember(poll, known->pdata[i]);
	return known != NULL;
}

gboolean vf_inbox_poll(VfInbox *inbox, VfMailSource *source, VfMailSkip log, gpointer data,
		       VfInboxCounts *counts, GError **error)
{
	g_auto(Poll) poll = {
		.inbox = inbox,
		.batch = g_ptr_array_new_with_free_func(free_record),
		.refusals = g_ptr_array_new_with_free_func(free_refusal),
		.fatal = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.lengths = g_hash_table_new(NULL, NULL),
		.log = log,
		.log_data = data,
		.counts = counts,
	};
	g_autofree char *cursor = NULL;

	if (!load_fatal(&poll, error) ||
	    !vf_db_mail_cursor(inbox->db, vf_mail_source_name(source), &cursor, error))
		return FALSE;
	if (vf_mail_source_read(source, cursor, on_mail, on_skip, &poll, error))
		return flush(&poll, source, error);
	/* what came before a connection broke need not come again */
	if (!poll.broken)
		flush(&poll, source, NULL);
	return FALSE;
}

VfMessage *vf_inbox_parse(VfInbox *inbox, const VfMailRecord *record, GError **error)
{
	gsize length;
	const char *bytes = g_bytes_get_data(record->raw, &length);
	g_autoptr(GError) local = NULL;
	gboolean fatal;
	VfMessage *message =
		vf_mail_parser_parse(inbox->parser, bytes, length, record->id, &fatal, &local);

	if (fatal) {
		VfMailRefusal *refusal = new_refusal(bytes, length, local->message, TRUE);

		g_free(refusal->id);
		refusal->id = g_strdup(record->id);
		g_ptr_array_add(inbox->fatal, refusal);
	} else if (!message && !g_error_matches(local, VF_ERROR, VF_ERROR_DATA)) {
		g_propagate_error(error, g_steal_pointer(&local));
	}
	return message;
}

gboolean vf_inbox_settle(VfInbox *inbox, GError **error)
{
	for (; inbox->fatal->len; g_ptr_array_remove_index(inbox->fatal, inbox->fatal->len - 1))
		if (!vf_db_mail_refuse(inbox->db, inbox->fatal->pdata[inbox->fatal->len - 1],
				       error))
			return FALSE;
	return TRUE;
}

gboolean vf_inbox_prune(VfInbox *inbox, gint64 before, GError **error)
{
	return vf_db_mail_prune(inbox->db, before, error);
}
