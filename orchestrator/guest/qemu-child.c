// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/qemu-child.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "guest/qemu-argv.h"
#include "guest/qemu-reap.h"

#define FILE_SIZE_MAX (1024 * 1024 * 1024) /* bytes that QEMU may write to one file */

/* In the child between fork and exec: async-signal-safe calls only. */
static void in_child(gpointer data)
{
	static const struct rlimit no_core = {0, 0}, file_size = {FILE_SIZE_MAX, FILE_SIZE_MAX};

	/* its own session: a Ctrl-C on the terminal is for the orchestrator only */
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != GPOINTER_TO_INT(data))
		_exit(127);
	setrlimit(RLIMIT_CORE, &no_core);
	setrlimit(RLIMIT_FSIZE, &file_size);
	signal(SIGPIPE, SIG_DFL);
}

static void set_environment(GSubprocessLauncher *launcher, const char *run_id)
{
	g_autofree char *pid = g_strdup_printf("%d", getpid());
	g_autofree char *start =
		g_strdup_printf("%" G_GUINT64_FORMAT, vf_qemu_start_time(getpid()));

	g_subprocess_launcher_setenv(launcher, VF_QEMU_ENV_RUN, run_id, TRUE);
	g_subprocess_launcher_setenv(launcher, VF_QEMU_ENV_PID, pid, TRUE);
	g_subprocess_launcher_setenv(launcher, VF_QEMU_ENV_START, start, TRUE);
}

/* The read end goes to *@ours, the write end becomes descriptor @target of the child. */
static gboolean add_pipe(GSubprocessLauncher *launcher, int target, int *ours, GError **error)
{
	int fds[2];

	if (!g_unix_open_pipe(fds, FD_CLOEXEC, error))
		return FALSE;
	*ours = fds[0];
	g_subprocess_launcher_take_fd(launcher, fds[1], target);
	return TRUE;
}

static gboolean add_errors(GSubprocessLauncher *launcher, int *ours, GError **error)
{
	int fds[2];

	if (!g_unix_open_pipe(fds, FD_CLOEXEC, error))
		return FALSE;
	*ours = fds[0];
	g_subprocess_launcher_take_stdout_fd(launcher, fcntl(fds[1], F_DUPFD_CLOEXEC, 3));
	g_subprocess_launcher_take_stderr_fd(launcher, fds[1]);
	return TRUE;
}

static gboolean add_monitor(GSubprocessLauncher *launcher, int *ours, GError **error)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return vf_throw_errno(error, "socketpair");
	*ours = fds[0];
	g_subprocess_launcher_take_fd(launcher, fds[1], VF_QEMU_FD_QMP);
	return TRUE;
}

static gboolean add_wires(GSubprocessLauncher *launcher, VfQemuWires *wires, GError **error)
{
	return add_pipe(launcher, VF_QEMU_FD_CONSOLE, &wires->console, error) &&
	       add_pipe(launcher, VF_QEMU_FD_RESULT, &wires->result, error) &&
	       add_errors(launcher, &wires->errors, error) &&
	       add_monitor(launcher, &wires->monitor, error);
}

static void close_wires(const VfQemuWires *wires)
{
	const int fds[] = {wires->console, wires->result, wires->errors, wires->monitor};

	for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

GSubprocess *vf_qemu_child(char **argv, const char *run_id, VfQemuWires *wires, GError **error)
{
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	GSubprocess *child = NULL;

	*wires = (VfQemuWires){-1, -1, -1, -1};
	set_environment(launcher, run_id);
	g_subprocess_launcher_set_child_setup(launcher, in_child, GINT_TO_POINTER(getpid()), NULL);
	if (add_wires(launcher, wires, error))
		child = g_subprocess_launcher_spawnv(launcher, (const char *const *)argv, error);
	if (!child)
		close_wires(wires);
	return child;
}
