// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Job "dma-sg": runs the KUnit suites of the kernel's new calls and checks from user space what
 * they left behind.
 *
 * A suite is started by writing to /sys/kernel/debug/kunit/<suite>/run, in this process; its KTAP
 * is read from
 * .../results and forwarded verbatim as a nested test. The kernel needs kunit.enable=1 on its
 * command line.
 */
#define _GNU_SOURCE
#include "ktap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KUNIT_DIR     "/sys/kernel/debug/kunit"
#define DMA_DEBUG_DIR "/sys/kernel/debug/dma-api"
/* Most that a suite may report; a longer report is an error, not a cut. */
#define RESULTS_MAX (256 * 1024)
/*
 * Further runs of each suite, after each of which the free pages are counted. A call that loses
 * memory loses it in each of a suite's hundred cases, and so in every run; caches of the kernel
 * grow in one run and not in the next. The run that lost least is what counts.
 */
#define LEAK_RUNS  6
#define LEAK_SLACK 64
#define TAINT_WARN (1ul << 9)

static const char *const suites[] = {"dma_alloc_sg", "vflush"};

/* What there was before the first suite ran. */
static struct {
	unsigned long taint;
	unsigned long mappings;
	bool mappings_known;
} before;

/* Reads a file whole into TEXT, at most SIZE - 1 bytes. Returns its length, or -1 with errno (EFBIG
 * when longer). */
static ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	while (used < size && (n = read(fd, text + used, size - used)) > 0)
		used += (size_t)n;
	close(fd);
	if (n < 0)
		return -1;
	if (used == size) {
		errno = EFBIG;
		return -1;
	}
	text[used] = '\0';
	return (ssize_t)used;
}

static bool read_number(const char *path, unsigned long *value)
{
	char text[64];

	if (read_file(path, text, sizeof text) <= 0)
		return false;
	*value = strtoul(text, NULL, 10);
	return true;
}

/* True when the kernel has a function of that name. */
static bool kernel_has(const char *function)
{
	char line[512], name[128];
	FILE *file = fopen("/proc/kallsyms", "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file))
		found = sscanf(line, "%*s %*s %127s", name) == 1 && strcmp(name, function) == 0;
	if (file)
		fclose(file);
	return found;
}

static bool suite_exists(const char *suite)
{
	char path[128];

	snprintf(path, sizeof path, KUNIT_DIR "/%s/run", suite);
	return access(path, W_OK) == 0;
}

/* Writes a short text to a file of the kernel; false, with errno, when that fails. */
static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return done;
}

static bool run_suite(const char *suite)
{
	char path[128];

	snprintf(path, sizeof path, KUNIT_DIR "/%s/run", suite);
	return write_file(path, "1");
}

/* Runs every suite there is so often; false, with errno, when one cannot be started. */
static bool run_suites(unsigned int times)
{
	for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
		for (unsigned int run = 0; run < times && suite_exists(suites[i]); run++)
			if (!run_suite(suites[i]))
				return false;
	return true;
}

/* Why a suite that is not there is not: a kernel without the call is skipped, a kernel that hides
 * its tests fails. */
static enum ktap_status missing_suite(struct ktap *t)
{
	if (access(KUNIT_DIR, X_OK) < 0)
		return ktap_fail(t,
				 KUNIT_DIR
				 ": %s (kunit.enable=1 and CONFIG_KUNIT_DEBUGFS are needed)",
				 strerror(errno));
	if (kernel_has(t->name))
		return ktap_fail(t, "the kernel has %s() but no KUnit suite of that name", t->name);
	return ktap_skip(t, "kernel has no %s", t->name);
}

/* Counts of the result lines one level down in a suite's report. */
struct outcome {
	unsigned int passed, failed, skipped;
};

static void count_line(struct outcome *outcome, const char *line, size_t len)
{
	static const char indent[] = "    ";
	const size_t depth = sizeof indent - 1;

	if (len <= depth || strncmp(line, indent, depth) != 0 || line[depth] == ' ')
		return;
	line += depth;
	len -= depth;
	if (len > 7 && strncmp(line, "not ok ", 7) == 0)
		outcome->failed++;
	else if (len > 3 && strncmp(line, "ok ", 3) == 0)
		*(memmem(line, len, "# SKIP", 6) ? &outcome->skipped : &outcome->passed) += 1;
}

/*
 * Counts the cases of a report and, if asked to, forwards its nested part: everything but the lines
 * at its outermost level (version, plan, result), which this program writes itself.
 */
static struct outcome read_report(const char *report, bool forward)
{
	struct outcome outcome = {0};

	for (const char *line = report, *end; *line != '\0'; line = end) {
		size_t len = strcspn(line, "\n");

		end = line + len + (line[len] == '\n');
		if (line[0] != ' ')
			continue;
		count_line(&outcome, line, len);
		if (!forward)
			continue;
		ktap_forward(line, len);
		ktap_forward("\n", 1);
	}
	return outcome;
}

static enum ktap_status judge(struct ktap *t, struct outcome outcome, const char *when)
{
	unsigned int cases = outcome.failed + outcome.passed + outcome.skipped;

	if (outcome.failed > 0)
		return ktap_fail(t, "%u of %u cases failed %s", outcome.failed, cases, when);
	if (cases == 0)
		return ktap_fail(t, "no case was reported %s", when);
	if (outcome.passed == 0)
		return ktap_skip(t, "all %u cases were skipped %s", cases, when);
	return KTAP_PASS;
}

/* The kernel has run each suite once at boot; its second run, from this process, is the one that is
 * shown. */
static enum ktap_status test_suite(struct ktap *t)
{
	static char report[RESULTS_MAX];
	char path[128];

