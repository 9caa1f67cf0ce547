// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening, migrating, and the layer over prepared statements. */
#include "results-db/internal.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "migrations.h"

/* "vifa": tells the database from any other SQLite file, also for file(1). */
#define APPLICATION_ID 0x76696661

/* How long a writer waits for another: far more than any transaction of ours takes. */
#define BUSY_MS 20000

static const unsigned char *const migrations[] = {
	migration_001_initial_sql, migration_002_bisections_sql,   migration_003_mail_sql,
	migration_004_mutants_sql, migration_005_mail_refused_sql,
};

static gboolean is_damage(int code)
{
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

gboolean vf_db_throw(VfDb *db, GError **error, const char *what)
{
	int code = db->handle ? sqlite3_errcode(db->handle) : SQLITE_NOMEM;
	const char *text = db->handle ? sqlite3_errmsg(db->handle) : "out of memory";

	if (is_damage(code & 0xff))
		return vf_throw(error, VF_ERROR_IO,
				"%s: the database is damaged (%s); it was left as it is, move it "
				"away to start a new one",
				db->path, text);
	if ((code & 0xff) == SQLITE_BUSY)
		return vf_throw(error, VF_ERROR_IO,
				"%s: cannot %s: another process has held the database for %d s",
				db->path, what, BUSY_MS / 1000);
	if ((code & 0xff) == SQLITE_IOERR && sqlite3_system_errno(db->handle))
		text = g_strerror(sqlite3_system_errno(db->handle));
	return vf_throw(error, VF_ERROR_IO, "%s: cannot %s: %s", db->path, what, text);
}

static gboolean bind_one(sqlite3_stmt *statement, int index, char type, va_list *args)
{
	gint64 key;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(statement, index, va_arg(*args, gint64)) == SQLITE_OK;
	case 'u':
		return sqlite3_bind_int64(statement, index, (gint64)va_arg(*args, guint64)) ==
		       SQLITE_OK;
	case 'b':
		return sqlite3_bind_int(statement, index, va_arg(*args, gboolean) != 0) ==
		       SQLITE_OK;
	case 'd':
		return sqlite3_bind_double(statement, index, va_arg(*args, double)) == SQLITE_OK;
	case 't':
		return sqlite3_bind_text(statement, index, va_arg(*args, const char *), -1,
					 SQLITE_TRANSIENT) == SQLITE_OK;
	case 'k':
		key = va_arg(*args, gint64);
		return (key ? sqlite3_bind_int64(statement, index, key)
			    : sqlite3_bind_null(statement, index)) == SQLITE_OK;
	}
	g_assert_not_reached();
}

static sqlite3_stmt *prepare_va(VfDb *db, GError **error, const char *sql, const char *types,
				va_list *args)
{
	g_autoptr(sqlite3_stmt) statement = NULL;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL) != SQLITE_OK) {
		vf_db_throw(db, error, "read the schema");
		return NULL;
	}
	for (int i = 0; types[i]; i++)
		if (!bind_one(statement, i + 1, types[i], args)) {
			vf_db_throw(db, error, "bind a value");
			return NULL;
		}
	return g_steal_pointer(&statement);
}

sqlite3_stmt *vf_db_prepare(VfDb *db, GError **error, const char *sql, const char *types, ...)
{
	sqlite3_stmt *statement;
	va_list args;

	va_start(args, types);
	statement = prepare_va(db, error, sql, types, &args);
	va_end(args);
	return statement;
}

gboolean vf_db_step(VfDb *db, sqlite3_stmt *statement, gboolean *row, GError **error)
{
	int code = sqlite3_step(statement);

	*row = code == SQLITE_ROW;
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return TRUE;
	return vf_db_throw(db, error,
			   sqlite3_column_count(statement) ? "read results" : "store results");
}

gboolean vf_db_run(VfDb *db, GError **error, const char *sql, const char *types, ...)
{
	g_autoptr(sqlite3_stmt) statement = NULL;
	gboolean row;
	va_list args;

	va_start(args, types);
	statement = prepare_va(db, error, sql, types, &args);
	va_end(args);
	return statement && vf_db_step(db, statement, &row, error);
}

