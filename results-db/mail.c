// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/mail.h"

#include "results-db/internal.h"

void vf_mail_record_free(VfMailRecord *record)
{
	if (!record)
		return;
	g_free(record->id);
	g_clear_pointer(&record->raw, g_bytes_unref);
	g_free(record);
}

void vf_mail_refusal_free(VfMailRefusal *refusal)
{
	if (!refusal)
		return;
	g_free(refusal->key);
	g_free(refusal->id);
	g_free(refusal->why);
	g_free(refusal);
}

/* First column of the first row as text, NULL when there is none. */
static gboolean read_text(VfDb *db, char **text, GError **error, const char *sql, const char *value)
{
	g_autoptr(sqlite3_stmt) statement = vf_db_prepare(db, error, sql, "t", value);
	gboolean row;

	*text = NULL;
	if (!statement || !vf_db_step(db, statement, &row, error))
		return FALSE;
	if (row)
		*text = g_strdup((const char *)sqlite3_column_text(statement, 0));
	return TRUE;
}

gboolean vf_db_mail_cursor(VfDb *db, const char *source, char **cursor, GError **error)
{
	return read_text(db, cursor, error, "SELECT cursor FROM mail_sources WHERE name = ?",
			 source);
}

typedef struct Batch {
	const char *source, *cursor;
	const GPtrArray *records, *refusals;
	guint64 added;
} Batch;

static gboolean store_one(VfDb *db, const Batch *batch, const VfMailRecord *record, GError **error)
{
	g_autoptr(sqlite3_stmt) statement =
		vf_db_prepare(db, error,
			      "INSERT INTO mail_messages (id, source, arrived, command, raw) "
			      "VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
			      "ttib", record->id, batch->source, record->arrived, record->command);
	gsize length;
	const void *bytes = g_bytes_get_data(record->raw, &length);
	gboolean row;

	if (!statement)
		return FALSE;
	if (sqlite3_bind_blob64(statement, 5, bytes, length, SQLITE_STATIC) != SQLITE_OK)
		return vf_db_throw(db, error, "bind a value");
	return vf_db_step(db, statement, &row, error);
}

/* A fatal one stays fatal when it comes again by another way. */
static gboolean refuse_one(VfDb *db, const char *source, const VfMailRefusal *refusal,
			   GError **error)
{
	return vf_db_run(db, error,
			 "INSERT INTO mail_refused (key, source, id, why, length, fatal, met) "
			 "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
			 "fatal = max(fatal, excluded.fatal), why = excluded.why, "
			 "met = excluded.met",
			 "ttttibi", refusal->key, source, refusal->id, refusal->why,
			 (gint64)refusal->length, refusal->fatal, refusal->met);
}

static gboolean store_all(VfDb *db, gpointer data, GError **error)
{
	Batch *batch = data;

	for (guint i = 0; i < batch->records->len; i++) {
		if (!store_one(db, batch, batch->records->pdata[i], error))
			return FALSE;
		batch->added += (guint64)sqlite3_changes(db->handle);
	}
	for (guint i = 0; i < batch->refusals->len; i++)
		if (!refuse_one(db, batch->source, batch->refusals->pdata[i], error))
			return FALSE;
	return vf_db_run(db, error,
			 "INSERT INTO mail_sources (name, cursor, read) VALUES (?, ?, ?) "
			 "ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor, "
			 "read = excluded.read",
			 "tti", batch->source, batch->cursor, g_get_real_time());
}

gboolean vf_db_mail_store(VfDb *db, const char *source, const GPtrArray *records,
			  const GPtrArray *refusals, const char *cursor, guint64 *added,
			  GError **error)
{
	Batch batch = {.source = source,
		       .cursor = cursor,
		       .records = records,
		       .refusals = refusals};
	gboolean ok = vf_db_transaction(db, store_all, &batch, error);

	*added = ok ? batch.added : 0;
	return ok;
}

static gboolean each(VfDb *db, sqlite3_stmt *statement, VfMailRow take, gpointer data,
		     GError **error)
{
	gboolean row;

	for (;;) {
		g_autoptr(GBytes) raw = NULL;
		VfMailRecord record;

		if (!vf_db_step(db, statement, &row, error))
			return FALSE;
		if (!row)
			return TRUE;
		raw = g_bytes_new_static(sqlite3_column_blob(statement, 4),
					 (gsize)sqlite3_column_bytes(statement, 4));
		record = (VfMailRecord){
			.id = (char *)sqlite3_column_text(statement, 0),
			.arrived = sqlite3_column_int64(statement, 1),
			.command = sqlite3_column_int(statement, 2),
			.done = sqlite3_column_int(statement, 3),
			.raw = raw,
		};
		if (!take(&record, data, error))
			return FALSE;
	}
}

#define MESSAGES "SELECT id, arrived, command, done, raw FROM mail_messages WHERE raw IS NOT NULL "

gboolean vf_db_mail_open(VfDb *db, gboolean commands, VfMailRow row, gpointer data, GError **error)
{
	g_autoptr(sqlite3_stmt) statement =
		vf_db_prepare(db, error,
			      MESSAGES "AND done = 0 AND command = ? ORDER BY arrived, id", "b",
			      commands);

	return statement && each(db, statement, row, data, error);
}

gboolean vf_db_mail_of_series(VfDb *db, const char *series, VfMailRow row, gpointer data,
			      GError **error)
{
	g_autoptr(sqlite3_stmt) statement =
		vf_db_prepare(db, error, MESSAGES "AND series = ? ORDER BY arrived, id", "t",
			      series);

	return statement && each(db, statement, row, data, error);
}