	if (!suite_exists(t->name))
		return missing_suite(t);
	snprintf(path, sizeof path, KUNIT_DIR "/%s/results", t->name);
	if (read_file(path, report, sizeof report) < 0)
		return ktap_fail(t, "%s: %s", path, strerror(errno));
	if (judge(t, read_report(report, false), "at boot") == KTAP_FAIL) {
		read_report(report, true);
		return KTAP_FAIL;
	}
	if (!run_suite(t->name))
		return ktap_fail(t, "cannot start the suite: %s", strerror(errno));
	if (read_file(path, report, sizeof report) < 0)
		return ktap_fail(t, "%s: %s", path, strerror(errno));
	return judge(t, read_report(report, true), "when run again");
}

static bool any_suite(void)
{
	for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
		if (suite_exists(suites[i]))
			return true;
	return false;
}

/* The number of DMA mappings that exist, as dma-debug counts them. */
static bool count_mappings(unsigned long *count)
{
	unsigned long total, free_entries;

	if (!read_number(DMA_DEBUG_DIR "/nr_total_entries", &total) ||
	    !read_number(DMA_DEBUG_DIR "/num_free_entries", &free_entries))
		return false;
	*count = total - free_entries;
	return true;
}

static enum ktap_status test_dma_debug_active(struct ktap *t)
{
	char disabled[8];

	if (read_file(DMA_DEBUG_DIR "/disabled", disabled, sizeof disabled) < 0)
		return ktap_fail(t, DMA_DEBUG_DIR ": %s (CONFIG_DMA_API_DEBUG is needed)",
				 strerror(errno));
	if (disabled[0] != 'N')
		return ktap_fail(t, "dma-debug is switched off: nothing would be checked");
	return KTAP_PASS;
}

static enum ktap_status test_mappings_returned(struct ktap *t)
{
	unsigned long after;

	if (!any_suite())
		return ktap_skip(t, "no suite ran");
	if (!before.mappings_known || !count_mappings(&after))
		return ktap_fail(t, DMA_DEBUG_DIR " does not count its entries");
	if (after != before.mappings)
		return ktap_fail(t, "%lu mappings before the suites, %lu after", before.mappings,
				 after);
	return KTAP_PASS;
}

/* Free pages of all zones, those that wait in per-CPU lists included, after caches were dropped. */
static bool free_pages(unsigned long *pages)
{
	char line[256];
	FILE *file;

	if (!write_file("/proc/sys/vm/drop_caches", "3"))
		return false;
	file = fopen("/proc/zoneinfo", "re");
	if (!file)
		return false;
	*pages = 0;
	while (fgets(line, sizeof line, file)) {
		unsigned long count;

		if (sscanf(line, " pages free %lu", &count) == 1 ||
		    sscanf(line, " count: %lu", &count) == 1)
			*pages += count;
	}
	fclose(file);
	return *pages > 0;
}

/* The smallest number of pages that any of LEAK_RUNS runs took away; false, with errno, when the
 * suites or the count failed. */
static bool least_lost(long *least)
{
	unsigned long last, now;

	if (!run_suites(1) || !free_pages(&last))
		return false;
	for (int i = 0; i < LEAK_RUNS; i++) {
		long lost;

		if (!run_suites(1) || !free_pages(&now))
			return false;
		lost = (long)last - (long)now;
		if (i == 0 || lost < *least)
			*least = lost;
		last = now;
	}
	return true;
}

static enum ktap_status test_memory_returned(struct ktap *t)
{
	long least = 0;

	if (!any_suite())
		return ktap_skip(t, "no suite ran");
	/* Warnings and worse still reach the console; the suites' own lines would take most of the
	 * time. */
	if (!write_file("/proc/sys/kernel/printk", "5"))
		return ktap_fail(t, "/proc/sys/kernel/printk: %s", strerror(errno));
	if (!least_lost(&least))
		return ktap_fail(t, "cannot run the suites or count the free pages: %s",
				 strerror(errno));
	ktap_note(t, "at least %ld pages lost in each of %d further runs", least, LEAK_RUNS);
	if (least > LEAK_SLACK)
		return ktap_fail(t, "at least %ld pages lost in each of %d runs", least, LEAK_RUNS);
	return KTAP_PASS;
}

static enum ktap_status test_dma_debug_errors(struct ktap *t)
{
	unsigned long errors;

	if (!read_number(DMA_DEBUG_DIR "/error_count", &errors))
		return ktap_fail(t, DMA_DEBUG_DIR "/error_count: %s", strerror(errno));
	if (errors != 0)
		return ktap_fail(t, "error_count is %lu", errors);
	/* An exhausted pool switches dma-debug off: then the zero above means nothing. */
	return test_dma_debug_active(t);
}

static enum ktap_status test_no_warning(struct ktap *t)
{
	unsigned long taint;

	if (!read_number("/proc/sys/kernel/tainted", &taint))
		return ktap_fail(t, "/proc/sys/kernel/tainted: %s", strerror(errno));
	if (taint & ~before.taint & TAINT_WARN)
		return ktap_fail(t, "the kernel warned while the suites ran");
	return KTAP_PASS;
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{"dma_debug_active", test_dma_debug_active},
		{"dma_alloc_sg", test_suite},
		{"vflush", test_suite},
		{"mappings_returned", test_mappings_returned},
		{"memory_returned", test_memory_returned},
		{"dma_debug_errors", test_dma_debug_errors},
		{"no_warning", test_no_warning},
	};

	read_number("/proc/sys/kernel/tainted", &before.taint);
	before.mappings_known = count_mappings(&before.mappings);
	return ktap_main(KTAP_CASES(cases));
}
