// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/child.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "base/tool-log.h"
#include "kernel/cgroup.h"
#include "kernel/sandbox.h"
#include "kernel/seccomp.h"
#include "kernel/supervise.h"
#include "kernel/usage.h"

/* How often what a child uses is looked at; looking through a disk costs more than the memory. */
#define WATCH_MS    500
#define DISK_ROUNDS 4

#define LINE_MAX_BYTES 4096
#define READ_BYTES     65536

typedef struct Run {
	GSource *watch; /* of the process */
	GInputStream *output;
	GCancellable *cancellable;
	gulong cancel_id;
	pid_t supervisor;
	int control;	  /* write end of the supervisor's; -1: the child is to end */
	VfCgroup *cgroup; /* NULL: none */
	guint pending;	  /* of: end of output, end of process */
	GSource *timer, *watcher;
	VfLimits limits;
	guint round;
	guint64 free_first, free_then; /* on the disk: at the start, when its usage was looked at */
	gint64 start;
	gsize keep;
	GByteArray *kept;
	GString *line;
	VfChildLine on_line;
	gpointer on_line_data;
	VfChildEnd end;
	GError *error;
} Run;

void vf_child_end_clear(VfChildEnd *end)
{
	g_free(end->output);
	memset(end, 0, sizeof(*end));
}

static void add_plain(GPtrArray *words)
{
	const char *path = g_getenv("PATH");

	g_ptr_array_add(words, g_strconcat("PATH=", path ? path : "/usr/bin:/bin", NULL));
	g_ptr_array_add(words, g_strdup("LC_ALL=C"));
}

