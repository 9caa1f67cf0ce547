// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests in a QEMU of our own: started, watched, stopped, and turned into evidence. */
#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"
#include "evidence/hazards.h"
#include "evidence/symbols.h"
#include "guest/capture.h"
#include "guest/collect.h"
#include "guest/guest.h"
#include "guest/qemu-argv.h"
#include "guest/qemu-check.h"
#include "guest/qemu-child.h"
#include "guest/qmp.h"
#include "guest/stream.h"
#include "guest/watch.h"

#define STDERR_KEPT	 4096 /* bytes of QEMU's messages that go into the evidence */
#define DRAIN_MAX	 (16 * 1024 * 1024)
#define SYMBOL_SECONDS	 60
#define CMDLINE_SEEN_MAX 900 /* bytes; a longer one does not fit into one record */

typedef struct Run {
	GTask *task;
	const VfGuestSpec *spec;
	VfCollect *collect;
	GSubprocess *process;
	VfStream *console, *result, *errors, *monitor;
	VfCapture *qemu_log;
	GString *messages; /* the first STDERR_KEPT bytes of stderr */
	VfQmp *qmp;
	VfWatch watch;
	VfGuestProgress progress;
	gpointer progress_data;
	GSource *cancel;
	guint tick;
	gint64 quit;	       /* when QMP's quit was sent */
	VfWatchAction stopped; /* why we stopped it */
	gboolean cancelled, pvpanic;
	VfEvidence *evidence;
	GError *error; /* the first; ends the run */
} Run;

