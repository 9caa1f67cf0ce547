// SPDX-License-Identifier: GPL-2.0-or-later
/* The back end: one attempt of a task gets one job of a lab, and no other. */
#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "guest/lava/attempt.h"
#include "guest/lava/definition.h"
#include "guest/lava/farm.h"
#include "guest/lava/publish.h"
#include "guest/lava/submit.h"

typedef struct Run {
	GTask *task;
	const VfGuestSpec *spec;
	VfLavaFarm *farm;
	VfLavaFiles *files;
	char *name, *definition, *job;
	VfGuestProgress progress;
	gpointer progress_data;
} Run;

static void run_free(Run *run)
{
	g_clear_pointer(&run->files, vf_lava_files_free);
	g_free(run->name);
	g_free(run->definition);
	g_free(run->job);
	g_clear_object(&run->task);
	g_free(run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Run, run_free)

/* Both end the attempt; they take what they are given. */
static void done(Run *run, VfEvidence *evidence)
{
	g_autoptr(Run) owned = run;

	g_task_return_pointer(owned->task, evidence, (GDestroyNotify)vf_evidence_free);
}

static void fail(Run *run, GError *error)
{
	g_autoptr(Run) owned = run;

	g_task_return_error(owned->task, error);
}

/* The lab lost the task before there was a guest: that is evidence, too. */
static void lost(Run *run, GError *error)
{
	VfEvidence *evidence;

	if (!g_error_matches(error, VF_ERROR, VF_ERROR_HARNESS) &&
	    !g_error_matches(error, VF_ERROR, VF_ERROR_PROTOCOL))
		return fail(run, error);
	evidence = vf_lava_lost(run->spec, error);
	g_error_free(error);
	done(run, evidence);
}

static void say(Run *run, const char *what)
{
	g_autofree char *text =
		run->job ? g_strdup_printf("job %s: %s", run->job, what) : g_strdup(what);

	if (run->progress)
		run->progress(VF_GUEST_STARTED, text, run->progress_data);
}

static void on_attempt(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	GError *error = NULL;
	VfEvidence *evidence = vf_lava_attempt_finish(result, &error);

	if (evidence)
		done(run, evidence);
	else
		fail(run, error);
}

static void follow(Run *run)
{
	if (run->farm->detach)
		return fail(run, g_error_new(VF_ERROR, VF_ERROR_CANCELLED, "submitted as job %s",
					     run->job));
	/* a job that was submitted while the user gave up is cancelled there at once */
	vf_lava_attempt_async(run->farm->lava, run->spec, run->job,
			      g_task_get_cancellable(run->task), run->progress, run->progress_data,
			      on_attempt, run);
}

static void has_job(Run *run, char *job)
{
	GError *error = NULL;

	run->job = job;
	if (!vf_journal_job(run->farm->journal, run->name, job, &error))
		return fail(run, error);
	say(run, "submitted");
	follow(run);
}

static void on_submitted(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	GError *error = NULL, *journal_error = NULL;
	char *job = vf_lava_submit_finish(result, &error);

	if (job)
		return has_job(run, job);
	if (g_error_matches(error, VF_ERROR, VF_ERROR_HARNESS) &&
	    !vf_journal_failed(run->farm->journal, run->name, &journal_error)) {
		g_error_free(error);
		return fail(run, journal_error);
	}
	lost(run, error);
}

static void on_published(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	g_autofree char *sha256 = NULL;
	GError *error = NULL;

	if (!vf_lava_publish_finish(result, &error))
		return lost(run, error);
	sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, run->definition, -1);
	if (!vf_journal_wants(run->farm->journal, run->name, sha256, &error))
		return fail(run, error);
	say(run, "submitting");
	vf_lava_submit_async(run->farm->lava, run->name, run->definition,
			     g_task_get_cancellable(run->task), on_submitted, run);
}

static void publish(Run *run)
{
	say(run, "publishing");
	vf_lava_publish_async(run->farm->lava, run->files, g_task_get_cancellable(run->task),
			      on_published, run);
}

