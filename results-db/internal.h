// SPDX-License-Identifier: GPL-2.0-or-later
/* What the files of results-db share: the connection and a thin layer over prepared statements. */
#pragma once

#include <jansson.h>
#include <sqlite3.h>

#include "results-db/db.h"

struct VfDb {
	sqlite3 *handle;
	char *path;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3_stmt, sqlite3_finalize)

/* Sets @error from SQLite's last error on @db, "PATH: @what: ..."; returns FALSE. */
gboolean vf_db_throw(VfDb *db, GError **error, const char *what);

/*
 * Prepares @sql and binds one value a letter of @types:
 *   i gint64   u guint64 (stored as its two's complement)   b gboolean   d double
 *   t const char * (NULL is SQL's NULL; copied)
 *   k gint64 key, 0 is SQL's NULL
 * NULL on failure. Caller finalizes.
 */
sqlite3_stmt *vf_db_prepare(VfDb *db, GError **error, const char *sql, const char *types, ...);

/* Steps; *row says whether there is a row to read. */
gboolean vf_db_step(VfDb *db, sqlite3_stmt *statement, gboolean *row, GError **error);

/* Prepares, binds as vf_db_prepare() and runs a statement that gives no rows. */
gboolean vf_db_run(VfDb *db, GError **error, const char *sql, const char *types, ...);

/* As vf_db_run(), for a query of one integer; *value is @missing when there is no row or a NULL. */
gboolean vf_db_integer(VfDb *db, gint64 *value, gint64 missing, GError **error, const char *sql,
		       const char *types, ...);

/*
 * Runs @body between BEGIN IMMEDIATE and COMMIT; rolls back when it fails, so that the database
 * stays as it was.
 */
typedef gboolean (*VfDbBody)(VfDb *db, gpointer data, GError **error);
gboolean vf_db_transaction(VfDb *db, VfDbBody body, gpointer data, GError **error);

/*
 * The current row as a JSON object, one member a column; a column that is NULL gives no member.
 * A column named "NAME:KIND" is converted:
 *   s status number to its name      b boolean           t microseconds to RFC 3339, UTC
 *   x address to "0x..."; 0: left out                    y byte value; -1: left out
 *   j JSON text to what it says
 * Text that is not UTF-8 is escaped. New reference.
 */
json_t *vf_db_row(sqlite3_stmt *statement);

/* All rows of a statement as vf_db_row(), in an array; or the first as an object, NULL for none. */
json_t *vf_db_rows(VfDb *db, GError **error, const char *sql, const char *types, ...);
gboolean vf_db_first(VfDb *db, json_t **row, GError **error, const char *sql, const char *types,
		     ...);

/* @text as a JSON string, escaped when it is not UTF-8. New reference. */
json_t *vf_db_text(const char *text);

/* "2026-11-22T09:15:00.123456+00:00". Caller frees. */
char *vf_db_time(gint64 microseconds);