gboolean vf_db_integer(VfDb *db, gint64 *value, gint64 missing, GError **error, const char *sql,
		       const char *types, ...)
{
	g_autoptr(sqlite3_stmt) statement = NULL;
	gboolean row;
	va_list args;

	va_start(args, types);
	statement = prepare_va(db, error, sql, types, &args);
	va_end(args);
	if (!statement || !vf_db_step(db, statement, &row, error))
		return FALSE;
	*value = row && sqlite3_column_type(statement, 0) != SQLITE_NULL
			 ? sqlite3_column_int64(statement, 0)
			 : missing;
	return TRUE;
}

gboolean vf_db_transaction(VfDb *db, VfDbBody body, gpointer data, GError **error)
{
	if (!vf_db_run(db, error, "BEGIN IMMEDIATE", ""))
		return FALSE;
	if (body(db, data, error) && vf_db_run(db, error, "COMMIT", ""))
		return TRUE;
	/* After some errors SQLite has rolled back by itself; a second ROLLBACK only says so. */
	if (!sqlite3_get_autocommit(db->handle))
		vf_db_run(db, NULL, "ROLLBACK", "");
	return FALSE;
}

/* migration scripts hold several statements and take no values */
static gboolean execute(VfDb *db, const char *script, const char *what, GError **error)
{
	if (sqlite3_exec(db->handle, script, NULL, NULL, NULL) == SQLITE_OK)
		return TRUE;
	return vf_db_throw(db, error, what);
}

static gboolean check_version(VfDb *db, gint64 *version, GError **error)
{
	gint64 application, tables;

	if (!vf_db_integer(db, version, 0, error, "PRAGMA user_version", "") ||
	    !vf_db_integer(db, &application, 0, error, "PRAGMA application_id", "") ||
	    !vf_db_integer(db, &tables, 0, error, "SELECT count(*) FROM sqlite_schema", ""))
		return FALSE;
	if (application != APPLICATION_ID && (application || tables))
		return vf_throw(error, VF_ERROR_IO,
				"%s: not a database of vifarm; name another "
				"state directory (XDG_STATE_HOME)",
				db->path);
	if (*version > (gint64)G_N_ELEMENTS(migrations))
		return vf_throw(error, VF_ERROR_IO,
				"%s: the database has schema %" G_GINT64_FORMAT
				", this program knows up to %zu; use the newer program",
				db->path, *version, G_N_ELEMENTS(migrations));
	return TRUE;
}

static gboolean migrate(VfDb *db, gpointer data, GError **error)
{
	gint64 version;

	(void)data;
	/* read again: another process may have migrated since */
	if (!check_version(db, &version, error))
		return FALSE;
	for (gsize i = (gsize)version; i < G_N_ELEMENTS(migrations); i++) {
		g_autofree char *stamp =
			g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %zu",
					APPLICATION_ID, i + 1);

		if (!execute(db, (const char *)migrations[i], "migrate the schema", error) ||
		    !execute(db, stamp, "migrate the schema", error))
			return FALSE;
	}
	return TRUE;
}

/*
 * SQLite takes an empty file for a new database. Next to artefacts of runs it is one that was
 * truncated.
 */
static gboolean refuse_emptied(VfDb *db, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(db->path);
	g_autofree char *runs = g_build_filename(directory, "runs", NULL);
	g_autoptr(GDir) dir = NULL;
	GStatBuf status;

	if (g_stat(db->path, &status) != 0 || status.st_size > 0)
		return TRUE;
	dir = g_dir_open(runs, 0, NULL);
	if (!dir || !g_dir_read_name(dir))
		return TRUE;
	return vf_throw(error, VF_ERROR_IO,
			"%s: the database is damaged (empty, though there are runs in %s); it was "
			"left as it is, move it away to start a new one",
			db->path, runs);
}

static gboolean to_wal(VfDb *db, GError **error)
{
	/* Two first users at once: the switch does not wait for the busy timeout by itself. */
	for (int waited = 0;; waited += 10) {
		g_autoptr(GError) local = NULL;

		if (vf_db_run(db, &local, "PRAGMA journal_mode = WAL", ""))
			return TRUE;
		if (sqlite3_errcode(db->handle) != SQLITE_BUSY || waited >= BUSY_MS) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
		g_usleep(10000);
	}
}

