// SPDX-License-Identifier: GPL-2.0-or-later
#include "results-db/questions.h"

#include <string.h>

#include "results-db/internal.h"

/* Two results of one test or case; absent when @a or @b is FALSE. */
typedef struct Pair {
	gboolean in_a, in_b;
	VfStatus a, b;
	gboolean flaky;
} Pair;

static const char *change_of(const Pair *pair)
{
	static const struct {
		VfStatus a, b;
		const char *change;
	} changes[] = {
		{VF_STATUS_PASS, VF_STATUS_PASS, "passing"},
		{VF_STATUS_PASS, VF_STATUS_FAIL, "broken"},
		{VF_STATUS_FAIL, VF_STATUS_PASS, "fixed"},
		{VF_STATUS_FAIL, VF_STATUS_FAIL, "still broken"},
	};

	if (!pair->in_a)
		return "new";
	if (!pair->in_b)
		return "gone";
	if (pair->flaky)
		return "flaky";
	for (gsize i = 0; i < G_N_ELEMENTS(changes); i++)
		if (changes[i].a == pair->a && changes[i].b == pair->b)
			return changes[i].change;
	return "unjudged";
}

static Pair pair_of(sqlite3_stmt *statement, int a, int b)
{
	return (Pair){
		.in_a = sqlite3_column_type(statement, a) != SQLITE_NULL,
		.in_b = sqlite3_column_type(statement, b) != SQLITE_NULL,
		.a = (VfStatus)sqlite3_column_int(statement, a),
		.b = (VfStatus)sqlite3_column_int(statement, b),
	};
}

static json_t *side(VfDb *db, gint64 test, GError **error)
{
	json_t *row = NULL;

	if (!vf_db_first(db, &row, error,
			 "SELECT id AS test, status AS \"status:s\", flaky AS \"flaky:b\", reason "
			 "FROM tasks WHERE id = ?",
			 "i", test))
		return NULL;
	return row ?: json_object();
}

/* Of the last attempt of each test, which is the one that the verdict stands on. */
static json_t *changed_cases(VfDb *db, gint64 a, gint64 b, GError **error)
{
	g_autoptr(sqlite3_stmt) statement = vf_db_prepare(
		db, error,
		"WITH last_a AS (SELECT max(id) AS id FROM attempts WHERE task = ?1), "
		"last_b AS (SELECT max(id) AS id FROM attempts WHERE task = ?2), "
		"a AS (SELECT name, max(status) AS status FROM cases "
		"WHERE attempt = (SELECT id FROM last_a) GROUP BY name), "
		"b AS (SELECT name, max(status) AS status FROM cases "
		"WHERE attempt = (SELECT id FROM last_b) GROUP BY name) "
		"SELECT coalesce(a.name, b.name) AS name, a.status, b.status "
		"FROM a FULL OUTER JOIN b ON a.name = b.name "
		"WHERE a.status IS NOT b.status ORDER BY 1",
		"ii", a, b);
	json_auto_t *cases = json_array();
	gboolean row;

	while (statement && vf_db_step(db, statement, &row, error)) {
		json_t *entry;
		Pair pair;

		if (!row)
			return g_steal_pointer(&cases);
		pair = pair_of(statement, 1, 2);
		entry = json_pack("{s:o, s:s}", "name",
				  vf_db_text((const char *)sqlite3_column_text(statement, 0)),
				  "change", change_of(&pair));
		if (pair.in_a)
			json_object_set_new(entry, "a", json_string(vf_status_name(pair.a)));
		if (pair.in_b)
			json_object_set_new(entry, "b", json_string(vf_status_name(pair.b)));
		json_array_append_new(cases, entry);
	}
	return NULL;
}

