// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing runs, builds and tasks. */
#include "results-db/internal.h"

#include "base/hash.h"

void vf_run_record_free(VfRunRecord *run)
{
	if (!run)
		return;
	g_free(run->id);
	g_free(run->command);
	g_free(run->variant);
	g_free(run->source);
	g_free(run->host);
	g_free(run->version);
	g_free(run->message_id);
	g_free(run->altered);
	g_free(run);
}

gboolean vf_db_run_begin(VfDb *db, const VfRunRecord *run, GError **error)
{
	return vf_db_run(db, error,
			 "INSERT INTO runs (name, command, variant, source, host, version, "
			 "started, ended, message_id, altered) "
			 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			 "ttttttiktt", run->id, run->command ?: "", run->variant, run->source,
			 run->host, run->version, run->started, run->ended, run->message_id,
			 run->altered);
}

gboolean vf_db_run_resume(VfDb *db, const char *run_id, GError **error)
{
	return vf_db_run(db, error, "UPDATE runs SET ended = NULL WHERE name = ?", "t", run_id);
}

gboolean vf_db_run_end(VfDb *db, const char *run_id, gint64 ended, GError **error)
{
	return vf_db_run(db, error, "UPDATE runs SET ended = ? WHERE name = ?", "it", ended,
			 run_id);
}

static gboolean run_key(VfDb *db, const char *run_id, gint64 *key, GError **error)
{
	if (!vf_db_integer(db, key, 0, error, "SELECT id FROM runs WHERE name = ?", "t", run_id))
		return FALSE;
	if (*key)
		return TRUE;
	return vf_throw(error, VF_ERROR_IO, "%s: no run \"%s\" to store results for", db->path,
			run_id);
}

/* Both @add ("INSERT ... ON CONFLICT DO NOTHING") and @find take the two texts @a and @b. */
static gboolean intern(VfDb *db, gint64 *key, const char *add, const char *find, const char *a,
		       const char *b, GError **error)
{
	return vf_db_run(db, error, add, "tt", a, b) &&
	       vf_db_integer(db, key, 0, error, find, "tt", a, b);
}

static gboolean intern_cell(VfDb *db, const VfTask *task, gint64 *key, GError **error)
{
	if (!vf_db_integer(db, key, 0, error, "SELECT id FROM cells WHERE name = ?", "t",
			   task->name))
		return FALSE;
	if (*key)
		return TRUE;
	if (!vf_db_run(db, error,
		       "INSERT INTO cells (name, arch, board, job, variant) VALUES (?, ?, ?, ?, ?)",
		       "ttttt", task->name, task->arch->name, task->board->name, task->job->name,
		       task->variant->name))
		return FALSE;
	*key = sqlite3_last_insert_rowid(db->handle);
	return TRUE;
}

static gboolean intern_kernel(VfDb *db, const VfKernel *kernel, const char *sha256, gint64 *key,
			      GError **error)
{
	*key = 0;
	if (!kernel)
		return TRUE;
	return vf_db_run(db, error,
			 "INSERT INTO kernels (key, sha256, release, compiler, command, directory, "
			 "seconds) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			 "ttttttd", kernel->key, sha256 ?: "", kernel->release, kernel->compiler,
			 kernel->command, kernel->dir, kernel->seconds) &&
	       vf_db_integer(db, key, 0, error,
			     "SELECT id FROM kernels WHERE key = ? AND sha256 = ?", "tt",
			     kernel->key, sha256 ?: "");
}

static gboolean intern_initramfs(VfDb *db, const VfInitramfs *initramfs, const char *sha256,
				 gint64 *key, GError **error)
{
	*key = 0;
	if (!initramfs)
		return TRUE;
	return intern(db, key,
		      "INSERT INTO initramfs (key, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING",
		      "SELECT id FROM initramfs WHERE key = ? AND sha256 = ?", initramfs->key,
		      sha256 ?: "", error);
}

static json_t *cache_facts(const VfCacheGeometry *cache)
{
	return json_pack("{s:s*, s:I, s:I, s:I, s:I, s:s*}", "index", cache->index, "size",
			 (json_int_t)cache->size, "ways", (json_int_t)cache->ways, "line",
			 (json_int_t)cache->line, "colours", (json_int_t)cache->colours, "write",
			 cache->write);
}

