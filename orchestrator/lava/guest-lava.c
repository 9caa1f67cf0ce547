// SPDX-License-Identifier: GPL-2.0-or-later
/* One attempt of a task as one job of a lab. */
#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"
#include "evidence/hazards.h"
#include "evidence/symbols.h"
#include "guest/capture.h"
#include "guest/collect.h"
#include "guest/qemu-argv.h"
#include "lava/console.h"
#include "lava/definition.h"
#include "lava/end.h"
#include "lava/farm.h"
#include "lava/publish.h"
#include "lava/submit.h"

enum { SYMBOL_SECONDS = 60, LOG_MAX = 16 * 1024 * 1024, LATENCY_S = 30 };

typedef struct Run {
	GTask *task;
	const VfGuestSpec *spec;
	VfLavaFarm *farm;
	const VfLabDevice *device;
	VfLavaFiles *files;
	char *name, *definition, *job;
	VfCollect *collect;
	VfLavaConsole *console;
	VfCapture *log, *report;
	VfGuestProgress progress;
	gpointer progress_data;
	VfLavaOutcome *outcome;
	VfEvidence *evidence;
	GError *error; /* the first */
} Run;

static void run_free(Run *run)
{
	g_clear_pointer(&run->files, vf_lava_files_free);
	g_clear_pointer(&run->collect, vf_collect_free);
	g_clear_pointer(&run->console, vf_lava_console_free);
	g_clear_pointer(&run->log, vf_capture_free);
	g_clear_pointer(&run->report, vf_capture_free);
	g_clear_pointer(&run->outcome, vf_lava_outcome_free);
	g_clear_pointer(&run->evidence, vf_evidence_free);
	g_clear_error(&run->error);
	g_free(run->name);
	g_free(run->definition);
	g_free(run->job);
	g_clear_object(&run->task);
	g_free(run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Run, run_free)

static void done(Run *run)
{
	g_autoptr(Run) owned = run;
	g_autoptr(GTask) task = g_steal_pointer(&owned->task);

	if (owned->error)
		g_task_return_error(task, g_steal_pointer(&owned->error));
	else
		g_task_return_pointer(task, g_steal_pointer(&owned->evidence),
				      (GDestroyNotify)vf_evidence_free);
}

/* The lab lost the task before there was a guest: that is evidence, too. */
static void lost(Run *run, GError *error)
{
	if (!g_error_matches(error, VF_ERROR, VF_ERROR_HARNESS) &&
	    !g_error_matches(error, VF_ERROR, VF_ERROR_PROTOCOL)) {
		run->error = error;
		return done(run);
	}
	run->evidence = vf_evidence_new();
	run->evidence->arch = g_strdup(run->spec->task->arch->name);
	run->evidence->end = VF_END_LOST;
	run->evidence->error = vf_text_escape(error->message, -1, 1000);
	g_error_free(error);
	done(run);
}

static void say(Run *run, VfGuestStage stage, const char *what)
{
	g_autofree char *text =
		run->job ? g_strdup_printf("job %s: %s", run->job, what) : g_strdup(what);

	if (run->progress)
		run->progress(stage, text, run->progress_data);
}

static gboolean with_model(const Run *run)
{
	return run->spec->task->job->model.present && vf_qemu_wants_plugin(run->spec);
}

static void give_up(Run *run, GError *error)
{
	if (run->error)
		g_error_free(error);
	else
		run->error = error;
}

static void on_console(const char *bytes, gsize length, gpointer data)
{
	Run *run = data;
	GError *error = NULL;

	if (!vf_collect_console(run->collect, bytes, length, &error))
		give_up(run, error);
}

static void on_record(const char *bytes, gsize length, gpointer data)
{
	Run *run = data;
	GError *error = NULL;

	if (!vf_collect_result(run->collect, bytes, length, &error))
		give_up(run, error);
}

static void on_model(const char *bytes, gsize length, gpointer data)
{
	Run *run = data;
	GError *error = NULL;

	if (run->report && !vf_capture_write(run->report, bytes, length, &error))
		give_up(run, error);
}

/* "qemu, installed at version: 10.0.2, host architecture: x86_64" */
static void take_emulator(Run *run, const char *text)
{
	static const char mark[] = ", installed at version: ";
	const char *at = g_str_has_prefix(text, "qemu") ? strstr(text, mark) : NULL;
	GHashTable *info;

	if (!at || run->evidence)
		return;
	info = vf_collect_info(run->collect);
	at += strlen(mark);
	g_hash_table_insert(info, g_strdup("lava.emulator"),
			    g_strdup_printf("QEMU %.*s", (int)strcspn(at, ", "), at));
}

static void on_line(const char *level, const char *text, gsize length, gpointer data)
{
	Run *run = data;
	GError *error = NULL;
	g_autofree char *escaped = vf_text_escape(text, (gssize)length, 0);
	g_autofree char *line = g_strdup_printf("%s: %s\n", level, escaped);

	if (!vf_capture_write(run->log, line, strlen(line), &error))
		give_up(run, error);
	if (!strcmp(level, "target") || !strcmp(level, "feedback"))
		vf_lava_console_line(run->console, text, length);
	else if (!strcmp(level, "info"))
		take_emulator(run, escaped);
}

static void on_state(const VfLavaJob *job, gpointer data)
{
	Run *run = data;
	g_autofree char *text =
		g_strdup_printf("%s%s%s", job->word, job->device ? " on " : "", job->device ?: "");

	say(run, VF_GUEST_STARTED, text);
}

static void on_resolved(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	vf_symbols_resolve_finish(result);
	done(data);
}

static void take_model(Run *run)
{
	const VfGuestSpec *spec = run->spec;
	const char *prefix = spec->task->arch->kernel.cross_compile;
	const char *damage = vf_lava_console_model_error(run->console);
	g_autofree char *path = vf_qemu_model_path(spec);
	g_autofree char *addr2line = g_strconcat(prefix ?: "", "addr2line", NULL);

	vf_hazards_read(path, run->evidence);
	if (damage) {
		g_free(run->evidence->model_error);
		run->evidence->model_error = g_strdup_printf("the model's report: %s", damage);
	}
	vf_symbols_resolve_async(run->evidence->hazards, addr2line, spec->kernel->vmlinux,
				 spec->kernel->symbols, SYMBOL_SECONDS,
				 g_task_get_cancellable(run->task), on_resolved, run);
}

static void note(VfEvidence *e, const char *key, char *value)
{
	g_hash_table_insert(e->info, g_strdup(key), value);
}

static void take_job(Run *run)
{
	const VfLavaOutcome *o = run->outcome;
	VfEvidence *e = run->evidence;
	const char *emulator = g_hash_table_lookup(e->info, "lava.emulator");

	e->emulator = g_strdup(emulator);
	note(e, "lava.job",
	     g_strdup_printf("%sscheduler/job/%s", vf_lava_lab(run->farm->lava)->url, o->job->id));
	note(e, "lava.device", g_strdup(o->job->device ?: ""));
	note(e, "lava.cases", g_strdup_printf("%u passed, %u other", o->passed, o->other));
	if (o->error_type)
		note(e, "lava.error",
		     g_strdup_printf("%s: %s", o->error_type, o->error_message ?: "no message"));
	if (o->job->submitted && o->job->started && o->job->ended)
		note(e, "lava.times",
		     g_strdup_printf("queued %.1f s, ran %.1f s",
				     (double)(o->job->started - o->job->submitted) / 1e6,
				     (double)(o->job->ended - o->job->started) / 1e6));
	if (o->lost && !e->channel_error)
		e->channel_error =
			g_strdup_printf("%u lines of the lab's log were too large", o->lost);
}

static void judge(Run *run)
{
	const VfGuestSpec *spec = run->spec;
	guint timeout = spec->timeout ? spec->timeout : (guint)spec->task->job->timeout;
	g_autofree char *append = NULL;
	GError *error = NULL;

	vf_lava_console_finish(run->console);
	run->evidence = vf_collect_finish(run->collect, &error);
	if (!run->evidence || !vf_capture_finish(run->log, &error) ||
	    (run->report && !vf_capture_finish(run->report, &error)))
		give_up(run, error);
	if (run->error)
		return done(run);
	vf_lava_take_end(run->evidence, run->outcome, timeout, (guint)spec->task->job->silence);
	append = vf_lava_append(run->device, spec);
	vf_collect_check_command_line(run->evidence, append);
	take_job(run);
	if (with_model(run))
		take_model(run);
	else
		done(run);
}

static void on_cancelled(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	g_autoptr(GError) error = NULL;

	if (!vf_lava_cancel_finish(result, &error))
		g_printerr("orchestrator: %s\n", error->message);
	done(run);
}

static void on_followed(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	GError *error = NULL;

	run->outcome = vf_lava_follow_finish(result, &error);
	if (run->outcome)
		return judge(run);
	if (!g_error_matches(error, VF_ERROR, VF_ERROR_CANCELLED))
		return lost(run, error);
	run->error = error;
	vf_lava_cancel_async(run->farm->lava, run->job, on_cancelled, run);
}

static VfCapture *open_capture(const Run *run, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(run->spec->directory, name, NULL);

	return vf_capture_new(path, LOG_MAX, LOG_MAX / 4, error);
}

static gboolean open_artefacts(Run *run, GError **error)
{
	const VfLavaConsoleCalls calls = {on_console, on_record, on_model, run};
	const VfGuestSpec *spec = run->spec;

	run->collect = vf_collect_new(spec->task, spec->directory, run->progress,
				      run->progress_data, error);
	run->log = run->collect ? open_capture(run, "lava.log", error) : NULL;
	if (!run->log)
		return FALSE;
	run->report = with_model(run) ? open_capture(run, "model.jsonl", error) : NULL;
	if (with_model(run) && !run->report)
		return FALSE;
	run->console = vf_lava_console_new(&calls);
	return TRUE;
}

static void follow(Run *run)
{
	const VfLavaFollow calls = {
		.state = on_state,
		.line = on_line,
		.data = run,
		.silence = (guint)run->spec->task->job->silence + LATENCY_S,
	};

	if (run->farm->detach) {
		run->error =
			g_error_new(VF_ERROR, VF_ERROR_CANCELLED, "submitted as job %s", run->job);
		return done(run);
	}
	if (!open_artefacts(run, &run->error))
		return done(run);
	vf_lava_follow_async(run->farm->lava, run->job, &calls, g_task_get_cancellable(run->task),
			     on_followed, run);
}

static void has_job(Run *run, char *job)
{
	run->job = job;
	if (!vf_journal_job(run->farm->journal, run->name, job, &run->error))
		return done(run);
	run->farm->submitted++;
	say(run, VF_GUEST_STARTED, "submitted");
	if (g_cancellable_is_cancelled(g_task_get_cancellable(run->task)) && !run->farm->detach) {
		run->error = g_error_new(VF_ERROR, VF_ERROR_CANCELLED, "stopped by the user");
		vf_lava_cancel_async(run->farm->lava, run->job, on_cancelled, run);
		return;
	}
	follow(run);
}

static void on_submitted(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	GError *error = NULL;
	char *job = vf_lava_submit_finish(result, &error);

	if (job)
		return has_job(run, job);
	if (g_error_matches(error, VF_ERROR, VF_ERROR_HARNESS) &&
	    !vf_journal_failed(run->farm->journal, run->name, &run->error)) {
		g_error_free(error);
		return done(run);
	}
	lost(run, error);
}

static void submit(Run *run)
{
	say(run, VF_GUEST_STARTED, "submitting");
	vf_lava_submit_async(run->farm->lava, run->name, run->definition,
			     g_task_get_cancellable(run->task), on_submitted, run);
}

static void on_published(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	g_autofree char *sha256 = NULL;
	GError *error = NULL;

	if (!vf_lava_publish_finish(result, &error))
		return lost(run, error);
	sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, run->definition, -1);
	if (!vf_journal_wants(run->farm->journal, run->name, sha256, &run->error))
		return done(run);
	submit(run);
}