VfDb *vf_db_open(const char *path, GError **error)
{
	g_autoptr(VfDb) db = g_new0(VfDb, 1);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_PRIVATECACHE;
	g_autofree char *directory = g_path_get_dirname(path);
	gint64 version;

	db->path = g_strdup(path);
	if (!vf_dirs_make(directory, error) || !refuse_emptied(db, error))
		return NULL;
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
		vf_db_throw(db, error, "open the database");
		return NULL;
	}
	sqlite3_extended_result_codes(db->handle, 0);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	if (!check_version(db, &version, error) || !to_wal(db, error) ||
	    !vf_db_run(db, error, "PRAGMA synchronous = FULL", "") ||
	    !vf_db_run(db, error, "PRAGMA foreign_keys = ON", ""))
		return NULL;
	if (version < (gint64)G_N_ELEMENTS(migrations) &&
	    !vf_db_transaction(db, migrate, NULL, error))
		return NULL;
	return g_steal_pointer(&db);
}

void vf_db_close(VfDb *db)
{
	if (!db)
		return;
	sqlite3_close(db->handle);
	g_free(db->path);
	g_free(db);
}

char *vf_db_time(gint64 microseconds)
{
	g_autoptr(GDateTime) seconds = g_date_time_new_from_unix_utc(microseconds / 1000000);
	g_autofree char *date = seconds ? g_date_time_format(seconds, "%Y-%m-%dT%H:%M:%S") : NULL;

	if (!date)
		return g_strdup("1970-01-01T00:00:00.000000+00:00");
	return g_strdup_printf("%s.%06d+00:00", date, (int)(microseconds % 1000000));
}

json_t *vf_db_text(const char *text)
{
	json_t *value = json_string(text);

	if (!value) {
		g_autofree char *escaped = vf_text_escape(text, -1, 0);

		value = json_string(escaped);
	}
	return value;
}

static json_t *plain_value(sqlite3_stmt *statement, int column)
{
	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_INTEGER:
		return json_integer(sqlite3_column_int64(statement, column));
	case SQLITE_FLOAT:
		return json_real(sqlite3_column_double(statement, column));
	default:
		return vf_db_text((const char *)sqlite3_column_text(statement, column));
	}
}

static json_t *converted_value(sqlite3_stmt *statement, int column, char kind)
{
	gint64 number = sqlite3_column_int64(statement, column);
	g_autofree char *text = NULL;

	switch (kind) {
	case 's':
		return json_string(vf_status_name((VfStatus)number));
	case 'b':
		return json_boolean(number);
	case 't':
		text = vf_db_time(number);
		return json_string(text);
	case 'x':
		text = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", (guint64)number);
		return number ? json_string(text) : NULL;
	case 'y':
		return number >= 0 ? json_integer(number) : NULL;
	case 'j':
		return json_loads((const char *)sqlite3_column_text(statement, column),
				  JSON_DECODE_ANY, NULL);
	}
	g_assert_not_reached();
}

json_t *vf_db_row(sqlite3_stmt *statement)
{
	json_t *object = json_object();

	for (int i = 0; i < sqlite3_column_count(statement); i++) {
		const char *name = sqlite3_column_name(statement, i);
		const char *colon = strchr(name, ':');
		g_autofree char *key = colon ? g_strndup(name, (gsize)(colon - name)) : NULL;
		json_t *value;

		if (sqlite3_column_type(statement, i) == SQLITE_NULL)
			continue;
		value = colon ? converted_value(statement, i, colon[1]) : plain_value(statement, i);
		if (value)
			json_object_set_new(object, key ?: name, value);
	}
	return object;
}

json_t *vf_db_rows(VfDb *db, GError **error, const char *sql, const char *types, ...)
{
	g_autoptr(sqlite3_stmt) statement = NULL;
	json_auto_t *array = json_array();
	gboolean row;
	va_list args;

	va_start(args, types);
	statement = prepare_va(db, error, sql, types, &args);
	va_end(args);
	if (!statement)
		return NULL;
	for (;;) {
		if (!vf_db_step(db, statement, &row, error))
			return NULL;
		if (!row)
			return g_steal_pointer(&array);
		json_array_append_new(array, vf_db_row(statement));
	}
}

gboolean vf_db_first(VfDb *db, json_t **object, GError **error, const char *sql, const char *types,
		     ...)
{
	g_autoptr(sqlite3_stmt) statement = NULL;
	gboolean row;
	va_list args;

	va_start(args, types);
	statement = prepare_va(db, error, sql, types, &args);
	va_end(args);
	if (!statement || !vf_db_step(db, statement, &row, error))
		return FALSE;
	*object = row ? vf_db_row(statement) : NULL;
	return TRUE;
}
