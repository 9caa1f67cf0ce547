// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading runs and tasks back: results.json, docs/results.schema.json. */
#include "results-db/internal.h"

#include <string.h>

#include "base/text.h"
#include "results-db/mutants.h"

/* How many runs or tests an error message offers. */
#define OFFERED 5

static const char *const task_columns =
	"SELECT tasks.id AS id, cells.name AS name, runs.name AS run, arch, board, job, "
	"cells.variant AS variant, status AS \"status:s\", tasks.reason AS reason, "
	"flaky AS \"flaky:b\", tasks.started AS \"started:t\", tasks.seconds AS seconds, "
	"kernels.key AS kernel_key, kernels.sha256 AS kernel_sha256, release AS kernel_release, "
	"compiler, initramfs.key AS initramfs_key, initramfs.sha256 AS initramfs_sha256, "
	"qemu AS qemu_version, facts AS \"platform:j\" "
	"FROM tasks JOIN runs ON runs.id = tasks.run JOIN cells ON cells.id = cell "
	"LEFT JOIN kernels ON kernels.id = kernel LEFT JOIN initramfs ON initramfs.id = "
	"tasks.initramfs LEFT JOIN platforms ON platforms.id = platform ";

static GStrv texts(VfDb *db, GError **error, const char *sql, gint64 key)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autoptr(sqlite3_stmt) statement = vf_db_prepare(db, error, sql, "i", key);
	gboolean row;

	while (statement) {
		if (!vf_db_step(db, statement, &row, error))
			return NULL;
		if (!row)
			return g_strv_builder_end(builder);
		g_strv_builder_add(builder, (const char *)sqlite3_column_text(statement, 0));
	}
	return NULL;
}

static char *no_such_run(VfDb *db, const char *name, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_auto(GStrv) latest =
		texts(db, &local, "SELECT name FROM runs ORDER BY id DESC LIMIT ?", OFFERED);
	g_autofree char *escaped = vf_text_escape(name, -1, 100);
	g_autofree char *list = latest ? vf_text_list((const char *const *)latest) : NULL;

	if (!latest) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	if (!latest[0])
		return vf_throw_null(
			error, VF_ERROR_USAGE,
			"no run \"%s\": %s has no runs yet; `orchestrator run` makes one", escaped,
			db->path);
	return vf_throw_null(error, VF_ERROR_USAGE, "no run \"%s\"; the latest are %s", escaped,
			     list);
}

/* "LAST", "LAST~3", "LAST/nov", "LAST/nov~3": offset and variant (NULL: any; owned by caller). */
static gboolean parse_last(const char *name, gint64 *offset, char **variant)
{
	const char *rest = name + strlen("LAST"), *tilde;
	guint64 number = 0;

	if (!g_str_has_prefix(name, "LAST") || !(*rest == '\0' || *rest == '~' || *rest == '/'))
		return FALSE;
	tilde = strchr(rest, '~');
	if (tilde && !g_ascii_string_to_unsigned(tilde + 1, 10, 0, G_MAXINT32, &number, NULL))
		return FALSE;
	*offset = (gint64)number;
	*variant = *rest != '/' ? NULL
		   : tilde	? g_strndup(rest + 1, (gsize)(tilde - rest - 1))
				: g_strdup(rest + 1);
	return TRUE;
}

static char *resolve_beginning(VfDb *db, const char *name, GError **error)
{
	g_autoptr(sqlite3_stmt) statement = vf_db_prepare(
		db, error,
		"SELECT name FROM runs WHERE name >= ?1 AND name < ?1 || char(0x10ffff) "
		"ORDER BY name LIMIT 2",
		"t", name);
	g_autofree char *found = NULL;
	gboolean row;

	if (!statement || !vf_db_step(db, statement, &row, error))
		return NULL;
	if (!row || !*name)
		return no_such_run(db, name, error);
	found = g_strdup((const char *)sqlite3_column_text(statement, 0));
	if (g_str_equal(found, name))
		return g_steal_pointer(&found);
	if (!vf_db_step(db, statement, &row, error))
		return NULL;
	if (!row)
		return g_steal_pointer(&found);
	return vf_throw_null(
		error, VF_ERROR_USAGE,
		"\"%s\" begins the name of more than one run: %s, %s ...; give more of it", name,
		found, (const char *)sqlite3_column_text(statement, 0));
}

