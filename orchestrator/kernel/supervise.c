// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/seccomp.h"

/* Between two looks for what is left to kill. */
#define KILL_MS 20

/* What a child of ours needs at most, and what the kernel does not count as its memory. */
#define FILES_MAX      4096
#define LOCKED_MAX     (64 * 1024)
#define POSIX_MESSAGES 0

static void limit(int resource, guint64 value)
{
	const struct rlimit both = {.rlim_cur = value, .rlim_max = value};

	setrlimit(resource, &both);
}

static void limit_if(int resource, guint64 value)
{
	if (value)
		limit(resource, value);
}

void vf_child_enter(const VfLimits *limits)
{
	setsid();
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	limit(RLIMIT_CORE, 0);
	if (!limits)
		return;
	limit(RLIMIT_NOFILE, FILES_MAX);
	limit(RLIMIT_MEMLOCK, LOCKED_MAX);
	limit(RLIMIT_MSGQUEUE, POSIX_MESSAGES);
	limit_if(RLIMIT_CPU, limits->cpu_seconds);
	limit_if(RLIMIT_AS, limits->memory);
	limit_if(RLIMIT_FSIZE, limits->file_size);
	limit_if(RLIMIT_NPROC, limits->processes);
}

static void become_child(const VfSupervise *supervise)
{
	/* a sandbox ends when its supervisor is killed */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (supervise->enter >= 0 && write(supervise->enter, "0", 1) != 1)
		_exit(128 + SIGKILL);
	if (supervise->sandbox)
		vf_seccomp_inherit();
	vf_child_enter(supervise->limits);
}

/* Those of @keep may be -1; sorts them. */
static void close_others(int *keep, int count)
{
	unsigned int from = 0;

	for (int i = 1; i < count; i++)
		for (int j = i; j > 0 && keep[j - 1] > keep[j]; j--) {
			int swap = keep[j];

			keep[j] = keep[j - 1];
			keep[j - 1] = swap;
		}
	for (int i = 0; i < count; i++) {
		if (keep[i] < 0)
			continue;
		if ((unsigned int)keep[i] > from)
			syscall(SYS_close_range, from, keep[i] - 1, 0);
		from = (unsigned int)keep[i] + 1;
	}
	syscall(SYS_close_range, from, ~0u, 0);
}

/*
 * Kills what has this process for its parent. What they leave behind becomes children of this
 * process, to be killed at the next look; the end of a PID namespace's first process ends all of
 * the namespace.
 */
static void kill_children(void)
{
	char text[4096];
	int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	pid_t pid = 0;

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < length; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			pid = pid * 10 + (text[i] - '0');
			continue;
		}
		if (pid > 1)
			kill(pid, SIGKILL);
		pid = 0;
	}
}

static void kill_all(const VfSupervise *supervise)
{
	if (supervise->kill < 0 || write(supervise->kill, "1", 1) != 1)
		kill_children();
}

typedef struct Watch {
	pid_t child;
	int status; /* of the child */
	gboolean ending;
} Watch;

/* FALSE when there is nobody left. */
static gboolean reap(Watch *watch)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
		if (pid != watch->child)
			continue;
		watch->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		watch->ending = TRUE;
	}
	return pid == 0 || errno != ECHILD;
}

static G_NORETURN void watch_child(const VfSupervise *supervise, pid_t child, int signals)
{
	Watch watch = {.child = child, .status = 128 + SIGKILL};
	struct signalfd_siginfo info;

	while (reap(&watch)) {
		struct pollfd fds[] = {
			{.fd = signals, .events = POLLIN},
			{.fd = watch.ending ? -1 : supervise->control, .events = POLLIN},
		};

		if (watch.ending)
			kill_all(supervise);
		poll(fds, 2, watch.ending ? KILL_MS : -1);
		if (fds[0].revents && read(signals, &info, sizeof(info)) < 0)
			continue;
		if (fds[1].revents)
			watch.ending = TRUE;
	}
	_exit(watch.status);
}

void vf_supervise(gpointer data)
{
	const VfSupervise *supervise = data;
	sigset_t all, child_ended, before;
	int signals;
	pid_t child;

	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	sigemptyset(&child_ended);
	sigaddset(&child_ended, SIGCHLD);
	signals = signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK);
	child = signals < 0 ? -1 : _Fork();
	if (child < 0)
		_exit(128 + SIGKILL);
	if (child == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		become_child(supervise);
		return;
	}
	prctl(PR_SET_DUMPABLE, 0);
	close_others((int[]){supervise->control, supervise->lock, supervise->kill, signals}, 4);
	watch_child(supervise, child, signals);
}