/* JSON text with sorted keys, so that the same board is always the same text */
static char *platform_facts(const VfTask *task)
{
	const VfArch *arch = task->arch;
	const VfBoard *board = task->board;
	json_auto_t *facts =
		json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*, s:I, s:I, s:I, s:I, s:s*, s:s*, s:o}",
			  "title", arch->title, "board_title", board->title, "qemu",
			  arch->qemu.binary, "machine", board->machine, "cpu", board->cpu,
			  "memory_mib", (json_int_t)board->memory_mib, "smp",
			  (json_int_t)board->smp, "page_size", (json_int_t)arch->page_size, "bits",
			  (json_int_t)arch->bits, "endian", arch->endian, "snoop", board->snoop,
			  "cache", cache_facts(&board->cache));

	return json_dumps(facts, JSON_SORT_KEYS | JSON_COMPACT);
}

static gboolean intern_platform(VfDb *db, const VfTask *task, gint64 *key, GError **error)
{
	g_autofree char *facts = platform_facts(task);

	return vf_db_run(db, error,
			 "INSERT INTO platforms (facts) VALUES (?) ON CONFLICT DO NOTHING", "t",
			 facts) &&
	       vf_db_integer(db, key, 0, error, "SELECT id FROM platforms WHERE facts = ?", "t",
			     facts);
}

/*
 * KCIDB's patchset_hash: sha256 over the newline-ended sha256 of each patch in order; "" for no
 * patches.
 */
static gboolean hash_patches(const VfVariant *variant, json_t *list, char **hash, GError **error)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

	for (guint i = 0; i < variant->patches->len; i++) {
		const char *path = variant->patches->pdata[i];
		g_autofree char *file = g_path_get_basename(path);
		g_autofree char *sha256 = vf_hash_of_file(path, error);

		if (!sha256)
			return FALSE;
		g_checksum_update(sum, (const guchar *)sha256, 64);
		g_checksum_update(sum, (const guchar *)"\n", 1);
		json_array_append_new(list,
				      json_pack("{s:s, s:s}", "file", file, "sha256", sha256));
	}
	*hash = g_strdup(variant->patches->len ? g_checksum_get_string(sum) : "");
	return TRUE;
}

static gboolean intern_patchset(VfDb *db, const VfVariant *variant, gint64 *key, GError **error)
{
	json_auto_t *list = json_array();
	g_autofree char *hash = NULL, *patches = NULL;

	/* An unreadable patch has failed the build already; the record of that must not fail too.
	 */
	*key = 0;
	if (!hash_patches(variant, list, &hash, NULL))
		return TRUE;
	patches = json_dumps(list, JSON_SORT_KEYS | JSON_COMPACT);
	return intern(db, key,
		      "INSERT INTO patchsets (patches, hash) VALUES (?, ?) ON CONFLICT DO NOTHING",
		      "SELECT id FROM patchsets WHERE patches = ? AND hash = ?", patches, hash,
		      error);
}

typedef struct Build {
	const char *run_id;
	const VfTask *task;
	const VfKernel *kernel;
	const GError *build_error;
	const char *log;
} Build;

static char *strv_json(char **words)
{
	json_auto_t *array = json_array();

	for (char **word = words; word && *word; word++)
		json_array_append_new(array, json_string(*word));
	return json_array_size(array) ? json_dumps(array, JSON_COMPACT) : NULL;
}