char *vf_db_resolve_run(VfDb *db, const char *name, GError **error)
{
	g_autoptr(sqlite3_stmt) statement = NULL;
	g_autofree char *variant = NULL;
	gint64 offset;
	gboolean row;

	if (!parse_last(name, &offset, &variant))
		return resolve_beginning(db, name, error);
	statement = vf_db_prepare(db, error,
				  "SELECT name FROM runs WHERE ?1 IS NULL OR "
				  "(variant = ?1 AND altered IS NULL) "
				  "ORDER BY id DESC LIMIT 1 OFFSET ?2",
				  "ti", variant, offset);
	if (!statement || !vf_db_step(db, statement, &row, error))
		return NULL;
	if (!row)
		return no_such_run(db, name, error);
	return g_strdup((const char *)sqlite3_column_text(statement, 0));
}

gboolean vf_db_find_run(VfDb *db, const char *message_id, const char *source, char **run,
			GError **error)
{
	static const char *const by_message =
		"SELECT name FROM runs WHERE message_id = ? AND altered IS NULL "
		"ORDER BY id DESC LIMIT 1";
	static const char *const by_source = "SELECT name FROM runs WHERE source = ? AND "
					     "altered IS NULL ORDER BY id DESC LIMIT 1";
	const char *key = message_id ?: source;
	g_autoptr(sqlite3_stmt) statement = NULL;
	gboolean row;

	*run = NULL;
	if (!key)
		return TRUE;
	statement = vf_db_prepare(db, error, message_id ? by_message : by_source, "t", key);
	if (!statement || !vf_db_step(db, statement, &row, error))
		return FALSE;
	if (row)
		*run = g_strdup((const char *)sqlite3_column_text(statement, 0));
	else if (message_id && source)
		return vf_db_find_run(db, NULL, source, run, error);
	return TRUE;
}

/* the attempt's own rows; each list is there even when it is empty */
static gboolean add_evidence(VfDb *db, json_t *attempt, GError **error)
{
	static const struct {
		const char *key, *sql;
	} lists[] = {
		{"cases", "SELECT name, status AS \"status:s\", detail FROM cases "
			  "WHERE attempt = ? ORDER BY position"},
		{"splats", "SELECT class, reason, excerpt, console_offset, fatal AS \"fatal:b\", "
			   "after_end AS \"after_end:b\", expected AS \"expected:b\" FROM splats "
			   "WHERE attempt = ? ORDER BY position"},
		{"hazards",
		 "SELECT class, region AS \"window\", bucket, count, bytes, pc AS \"pc:x\", "
		 "pc_source, caller AS \"caller:x\", caller_source, origin AS \"origin:x\", "
		 "origin_source, va AS \"va:x\", pa AS \"pa:x\", colour, other_colour, "
		 "expected AS \"expected:y\", found AS \"found:y\", buffer FROM hazards "
		 "WHERE attempt = ? ORDER BY position"},
	};
	gint64 id = json_integer_value(json_object_get(attempt, "id"));

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		json_t *rows = vf_db_rows(db, error, lists[i].sql, "i", id);

		if (!rows)
			return FALSE;
		json_object_set_new(attempt, lists[i].key, rows);
	}
	json_object_del(attempt, "id"); /* means nothing outside the database */
	return TRUE;
}

static gboolean add_attempts(VfDb *db, json_t *task, GError **error)
{
	gint64 id = json_integer_value(json_object_get(task, "id"));
	json_t *attempts =
		vf_db_rows(db, error,
			   "SELECT id, number, status AS \"status:s\", reason, excerpt, "
			   "started AS \"started:t\", seconds, directory, reproducer, "
			   "ending, exit_status, time_limit, error, "
			   "guest_seconds, channel AS \"channel:b\", "
			   "end_marker AS \"end_marker:b\", lingered AS \"lingered:b\", "
			   "channel_error, ktap_error, program_exit, "
			   "init_end AS \"init_end:b\", pvpanic AS \"pvpanic:b\", console_bytes, "
			   "console_cut AS \"console_cut:b\", model AS \"model:b\", model_error, "
			   "info AS \"info:j\", coverage AS \"coverage:j\" "
			   "FROM attempts WHERE task = ? ORDER BY number",
			   "i", id);
	json_t *attempt, *reproducer;
	gsize i;

	if (!attempts)
		return FALSE;
	json_object_set_new(task, "attempts", attempts);
	json_array_foreach (attempts, i, attempt) {
		if (!add_evidence(db, attempt, error))
			return FALSE;
		reproducer = json_object_get(attempt, "reproducer");
		if (reproducer)
			json_object_set(task, "reproducer", reproducer);
	}
	return TRUE;
}

