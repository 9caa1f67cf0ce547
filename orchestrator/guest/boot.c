// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/boot.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "evidence/hazards.h"
#include "evidence/symbols.h"
#include "guest/capture.h"
#include "guest/collect.h"
#include "guest/qemu/qemu-argv.h"
#include "guest/watch.h"

#define MESSAGES_KEPT  4096 /* bytes of the emulator's messages that go into the evidence */
#define CURVE_PATIENCE 4    /* times the limits of the job: six models take their time */
#define SYMBOL_SECONDS 60

struct VfBoot {
	GTask *task;
	const VfGuestSpec *spec;
	const VfBootCalls *calls;
	gpointer guest;
	VfCollect *collect;
	VfCapture *log;
	GString *messages; /* the first MESSAGES_KEPT bytes of stderr */
	VfWatch watch;
	VfGuestProgress progress;
	gpointer progress_data;
	GSource *cancel;
	guint tick;
	gint64 quit;	       /* when the guest was asked to stop */
	VfWatchAction stopped; /* why */
	gboolean cancelled, pvpanic, watchdog;
	VfEvidence *evidence;
	GError *error; /* the first; ends the boot */
};

VfBoot *vf_boot_new(const VfGuestSpec *spec, GCancellable *cancellable, VfGuestProgress progress,
		    gpointer progress_data, const VfBootCalls *calls, gpointer guest,
		    GAsyncReadyCallback done, gpointer data)
{
	VfBoot *boot = g_new0(VfBoot, 1);

	boot->task = g_task_new(NULL, cancellable, done, data);
	g_task_set_check_cancellable(boot->task, FALSE);
	boot->spec = spec;
	boot->calls = calls;
	boot->guest = guest;
	boot->progress = progress;
	boot->progress_data = progress_data;
	boot->messages = g_string_new(NULL);
	boot->cancelled = g_cancellable_is_cancelled(cancellable);
	return boot;
}

static void boot_free(VfBoot *boot)
{
	g_clear_handle_id(&boot->tick, g_source_remove);
	if (boot->cancel) {
		g_source_destroy(boot->cancel);
		g_source_unref(boot->cancel);
	}
	boot->calls->free(boot->guest);
	g_clear_pointer(&boot->collect, vf_collect_free);
	g_clear_pointer(&boot->log, vf_capture_free);
	g_clear_pointer(&boot->evidence, vf_evidence_free);
	g_clear_error(&boot->error);
	g_string_free(boot->messages, TRUE);
	g_clear_object(&boot->task);
	g_free(boot);
}

gboolean vf_boot_prepare(VfBoot *boot, GError **error)
{
	const VfGuestSpec *spec = boot->spec;
	g_autofree char *path = g_build_filename(spec->directory, "qemu.log", NULL);

	if (boot->cancelled)
		return vf_throw(error, VF_ERROR_CANCELLED, "stopped by the user");
	boot->log = vf_capture_new(path, MESSAGES_KEPT * 64, MESSAGES_KEPT * 16, error);
	if (!boot->log)
		return FALSE;
	boot->collect = vf_collect_new(spec->task, spec->directory, boot->progress,
				       boot->progress_data, error);
	return boot->collect != NULL;
}

static void stop(VfBoot *boot, VfWatchAction why)
{
	if (boot->quit)
		return;
	boot->stopped = why;
	boot->quit = g_get_monotonic_time();
	boot->calls->stop(boot->guest);
}

static gboolean on_tick(gpointer data)
{
	VfBoot *boot = data;
	gint64 now = g_get_monotonic_time();
	VfWatchAction action;

	if (boot->quit) {
		if (now - boot->quit >= VF_WATCH_QUIT_US)
			boot->calls->kill(boot->guest);
		return G_SOURCE_CONTINUE;
	}
	action = vf_watch_look(&boot->watch, now);
	if (action != VF_WATCH_GO_ON)
		stop(boot, action);
	return G_SOURCE_CONTINUE;
}

