// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /init of the guest: opens the result channel, runs the one program that the kernel command line
 * names, sends its stdout as KTAP records, says how it ended, and powers off.
 *
 *   vifarm.job=NAME        run /bin/NAME
 *   vifarm.result=SPEC     where the results go, see channel_open()
 *   vifarm.timeout=SECONDS kill the program after so long (default 600)
 *   vifarm.KEY=VALUE       environment VIFARM_KEY of the program
 *
 * The console is the kernel's; init puts two lines on it, "vifarm: init up" and "vifarm: end".
 */
#define _GNU_SOURCE
#include "channel.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_S 600
#define CMDLINE_MAX	  4096
/* How long to wait for a killed program before powering off over its body. */
#define KILL_GRACE_MS 5000
/* Power-off that has not worked by then is followed by a restart (QEMU runs with -no-reboot). */
#define POWER_OFF_GRACE_S 10

static const struct {
	const char *source, *target, *type;
} mounts[] = {
	{"proc", "/proc", "proc"},	  {"sysfs", "/sys", "sysfs"},
	{"devtmpfs", "/dev", "devtmpfs"}, {"debugfs", "/sys/kernel/debug", "debugfs"},
	{"tmpfs", "/tmp", "tmpfs"},
};

/* Bytes of one stream of the program on their way to the channel, one record a line. */
struct stream {
	int fd; /* -1: at its end */
	char type;
	const char *prefix;
	size_t used;
	char line[CHANNEL_PAYLOAD +
		  1]; /* one more than a record takes: a longer line is seen as cut */
};

struct program {
	pid_t pid;
	bool exited;
	int status;
};

/* One write() a line: what the kernel takes as one message (dprintf() would seek, which /dev/kmsg
 * refuses). */
__attribute__((format(printf, 1, 2))) static void kmsg(const char *format, ...)
{
	char text[256] = "vifarm: ";
	size_t head = strlen(text);
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	va_list args;

	if (fd < 0)
		return;
	va_start(args, format);
	vsnprintf(text + head, sizeof text - head - 1, format, args);
	va_end(args);
	strcat(text, "\n");
	if (write(fd, text, strlen(text)) < 0)
		perror("/dev/kmsg");
	close(fd);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void mount_all(void)
{
	for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
		mkdir(mounts[i].target, 0755);
		if (mount(mounts[i].source, mounts[i].target, mounts[i].type, 0, NULL) < 0 &&
		    errno != EBUSY)
			kmsg("cannot mount %s: %s", mounts[i].target, strerror(errno));
	}
}

/* Reads at most SIZE - 1 bytes of a small file; returns "" when it cannot be read. */
static void read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
}

/* "page-size=4096" becomes the environment variable VIFARM_PAGE_SIZE=4096. */
static void export_parameter(const char *parameter)
{
	char name[64] = "VIFARM_";
	const char *equals = strchr(parameter, '=');
	size_t prefix = strlen(name);

	if (!equals || equals == parameter || (size_t)(equals - parameter) >= sizeof name - prefix)
		return;
	for (size_t i = 0; parameter + i < equals; i++) {
		unsigned char c = (unsigned char)parameter[i];

		name[prefix + i] = isalnum(c) ? (char)toupper(c) : '_';
	}
	setenv(name, equals + 1, 1);
}

static void export_cmdline(char *cmdline)
{
	for (char *rest, *word = strtok_r(cmdline, " \n", &rest); word;
	     word = strtok_r(NULL, " \n", &rest))
		if (strncmp(word, "vifarm.", 7) == 0)
			export_parameter(word + 7);
}

static void inform_cpu(struct channel *channel)
{
	char line[256], key[64], value[160];
	FILE *file = fopen("/proc/cpuinfo", "re");

	if (!file)
		return;
	/* The first block only: the others repeat it for each CPU. */
	while (fgets(line, sizeof line, file) && line[0] != '\n')
		if (sscanf(line, " %63[^:\t] : %159[^\n]", key, value) == 2)
			channel_inform(channel, "cpuinfo", "%s: %s", key, value);
	fclose(file);
}

static void inform_system(struct channel *channel, const char *cmdline)
{
	struct utsname u;

	uname(&u);
	channel_inform(channel, "kernel", "%s", u.release);
	channel_inform(channel, "version", "%s", u.version);
	channel_inform(channel, "machine", "%s", u.machine);
	channel_inform(channel, "page_size", "%ld", sysconf(_SC_PAGESIZE));
	channel_inform(channel, "cpus", "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	channel_inform(channel, "memory_kib", "%ld",
		       sysconf(_SC_PHYS_PAGES) * (sysconf(_SC_PAGESIZE) / 1024));
	channel_inform(channel, "cmdline", "%.*s", (int)strcspn(cmdline, "\n"), cmdline);
	channel_inform(channel, "boot_ms", "%" PRId64, now_ms());
	inform_cpu(channel);
}

static void on_child(int signal)
{
	(void)signal;
}

static void send_line(struct channel *channel, struct stream *stream)
{
	if (stream->prefix[0] != '\0')
		channel_inform(channel, stream->prefix, "%.*s", (int)stream->used, stream->line);
	else
		channel_send(channel, stream->type, stream->line, stream->used);
	stream->used = 0;
}

static void take_bytes(struct channel *channel, struct stream *stream, const char *bytes,
		       size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			send_line(channel, stream);
		else if (stream->used < sizeof stream->line)
			stream->line[stream->used++] = bytes[i];
	}
}

