// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/qemu/qemu-child.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/sandbox.h"
#include "kernel/seccomp.h"
#include "kernel/supervise.h"
#include "guest/qemu/qemu-argv.h"
#include "guest/qemu/qemu-reap.h"

#define FILE_SIZE_MAX (128 * 1024 * 1024) /* bytes that QEMU may write to one file */

/* A program with AddressSanitizer, as the tests have in the place of QEMU, needs terabytes. */
#ifdef __SANITIZE_ADDRESS__
#define ADDRESS_SPACE(spec) 0
#else
#define ADDRESS_SPACE(spec) vf_qemu_address_space(spec)
#endif

typedef struct Start {
	pid_t parent;
	VfLimits limits;
	gboolean sandboxed;
} Start;

/* In the child between fork and exec: async-signal-safe calls only. */
static void in_child(gpointer data)
{
	const Start *start = data;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != start->parent)
		_exit(127);
	if (start->sandboxed)
		vf_seccomp_inherit();
	/* its own session: a Ctrl-C on the terminal is for the orchestrator only */
	vf_child_enter(&start->limits);
	signal(SIGPIPE, SIG_DFL);
	/* a report that is too long then lacks its end, and the guest goes on */
	signal(SIGXFSZ, SIG_IGN);
}

static gboolean writes_report(const VfGuestSpec *spec)
{
	return spec->task->job->model.present && vf_qemu_wants_plugin(spec);
}

gboolean vf_qemu_child_sandboxed(void)
{
	return vf_sandbox_available(TRUE, NULL) && vf_seccomp_fd(NULL) >= 0;
}

/* The one file that the emulator writes, for the user that it runs as. */
static gboolean make_report(const VfGuestSpec *spec, GError **error)
{
	g_autofree char *path = vf_qemu_model_path(spec);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	gboolean ok = fd >= 0 && (geteuid() || !fchown(fd, vf_sandbox_uid(), vf_sandbox_uid()));

	if (!ok)
		vf_throw_errno(error, "%s", path);
	if (fd >= 0)
		close(fd);
	return ok;
}

void vf_qemu_child_ended(const VfGuestSpec *spec)
{
	g_autofree char *path = vf_qemu_model_path(spec);
	struct stat st;

	if (!writes_report(spec) || lstat(path, &st) < 0)
		return;
	if (!st.st_size)
		unlink(path);
	else if (st.st_uid != geteuid() && lchown(path, geteuid(), getegid()) < 0)
		g_warning("%s: %s", path, g_strerror(errno));
}

static char **wrap(const VfGuestSpec *spec, char **argv)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) env = vf_child_env(NULL, NULL);
	g_autofree char *report = vf_qemu_model_path(spec);
	const char *plugin = vf_qemu_wants_plugin(spec) ? spec->plugin : NULL;
	const char *const read_only[] = {argv[0], spec->kernel->image, spec->initramfs->path,
					 plugin, NULL};
	const char *const writable[] = {report, NULL};

	vf_sandbox_wrap_guest(words, read_only, writes_report(spec) ? writable : NULL, env);
	vf_argv_strv(words, (const char *const *)argv);
	return vf_argv_end(words);
}

/* Of ours only the way to programs: tokens may be in our environment, and not every host has a sandbox. */
static void set_environment(GSubprocessLauncher *launcher, const char *run_id)
{
	g_autofree char *programs = g_strconcat("PATH=", g_getenv("PATH") ?: "/usr/bin:/bin", NULL);
	char *environment[] = {programs, NULL};
	g_autofree char *pid = g_strdup_printf("%d", getpid());
	g_autofree char *start =
		g_strdup_printf("%" G_GUINT64_FORMAT, vf_qemu_start_time(getpid()));

	g_subprocess_launcher_set_environ(launcher, environment);
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

GSubprocess *vf_qemu_child(const VfGuestSpec *spec, char **argv, VfQemuWires *wires, GError **error)
{
	Start start = {
		.parent = getpid(),
		.limits = {.memory = ADDRESS_SPACE(spec), .file_size = FILE_SIZE_MAX},
		.sandboxed = vf_qemu_child_sandboxed(),
	};
	g_auto(GStrv) words = start.sandboxed ? wrap(spec, argv) : g_strdupv(argv);
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	GSubprocess *child = NULL;

	*wires = (VfQemuWires){-1, -1, -1, -1};
	if (start.sandboxed && writes_report(spec) && !make_report(spec, error))
		return NULL;
	set_environment(launcher, spec->run_id);
	g_subprocess_launcher_set_child_setup(launcher, in_child, &start, NULL);
	if (add_wires(launcher, wires, error))
		child = g_subprocess_launcher_spawnv(launcher, (const char *const *)words, error);
	if (!child)
		close_wires(wires);
	return child;
}