static json_t *test_of(VfDb *db, sqlite3_stmt *statement, GError **error)
{
	static const char *const names[] = {"arch", "board", "job"};
	gint64 a = sqlite3_column_int64(statement, 3), b = sqlite3_column_int64(statement, 4);
	json_auto_t *test = json_object();
	Pair pair = pair_of(statement, 5, 6);
	json_t *part;

	pair.flaky = sqlite3_column_int(statement, 7) != 0;
	for (int i = 0; i < 3; i++)
		json_object_set_new(test, names[i],
				    vf_db_text((const char *)sqlite3_column_text(statement, i)));
	json_object_set_new(test, "name",
			    json_sprintf("%s/%s/%s", sqlite3_column_text(statement, 0),
					 sqlite3_column_text(statement, 1),
					 sqlite3_column_text(statement, 2)));
	json_object_set_new(test, "change", json_string(change_of(&pair)));
	for (int i = 0; i < 2; i++) {
		if (!(i ? b : a))
			continue;
		part = side(db, i ? b : a, error);
		if (!part)
			return NULL;
		json_object_set_new(test, i ? "b" : "a", part);
	}
	part = a && b ? changed_cases(db, a, b, error) : json_array();
	if (!part)
		return NULL;
	json_object_set_new(test, "cases", part);
	return g_steal_pointer(&test);
}

static json_t *tests_of(VfDb *db, gint64 a, gint64 b, GError **error)
{
	g_autoptr(sqlite3_stmt) statement = vf_db_prepare(
		db, error,
		"WITH a AS (SELECT arch, board, job, tasks.id AS id, status, flaky FROM tasks "
		"JOIN cells ON cells.id = cell WHERE run = ?1), "
		"b AS (SELECT arch, board, job, tasks.id AS id, status, flaky FROM tasks "
		"JOIN cells ON cells.id = cell WHERE run = ?2) "
		"SELECT coalesce(a.arch, b.arch), coalesce(a.board, b.board), "
		"coalesce(a.job, b.job), a.id, b.id, a.status, b.status, "
		"coalesce(a.flaky, 0) OR coalesce(b.flaky, 0) "
		"FROM a FULL OUTER JOIN b ON a.arch = b.arch AND a.board = b.board AND "
		"a.job = b.job ORDER BY 1, 2, 3",
		"ii", a, b);
	json_auto_t *tests = json_array();
	gboolean row;

	while (statement && vf_db_step(db, statement, &row, error)) {
		json_t *test;

		if (!row)
			return g_steal_pointer(&tests);
		test = test_of(db, statement, error);
		if (!test)
			return NULL;
		json_array_append_new(tests, test);
	}
	return NULL;
}

/* Counts a test in @target's "counts". */
static void count(json_t *target, const char *change)
{
	json_t *counts = json_object_get(target, "counts");
	json_int_t before = json_integer_value(json_object_get(counts, change));

	json_object_set_new(counts, change, json_integer(before + 1));
}

static json_t *arch_of(json_t *archs, const char *name)
{
	json_t *arch = json_array_get(archs, json_array_size(archs) - 1);

	/* tests are sorted by architecture */
	if (arch && !strcmp(json_string_value(json_object_get(arch, "arch")), name))
		return arch;
	arch = json_pack("{s:s, s:{}}", "arch", name, "counts");
	json_array_append_new(archs, arch);
	return arch;
}

static gboolean add_run(VfDb *db, json_t *comparison, const char *key, const char *name, gint64 *id,
			GError **error)
{
	json_t *run = NULL;

	if (!vf_db_integer(db, id, 0, error, "SELECT id FROM runs WHERE name = ?", "t", name) ||
	    !vf_db_first(db, &run, error,
			 "SELECT name AS id, variant, source, started AS \"started:t\", altered "
			 "FROM runs WHERE id = ?",
			 "i", *id))
		return FALSE;
	if (!run)
		return vf_throw(error, VF_ERROR_USAGE, "no run \"%s\"", name);
	json_object_set_new(comparison, key, run);
	return TRUE;
}

json_t *vf_db_compare_json(VfDb *db, const char *run_a, const char *run_b, GError **error)
{
	json_auto_t *comparison = json_pack("{s:{}}", "counts");
	json_t *archs = json_array(), *tests, *test;
	gint64 a, b;
	gsize i;

	json_object_set_new(comparison, "architectures", archs);
	if (!add_run(db, comparison, "a", run_a, &a, error) ||
	    !add_run(db, comparison, "b", run_b, &b, error))
		return NULL;
	tests = tests_of(db, a, b, error);
	if (!tests)
		return NULL;
	json_object_set_new(comparison, "tests", tests);
	json_array_foreach (tests, i, test) {
		const char *change = json_string_value(json_object_get(test, "change"));

		count(comparison, change);
		count(arch_of(archs, json_string_value(json_object_get(test, "arch"))), change);
	}
	return g_steal_pointer(&comparison);
}
