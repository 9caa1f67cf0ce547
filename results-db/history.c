// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/questions.h"

#include "base/text.h"
#include "results-db/internal.h"

/* Results that are listed one by one; the figures are of all that were asked for. */
#define RECENT_MAX 100

/* What is remembered while results are read from the newest to the oldest. */
typedef struct Series {
	guint results, passed, failed;
	guint unsteady;	 /* judged results that changed or were flaky by themselves */
	VfStatus last;	 /* the judged result read before, which is the next newer one */
	gboolean judged; /* @last is set */
	gboolean bad;	 /* all judged results so far were FAIL */
	gint64 first_bad, last_good; /* tests; 0: none */
} Series;

static void count(Series *series, gint64 test, VfStatus status, gboolean flaky)
{
	series->results++;
	if (status != VF_STATUS_PASS && status != VF_STATUS_FAIL)
		return;
	if (!series->judged)
		series->bad = status == VF_STATUS_FAIL;
	if (flaky || (series->judged && series->last != status))
		series->unsteady++;
	if (status == VF_STATUS_FAIL) {
		series->failed++;
		if (series->bad)
			series->first_bad = test;
	} else {
		series->passed++;
		if (series->bad)
			series->last_good = test;
		series->bad = FALSE;
	}
	series->last = status;
	series->judged = TRUE;
}

/* Touches the covering index only. */
static gboolean count_results(VfDb *db, gint64 cell, guint limit, Series *series, GError **error)
{
	g_autoptr(sqlite3_stmt) statement = vf_db_prepare(
		db, error,
		"SELECT id, status, flaky FROM tasks INDEXED BY tasks_by_cell WHERE cell = ? AND "
		"run NOT IN (SELECT id FROM runs WHERE altered IS NOT NULL) "
		"ORDER BY run DESC LIMIT ?",
		"ii", cell, (gint64)limit);
	gboolean row;

	while (statement && vf_db_step(db, statement, &row, error)) {
		if (!row)
			return TRUE;
		count(series, sqlite3_column_int64(statement, 0),
		      (VfStatus)sqlite3_column_int(statement, 1),
		      sqlite3_column_int(statement, 2) != 0);
	}
	return FALSE;
}

static json_t *recent_results(VfDb *db, gint64 cell, guint limit, GError **error)
{
	return vf_db_rows(
		db, error,
		"SELECT runs.name AS run, tasks.id AS test, runs.started AS \"started:t\", "
		"status AS \"status:s\", flaky AS \"flaky:b\", tasks.seconds AS seconds "
		"FROM tasks INDEXED BY tasks_by_cell JOIN runs ON runs.id = tasks.run "
		"WHERE cell = ? AND altered IS NULL ORDER BY tasks.run DESC LIMIT ?",
		"ii", cell, (gint64)MIN(limit, RECENT_MAX));
}

static gboolean add_mark(VfDb *db, json_t *cell, const char *key, gint64 test, GError **error)
{
	json_t *mark;

	if (!test)
		return TRUE;
	if (!vf_db_first(db, &mark, error,
			 "SELECT runs.name AS run, tasks.id AS test, "
			 "runs.started AS \"started:t\", reason FROM tasks "
			 "JOIN runs ON runs.id = tasks.run WHERE tasks.id = ?",
			 "i", test))
		return FALSE;
	json_object_set_new(cell, key, mark);
	return TRUE;
}

static gboolean add_history(VfDb *db, json_t *cell, guint limit, GError **error)
{
	gint64 id = json_integer_value(json_object_get(cell, "id"));
	json_t *recent = recent_results(db, id, limit, error);
	Series series = {0};
	guint judged;

	if (!recent)
		return FALSE;
	json_object_del(cell, "id");
	json_object_set_new(cell, "recent", recent);
	if (!count_results(db, id, limit, &series, error))
		return FALSE;
	judged = series.passed + series.failed;
	json_object_set_new(cell, "results", json_integer(series.results));
	json_object_set(cell, "status", json_object_get(json_array_get(recent, 0), "status"));
	if (judged) {
		json_object_set_new(cell, "pass_rate", json_real((double)series.passed / judged));
		json_object_set_new(cell, "flaky_score",
				    json_real((double)series.unsteady / judged));
	}
	return add_mark(db, cell, "first_bad", series.first_bad, error) &&
	       add_mark(db, cell, "last_good", series.last_good, error);
}

static json_t *no_such_cell(VfDb *db, GError **error)
{
	g_autoptr(GError) local = NULL;
	json_auto_t *known = vf_db_rows(db, &local,
					"SELECT group_concat(DISTINCT arch) AS archs, "
					"group_concat(DISTINCT job) AS jobs FROM cells",
					"");
	const json_t *names = json_array_get(known, 0);

	if (!known) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	if (!json_object_get(names, "archs"))
		return vf_throw_null(error, VF_ERROR_USAGE,
				     "%s has no results yet; `orchestrator run` makes some",
				     db->path);
	return vf_throw_null(
		error, VF_ERROR_USAGE,
		"no results of such tests; there are some of architectures %s, jobs %s",
		json_string_value(json_object_get(names, "archs")),
		json_string_value(json_object_get(names, "jobs")));
}

json_t *vf_db_history_json(VfDb *db, const VfHistoryFilter *filter, GError **error)
{
	json_auto_t *cells = vf_db_rows(
		db, error,
		"SELECT id, name, arch, board, job, variant FROM cells "
		"WHERE (?1 IS NULL OR arch = ?1) AND (?2 IS NULL OR board = ?2) AND "
		"(?3 IS NULL OR job = ?3) AND (?4 IS NULL OR variant = ?4) ORDER BY name",
		"tttt", filter->arch, filter->board, filter->job, filter->variant);
	json_t *cell;
	gsize i;

	if (!cells)
		return NULL;
	if (json_array_size(cells) == 0)
		return no_such_cell(db, error);
	json_array_foreach (cells, i, cell) {
		if (!add_history(db, cell, filter->limit, error))
			return NULL;
	}
	return g_steal_pointer(&cells);
}
