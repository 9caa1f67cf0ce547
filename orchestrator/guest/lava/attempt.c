// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/attempt.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "evidence/hazards.h"
#include "evidence/symbols.h"
#include "guest/capture.h"
#include "guest/collect.h"
#include "guest/qemu/qemu-argv.h"
#include "guest/lava/console.h"
#include "guest/lava/definition.h"
#include "guest/lava/end.h"

/* What a lab's log may be late by before a guest counts as silent. */
enum { SYMBOL_SECONDS = 60, LOG_MAX = 16 * 1024 * 1024, LATENCY_S = 30 };

typedef struct Run {
	GTask *task;
	VfLava *lava;
	const VfGuestSpec *spec;
	char *job;
	VfCollect *collect;
	VfLavaConsole *console;
	VfCapture *log, *report;
	char *emulator;
	VfGuestProgress progress;
	gpointer progress_data;
	VfLavaOutcome *outcome;
	VfEvidence *evidence;
	GError *error; /* the first */
} Run;

static void run_free(Run *run)
{
	g_clear_pointer(&run->collect, vf_collect_free);
	g_clear_pointer(&run->console, vf_lava_console_free);
	g_clear_pointer(&run->log, vf_capture_free);
	g_clear_pointer(&run->report, vf_capture_free);
	g_clear_pointer(&run->outcome, vf_lava_outcome_free);
	g_clear_pointer(&run->evidence, vf_evidence_free);
	g_clear_error(&run->error);
	g_free(run->emulator);
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

VfEvidence *vf_lava_lost(const VfGuestSpec *spec, const GError *error)
{
	VfEvidence *evidence = vf_evidence_new();

	evidence->arch = g_strdup(spec->task->arch->name);
	evidence->end = VF_END_LOST;
	evidence->error = vf_text_escape(error->message, -1, 1000);
	return evidence;
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

	if (!at || run->emulator)
		return;
	at += strlen(mark);
	run->emulator = g_strdup_printf("QEMU %.*s", (int)strcspn(at, ", "), at);
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
	g_autofree char *text = g_strdup_printf("job %s: %s%s%s", run->job, job->word,
						job->device ? " on " : "", job->device ?: "");

	if (run->progress && job->state != VF_LAVA_FINISHED)
		run->progress(VF_GUEST_STARTED, text, run->progress_data);
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
	g_autofree char *path = g_build_filename(spec->directory, "model.jsonl", NULL);
	g_autofree char *addr2line = g_strconcat(prefix ?: "", "addr2line", NULL);

	vf_hazards_read(path, run->evidence);
	if (damage) {
		g_free(run->evidence->model_error);
		run->evidence->model_error = g_strdup_printf("the model's report: %s", damage);
	}
	if (!spec->kernel)
		return done(run);
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

	e->emulator = g_steal_pointer(&run->emulator);
	note(e, "lava.job",
	     g_strdup_printf("%sscheduler/job/%s", vf_lava_lab(run->lava)->url, o->job->id));
	note(e, "lava.device", g_strdup(o->job->device ?: ""));
	note(e, "lava.cases", g_strdup_printf("%u passed, %u other", o->passed, o->other));
	if (o->error_type)
		note(e, "lava.error",
		     g_strdup_printf("%s: %s", o->error_type, o->error_message ?: "no message"));
	if (o->job->submitted && o->job->started && o->job->ended && o->ended_by_device)
		note(e, "lava.times",
		     g_strdup_printf("queued %.1f s, ran %.1f s, known %.1f s after the guest",
				     (double)(o->job->started - o->job->submitted) / 1e6,
				     (double)(o->job->ended - o->job->started) / 1e6,
				     (double)(o->noticed - o->ended_by_device) / 1e6));
	if (o->lost && !e->channel_error)
		e->channel_error =
			g_strdup_printf("%u lines of the lab's log were too large", o->lost);
}

static void judge(Run *run)
{
	const VfGuestSpec *spec = run->spec;
	const VfLabDevice *device =
		vf_lab_device(vf_lava_lab(run->lava), spec->task->arch, spec->task->board);
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
	if (device) {
		append = vf_lava_append(device, spec);
		vf_collect_check_command_line(run->evidence, append);
	}
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
	if (!g_error_matches(error, VF_ERROR, VF_ERROR_CANCELLED)) {
		run->evidence = vf_lava_lost(run->spec, error);
		g_error_free(error);
		return done(run);
	}
	run->error = error;
	vf_lava_cancel_async(run->lava, run->job, on_cancelled, run);
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

void vf_lava_attempt_async(VfLava *lava, const VfGuestSpec *spec, const char *id,
			   GCancellable *cancellable, VfGuestProgress progress,
			   gpointer progress_data, GAsyncReadyCallback callback, gpointer data)
{
	Run *run = g_new0(Run, 1);
	const VfLavaFollow calls = {
		.state = on_state,
		.line = on_line,
		.data = run,
		.silence = (guint)spec->task->job->silence + LATENCY_S,
		.limit = vf_lava_limit(vf_lava_lab(lava), spec),
	};

	run->task = g_task_new(NULL, cancellable, callback, data);
	g_task_set_check_cancellable(run->task, FALSE);
	run->lava = lava;
	run->spec = spec;
	run->job = g_strdup(id);
	run->progress = progress;
	run->progress_data = progress_data;
	if (!open_artefacts(run, &run->error))
		return done(run);
	vf_lava_follow_async(lava, id, &calls, cancellable, on_followed, run);
}

VfEvidence *vf_lava_attempt_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
