// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/import.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/lava/attempt.h"
#include "guest/lava/yaml.h"

typedef struct Item {
	VfLavaJob *job;
	VfPlan *plan;
	VfTask *task; /* of @plan */
	char *directory;
	VfEvidence *evidence;
	VfGuestSpec spec;
} Item;

typedef struct Import {
	VfLava *lava;
	GMainLoop *loop;
	GPtrArray *items; /* of Item */
	char *run;
	guint pending;
	GError *error; /* the first */
} Import;

static void item_free(gpointer data)
{
	Item *item = data;

	g_clear_pointer(&item->job, vf_lava_job_free);
	g_clear_pointer(&item->plan, vf_plan_free);
	g_clear_pointer(&item->evidence, vf_evidence_free);
	g_free(item->directory);
	g_free(item);
}

static void import_clear(Import *import)
{
	g_main_loop_unref(import->loop);
	g_ptr_array_unref(import->items);
	g_clear_error(&import->error);
	g_free(import->run);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Import, import_clear)

static void arrived(Import *import)
{
	if (!--import->pending)
		g_main_loop_quit(import->loop);
}

static void fail(Import *import, GError *error)
{
	if (import->error)
		g_error_free(error);
	else
		import->error = error;
}

/* "hppa/default/boot/full" in the definition that was submitted. */
static gboolean find_task(Item *item, GError **error)
{
	const char *text = item->job->definition ?: "";
	json_auto_t *definition = vf_yaml_read(text, strlen(text), NULL);
	const json_t *metadata = json_object_get(definition, "metadata");
	const char *name = json_string_value(json_object_get(metadata, "vifarm.task"));
	g_auto(GStrv) parts = name ? g_strsplit(name, "/", -1) : NULL;

	if (!parts || g_strv_length(parts) != 4)
		return vf_throw(error, VF_ERROR_USAGE,
				"job %s was not made by vifarm: its definition names no task",
				item->job->id);
	item->plan = vf_plan_new(vf_dirs_data(), parts[0], parts[1], parts[2], parts[3], error);
	if (!item->plan)
		return vf_prefix(error, "job %s", item->job->id);
	for (guint i = 0; i < item->plan->tasks->len; i++)
		if (!strcmp(((VfTask *)item->plan->tasks->pdata[i])->name, name))
			item->task = item->plan->tasks->pdata[i];
	return item->task ||
	       vf_throw(error, VF_ERROR_USAGE, "job %s: no task %s", item->job->id, name);
}

static gboolean take_job(Import *import, const VfHttpAnswer *answer, GError **error)
{
	Item *item = g_new0(Item, 1);

	g_ptr_array_add(import->items, item);
	if (answer->status == 404)
		return vf_throw(error, VF_ERROR_USAGE, "%s: no such job",
				vf_lava_lab(import->lava)->url);
	item->job = vf_lava_job_parse(answer->body->str, answer->body->len, error);
	if (!item->job)
		return FALSE;
	if (item->job->state != VF_LAVA_FINISHED)
		return vf_throw(error, VF_ERROR_USAGE,
				"job %s is %s; orchestrator lava watch follows it to its end",
				item->job->id, item->job->word);
	return find_task(item, error);
}

static void on_job(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Import *import = data;
	GError *error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_lava_get_finish(result, &error);

	if (!answer || !take_job(import, answer, &error))
		fail(import, error);
	arrived(import);
}

static void fetch_jobs(Import *import, const char *const *ids)
{
	for (; *ids; ids++) {
		g_autofree char *path = g_strdup_printf("jobs/%s/", *ids);

		import->pending++;
		vf_lava_get_async(import->lava, path, 0, NULL, on_job, import);
	}
	g_main_loop_run(import->loop);
}

/* A run has a task once; of several jobs for one task the latest counts. */
static gboolean check_unique(const Import *import, GError **error)
{
	for (guint i = 0; i < import->items->len; i++)
		for (guint j = 0; j < i; j++) {
			const Item *a = import->items->pdata[i], *b = import->items->pdata[j];

			if (!strcmp(a->task->name, b->task->name))
				return vf_throw(error, VF_ERROR_USAGE,
						"jobs %s and %s are both %s; import one of them",
						b->job->id, a->job->id, a->task->name);
		}
	return TRUE;
}

typedef struct Attempt {
	Import *import;
	Item *item;
} Attempt;