static gboolean store_build(VfDb *db, gpointer data, GError **error)
{
	const Build *build = data;
	const VfKernel *kernel = build->kernel;
	g_autoptr(VfVerdict) verdict =
		build->build_error ? vf_verdict_from_error(build->build_error) : NULL;
	g_autofree char *skipped = kernel ? strv_json(kernel->skipped) : NULL;
	VfStatus status = verdict ? verdict->status : VF_STATUS_PASS;
	gint64 run, kernel_id, patchset;

	if (!run_key(db, build->run_id, &run, error) ||
	    !intern_kernel(db, kernel, NULL, &kernel_id, error) ||
	    !intern_patchset(db, build->task->variant, &patchset, error))
		return FALSE;
	return vf_db_run(
		db, error,
		"INSERT INTO builds (run, arch, variant, status, reason, kernel, patchset, "
		"skipped, cached, log, finished) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT (run, arch, variant) DO UPDATE SET status = excluded.status, "
		"reason = excluded.reason, kernel = excluded.kernel, "
		"log = excluded.log, finished = excluded.finished",
		"ittitkktbti", run, build->task->arch->name, build->task->variant->name,
		(gint64)status, verdict ? verdict->reason : "built", kernel_id, patchset, skipped,
		kernel && kernel->cached, build->log ?: (kernel ? kernel->log : NULL),
		g_get_real_time());
}

gboolean vf_db_build(VfDb *db, const char *run_id, const VfTask *task, const VfKernel *kernel,
		     const GError *build_error, const char *log, GError **error)
{
	Build build = {run_id, task, kernel, build_error, log};

	return vf_db_transaction(db, store_build, &build, error);
}

static const char *const endings[] = {
	[VF_END_EXIT] = "exit",		[VF_END_SIGNAL] = "signal",
	[VF_END_PANIC] = "panic",	[VF_END_SILENCE] = "silence",
	[VF_END_TIMEOUT] = "timeout",	[VF_END_CANCELLED] = "cancelled",
	[VF_END_START] = "not started", [VF_END_LOST] = "lost",
};

static char *info_json(GHashTable *info)
{
	json_auto_t *object = json_object();
	GHashTableIter iter;
	gpointer key, value;

	if (!info || g_hash_table_size(info) == 0)
		return NULL;
	g_hash_table_iter_init(&iter, info);
	while (g_hash_table_iter_next(&iter, &key, &value))
		json_object_set_new(object, key, vf_db_text(value));
	return json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
}

static gboolean store_cases(VfDb *db, gint64 attempt, GPtrArray *cases, GError **error)
{
	for (guint i = 0; cases && i < cases->len; i++) {
		const VfCase *c = cases->pdata[i];

		if (!vf_db_run(db, error,
			       "INSERT INTO cases (attempt, position, name, status, detail) "
			       "VALUES (?, ?, ?, ?, ?)",
			       "iitit", attempt, (gint64)i, c->name, (gint64)c->status, c->detail))
			return FALSE;
	}
	return TRUE;
}

static gboolean store_splats(VfDb *db, gint64 attempt, GPtrArray *splats, GError **error)
{
	for (guint i = 0; splats && i < splats->len; i++) {
		const VfSplat *splat = splats->pdata[i];

		if (!vf_db_run(db, error,
			       "INSERT INTO splats (attempt, position, class, reason, excerpt, "
			       "console_offset, fatal, after_end, expected) "
			       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			       "iitttibbb", attempt, (gint64)i, splat->class, splat->reason,
			       splat->excerpt, (gint64)splat->offset, splat->fatal,
			       splat->after_end, splat->expected))
			return FALSE;
	}
	return TRUE;
}

static gboolean store_hazards(VfDb *db, gint64 attempt, GPtrArray *hazards, GError **error)
{
	for (guint i = 0; hazards && i < hazards->len; i++) {
		const VfHazard *h = hazards->pdata[i];

		if (!vf_db_run(db, error,
			       "INSERT INTO hazards (attempt, position, class, region, bucket, "
			       "count, bytes, pc, pc_source, caller, caller_source, origin, "
			       "origin_source, va, pa, colour, other_colour, expected, found, "
			       "buffer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
			       "?, ?, ?, ?)",
			       "iitttuuutututuuiiiit", attempt, (gint64)i, h->class,
			       h->window ?: "", h->bucket, h->count, h->bytes, h->pc, h->pc_source,
			       h->caller, h->caller_source, h->origin, h->origin_source, h->va,
			       h->pa, (gint64)h->colour, (gint64)h->other_colour,
			       (gint64)h->expected, (gint64)h->found, h->buffer))
			return FALSE;
	}
	return TRUE;
}