/* Forwards what there is to read; closes the stream at its end. */
static void forward(struct channel *channel, struct stream *stream)
{
	char bytes[4096];
	ssize_t n = read(stream->fd, bytes, sizeof bytes);

	if (n > 0) {
		take_bytes(channel, stream, bytes, (size_t)n);
		return;
	}
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (stream->used > 0)
		send_line(channel, stream);
	close(stream->fd);
	stream->fd = -1;
}

/* PID 1 inherits every orphan; the program's own status is kept. */
static void reap(struct program *program)
{
	int status;

	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		if (pid != program->pid)
			continue;
		program->exited = true;
		program->status = status;
		/* What it left behind, in whatever process group, would hold the pipes open. */
		kill(-1, SIGKILL);
	}
}

/*
 * Forwards both streams until the program has exited and they have ended, or until the deadline
 * (milliseconds of now_ms()). SIGCHLD is let in only inside ppoll(), so that no exit is missed.
 * Returns false at the deadline.
 */
static bool pump(struct channel *channel, struct program *program, struct stream streams[2],
		 int64_t deadline)
{
	sigset_t none;

	sigemptyset(&none);
	for (;;) {
		reap(program);
		if (program->exited && streams[0].fd < 0 && streams[1].fd < 0)
			return true;
		int64_t left = deadline - now_ms();

		if (left <= 0)
			return false;
		struct pollfd fds[2] = {{.fd = streams[0].fd, .events = POLLIN},
					{.fd = streams[1].fd, .events = POLLIN}};
		struct timespec wait = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};

		if (ppoll(fds, 2, &wait, &none) <= 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (fds[i].revents)
				forward(channel, &streams[i]);
	}
}

/* In the child: never returns. */
static void become(const char *path, int out, int err)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	execl(path, path, (char *)NULL);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", path, strerror(errno));
	_exit(127);
}

static bool start(struct program *program, const char *path, struct stream streams[2])
{
	int out[2], err[2];

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		return false;
	program->pid = fork();
	if (program->pid < 0)
		return false;
	if (program->pid == 0)
		become(path, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	streams[0] = (struct stream){.fd = out[0], .type = 'K', .prefix = ""};
	streams[1] = (struct stream){.fd = err[0], .type = 'I', .prefix = "stderr"};
	return true;
}

static long timeout_seconds(void)
{
	const char *text = getenv("VIFARM_TIMEOUT");
	char *end = NULL;
	long seconds = text ? strtol(text, &end, 10) : 0;

	return text && *end == '\0' && seconds > 0 && seconds < 1000000 ? seconds
									: DEFAULT_TIMEOUT_S;
}

static void inform_exit(struct channel *channel, const struct program *program, bool in_time,
			long timeout)
{
	if (!program->exited)
		channel_inform(channel, "exit", "stuck:%ld", timeout);
	else if (!in_time)
		channel_inform(channel, "exit", "timeout:%ld", timeout);
	else if (WIFSIGNALED(program->status))
		channel_inform(channel, "exit", "signal:%d", WTERMSIG(program->status));
	else
		channel_inform(channel, "exit", "%d", WEXITSTATUS(program->status));
}

static void run(struct channel *channel, const char *path)
{
	static struct stream streams[2];
	struct program program = {0};
	long timeout = timeout_seconds();
	int64_t began = now_ms();

	if (!start(&program, path, streams)) {
		channel_inform(channel, "error", "cannot start %s: %s", path, strerror(errno));
		return;
	}
	bool in_time = pump(channel, &program, streams, began + (int64_t)timeout * 1000);

	if (!in_time) {
		kill(-1, SIGKILL);
		pump(channel, &program, streams, now_ms() + KILL_GRACE_MS);
	}
	channel_inform(channel, "program_ms", "%" PRId64, now_ms() - began);
	if (channel->overlong > 0)
		channel_inform(channel, "overlong", "%" PRIu64, channel->overlong);
	inform_exit(channel, &program, in_time, timeout);
}

/* Sends what there is to say about the job; every way out of it reaches the end marker. */
static void serve(struct channel *channel, const char *cmdline)
{
	const char *job = getenv("VIFARM_JOB");
	char path[80];

	inform_system(channel, cmdline);
	if (!job || strspn(job, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(job) ||
	    strlen(job) > 64) {
		channel_inform(channel, "error", "vifarm.job: expected a program name, got %s",
			       job ? job : "nothing");
		return;
	}
	channel_inform(channel, "job", "%s", job);
	snprintf(path, sizeof path, "/bin/%s", job);
	run(channel, path);
}

/*
 * Does not return. The request to power off is made in a child, because a board without a working
 * power switch may keep its caller for ever; then a restart, which -no-reboot turns into an exit;
 * then the end of PID 1, a panic.
 */
static _Noreturn void power_off(void)
{
	if (fork() == 0) {
		reboot(RB_POWER_OFF);
		_exit(0);
	}
	sleep(POWER_OFF_GRACE_S);
	reboot(RB_AUTOBOOT);
	_exit(1);
}

int main(void)
{
	static char cmdline[CMDLINE_MAX], words[CMDLINE_MAX];
	struct sigaction action = {.sa_handler = on_child};
	struct channel channel = {.fd = -1};
	sigset_t child;

	mount_all();
	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);

	kmsg("init up");
	read_text("/proc/cmdline", cmdline, sizeof cmdline);
	memcpy(words, cmdline, sizeof words);
	export_cmdline(words);

	const char *spec = getenv("VIFARM_RESULT");
	const char *missing =
		spec ? channel_open(&channel, spec) : "vifarm.result is not on the command line";

	if (missing) {
		kmsg("no result channel: %s", missing);
	} else {
		serve(&channel, cmdline);
		channel_end(&channel);
	}
	kmsg("end");
	power_off();
}