static char **plain_env(void)
{
	GPtrArray *words = g_ptr_array_new();

	add_plain(words);
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

char **vf_child_env(const char *first, ...)
{
	GPtrArray *words = g_ptr_array_new();
	va_list args;

	add_plain(words);
	va_start(args, first);
	for (const char *word = first; word; word = va_arg(args, const char *))
		g_ptr_array_add(words, g_strdup(word));
	va_end(args);
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

/* The supervisor kills all that the child has started. */
static void kill_all(Run *run)
{
	if (run->control >= 0)
		close(run->control);
	run->control = -1;
}

static void run_free(gpointer data)
{
	Run *run = data;

	if (run->cancel_id)
		g_cancellable_disconnect(run->cancellable, run->cancel_id);
	if (run->timer)
		g_source_destroy(run->timer);
	g_clear_pointer(&run->timer, g_source_unref);
	if (run->watcher)
		g_source_destroy(run->watcher);
	g_clear_pointer(&run->watcher, g_source_unref);
	g_clear_object(&run->cancellable);
	kill_all(run);
	if (run->watch)
		g_source_destroy(run->watch);
	g_clear_pointer(&run->watch, g_source_unref);
	g_clear_object(&run->output);
	vf_cgroup_free(run->cgroup);
	g_byte_array_unref(run->kept);
	g_string_free(run->line, TRUE);
	vf_child_end_clear(&run->end);
	g_clear_error(&run->error);
	g_free(run);
}

static void on_cancelled(G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
	kill_all(data);
}

static gboolean on_timeout(gpointer data)
{
	Run *run = data;

	run->end.timed_out = TRUE;
	kill_all(run);
	return G_SOURCE_REMOVE;
}

static GSource *timer_start(GTask *task, guint64 seconds)
{
	GSource *timer = g_timeout_source_new_seconds((guint)seconds);

	g_source_set_callback(timer, on_timeout, g_task_get_task_data(task), NULL);
	g_source_attach(timer, g_task_get_context(task));
	return timer;
}

/*
 * What has come since the last look cannot be more than what the disk has lost since then. Files
 * that are open but have no name any more are only seen by what is lost in all.
 */
static gboolean disk_full(Run *run)
{
	const VfLimits *limits = &run->limits;
	guint64 free_now = vf_usage_free(limits->disk_path);
	guint64 lost = run->free_then - MIN(free_now, run->free_then);

	if (run->free_first - MIN(free_now, run->free_first) > 2 * limits->disk)
		return TRUE;
	if (run->round++ % DISK_ROUNDS && lost < limits->disk / 4)
		return FALSE;
	run->free_then = free_now;
	return vf_usage_disk(limits->disk_path, limits->disk) > limits->disk;
}

static gboolean on_watch(gpointer data)
{
	Run *run = data;
	const VfLimits *limits = &run->limits;

	if (limits->resident && vf_usage_memory(run->supervisor) > limits->resident)
		run->end.exceeded = "memory";
	else if (limits->disk && disk_full(run))
		run->end.exceeded = "disk";
	if (!run->end.exceeded)
		return G_SOURCE_CONTINUE;
	kill_all(run);
	return G_SOURCE_REMOVE;
}

static void watcher_start(GTask *task, const VfLimits *limits)
{
	Run *run = g_task_get_task_data(task);

	run->limits = *limits;
	if (limits->disk)
		run->free_first = run->free_then = vf_usage_free(limits->disk_path);
	run->watcher = g_timeout_source_new(WATCH_MS);
	g_source_set_callback(run->watcher, on_watch, run, NULL);
	g_source_attach(run->watcher, g_task_get_context(task));
}

static void line_end(Run *run)
{
	run->on_line(run->line->str, run->line->len, run->on_line_data);
	g_string_truncate(run->line, 0);
}

static void line_bytes(Run *run, const char *bytes, gsize length)
{
	gsize room = LINE_MAX_BYTES - run->line->len;

	g_string_append_len(run->line, bytes, (gssize)MIN(length, room));
}

static void take_output(Run *run, const char *bytes, gsize length)
{
	gsize room = run->keep - MIN(run->keep, run->kept->len);
	const char *end = bytes + length;

	g_byte_array_append(run->kept, (const guint8 *)bytes, (guint)MIN(length, room));
	while (run->on_line && bytes < end) {
		const char *newline = memchr(bytes, '\n', (gsize)(end - bytes));

		line_bytes(run, bytes, (gsize)((newline ? newline : end) - bytes));
		if (newline)
			line_end(run);
		bytes = newline ? newline + 1 : end;
	}
}

/* Drops @task, and returns its result when both the output and the process have ended. */
static void part_ended(GTask *task)
{
	Run *run = g_task_get_task_data(task);

	if (--run->pending == 0) {
		run->end.seconds = (double)(g_get_monotonic_time() - run->start) / G_USEC_PER_SEC;
		if (run->on_line && run->line->len)
			line_end(run);
		if (g_cancellable_is_cancelled(run->cancellable)) {
			g_clear_error(&run->error);
			vf_throw(&run->error, VF_ERROR_CANCELLED, "cancelled");
		}
		if (run->error)
			g_task_return_error(task, g_steal_pointer(&run->error));
		else
			g_task_return_boolean(task, TRUE);
	}
	g_object_unref(task);
}

static void on_read(GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	Run *run = g_task_get_task_data(task);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes =
		g_input_stream_read_bytes_finish(G_INPUT_STREAM(source), result, &error);
	gsize length = bytes ? g_bytes_get_size(bytes) : 0;

	if (!length) {
		if (error && !run->error)
			vf_throw(&run->error, VF_ERROR_IO, "cannot read from a child: %s",
				 error->message);
		part_ended(task);
		return;
	}
	take_output(run, g_bytes_get_data(bytes, NULL), length);
	g_input_stream_read_bytes_async(run->output, READ_BYTES, G_PRIORITY_DEFAULT, NULL, on_read,
					task);
}

static void on_exit_status(G_GNUC_UNUSED GPid pid, gint status, gpointer data)
{
	GTask *task = data;
	Run *run = g_task_get_task_data(task);

	run->end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (vf_cgroup_out_of_memory(run->cgroup))
		run->end.exceeded = "memory";
	part_ended(task);
}

static gboolean spawn(const VfChild *child, VfSupervise *supervise, int output, pid_t *pid,
		      GError **error)
{
	g_auto(GStrv) plain = child->env ? NULL : plain_env();
	g_autoptr(GError) local = NULL;

	supervise->sandbox = !g_strcmp0(child->argv[0], VF_SANDBOX_PROGRAM);
	if (supervise->sandbox && vf_seccomp_fd(error) < 0)
		return FALSE;
	if (g_spawn_async_with_pipes_and_fds(child->directory, (const char *const *)child->argv,
					     (const char *const *)(child->env ? child->env : plain),
					     G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
					     vf_supervise, supervise,
					     child->input ? child->input : -1,
					     child->output ? child->output : output, output, NULL,
					     NULL, 0, pid, NULL, NULL, NULL, &local))
		return TRUE;
	return vf_throw(error, VF_ERROR_MISSING, "cannot start %s: %s", child->argv[0],
			local->message);
}

static gboolean open_pipe(const VfChild *child, int pipe[2], GError **error)
{
	return pipe2(pipe, O_CLOEXEC) == 0 ||
	       vf_throw_errno(error, "cannot start %s", child->argv[0]);
}

/* Starts the child and returns the end of the pipe that all its output comes out of, or -1. */
static int launch(const VfChild *child, Run *run, GError **error)
{
	VfSupervise supervise = {
		.limits = child->limits,
		.lock = child->lock ? vf_lock_fd(child->lock) : -1,
		.enter = vf_cgroup_enter_fd(run->cgroup),
		.kill = vf_cgroup_kill_fd(run->cgroup),
	};
	int output[2], control[2];
	gboolean ok;

	if (!open_pipe(child, output, error))
		return -1;
	if (!open_pipe(child, control, error)) {
		close(output[0]);
		close(output[1]);
		return -1;
	}
	supervise.control = control[0];
	run->control = control[1];
	ok = spawn(child, &supervise, output[1], &run->supervisor, error);
	close(output[1]);
	close(control[0]);
	if (!ok)
		close(output[0]);
	return ok ? output[0] : -1;
}

static void watch(GTask *task, int output)
{
	Run *run = g_task_get_task_data(task);

	run->pending = 2;
	run->output = g_unix_input_stream_new(output, TRUE);
	run->watch = g_child_watch_source_new(run->supervisor);
	g_source_set_callback(run->watch, G_SOURCE_FUNC(on_exit_status), g_object_ref(task), NULL);
	g_source_attach(run->watch, g_task_get_context(task));
	g_input_stream_read_bytes_async(run->output, READ_BYTES, G_PRIORITY_DEFAULT, NULL, on_read,
					g_object_ref(task));
}

void vf_child_async(const VfChild *child, GCancellable *cancellable, GAsyncReadyCallback done,
		    gpointer data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, done, data);
	Run *run = g_new0(Run, 1);
	GError *error = NULL;
	int output;

	run->control = -1;
	run->kept = g_byte_array_new();
	run->line = g_string_new(NULL);
	run->keep = child->keep;
	run->on_line = child->line;
	run->on_line_data = child->line_data;
	run->start = g_get_monotonic_time();
	run->cancellable = cancellable ? g_object_ref(cancellable) : NULL;
	g_task_set_task_data(task, run, run_free);
	g_task_set_check_cancellable(task, FALSE);
	run->cgroup = vf_cgroup_new(child->limits);
	output = launch(child, run, &error);
	if (output < 0) {
		g_task_return_error(task, error);
		return;
	}
	watch(task, output);
	if (child->limits && child->limits->seconds)
		run->timer = timer_start(task, child->limits->seconds);
	if (child->limits && (child->limits->resident || child->limits->disk))
		watcher_start(task, child->limits);
	if (cancellable)
		run->cancel_id =
			g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled), run, NULL);
}