static void publish(Run *run)
{
	say(run, VF_GUEST_STARTED, "publishing");
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

	if (!entry || entry->failed)
		return publish(run);
	if (!check_entry(run, entry, &run->error))
		return done(run);
	if (!entry->job) {
		say(run, VF_GUEST_STARTED, "looking for its job");
		vf_lava_find_async(run->farm->lava, run->name, g_task_get_cancellable(run->task),
				   on_found, run);
		return;
	}
	run->job = g_strdup(entry->job);
	say(run, VF_GUEST_STARTED, "taken up again");
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
	g_autofree char *path = g_build_filename(spec->directory, "lava.yaml", NULL);

	run->device = vf_lab_device(lab, spec->task->arch, spec->task->board);
	run->name = vf_lava_name(spec);
	run->files = vf_lava_files_new(lab, spec, error);
	if (!run->files)
		return FALSE;
	run->definition = vf_lava_definition(lab, run->device, spec, run->files, error);
	return run->definition && vf_dirs_write(path, run->definition, -1, error) &&
	       open_journal(run->farm, spec->run_id, error);
}

static void run_async(const VfGuestBackend *self, const VfGuestSpec *spec,
		      GCancellable *cancellable, VfGuestProgress progress, gpointer progress_data,
		      GAsyncReadyCallback callback, gpointer data)
{
	Run *run = g_new0(Run, 1);

	run->task = g_task_new(NULL, cancellable, callback, data);
	g_task_set_check_cancellable(run->task, FALSE);
	run->spec = spec;
	run->farm = (VfLavaFarm *)self;
	run->progress = progress;
	run->progress_data = progress_data;
	if (g_cancellable_is_cancelled(cancellable))
		run->error = g_error_new(VF_ERROR, VF_ERROR_CANCELLED, "stopped by the user");
	if (run->error || !prepare(run, &run->error))
		return done(run);
	begin(run);
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
