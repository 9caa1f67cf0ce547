// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/qemu/qemu-reap.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/guest.h"

#define ENVIRONMENT_MAX	 (256 * 1024)
#define START_TIME_FIELD 22 /* of /proc/PID/stat, from 1; proc(5) */

guint64 vf_qemu_start_time(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
	g_autofree char *text = NULL;
	const char *at;

	/* the second field is the name in parentheses and may hold anything */
	if (!g_file_get_contents(path, &text, NULL, NULL) || !(at = strrchr(text, ')')))
		return 0;
	for (int field = 2; at && field < START_TIME_FIELD; field++)
		at = strchr(at + 1, ' ');
	return at ? g_ascii_strtoull(at + 1, NULL, 10) : 0;
}

static const char *find(const char *environment, gsize length, const char *name)
{
	gsize n = strlen(name);

	for (const char *p = environment; p < environment + length; p += strlen(p) + 1)
		if (!strncmp(p, name, n) && p[n] == '=')
			return p + n + 1;
	return NULL;
}

gboolean vf_qemu_is_stray(const char *environment, gsize length)
{
	const char *run, *pid, *start;

	if (!length || environment[length - 1])
		return FALSE;
	run = find(environment, length, VF_QEMU_ENV_RUN);
	pid = find(environment, length, VF_QEMU_ENV_PID);
	start = find(environment, length, VF_QEMU_ENV_START);
	if (!run || !pid || !start)
		return FALSE;
	return vf_qemu_start_time((pid_t)g_ascii_strtoll(pid, NULL, 10)) !=
	       g_ascii_strtoull(start, NULL, 10);
}

static gsize read_environment(pid_t pid, char *bytes, gsize size)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/environ", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	gsize used = 0;
	ssize_t n = 1;

	if (fd < 0)
		return 0;
	if (fstat(fd, &status) < 0 || status.st_uid != getuid())
		n = 0;
	while (n > 0 && used < size) {
		n = read(fd, bytes + used, size - used);
		used += n > 0 ? (gsize)n : 0;
	}
	close(fd);
	return used < size ? used : 0;
}

/* The descriptor pins the process, so that its id cannot come to mean another one meanwhile. */
static gboolean end_if_stray(pid_t pid, char *buffer)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	gboolean stray;

	if (fd < 0)
		return FALSE;
	stray = vf_qemu_is_stray(buffer, read_environment(pid, buffer, ENVIRONMENT_MAX)) &&
		!syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	close(fd);
	return stray;
}

guint vf_guest_qemu_reap(void)
{
	g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
	g_autofree char *buffer = g_malloc(ENVIRONMENT_MAX);
	const char *name;
	guint n = 0;

	while (dir && (name = g_dir_read_name(dir))) {
		pid_t pid = (pid_t)g_ascii_strtoll(name, NULL, 10);

		if (pid > 0 && pid != getpid())
			n += end_if_stray(pid, buffer);
	}
	return n;
}
