// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/questions.h"

#include "results-db/internal.h"

#define DAY (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

GStrv vf_db_prunable(VfDb *db, guint keep, gint64 before, GError **error)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	g_autoptr(sqlite3_stmt) statement = vf_db_prepare(
		db, error,
		"SELECT name FROM runs WHERE id NOT IN (SELECT id FROM runs ORDER BY id DESC "
		"LIMIT ?1) AND (?2 IS NULL OR started < ?2) AND (ended IS NOT NULL OR started < "
		"?3) "
		"ORDER BY id",
		"iki", (gint64)keep, before, g_get_real_time() - DAY);
	gboolean row;

	while (statement && vf_db_step(db, statement, &row, error)) {
		if (!row)
			return g_strv_builder_end(names);
		g_strv_builder_add(names, (const char *)sqlite3_column_text(statement, 0));
	}
	return NULL;
}

static gboolean prune(VfDb *db, gpointer data, GError **error)
{
	const char *const *runs = data;

	/* ON DELETE CASCADE removes all other rows of the run */
	for (; *runs; runs++)
		if (!vf_db_run(db, error, "DELETE FROM runs WHERE name = ?", "t", *runs))
			return FALSE;
	return TRUE;
}

gboolean vf_db_prune(VfDb *db, const char *const *runs, GError **error)
{
	return vf_db_transaction(db, prune, (gpointer)runs, error);
}