static void run_free(Run *run)
{
	g_clear_handle_id(&run->tick, g_source_remove);
	if (run->cancel) {
		g_source_destroy(run->cancel);
		g_source_unref(run->cancel);
	}
	g_clear_pointer(&run->console, vf_stream_free);
	g_clear_pointer(&run->result, vf_stream_free);
	g_clear_pointer(&run->errors, vf_stream_free);
	g_clear_pointer(&run->monitor, vf_stream_free);
	g_clear_pointer(&run->collect, vf_collect_free);
	g_clear_pointer(&run->qemu_log, vf_capture_free);
	g_clear_pointer(&run->qmp, vf_qmp_free);
	g_clear_pointer(&run->evidence, vf_evidence_free);
	g_clear_object(&run->process);
	g_clear_error(&run->error);
	g_string_free(run->messages, TRUE);
	g_clear_object(&run->task);
	g_free(run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Run, run_free)

static void kill_now(Run *run)
{
	if (run->process)
		g_subprocess_force_exit(run->process);
}

static void stop(Run *run, VfWatchAction why)
{
	if (run->quit)
		return;
	run->stopped = why;
	run->quit = g_get_monotonic_time();
	/* lets the plugin write the end of its report; the tick kills what does not quit */
	vf_qmp_execute(run->qmp, "quit");
}

static void give_up(Run *run, GError *error)
{
	if (run->error)
		g_error_free(error);
	else
		run->error = error;
	kill_now(run);
}

static void heard(Run *run)
{
	run->watch.last_byte = g_get_monotonic_time();
	if (!run->watch.ended && vf_collect_ended(run->collect))
		run->watch.ended = run->watch.last_byte;
	if (!run->watch.fatal && vf_collect_fatal(run->collect))
		run->watch.fatal = run->watch.last_byte;
}

static void on_console(const char *bytes, gsize length, gpointer data)
{
	Run *run = data;
	GError *error = NULL;

	if (!length)
		return;
	if (!vf_collect_console(run->collect, bytes, length, &error))
		give_up(run, error);
	heard(run);
}

static void on_result(const char *bytes, gsize length, gpointer data)
{
	Run *run = data;
	GError *error = NULL;

	if (!length)
		return;
	if (!vf_collect_result(run->collect, bytes, length, &error))
		give_up(run, error);
	heard(run);
}

static void on_errors(const char *bytes, gsize length, gpointer data)
{
	Run *run = data;
	GError *error = NULL;

	if (!vf_capture_write(run->qemu_log, bytes, length, &error))
		give_up(run, error);
	if (run->messages->len < STDERR_KEPT)
		g_string_append_len(run->messages, bytes,
				    (gssize)MIN(length, STDERR_KEPT - run->messages->len));
}

static void on_monitor(const char *bytes, gsize length, gpointer data)
{
	vf_qmp_feed(((Run *)data)->qmp, bytes, length);
}

static void on_qmp_send(const char *bytes, gsize length, gpointer data)
{
	Run *run = data;

	/* a QEMU that does not read its commands is killed in time */
	if (run->monitor)
		vf_stream_write(run->monitor, bytes, length);
}

static void on_qmp_event(const char *name, G_GNUC_UNUSED const json_t *details, gpointer data)
{
	Run *run = data;

	if (!g_str_equal(name, "GUEST_PANICKED"))
		return;
	run->pvpanic = TRUE;
	if (!run->watch.fatal)
		run->watch.fatal = g_get_monotonic_time();
}

static gboolean on_tick(gpointer data)
{
	Run *run = data;
	gint64 now = g_get_monotonic_time();
	VfWatchAction action;

	if (run->quit) {
		if (now - run->quit >= VF_WATCH_QUIT_US)
			kill_now(run);
		return G_SOURCE_CONTINUE;
	}
	action = vf_watch_look(&run->watch, now);
	if (action != VF_WATCH_GO_ON)
		stop(run, action);
	return G_SOURCE_CONTINUE;
}

static gboolean on_cancelled(G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
	Run *run = data;

	run->cancelled = TRUE;
	kill_now(run);
	return G_SOURCE_REMOVE;
}

/* The first line of what QEMU said, or all of it, escaped line by line. NULL: nothing. */
static char *messages_of(const Run *run, gboolean first_only)
{
	g_autofree char *text = g_strdup(run->messages->str);
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

/*
 * Firmware has limits of its own: malta's takes 256 bytes and drops the rest without a word, the
 * user's words first. Init tells what the kernel got.
 */
static void check_command_line(const VfGuestSpec *spec, VfEvidence *e)
{
	const char *seen = g_hash_table_lookup(e->info, "cmdline");
	g_autofree char *given = vf_qemu_append(spec);

	if (!seen || e->channel_error || strlen(seen) > CMDLINE_SEEN_MAX || strstr(seen, given))
		return;
	e->channel_error = g_strdup_printf(
		"the guest did not get its kernel command line whole: %zu bytes with what its "
		"firmware adds, of %zu given",
		strlen(seen), strlen(given));
}

static const VfEnd ends[] = {
	[VF_WATCH_PANIC] = VF_END_PANIC,
	[VF_WATCH_SILENCE] = VF_END_SILENCE,
	[VF_WATCH_TIMEOUT] = VF_END_TIMEOUT,
};

static void take_exit(Run *run)
{
	VfEvidence *e = run->evidence;
	gboolean by_itself = g_subprocess_get_if_exited(run->process);

	e->end = by_itself ? VF_END_EXIT : VF_END_SIGNAL;
	e->exit_status = by_itself ? g_subprocess_get_exit_status(run->process)
				   : g_subprocess_get_term_sig(run->process);
}

static void take_end(Run *run)
{
	VfEvidence *e = run->evidence;

	e->pvpanic = run->pvpanic;
	e->seconds = (double)(g_get_monotonic_time() - run->watch.started) / G_USEC_PER_SEC;
	e->emulator = g_strdup(vf_qmp_emulator(run->qmp));
	e->lingered = run->stopped == VF_WATCH_LINGER;
	take_exit(run);
	if (run->stopped == VF_WATCH_LINGER)
		e->end = VF_END_EXIT;
	else if (run->stopped != VF_WATCH_GO_ON)
		e->end = ends[run->stopped];
	else if (run->watch.fatal && !run->watch.ended)
		e->end = VF_END_PANIC;
	else if (e->end == VF_END_EXIT && e->exit_status && !e->console_bytes && !e->channel)
		e->end = VF_END_START;
	e->limit = e->end == VF_END_SILENCE ? run->watch.silence : run->watch.timeout;
	e->error = messages_of(run, e->end == VF_END_START);
	check_command_line(run->spec, e);
}

static void done(Run *run)
{
	g_autoptr(Run) owned = run;
	g_autoptr(GTask) task = g_steal_pointer(&owned->task);

	if (owned->cancelled)
		g_task_return_new_error(task, VF_ERROR, VF_ERROR_CANCELLED, "stopped by the user");
	else if (owned->error)
		g_task_return_error(task, g_steal_pointer(&owned->error));
	else
		g_task_return_pointer(task, g_steal_pointer(&owned->evidence),
				      (GDestroyNotify)vf_evidence_free);
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
	g_autofree char *path = vf_qemu_model_path(spec);
	g_autofree char *addr2line = g_strconcat(prefix ? prefix : "", "addr2line", NULL);

	vf_hazards_read(path, run->evidence);
	vf_symbols_resolve_async(run->evidence->hazards, addr2line, spec->kernel->vmlinux,
				 spec->kernel->symbols, SYMBOL_SECONDS,
				 g_task_get_cancellable(run->task), on_resolved, run);
}

static void drain(VfStream *stream)
{
	if (stream)
		vf_stream_drain(stream, DRAIN_MAX);
}

static void on_exited(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;
	GError *error = NULL;

	g_subprocess_wait_finish(run->process, result, NULL);
	g_clear_handle_id(&run->tick, g_source_remove);
	drain(run->monitor);
	drain(run->errors);
	drain(run->console);
	drain(run->result);
	run->evidence = vf_collect_finish(run->collect, &error);
	if (!run->evidence || !vf_capture_finish(run->qemu_log, &error))
		give_up(run, error);
	if (run->error || run->cancelled)
		return done(run);
	take_end(run);
	if (run->spec->task->job->model.present && vf_qemu_wants_plugin(run->spec))
		take_model(run);
	else
		done(run);
}

/* The command line goes to the artefact "argv" before anything is started. */
static char **make_argv(const VfGuestSpec *spec, GError **error)
{
	g_autofree char *binary = vf_qemu_find(spec->task->arch, error);
	g_autofree char *path = g_build_filename(spec->directory, "argv", NULL);
	g_autofree char *line = NULL;
	g_autofree char *text = NULL;
	g_auto(GStrv) argv = NULL;

	argv = binary ? vf_qemu_argv(spec, binary, VF_QEMU_RUN, error) : NULL;
	if (!argv)
		return NULL;
	line = vf_text_shell((const char *const *)argv);
	text = g_strconcat(line, "\n", NULL);
	return vf_dirs_write(path, text, -1, error) ? g_steal_pointer(&argv) : NULL;
}

static gboolean launch(Run *run, GError **error)
{
	g_auto(GStrv) argv = make_argv(run->spec, error);
	VfQemuWires wires;

	run->process = argv ? vf_qemu_child(argv, run->spec->run_id, &wires, error) : NULL;
	if (!run->process)
		return FALSE;
	run->console = vf_stream_new(wires.console, on_console, run);
	run->result = vf_stream_new(wires.result, on_result, run);
	run->errors = vf_stream_new(wires.errors, on_errors, run);
	run->monitor = vf_stream_new(wires.monitor, on_monitor, run);
	return TRUE;
}

static gboolean prepare(Run *run, GError **error)
{
	static const VfQmpCalls calls = {on_qmp_send, on_qmp_event, NULL};
	const VfGuestSpec *spec = run->spec;
	g_autofree char *path = g_build_filename(spec->directory, "qemu.log", NULL);
	VfQmpCalls mine = calls;

	mine.data = run;
	run->qmp = vf_qmp_new(&mine);
	run->qemu_log = vf_capture_new(path, STDERR_KEPT * 64, STDERR_KEPT * 16, error);
	if (!run->qemu_log)
		return FALSE;
	run->collect = vf_collect_new(spec->task, spec->directory, run->progress,
				      run->progress_data, error);
	return run->collect != NULL;
}

/* A guest that could not be started is evidence, too. */
static void not_started(Run *run)
{
	run->evidence = vf_evidence_new();
	run->evidence->arch = g_strdup(run->spec->task->arch->name);
	run->evidence->end = VF_END_START;
	run->evidence->error = vf_text_escape(run->error->message, -1, 1000);
	g_clear_error(&run->error);
	done(run);
}

static void begin(Run *run, GCancellable *cancellable)
{
	const VfGuestSpec *spec = run->spec;

	run->watch.started = g_get_monotonic_time();
	run->watch.last_byte = run->watch.started;
	run->watch.silence = (guint)spec->task->job->silence;
	run->watch.timeout = spec->timeout ? spec->timeout : (guint)spec->task->job->timeout;
	run->tick = g_timeout_add(VF_WATCH_TICK_MS, on_tick, run);
	if (cancellable) {
		run->cancel = g_cancellable_source_new(cancellable);
		g_source_set_callback(run->cancel, G_SOURCE_FUNC(on_cancelled), run, NULL);
		g_source_attach(run->cancel, NULL);
	}
	g_subprocess_wait_async(run->process, NULL, on_exited, run);
	if (run->progress)
		run->progress(VF_GUEST_STARTED, NULL, run->progress_data);
}

static void run_async(const VfGuestSpec *spec, GCancellable *cancellable, VfGuestProgress progress,
		      gpointer progress_data, GAsyncReadyCallback callback, gpointer data)
{
	Run *run = g_new0(Run, 1);

	run->task = g_task_new(NULL, cancellable, callback, data);
	g_task_set_check_cancellable(run->task, FALSE);
	run->spec = spec;
	run->progress = progress;
	run->progress_data = progress_data;
	run->messages = g_string_new(NULL);
	run->cancelled = g_cancellable_is_cancelled(cancellable);
	if (run->cancelled || !prepare(run, &run->error))
		return done(run);
	if (!launch(run, &run->error))
		return g_error_matches(run->error, VF_ERROR, VF_ERROR_IO) ? done(run)
									  : not_started(run);
	begin(run, cancellable);
}

static VfEvidence *run_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

static gboolean check(const VfTask *task, GError **error)
{
	return vf_qemu_check(task->arch, error);
}

static char *reproducer(const VfGuestSpec *spec)
{
	const char *name = spec->task->arch->qemu.binary;
	g_autofree char *binary = g_find_program_in_path(name);
	g_auto(GStrv) argv = vf_qemu_argv(spec, binary ? binary : name, VF_QEMU_BY_HAND, NULL);

	return argv ? vf_text_shell((const char *const *)argv) : g_strdup("");
}

const VfGuestBackend vf_guest_qemu = {
	.name = "qemu",
	.check = check,
	.run_async = run_async,
	.run_finish = run_finish,
	.reproducer = reproducer,
};
