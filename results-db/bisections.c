// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/bisections.h"

#include "results-db/internal.h"

gint64 vf_db_bisect_begin(VfDb *db, const VfBisectRecord *record, GError **error)
{
	if (!vf_db_run(db, error,
		       "INSERT INTO bisections (arch, job, variant, tree, good, bad, started) "
		       "VALUES (?, ?, ?, ?, ?, ?, ?)",
		       "tttttti", record->arch, record->job, record->variant, record->tree,
		       record->good, record->bad, g_get_real_time()))
		return 0;
	return sqlite3_last_insert_rowid(db->handle);
}

gboolean vf_db_bisect_step(VfDb *db, gint64 id, const VfBisectStep *step, GError **error)
{
	return vf_db_run(db, error,
			 "INSERT INTO bisection_steps (bisection, position, purpose, hash, "
			 "verdict, reason, run) VALUES (?1, (SELECT count(*) FROM bisection_steps "
			 "WHERE bisection = ?1), ?2, ?3, ?4, ?5, ?6)",
			 "ittttt", id, step->purpose, step->commit, step->verdict, step->reason,
			 step->run);
}

gboolean vf_db_bisect_end(VfDb *db, gint64 id, const char *outcome, gboolean found,
			  const char *first_bad, const char *subject, GError **error)
{
	return vf_db_run(db, error,
			 "UPDATE bisections SET ended = ?, outcome = ?, found = ?, first_bad = ?, "
			 "subject = ? WHERE id = ?",
			 "itbtti", g_get_real_time(), outcome, found, first_bad, subject, id);
}

json_t *vf_db_bisect_json(VfDb *db, gint64 id, GError **error)
{
	json_auto_t *bisection = NULL;
	json_t *steps;

	if (!vf_db_first(
		    db, &bisection, error,
		    "SELECT id, arch, job, variant, tree, good, bad, started AS \"started:t\", "
		    "ended AS \"ended:t\", outcome, found AS \"found:b\", first_bad, subject "
		    "FROM bisections WHERE ?1 IS NULL OR id = ?1 ORDER BY id DESC LIMIT 1",
		    "k", id))
		return NULL;
	if (!bisection && id)
		return vf_throw_null(error, VF_ERROR_USAGE, "no bisection %" G_GINT64_FORMAT, id);
	if (!bisection)
		return vf_throw_null(error, VF_ERROR_USAGE, "%s: no bisection yet", db->path);
	steps = vf_db_rows(db, error,
			   "SELECT purpose, hash AS \"commit\", verdict, reason, run "
			   "FROM bisection_steps WHERE bisection = ? ORDER BY position",
			   "i", (gint64)json_integer_value(json_object_get(bisection, "id")));
	if (!steps)
		return NULL;
	json_object_set_new(bisection, "steps", steps);
	return g_steal_pointer(&bisection);
}