static gboolean add_tests(VfDb *db, json_t *run, gint64 key, GError **error)
{
	g_autofree char *sql =
		g_strconcat(task_columns, "WHERE tasks.run = ? ORDER BY cells.name", NULL);
	json_t *tests = vf_db_rows(db, error, sql, "i", key);
	json_t *test;
	gsize i;

	if (!tests)
		return FALSE;
	json_object_set_new(run, "tests", tests);
	json_array_foreach (tests, i, test) {
		json_object_del(test, "run"); /* the document is one run's */
		if (!add_attempts(db, test, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean add_builds(VfDb *db, json_t *document, gint64 key, GError **error)
{
	json_t *builds = vf_db_rows(
		db, error,
		"SELECT arch, variant, status AS \"status:s\", reason, kernels.key AS kernel_key, "
		"release AS kernel_release, compiler, command, seconds, cached AS \"cached:b\", "
		"log, directory, finished AS \"finished:t\", patches AS \"patches:j\", "
		"hash AS patchset_hash, skipped AS \"skipped_patches:j\" FROM builds "
		"LEFT JOIN kernels ON kernels.id = kernel "
		"LEFT JOIN patchsets ON patchsets.id = patchset "
		"WHERE run = ? ORDER BY arch, variant",
		"i", key);

	return builds && json_object_set_new(document, "builds", builds) == 0;
}

static gboolean add_counts(VfDb *db, json_t *target, gint64 run, const char *arch, GError **error)
{
	json_t *counts = json_object();
	g_autoptr(sqlite3_stmt) statement = vf_db_prepare(
		db, error,
		"SELECT status, count(*) FROM tasks JOIN cells ON cells.id = cell "
		"WHERE run = ?1 AND (?2 IS NULL OR arch = ?2) GROUP BY status ORDER BY status DESC",
		"it", run, arch);
	gboolean row = FALSE;

	json_object_set_new(target, "counts", counts);
	while (statement && vf_db_step(db, statement, &row, error)) {
		const char *name;

		if (!row)
			return TRUE;
		name = vf_status_name((VfStatus)sqlite3_column_int64(statement, 0));
		/* the first row is the highest, which is the status of the set */
		if (json_object_size(counts) == 0)
			json_object_set_new(target, "status", json_string(name));
		json_object_set_new(counts, name, json_integer(sqlite3_column_int64(statement, 1)));
	}
	return FALSE;
}

static gboolean add_architectures(VfDb *db, json_t *document, gint64 key, GError **error)
{
	json_t *archs = vf_db_rows(db, error,
				   "SELECT arch, sum(seconds) AS seconds, "
				   "sum(flaky) AS flaky, "
				   "sum(flaky AND status = 5) AS flaky_failures FROM tasks "
				   "JOIN cells ON cells.id = cell WHERE run = ? "
				   "GROUP BY arch ORDER BY arch",
				   "i", key);
	json_t *arch;
	gsize i;

	if (!archs)
		return FALSE;
	json_object_set_new(document, "architectures", archs);
	json_array_foreach (archs, i, arch) {
		const char *name = json_string_value(json_object_get(arch, "arch"));

		if (!add_counts(db, arch, key, name, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean add_mutation(VfDb *db, json_t *document, const char *run_id, GError **error)
{
	json_auto_t *experiment = NULL;
	gboolean is;

	if (!vf_db_is_experiment(db, run_id, &is, error))
		return FALSE;
	if (!is)
		return TRUE;
	experiment = vf_db_experiment_json(db, run_id, error);
	return experiment &&
	       json_object_set_new(document, "mutation",
				   vf_mutation_score(json_object_get(experiment, "mutants"),
						     json_object_get(document, "tests"))) == 0;
}

static const char *const run_columns =
	"SELECT runs.id AS id, name, command, variant, source, host, version, "
	"started AS \"started:t\", ended AS \"ended:t\", (ended - started) / 1e6 AS seconds, "
	"ended IS NOT NULL AS \"complete:b\", message_id, altered FROM runs ";

/* the row's key becomes the run's public id; returns the key */
static gint64 publish_run(json_t *run)
{
	gint64 key = json_integer_value(json_object_get(run, "id"));

	json_object_set(run, "id", json_object_get(run, "name"));
	json_object_del(run, "name");
	return key;
}

json_t *vf_db_run_json(VfDb *db, const char *run_id, GError **error)
{
	g_autofree char *sql = g_strconcat(run_columns, "WHERE name = ?", NULL);
	json_auto_t *document = json_object();
	json_t *run;
	gint64 key;

	if (!vf_db_first(db, &run, error, sql, "t", run_id))
		return NULL;
	if (!run) {
		no_such_run(db, run_id, error);
		return NULL;
	}
	key = publish_run(run);
	json_object_set_new(document, "format", json_string("vifarm-results"));
	json_object_set_new(document, "format_version", json_integer(1));
	json_object_set_new(document, "run", run);
	if (!add_counts(db, document, key, NULL, error) ||
	    !add_architectures(db, document, key, error) || !add_builds(db, document, key, error) ||
	    !add_tests(db, document, key, error) || !add_mutation(db, document, run_id, error))
		return NULL;
	return g_steal_pointer(&document);
}

json_t *vf_db_runs_json(VfDb *db, guint limit, GError **error)
{
	g_autofree char *sql = g_strconcat(run_columns, "ORDER BY runs.id DESC LIMIT ?", NULL);
	json_auto_t *runs = vf_db_rows(db, error, sql, "i", (gint64)limit);
	json_t *run;
	gsize i;

	if (!runs)
		return NULL;
	json_array_foreach (runs, i, run) {
		if (!add_counts(db, run, publish_run(run), NULL, error))
			return NULL;
	}
	return g_steal_pointer(&runs);
}

static json_t *no_such_test(VfDb *db, const char *run, const char *name, GError **error)
{
	g_autoptr(GError) local = NULL;
	gint64 key = 0;
	g_auto(GStrv) known = NULL;
	g_autofree char *escaped = vf_text_escape(name, -1, 200);
	const char *nearest;

	if (!vf_db_integer(db, &key, 0, error, "SELECT id FROM runs WHERE name = ?", "t", run))
		return NULL;
	known = texts(db, &local,
		      "SELECT cells.name FROM tasks JOIN cells ON cells.id = cell WHERE run = ? "
		      "ORDER BY cells.name",
		      key);
	if (!known) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	nearest = vf_text_nearest(name, (const char *const *)known) ?: known[0];
	if (!nearest)
		return vf_throw_null(error, VF_ERROR_USAGE, "no test \"%s\": run %s has no results",
				     escaped, run);
	return vf_throw_null(
		error, VF_ERROR_USAGE,
		"no test \"%s\" in run %s; did you mean %s? (`orchestrator show %s` lists "
		"all %u)",
		escaped, run, nearest, run, g_strv_length(known));
}

static json_t *task_by_id(VfDb *db, gint64 id, GError **error)
{
	g_autofree char *sql = g_strconcat(task_columns, "WHERE tasks.id = ?", NULL);
	json_t *task;

	if (!vf_db_first(db, &task, error, sql, "i", id))
		return NULL;
	if (!task)
		return vf_throw_null(error, VF_ERROR_USAGE,
				     "no test %" G_GINT64_FORMAT
				     "; `orchestrator show` lists the tests "
				     "with their ids",
				     id);
	return task;
}

static json_t *task_by_name(VfDb *db, const char *run_name, const char *name, GError **error)
{
	g_autofree char *sql =
		g_strconcat(task_columns, "WHERE runs.name = ? AND cells.name = ?", NULL);
	g_autofree char *run = vf_db_resolve_run(db, run_name, error);
	json_t *task;

	if (!run || !vf_db_first(db, &task, error, sql, "tt", run, name))
		return NULL;
	return task ?: no_such_test(db, run, name, error);
}

json_t *vf_db_task_json(VfDb *db, const char *name, GError **error)
{
	const char *colon = strchr(name, ':');
	g_autofree char *run = colon ? g_strndup(name, (gsize)(colon - name)) : g_strdup("LAST");
	json_auto_t *task = NULL;
	guint64 id;

	if (g_ascii_string_to_unsigned(name, 10, 1, G_MAXINT64, &id, NULL))
		task = task_by_id(db, (gint64)id, error);
	else
		task = task_by_name(db, run, colon ? colon + 1 : name, error);
	if (!task || !add_attempts(db, task, error))
		return NULL;
	return g_steal_pointer(&task);
}