static gboolean on_cancelled(G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
	VfBoot *boot = data;

	boot->cancelled = TRUE;
	boot->calls->kill(boot->guest);
	return G_SOURCE_REMOVE;
}

void vf_boot_begin(VfBoot *boot)
{
	GCancellable *cancellable = g_task_get_cancellable(boot->task);
	const VfGuestSpec *spec = boot->spec;
	const guint patience = spec->curve ? CURVE_PATIENCE : 1;

	boot->watch.started = g_get_monotonic_time();
	boot->watch.last_byte = boot->watch.started;
	boot->watch.silence = (guint)spec->task->job->silence * patience;
	boot->watch.timeout =
		spec->timeout ? spec->timeout : (guint)spec->task->job->timeout * patience;
	boot->tick = g_timeout_add(VF_WATCH_TICK_MS, on_tick, boot);
	if (cancellable) {
		boot->cancel = g_cancellable_source_new(cancellable);
		g_source_set_callback(boot->cancel, G_SOURCE_FUNC(on_cancelled), boot, NULL);
		g_source_attach(boot->cancel, NULL);
	}
	if (boot->progress)
		boot->progress(VF_GUEST_STARTED, NULL, boot->progress_data);
}

static void give_up(VfBoot *boot, GError *error)
{
	if (boot->error)
		g_error_free(error);
	else
		boot->error = error;
	boot->calls->kill(boot->guest);
}

static void heard(VfBoot *boot)
{
	boot->watch.last_byte = g_get_monotonic_time();
	if (!boot->watch.ended && vf_collect_ended(boot->collect))
		boot->watch.ended = boot->watch.last_byte;
	if (!boot->watch.fatal && vf_collect_fatal(boot->collect))
		boot->watch.fatal = boot->watch.last_byte;
}

void vf_boot_console(const char *bytes, gsize length, gpointer data)
{
	VfBoot *boot = data;
	GError *error = NULL;

	if (!length)
		return;
	if (!vf_collect_console(boot->collect, bytes, length, &error))
		give_up(boot, error);
	heard(boot);
}

void vf_boot_result(const char *bytes, gsize length, gpointer data)
{
	VfBoot *boot = data;
	GError *error = NULL;

	if (!length)
		return;
	if (!vf_collect_result(boot->collect, bytes, length, &error))
		give_up(boot, error);
	heard(boot);
}

void vf_boot_messages(const char *bytes, gsize length, gpointer data)
{
	VfBoot *boot = data;
	GError *error = NULL;

	if (!vf_capture_write(boot->log, bytes, length, &error))
		give_up(boot, error);
	if (boot->messages->len < MESSAGES_KEPT)
		g_string_append_len(boot->messages, bytes,
				    (gssize)MIN(length, MESSAGES_KEPT - boot->messages->len));
}

static void fatal_now(VfBoot *boot)
{
	if (!boot->watch.fatal)
		boot->watch.fatal = g_get_monotonic_time();
}

void vf_boot_panicked(VfBoot *boot)
{
	boot->pvpanic = TRUE;
	fatal_now(boot);
}

void vf_boot_watchdog(VfBoot *boot)
{
	boot->watchdog = TRUE;
	fatal_now(boot);
}

gboolean vf_boot_stopping(const VfBoot *boot)
{
	return boot->quit || boot->cancelled || boot->error;
}

/* All is freed before the result is told: the next boot may begin in the callback. */
static void done(VfBoot *boot)
{
	g_autoptr(GTask) task = g_steal_pointer(&boot->task);
	g_autoptr(VfEvidence) evidence = g_steal_pointer(&boot->evidence);
	GError *error = g_steal_pointer(&boot->error);

	if (boot->cancelled) {
		g_clear_error(&error);
		vf_throw(&error, VF_ERROR_CANCELLED, "stopped by the user");
	}
	boot_free(boot);
	if (error)
		g_task_return_error(task, error);
	else
		g_task_return_pointer(task, g_steal_pointer(&evidence),
				      (GDestroyNotify)vf_evidence_free);
}

void vf_boot_abort(VfBoot *boot, GError *error)
{
	g_clear_error(&boot->error);
	boot->error = error;
	done(boot);
}