gboolean vf_db_mail_one(VfDb *db, const char *id, VfMailRow row, gpointer data, GError **error)
{
	g_autoptr(sqlite3_stmt) statement =
		vf_db_prepare(db, error, MESSAGES "AND id = ?", "t", id);

	return statement && each(db, statement, row, data, error);
}

gboolean vf_db_mail_find(VfDb *db, const char *id, gboolean *known, char **series, GError **error)
{
	gint64 count;

	*series = NULL;
	if (!vf_db_integer(db, &count, 0, error,
			   "SELECT count(*) FROM mail_messages WHERE id = ? AND command = 0", "t",
			   id))
		return FALSE;
	*known = count > 0;
	return read_text(db, series, error, "SELECT series FROM mail_messages WHERE id = ?", id);
}

typedef struct Conclusion {
	const VfMailSeriesRecord *record;
	const char *const *ids;
} Conclusion;

static gboolean conclude(VfDb *db, gpointer data, GError **error)
{
	const Conclusion *conclusion = data;
	const VfMailSeriesRecord *record = conclusion->record;

	if (!vf_db_run(db, error,
		       "INSERT OR REPLACE INTO mail_series (id, lineage, version, patchset_hash, "
		       "outcome, concluded) VALUES (?, ?, ?, ?, ?, ?)",
		       "ttitti", record->id, record->lineage, (gint64)record->version,
		       record->patchset_hash, record->outcome, g_get_real_time()))
		return FALSE;
	for (const char *const *id = conclusion->ids; *id; id++)
		if (!vf_db_run(db, error,
			       "UPDATE mail_messages SET done = 1, series = ? "
			       "WHERE id = ? AND series IS NULL",
			       "tt", record->id, *id))
			return FALSE;
	return TRUE;
}

gboolean vf_db_mail_conclude(VfDb *db, const VfMailSeriesRecord *record, const char *const *ids,
			     GError **error)
{
	Conclusion conclusion = {record, ids};

	return vf_db_transaction(db, conclude, &conclusion, error);
}

gboolean vf_db_mail_outcome(VfDb *db, const char *patchset_hash, char **outcome, GError **error)
{
	return read_text(db, outcome, error,
			 "SELECT outcome FROM mail_series WHERE patchset_hash = ? "
			 "ORDER BY concluded DESC LIMIT 1",
			 patchset_hash);
}

gboolean vf_db_mail_newest(VfDb *db, const char *lineage, guint *version, GError **error)
{
	gint64 value;

	if (!vf_db_integer(db, &value, 0, error,
			   "SELECT max(version) FROM mail_series WHERE lineage = ?", "t", lineage))
		return FALSE;
	*version = (guint)value;
	return TRUE;
}

gboolean vf_db_mail_done(VfDb *db, const char *id, GError **error)
{
	return vf_db_run(db, error, "UPDATE mail_messages SET done = 1 WHERE id = ?", "t", id);
}

static gboolean refuse_stored(VfDb *db, gpointer data, GError **error)
{
	const VfMailRefusal *refusal = data;

	return refuse_one(db, "", refusal, error) && vf_db_mail_done(db, refusal->id, error);
}

gboolean vf_db_mail_refuse(VfDb *db, const VfMailRefusal *refusal, GError **error)
{
	return vf_db_transaction(db, refuse_stored, (gpointer)refusal, error);
}

static void free_refusal(gpointer refusal)
{
	vf_mail_refusal_free(refusal);
}

static VfMailRefusal *read_refusal(sqlite3_stmt *row)
{
	VfMailRefusal *refusal = g_new0(VfMailRefusal, 1);

	refusal->key = g_strdup((const char *)sqlite3_column_text(row, 0));
	refusal->id = g_strdup((const char *)sqlite3_column_text(row, 1));
	refusal->why = g_strdup((const char *)sqlite3_column_text(row, 2));
	refusal->length = (gsize)sqlite3_column_int64(row, 3);
	refusal->fatal = sqlite3_column_int(row, 4);
	refusal->met = sqlite3_column_int64(row, 5);
	return refusal;
}

/* Takes @statement over, which may be NULL. */
static GPtrArray *read_refusals(VfDb *db, sqlite3_stmt *statement, GError **error)
{
	g_autoptr(sqlite3_stmt) rows = statement;
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_refusal);
	gboolean row = rows != NULL;

	while (row) {
		if (!vf_db_step(db, rows, &row, error))
			return NULL;
		if (row)
			g_ptr_array_add(all, read_refusal(rows));
	}
	return rows ? g_steal_pointer(&all) : NULL;
}

#define REFUSALS "SELECT key, id, why, length, fatal, met FROM mail_refused "

GPtrArray *vf_db_mail_refusals(VfDb *db, guint max, GError **error)
{
	return read_refusals(db,
			     vf_db_prepare(db, error, REFUSALS "ORDER BY met DESC, key LIMIT ?",
					   "i", (gint64)max),
			     error);
}

GPtrArray *vf_db_mail_fatal(VfDb *db, GError **error)
{
	return read_refusals(db, vf_db_prepare(db, error, REFUSALS "WHERE fatal", ""), error);
}

gboolean vf_db_mail_prune(VfDb *db, gint64 before, GError **error)
{
	return vf_db_run(db, error,
			 "UPDATE mail_messages SET raw = NULL WHERE done = 1 AND arrived < ?", "i",
			 before) &&
	       vf_db_run(db, error, "DELETE FROM mail_refused WHERE NOT fatal AND met < ?", "i",
			 before);
}