/* Of a process that ended between asking and knowing. */
static void on_found(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	GError *error = NULL;
	char *job = vf_lava_submit_finish(result, &error);

	if (error)
		return lost(run, error);
	if (job)
		return has_job(run, job);
	publish(run);
}

/* What was submitted for this attempt before must be what would be submitted now. */
static gboolean check_entry(const Run *run, const VfJournalEntry *entry, GError **error)
{
	g_autofree char *sha256 =
		g_compute_checksum_for_string(G_CHECKSUM_SHA256, run->definition, -1);

	if (entry->failed || !strcmp(entry->sha256, sha256))
		return TRUE;
	return vf_throw(error, VF_ERROR_USAGE,
			"%s: kernel, initramfs, descriptions or lab file have changed since it was "
			"submitted as job %s; start a new run",
			run->name, entry->job ?: "(unknown)");
}

static void begin(Run *run)
{
	const VfJournalEntry *entry = vf_journal_find(run->farm->journal, run->name);
	GError *error = NULL;

	if (!entry || entry->failed)
		return publish(run);
	if (!check_entry(run, entry, &error))
		return fail(run, error);
	if (!entry->job) {
		say(run, "looking for its job");
		vf_lava_find_async(run->farm->lava, run->name, g_task_get_cancellable(run->task),
				   on_found, run);
		return;
	}
	run->job = g_strdup(entry->job);
	say(run, "taken up again");
	follow(run);
}

static gboolean open_journal(VfLavaFarm *farm, const char *run_id, GError **error)
{
	g_autofree char *path = NULL;

	if (farm->journal)
		return TRUE;
	path = vf_lava_farm_journal(run_id);
	farm->journal = vf_journal_open(path, error);
	return farm->journal != NULL;
}

/* The definition is an artefact as well: what was asked of the lab. */
static gboolean prepare(Run *run, GError **error)
{
	const VfLab *lab = vf_lava_lab(run->farm->lava);
	const VfGuestSpec *spec = run->spec;
	const VfLabDevice *device = vf_lab_device(lab, spec->task->arch, spec->task->board);
	g_autofree char *path = g_build_filename(spec->directory, "lava.yaml", NULL);

	run->name = vf_lava_name(spec);
	run->files = vf_lava_files_new(lab, spec, error);
	if (!run->files)
		return FALSE;
	run->definition = vf_lava_definition(lab, device, spec, run->files, error);
	return run->definition && vf_dirs_write(path, run->definition, -1, error) &&
	       open_journal(run->farm, spec->run_id, error);
}

static void run_async(const VfGuestBackend *self, const VfGuestSpec *spec,
		      GCancellable *cancellable, VfGuestProgress progress, gpointer progress_data,
		      GAsyncReadyCallback callback, gpointer data)
{
	Run *run = g_new0(Run, 1);
	GError *error = NULL;

	run->task = g_task_new(NULL, cancellable, callback, data);
	g_task_set_check_cancellable(run->task, FALSE);
	run->spec = spec;
	run->farm = (VfLavaFarm *)self;
	run->progress = progress;
	run->progress_data = progress_data;
	if (g_cancellable_is_cancelled(cancellable))
		return fail(run, g_error_new(VF_ERROR, VF_ERROR_CANCELLED, "stopped by the user"));
	if (prepare(run, &error))
		begin(run);
	else
		fail(run, error);
}

static VfEvidence *run_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

static gboolean check(const VfGuestBackend *self, const VfTask *task, GError **error)
{
	g_autofree char *why = vf_lab_skip(vf_lava_lab(((const VfLavaFarm *)self)->lava), task);

	return !why || vf_throw(error, VF_ERROR_UNFIT, "%s", why);
}

/* The same guest on this machine, where it is one that QEMU can be. */
static char *reproducer(const VfGuestSpec *spec)
{
	return vf_guest_qemu.reproducer(spec);
}

const VfGuestBackend vf_guest_lava = {
	.name = "lava",
	.check = check,
	.run_async = run_async,
	.run_finish = run_finish,
	.reproducer = reproducer,
};
