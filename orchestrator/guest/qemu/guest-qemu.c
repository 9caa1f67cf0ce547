// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests in a QEMU of our own: a child with QMP. */
#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/boot.h"
#include "guest/guest.h"
#include "guest/qemu/qemu-argv.h"
#include "guest/qemu/qemu-check.h"
#include "guest/qemu/qemu-child.h"
#include "guest/qemu/qmp.h"
#include "guest/stream.h"

#define DRAIN_MAX    (16 * 1024 * 1024)
#define SHELL_SIGNAL 128
#define LOOK_MS	     5
#define LOOKS_MAX    400

typedef struct Run {
	VfBoot *boot; /* owns us */
	const VfGuestSpec *spec;
	GSubprocess *process;
	VfStream *console, *result, *errors, *monitor;
	VfQmp *qmp;
	guint looks; /* for the end of the guest's output, after that of the process */
} Run;

static void run_free(gpointer data)
{
	Run *run = data;

	g_clear_pointer(&run->console, vf_stream_free);
	g_clear_pointer(&run->result, vf_stream_free);
	g_clear_pointer(&run->errors, vf_stream_free);
	g_clear_pointer(&run->monitor, vf_stream_free);
	g_clear_pointer(&run->qmp, vf_qmp_free);
	g_clear_object(&run->process);
	g_free(run);
}

static void kill_now(gpointer data)
{
	Run *run = data;

	if (run->process)
		g_subprocess_force_exit(run->process);
}

/* Lets the plugin write the end of its report; who does not quit is killed in time. */
static void quit(gpointer data)
{
	vf_qmp_execute(((Run *)data)->qmp, "quit");
}

static const VfBootCalls boot_calls = {.stop = quit, .kill = kill_now, .free = run_free};

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

static const struct {
	const char *name;
	void (*tell)(VfBoot *boot);
} events[] = {
	{"GUEST_PANICKED", vf_boot_panicked},
	{"WATCHDOG", vf_boot_watchdog},
};

static void on_qmp_event(const char *name, G_GNUC_UNUSED const json_t *details, gpointer data)
{
	for (guint i = 0; i < G_N_ELEMENTS(events); i++)
		if (g_str_equal(name, events[i].name))
			events[i].tell(((Run *)data)->boot);
}

static void drain(VfStream *stream)
{
	if (stream)
		vf_stream_drain(stream, DRAIN_MAX);
}

/* A sandbox says of a signal what a shell says. */
static VfBootEnd end_of(GSubprocess *process)
{
	int status;

	if (!g_subprocess_get_if_exited(process))
		return (VfBootEnd){VF_END_SIGNAL, g_subprocess_get_term_sig(process), NULL, NULL};
	status = g_subprocess_get_exit_status(process);
	if (status > SHELL_SIGNAL && vf_qemu_child_sandboxed())
		return (VfBootEnd){VF_END_SIGNAL, status - SHELL_SIGNAL, NULL, NULL};
	return (VfBootEnd){VF_END_EXIT, status, NULL, NULL};
}

static gboolean on_remains(gpointer data)
{
	Run *run = data;
	VfBootEnd end;

	drain(run->monitor);
	drain(run->errors);
	drain(run->console);
	drain(run->result);
	if (!vf_stream_ended(run->console) && ++run->looks < LOOKS_MAX)
		return G_SOURCE_CONTINUE;
	vf_qemu_child_ended(run->spec);
	end = end_of(run->process);
	end.emulator = vf_qmp_emulator(run->qmp);
	vf_boot_ended(run->boot, &end);
	return G_SOURCE_REMOVE;
}

/* A sandbox that was killed ends before what is in it does, by moments. */
static void on_exited(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Run *run = data;

	g_subprocess_wait_finish(run->process, result, NULL);
	if (on_remains(run) == G_SOURCE_CONTINUE)
		g_timeout_add(LOOK_MS, on_remains, run);
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

	run->process = argv ? vf_qemu_child(run->spec, argv, &wires, error) : NULL;
	if (!run->process)
		return FALSE;
	run->console = vf_stream_new(wires.console, vf_boot_console, run->boot);
	run->result = vf_stream_new(wires.result, vf_boot_result, run->boot);
	run->errors = vf_stream_new(wires.errors, vf_boot_messages, run->boot);
	run->monitor = vf_stream_new(wires.monitor, on_monitor, run);
	return TRUE;
}

static void run_async(G_GNUC_UNUSED const VfGuestBackend *self, const VfGuestSpec *spec,
		      GCancellable *cancellable, VfGuestProgress progress, gpointer progress_data,
		      GAsyncReadyCallback callback, gpointer data)
{
	Run *run = g_new0(Run, 1);
	const VfQmpCalls qmp = {on_qmp_send, on_qmp_event, run};
	g_autoptr(GError) error = NULL;

	run->spec = spec;
	run->qmp = vf_qmp_new(&qmp);
	run->boot = vf_boot_new(spec, cancellable, progress, progress_data, &boot_calls, run,
				callback, data);
	if (!vf_boot_prepare(run->boot, &error))
		return vf_boot_abort(run->boot, g_steal_pointer(&error));
	if (!launch(run, &error)) {
		if (g_error_matches(error, VF_ERROR, VF_ERROR_IO))
			return vf_boot_abort(run->boot, g_steal_pointer(&error));
		return vf_boot_not_started(run->boot, error->message);
	}
	vf_boot_begin(run->boot);
	g_subprocess_wait_async(run->process, NULL, on_exited, run);
}

static gboolean check(G_GNUC_UNUSED const VfGuestBackend *self, const VfTask *task, GError **error)
{
	return vf_qemu_check(task->arch, error);
}

const VfGuestBackend vf_guest_qemu = {
	.name = "qemu",
	.check = check,
	.run_async = run_async,
	.run_finish = vf_boot_finish,
	.reproducer = vf_qemu_reproducer,
};