static gboolean add_attempt(VfDb *db, gint64 task, const VfAttemptRecord *attempt, gint64 *key,
			    GError **error)
{
	if (!vf_db_run(db, error,
		       "INSERT INTO attempts (task, number, status, reason, excerpt, started, "
		       "seconds, directory, reproducer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		       "iiittidtt", task, (gint64)attempt->number, (gint64)attempt->status,
		       attempt->reason ?: "", attempt->excerpt, attempt->started, attempt->seconds,
		       attempt->directory, attempt->reproducer))
		return FALSE;
	*key = sqlite3_last_insert_rowid(db->handle);
	return TRUE;
}

static gboolean store_evidence(VfDb *db, gint64 attempt, const VfEvidence *e, GError **error)
{
	g_autofree char *info = info_json(e->info);
	g_autofree char *coverage =
		e->coverage ? json_dumps(e->coverage, JSON_SORT_KEYS | JSON_COMPACT) : NULL;

	return vf_db_run(db, error,
			 "UPDATE attempts SET ending = ?, exit_status = ?, time_limit = ?, "
			 "error = ?, guest_seconds = ?, channel = ?, end_marker = ?, "
			 "lingered = ?, "
			 "channel_error = ?, ktap_error = ?, program_exit = ?, init_end = ?, "
			 "pvpanic = ?, console_bytes = ?, console_cut = ?, model = ?, "
			 "model_error = ?, info = ?, coverage = ? WHERE id = ?",
			 "tiitdbbbttibbibbttti", endings[e->end], (gint64)e->exit_status,
			 (gint64)e->limit, e->error, e->seconds, e->channel, e->end_marker,
			 e->lingered, e->channel_error, e->ktap_error, (gint64)e->program_exit,
			 e->init_end, e->pvpanic, (gint64)e->console_bytes, e->console_cut,
			 e->model, e->model_error, info, coverage, attempt) &&
	       store_cases(db, attempt, e->cases, error) &&
	       store_splats(db, attempt, e->splats, error) &&
	       store_hazards(db, attempt, e->hazards, error);
}

typedef struct Task {
	const char *run_id;
	const VfTaskRecord *record;
	gint64 id;
} Task;

static gboolean add_task(VfDb *db, Task *task, GError **error)
{
	const VfTaskRecord *record = task->record;
	gint64 run, cell, kernel, initramfs, platform;

	if (!run_key(db, task->run_id, &run, error) ||
	    !intern_cell(db, record->task, &cell, error) ||
	    !intern_kernel(db, record->kernel, record->kernel_sha256, &kernel, error) ||
	    !intern_initramfs(db, record->initramfs, record->initramfs_sha256, &initramfs, error) ||
	    !intern_platform(db, record->task, &platform, error))
		return FALSE;
	if (!vf_db_run(db, error,
		       "INSERT INTO tasks (run, cell, status, flaky, reason, started, seconds, "
		       "kernel, initramfs, platform, qemu) "
		       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		       "iiibtidkkkt", run, cell, (gint64)record->status, record->flaky,
		       record->reason ?: "", record->started, record->seconds, kernel, initramfs,
		       platform, record->qemu_version))
		return FALSE;
	task->id = sqlite3_last_insert_rowid(db->handle);
	return TRUE;
}

static gboolean store_task(VfDb *db, gpointer data, GError **error)
{
	Task *task = data;
	GPtrArray *attempts = task->record->attempts;

	if (!add_task(db, task, error))
		return FALSE;
	for (guint i = 0; attempts && i < attempts->len; i++) {
		const VfAttemptRecord *attempt = attempts->pdata[i];
		gint64 key;

		if (!add_attempt(db, task->id, attempt, &key, error) ||
		    (attempt->evidence && !store_evidence(db, key, attempt->evidence, error)))
			return FALSE;
	}
	return TRUE;
}

gint64 vf_db_task(VfDb *db, const char *run_id, const VfTaskRecord *record, GError **error)
{
	Task task = {.run_id = run_id, .record = record};

	return vf_db_transaction(db, store_task, &task, error) ? task.id : 0;
}