gboolean vf_child_finish(GAsyncResult *result, VfChildEnd *end, GError **error)
{
	Run *run = g_task_get_task_data(G_TASK(result));

	if (!g_task_propagate_boolean(G_TASK(result), error))
		return FALSE;
	*end = run->end;
	end->length = run->kept->len;
	g_byte_array_append(run->kept, (const guint8 *)"", 1);
	end->output = (char *)g_byte_array_steal(run->kept, NULL);
	memset(&run->end, 0, sizeof(run->end));
	return TRUE;
}

static void on_blocking_done(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GAsyncResult **slot = data;

	*slot = g_object_ref(result);
}

gboolean vf_child_run(const VfChild *child, VfChildEnd *end, GError **error)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	g_autoptr(GAsyncResult) result = NULL;

	g_main_context_push_thread_default(context);
	vf_child_async(child, NULL, on_blocking_done, &result);
	while (!result)
		g_main_context_iteration(context, TRUE);
	g_main_context_pop_thread_default(context);
	return vf_child_finish(result, end, error);
}

gboolean vf_child_check(const VfChildEnd *end, VfErrorCode code, GError **error, const char *format,
			...)
{
	g_autofree char *what = NULL, *said = NULL;
	VfLine line;
	va_list args;

	if (!end->status && !end->timed_out && !end->exceeded)
		return TRUE;
	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	if (end->exceeded)
		return vf_throw(error, code, "%s: stopped, it used too much %s", what,
				end->exceeded);
	if (end->timed_out)
		return vf_throw(error, code, "%s: stopped after %.0f s", what, end->seconds);
	line = vf_tool_reason(end->output ? end->output : "", end->output ? end->length : 0);
	said = vf_text_escape(line.text, (gssize)line.length, 300);
	if (!line.length)
		return vf_throw(error, code, "%s: exit status %d", what, end->status);
	return vf_throw(error, code, "%s: %s", what, said);
}