void vf_boot_not_started(VfBoot *boot, const char *why)
{
	boot->evidence = vf_evidence_new();
	boot->evidence->arch = g_strdup(boot->spec->task->arch->name);
	boot->evidence->end = VF_END_START;
	boot->evidence->error = vf_text_escape(why, -1, 1000);
	done(boot);
}

/* The first line of what the emulator said, or all of it, escaped line by line. NULL: nothing. */
static char *messages_of(const VfBoot *boot, gboolean first_only)
{
	g_autofree char *text = g_strdup(boot->messages->str);
	g_auto(GStrv) lines = NULL;
	GString *out = g_string_new(NULL);

	g_strchomp(text);
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line && !(first_only && line > lines); line++) {
		g_autofree char *escaped = vf_text_escape(*line, -1, 1000);

		g_string_append_printf(out, "%s%s", line > lines ? "\n" : "", escaped);
	}
	return g_string_free(out, !*text);
}

static const VfEnd ends[] = {
	[VF_WATCH_PANIC] = VF_END_PANIC,
	[VF_WATCH_SILENCE] = VF_END_SILENCE,
	[VF_WATCH_TIMEOUT] = VF_END_TIMEOUT,
};

static void take_end(VfBoot *boot, const VfBootEnd *end)
{
	VfEvidence *e = boot->evidence;
	g_autofree char *append = NULL;

	e->pvpanic = boot->pvpanic;
	e->watchdog = boot->watchdog;
	e->seconds = (double)(g_get_monotonic_time() - boot->watch.started) / G_USEC_PER_SEC;
	e->emulator = g_strdup(end->emulator);
	e->lingered = boot->stopped == VF_WATCH_LINGER;
	e->end = end->end;
	e->exit_status = end->status;
	if (e->end == VF_END_LOST) {
		e->error = end->error ? vf_text_escape(end->error, -1, 1000) : NULL;
		return;
	}
	if (boot->stopped == VF_WATCH_LINGER)
		e->end = VF_END_EXIT;
	else if (boot->stopped != VF_WATCH_GO_ON)
		e->end = ends[boot->stopped];
	else if (boot->watch.fatal && !boot->watch.ended)
		e->end = VF_END_PANIC;
	else if (e->end == VF_END_EXIT && e->exit_status && !e->console_bytes && !e->channel)
		e->end = VF_END_START;
	e->limit = e->end == VF_END_SILENCE ? boot->watch.silence : boot->watch.timeout;
	e->error = messages_of(boot, e->end == VF_END_START);
	append = vf_qemu_append(boot->spec);
	vf_collect_check_command_line(e, append);
}

static void on_resolved(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	vf_symbols_resolve_finish(result);
	done(data);
}

static void take_model(VfBoot *boot)
{
	const VfGuestSpec *spec = boot->spec;
	const char *prefix = spec->task->arch->kernel.cross_compile;
	g_autofree char *path = vf_qemu_model_path(spec);
	g_autofree char *addr2line = g_strconcat(prefix ? prefix : "", "addr2line", NULL);

	vf_hazards_read(path, boot->evidence);
	vf_symbols_resolve_async(boot->evidence->hazards, addr2line, spec->kernel->vmlinux,
				 spec->kernel->symbols, SYMBOL_SECONDS,
				 g_task_get_cancellable(boot->task), on_resolved, boot);
}

void vf_boot_ended(VfBoot *boot, const VfBootEnd *end)
{
	GError *error = NULL;

	g_clear_handle_id(&boot->tick, g_source_remove);
	boot->evidence = vf_collect_finish(boot->collect, &error);
	if (!boot->evidence || !vf_capture_finish(boot->log, &error))
		give_up(boot, error);
	if (boot->error || boot->cancelled)
		return done(boot);
	take_end(boot, end);
	if (boot->spec->task->job->model.present && vf_qemu_wants_plugin(boot->spec))
		take_model(boot);
	else
		done(boot);
}

VfEvidence *vf_boot_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