static void on_attempt(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	g_autofree Attempt *attempt = data;
	GError *error = NULL;

	attempt->item->evidence = vf_lava_attempt_finish(result, &error);
	if (error)
		fail(attempt->import, error);
	arrived(attempt->import);
}

static gboolean start_attempt(Import *import, Item *item, GError **error)
{
	g_autofree char *flat = g_strdelimit(g_strdup(item->task->name), "/", '.');
	Attempt *attempt;

	item->directory = g_strdup_printf("%s/runs/%s/%s/1", vf_dirs_state(), import->run, flat);
	if (!vf_dirs_make(item->directory, error))
		return FALSE;
	/* the model ran if the job has one: there is a report, or its absence is an error */
	item->spec = (VfGuestSpec){
		.task = item->task,
		.plugin = "vifarm.so",
		.directory = item->directory,
		.run_id = import->run,
		.attempt = 1,
	};
	attempt = g_new(Attempt, 1);
	*attempt = (Attempt){import, item};
	import->pending++;
	vf_lava_attempt_async(import->lava, &item->spec, item->job->id, NULL, NULL, NULL,
			      on_attempt, attempt);
	return TRUE;
}

static gboolean fetch_logs(Import *import, GError **error)
{
	for (guint i = 0; i < import->items->len; i++)
		if (!start_attempt(import, import->items->pdata[i], error))
			return FALSE;
	g_main_loop_run(import->loop);
	if (!import->error)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&import->error));
	return FALSE;
}

static gboolean store(const Import *import, VfDb *db, const Item *item, VfRunResult *result,
		      GError **error)
{
	g_autoptr(VfVerdict) verdict = vf_verdict_new(item->evidence, item->task->job);
	g_autoptr(GPtrArray) attempts = g_ptr_array_new();
	VfAttemptRecord attempt = {
		.number = 1,
		.status = verdict->status,
		.reason = verdict->reason,
		.excerpt = verdict->excerpt,
		.started = item->job->started,
		.seconds = item->evidence->seconds,
		.directory = item->directory + strlen(vf_dirs_state()) + 1,
		.reproducer = (char *)"",
		.evidence = item->evidence,
	};
	const VfTaskRecord record = {
		.task = item->task,
		.status = verdict->status,
		.reason = verdict->reason,
		.started = item->job->submitted,
		.seconds = (double)(item->job->ended - item->job->submitted) / G_USEC_PER_SEC,
		.attempts = attempts,
		.qemu_version = item->evidence->emulator,
	};

	g_ptr_array_add(attempts, &attempt);
	result->counts[verdict->status]++;
	return vf_db_task(db, import->run, &record, error) != 0;
}

static gboolean store_all(const Import *import, VfDb *db, const char *const *ids,
			  const char *lab_file, VfRunResult *result, GError **error)
{
	const Item *first = import->items->pdata[0];
	g_autofree char *jobs = g_strjoinv(" ", (char **)ids);
	g_autofree char *command = g_strdup_printf("lava import --lab %s %s", lab_file, jobs);
	g_autofree char *source = g_strdup_printf("lab %s", vf_lava_lab(import->lava)->name);
	const VfRunRecord record = {
		.id = import->run,
		.command = command,
		.variant = first->task->variant->name,
		.source = source,
		.host = vf_lava_lab(import->lava)->url,
		.started = g_get_real_time(),
		.version = (char *)VIFARM_VERSION,
	};

	if (!vf_db_run_begin(db, &record, error))
		return FALSE;
	for (guint i = 0; i < import->items->len; i++)
		if (!store(import, db, import->items->pdata[i], result, error))
			return FALSE;
	return vf_db_run_end(db, import->run, g_get_real_time(), error);
}

VfRunResult *vf_lava_import(VfLava *lava, VfDb *db, const char *const *ids, const char *lab_file,
			    GError **error)
{
	g_autoptr(VfRunResult) result = g_new0(VfRunResult, 1);
	g_auto(Import) import = {
		.lava = lava,
		.loop = g_main_loop_new(NULL, FALSE),
		.items = g_ptr_array_new_with_free_func(item_free),
		.run = vf_run_new_id(),
	};

	fetch_jobs(&import, ids);
	if (import.error) {
		g_propagate_error(error, g_steal_pointer(&import.error));
		return NULL;
	}
	if (!check_unique(&import, error) || !fetch_logs(&import, error) ||
	    !store_all(&import, db, ids, lab_file, result, error))
		return NULL;
	result->id = g_steal_pointer(&import.run);
	return g_steal_pointer(&result);
}
