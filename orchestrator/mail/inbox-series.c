// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/inbox-impl.h"

#include <string.h>

#include "base/error.h"

typedef struct Gather {
	VfInbox *inbox;
	VfAssembler *assembler;
	GHashTable *series; /* ids of the concluded series that are in, or will be */
	GPtrArray *todo;    /* of those, the ones still to be read; owned by @series */
	guint flags;
} Gather;

static gboolean want_series_of(Gather *gather, const char *id, GError **error)
{
	g_autofree char *series = NULL;
	gboolean known;

	if (!vf_db_mail_find(gather->inbox->db, id, &known, &series, error))
		return FALSE;
	if (series && !g_hash_table_contains(gather->series, series)) {
		g_ptr_array_add(gather->todo, series);
		g_hash_table_add(gather->series, g_steal_pointer(&series));
	}
	return TRUE;
}

/* An earlier revision, or the rest of a series that was given up: by what the mail answers. */
static gboolean want_context(Gather *gather, const VfMessage *message, GError **error)
{
	guint count = g_strv_length(message->references);

	if (message->in_reply_to && !want_series_of(gather, message->in_reply_to, error))
		return FALSE;
	if (count && !want_series_of(gather, message->references[count - 1], error))
		return FALSE;
	return !count || want_series_of(gather, message->references[0], error);
}

static gboolean on_row(const VfMailRecord *record, gpointer data, GError **error)
{
	Gather *gather = data;
	g_autoptr(GError) local = NULL;
	VfMessage *message = vf_inbox_parse(gather->inbox, record, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	/* a newer program may refuse what an older one has stored */
	if (!message)
		return TRUE;
	if (!(gather->flags & VF_PART_CONTEXT) && !want_context(gather, message, error)) {
		vf_message_unref(message);
		return FALSE;
	}
	vf_assembler_add(gather->assembler, message, record->arrived, gather->flags);
	return TRUE;
}

static gboolean read_context(Gather *gather, GError **error)
{
	gather->flags |= VF_PART_CONTEXT;
	for (guint i = 0; i < gather->todo->len; i++)
		if (!vf_db_mail_of_series(gather->inbox->db, gather->todo->pdata[i], on_row, gather,
					  error))
			return FALSE;
	return TRUE;
}

/* @series NULL: what is open. Otherwise the mails of that concluded one, with their texts. */
static GPtrArray *assemble(VfInbox *inbox, const char *series, gint64 now, gint64 patience,
			   GError **error)
{
	g_autoptr(VfAssembler) assembler = vf_assembler_new();
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) todo = g_ptr_array_new();
	Gather gather = {.inbox = inbox,
			 .assembler = assembler,
			 .series = known,
			 .todo = todo,
			 .flags = series ? 0 : VF_PART_LIGHT};
	gboolean ok;

	if (series) {
		g_hash_table_add(known, g_strdup(series));
		ok = vf_db_mail_of_series(inbox->db, series, on_row, &gather, error);
	} else {
		ok = vf_db_mail_open(inbox->db, FALSE, on_row, &gather, error);
	}
	if (!ok || !read_context(&gather, error) || !vf_inbox_settle(inbox, error))
		return NULL;
	return vf_assembler_finish(assembler, now, patience);
}

/* A version that arrives after its successor was dealt with. */
static gboolean check_late(VfInbox *inbox, VfSeries *series, GError **error)
{
	guint newest;

	if (!vf_db_mail_newest(inbox->db, series->lineage, &newest, error))
		return FALSE;
	if (series->state == VF_SERIES_SUPERSEDED || newest <= series->version)
		return TRUE;
	series->state = VF_SERIES_SUPERSEDED;
	g_free(series->problem);
	series->problem = g_strdup_printf("version %u was there before", newest);
	return TRUE;
}

GPtrArray *vf_inbox_series(VfInbox *inbox, gint64 now, gint64 patience, GError **error)
{
	g_autoptr(GPtrArray) all = assemble(inbox, NULL, now, patience, error);

	for (guint i = 0; all && i < all->len; i++)
		if (!check_late(inbox, all->pdata[i], error))
			return NULL;
	return g_steal_pointer(&all);
}

typedef struct Load {
	VfInbox *inbox;
	VfMessage *message;
} Load;

static gboolean take_text(const VfMailRecord *record, gpointer data, GError **error)
{
	Load *load = data;
	VfMessage *message = load->message;
	g_autoptr(GError) local = NULL;
	g_autoptr(VfMessage) full = vf_inbox_parse(load->inbox, record, &local);

	if (!full && !local)
		return vf_throw(error, VF_ERROR_HARNESS,
				"<%s> could be parsed before, now it cannot", record->id);
	if (!full) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	vf_message_lighten(message);
	message->body = g_steal_pointer(&full->body);
	message->text = g_steal_pointer(&full->text);
	return TRUE;
}

static gboolean load_one(VfInbox *inbox, VfMessage *message, GError **error)
{
	Load load = {inbox, message};

	return !message || vf_db_mail_one(inbox->db, message->id, take_text, &load, error);
}

gboolean vf_inbox_load(VfInbox *inbox, VfSeries *series, GError **error)
{
	gboolean ok = load_one(inbox, series->cover, error);

	for (guint i = 0; ok && i < series->patches->len; i++)
		ok = load_one(inbox, series->patches->pdata[i], error);
	return vf_inbox_settle(inbox, ok ? error : NULL) && ok;
}

VfSeries *vf_inbox_find(VfInbox *inbox, const char *id, gint64 now, gint64 patience, GError **error)
{
	g_autofree char *concluded = NULL;
	g_autoptr(GPtrArray) all = NULL;
	gboolean known;

	if (!vf_db_mail_find(inbox->db, id, &known, &concluded, error) || !known)
		return NULL;
	all = assemble(inbox, concluded, now, patience, error);
	for (guint i = 0; all && i < all->len; i++) {
		VfSeries *series = all->pdata[i];

		if (!vf_series_has(series, id))
			continue;
		return concluded || vf_inbox_load(inbox, series, error) ? vf_series_ref(series)
									: NULL;
	}
	return NULL;
}

static GStrv ids_of(const VfSeries *series)
{
	g_autoptr(GStrvBuilder) ids = g_strv_builder_new();

	if (series->cover)
		g_strv_builder_add(ids, series->cover->id);
	for (guint i = 0; i < series->patches->len; i++) {
		const VfMessage *patch = series->patches->pdata[i];

		if (patch)
			g_strv_builder_add(ids, patch->id);
	}
	for (guint i = 0; i < series->others->len; i++)
		g_strv_builder_add(ids, series->others->pdata[i]);
	return g_strv_builder_end(ids);
}

gboolean vf_inbox_conclude(VfInbox *inbox, const VfSeries *series, const char *outcome,
			   GError **error)
{
	VfMailSeriesRecord record = {.id = series->id,
				     .lineage = series->lineage,
				     .version = series->version,
				     .patchset_hash = series->patchset_hash,
				     .outcome = outcome};
	g_auto(GStrv) ids = ids_of(series);

	return vf_db_mail_conclude(inbox->db, &record, (const char *const *)ids, error);
}

gboolean vf_inbox_outcome(VfInbox *inbox, const VfSeries *series, char **outcome, GError **error)
{
	*outcome = NULL;
	return !series->patchset_hash ||
	       vf_db_mail_outcome(inbox->db, series->patchset_hash, outcome, error);
}
