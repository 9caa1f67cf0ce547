// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Job "vflush": drives the kernel's test_vmap_alias, each case in a window of
 * its own, so that the cache model can tell what the executed accesses and
 * flushes would have done on a virtually indexed cache. What the guest itself
 * sees is only that data came through.
 *
 *   VIFARM_LOOPS        repetitions of each case, default 3
 *   VIFARM_SKIP_VFLUSH  1: the kernel leaves its flushes out; the model must then complain
 */
#define _GNU_SOURCE
#include "ktap.h"
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN "/sys/kernel/debug/test_vmap_alias/run"

static unsigned long number_of(const char *name, unsigned long fallback)
{
	const char *text = getenv(name);
	unsigned long n = text ? strtoul(text, NULL, 10) : fallback;

	return n < 100000 ? n : fallback;
}

/* Writes one line; 0 or an errno. */
static int run_line(const char *line)
{
	int fd = open(RUN, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, line, strlen(line)) < 0)
		err = errno;
	close(fd);
	return err;
}

/* What follows KEY= in the result of the last run; "" when it is not there. */
static void result_of(const char *key, char *value, size_t size)
{
	char text[2048] = "";
	size_t length = strlen(key);
	int fd = open(RUN, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	value[0] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, key, length) && line[length] == '=')
			snprintf(value, size, "%s", line + length + 1);
}

static enum ktap_status judge(struct ktap *t, int err)
{
	char alias[32], linear[32], phys[32], where[128], bad[32], byte[32];

	result_of("failed_at", where, sizeof where);
	if (err)
		return ktap_fail(t, "test_vmap_alias: %s%s%s", strerror(err), *where ? ": " : "",
				 where);
	result_of("alias", alias, sizeof alias);
	result_of("linear", linear, sizeof linear);
	result_of("phys", phys, sizeof phys);
	ktap_note(t, "alias=%s linear=%s phys=%s", alias, linear, phys);
	result_of("bad_bytes", bad, sizeof bad);
	result_of("first_bad_byte", byte, sizeof byte);
	if (strcmp(bad, "0"))
		return ktap_fail(t, "%s bytes differ, the first is byte %s", bad, byte);
	return KTAP_PASS;
}

/* Whether the kernel knows colours at all; where it does not, no alias can have another one. */
static bool coloured(void)
{
	static unsigned long period;
	char value[32];

	if (!period && !run_line("mode=pio colour=any off=0 len=1 loops=1")) {
		result_of("period", value, sizeof value);
		period = strtoul(value, NULL, 10);
	}
	return period > (unsigned long)sysconf(_SC_PAGESIZE);
}

static enum ktap_status run(struct ktap *t, const char *window, const char *what)
{
	static const char different[] = "colour=different";
	const char *colour = strstr(what, different);
	char line[256], name[64];
	int err;

	if (colour && !coloured())
		snprintf(line, sizeof line, "%.*scolour=any%s loops=%lu skip_vflush=%lu",
			 (int)(colour - what), what, colour + strlen(different),
			 number_of("VIFARM_LOOPS", 3), number_of("VIFARM_SKIP_VFLUSH", 0));
	else
		snprintf(line, sizeof line, "%s loops=%lu skip_vflush=%lu", what,
			 number_of("VIFARM_LOOPS", 3), number_of("VIFARM_SKIP_VFLUSH", 0));
	ktap_note(t, "%s", line);
	snprintf(name, sizeof name, "%s", window);
	window_begin(name);
	err = run_line(line);
	window_end();
	return judge(t, err);
}

/* Another process that forks and executes, and maps areas, until it is killed. */
static pid_t start_churn(void)
{
	pid_t churn = fork();

	if (churn)
		return churn;
	for (;;) {
		pid_t child = fork();

		if (!child) {
			execl("/proc/self/exe", "vflush", "--nothing", (char *)NULL);
			_exit(1);
		}
		waitpid(child, NULL, 0);
		run_line("mode=pio colour=any len=40960");
	}
}

static enum ktap_status run_churned(struct ktap *t, const char *window, const char *what)
{
	pid_t churn = start_churn();
	enum ktap_status status;

	if (churn < 0)
		return ktap_fail(t, "fork: %s", strerror(errno));
	usleep(20000);
	status = run(t, window, what);
	kill(churn, SIGKILL);
	waitpid(churn, NULL, 0);
	return status;
}

/* Whole pages, ragged ends, a range that crosses a page, one inside of a line, and many pages. */
#define CASES(X)                                                               \
	X(pio_pages, "mode=pio colour=different off=0 len=16384", run)         \
	X(pio_ragged, "mode=pio colour=different off=13 len=9001", run)        \
	X(pio_crossing, "mode=pio colour=different off=4090 len=13", run)      \
	X(pio_inside, "mode=pio colour=different off=100 len=7", run)          \
	X(pio_many, "mode=pio colour=different off=0 len=131072", run)         \
	X(dma_pages, "mode=dma colour=different off=0 len=16384", run)         \
	X(dma_ragged, "mode=dma colour=different off=13 len=9001", run)        \
	X(dma_crossing, "mode=dma colour=different off=4090 len=13", run)      \
	X(dma_many, "mode=dma colour=different off=0 len=131072", run)         \
	X(todev_pages, "mode=todev colour=different off=0 len=16384", run)     \
	X(todev_ragged, "mode=todev colour=different off=13 len=9001", run)    \
	X(todev_crossing, "mode=todev colour=different off=4090 len=13", run)  \
	X(todev_many, "mode=todev colour=different off=0 len=131072", run)     \
	X(pio_churn, "mode=pio colour=different off=13 len=9001", run_churned) \
	X(dma_churn, "mode=dma colour=different off=13 len=9001", run_churned)

#define CASE(name, what, how)                               \
	static enum ktap_status test_##name(struct ktap *t) \
	{                                                   \
		return how(t, "vflush/" #name, what);       \
	}
CASES(CASE)

/* No window: a page without an alias has nothing that could go wrong. */
static enum ktap_status test_equal_colour(struct ktap *t)
{
	return judge(t, run_line("mode=pio colour=equal off=0 len=16384"));
}

static enum ktap_status test_port(struct ktap *t)
{
	return window_open() ? KTAP_PASS : ktap_fail(t, "%s", window_error());
}

static bool exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

static enum ktap_status test_module(struct ktap *t)
{
	if (!exists(RUN))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	return exists(RUN) ? KTAP_PASS
			   : ktap_fail(t, RUN ": %s: CONFIG_TEST_VMAP_ALIAS?", strerror(errno));
}

#define ROW(name, what, how) {#name, test_##name},
static const struct ktap_case cases[] = {
	{"port", test_port},
	{"module", test_module},
	CASES(ROW){"equal_colour", test_equal_colour},
};

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--nothing"))
		return 0;
	return ktap_main(KTAP_CASES(cases));
}
