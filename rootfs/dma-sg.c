// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Job "dma-sg": runs the KUnit suites of the kernel's new calls and checks from user space what
 * they left behind.
 *
 * A suite is started by writing to /sys/kernel/debug/kunit/<suite>/run, in this process; its KTAP
 * is read from .../results and forwarded verbatim as a nested test. The kernel needs kunit.enable=1
 * on its command line.
 */
#define _GNU_SOURCE
#include "files.h"
#include "ktap.h"
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KUNIT_DIR	"/sys/kernel/debug/kunit"
#define DMA_DEBUG_DIR	"/sys/kernel/debug/dma-api"
#define SLOTS_USED	"/sys/kernel/debug/swiotlb/io_tlb_used"
#define FAIL_PAGE_ALLOC "/sys/kernel/debug/fail_page_alloc"
/* Most that a suite may report; a longer report is an error, not a cut. */
#define RESULTS_MAX (256 * 1024)
/*
 * Further runs of each suite, after each of which the memory is counted. A call that loses a page
 * loses it in each of a suite's hundred cases, and so in every run; page tables of the vmalloc area
 * and slab caches grow in one run and not in the next. One run that loses nothing is proof enough.
 * docs/kernel-series.md says what was measured without a leak.
 */
#define LEAK_RUNS  16
#define TAINT_WARN (1ul << 9)

static const char *const suites[] = {"dma_alloc_sg", "vflush"};

/* What there was before the first suite ran. */
static struct {
	unsigned long taint;
	unsigned long mappings;
	bool mappings_known;
	unsigned long slots;
	bool slots_known;
} before;

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

/* Lets failure injection reach every page allocation of this process, or ends that. The suite
 * decides which one fails. */
static bool fail_any_page(bool on)
{
	return file_write(FAIL_PAGE_ALLOC "/ignore-gfp-wait", on ? "N" : "Y") &&
	       file_write(FAIL_PAGE_ALLOC "/min-order", on ? "0" : "1");
}

static bool run_suite(const char *suite)
{
	char path[128];

	snprintf(path, sizeof path, KUNIT_DIR "/%s/run", suite);
	if (!fail_any_page(true))
		return false;
	bool done = file_write(path, "1");

	return fail_any_page(false) && done;
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

/* Names of the cases that were skipped as a whole when a suite was run last, one a line. */
static char skipped[2048];

/* Cases in which page allocations were to fail, and those in which none did. */
static unsigned int injections, injections_missed;

static void note_injection(const char *line, size_t len)
{
	static const char name[] = "    # dma_sg_fail_page_alloc: ";
	unsigned int refused, smaller;

	if (len <= sizeof name || len > 256 || strncmp(line, name, sizeof name - 1) != 0 ||
	    sscanf(line + sizeof name - 1, "%u refused, %u in smaller", &refused, &smaller) != 2)
		return;
	injections++;
	injections_missed += refused + smaller == 0;
}

static void note_skipped(const char *line, size_t len)
{
	size_t used = strlen(skipped);
	char name[64];

	if (len < 256 && sscanf(line, "ok %*u %63s", name) == 1)
		snprintf(skipped + used, sizeof skipped - used, "\n%s\n", name);
}

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
	else if (len > 3 && strncmp(line, "ok ", 3) == 0 && memmem(line, len, "# SKIP", 6)) {
		outcome->skipped++;
		note_skipped(line, len);
	} else if (len > 3 && strncmp(line, "ok ", 3) == 0)
		outcome->passed++;
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
		note_injection(line, len);
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
	if (file_read(path, report, sizeof report) < 0)
		return ktap_fail(t, "%s: %s", path, strerror(errno));
	if (judge(t, read_report(report, false), "at boot") == KTAP_FAIL) {
		read_report(report, true);
		return KTAP_FAIL;
	}
	if (!run_suite(t->name))
		return ktap_fail(t, "cannot start the suite: %s", strerror(errno));
	skipped[0] = '\0';
	injections = injections_missed = 0;
	if (file_read(path, report, sizeof report) < 0)
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

	if (!file_number(DMA_DEBUG_DIR "/nr_total_entries", &total) ||
	    !file_number(DMA_DEBUG_DIR "/num_free_entries", &free_entries))
		return false;
	*count = total - free_entries;
	return true;
}

static enum ktap_status test_dma_debug_active(struct ktap *t)
{
	char disabled[8];

	if (file_read(DMA_DEBUG_DIR "/disabled", disabled, sizeof disabled) < 0)
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

/* Slots of the bounce buffer: what was freed for another address than it was mapped at stays taken.
 */
static enum ktap_status test_bounce_slots_returned(struct ktap *t)
{
	unsigned long after;

	if (!any_suite())
		return ktap_skip(t, "no suite ran");
	if (!before.slots_known)
		return ktap_skip(t, "the kernel has no bounce buffer");
	if (!file_number(SLOTS_USED, &after))
		return ktap_fail(t, SLOTS_USED ": %s", strerror(errno));
	if (after != before.slots)
		return ktap_fail(t, "%lu slots in use before the suites, %lu after", before.slots,
				 after);
	return KTAP_PASS;
}

/* The smallest numbers of pages that any of so many runs took away, altogether and for the slab
 * caches; false, with errno, when the suites or the count failed. */
static bool least_lost(struct memory *least, int *runs)
{
	struct memory last, now;

	*least = (struct memory){LONG_MAX, LONG_MAX};
	if (!run_suites(1) || !memory_count(&last))
		return false;
	for (*runs = 0; *runs < LEAK_RUNS && (least->accounted > 0 || least->slab > 0); ++*runs) {
		if (!run_suites(1) || !memory_count(&now))
			return false;
		if (last.accounted - now.accounted < least->accounted)
			least->accounted = last.accounted - now.accounted;
		if (now.slab - last.slab < least->slab)
			least->slab = now.slab - last.slab;
		last = now;
	}
	return true;
}

static enum ktap_status test_memory_returned(struct ktap *t)
{
	struct memory least;
	int runs;

	if (!any_suite())
		return ktap_skip(t, "no suite ran");
	/* Warnings and worse still reach the console; the suites' own lines would take most of the
	 * time. */
	if (!file_write("/proc/sys/kernel/printk", "5"))
		return ktap_fail(t, "/proc/sys/kernel/printk: %s", strerror(errno));
	if (!least_lost(&least, &runs))
		return ktap_fail(t, "cannot run the suites or count the memory: %s",
				 strerror(errno));
	ktap_note(t, "%d further runs; the best lost %ld pages, the best took %ld for slabs", runs,
		  least.accounted, least.slab);
	if (least.accounted > 0)
		return ktap_fail(t, "at least %ld pages lost in each of %d runs", least.accounted,
				 runs);
	if (least.slab > 0)
		return ktap_fail(t, "slab caches grew by at least %ld pages in each of %d runs",
				 least.slab, runs);
	return KTAP_PASS;
}

static bool has_swiotlb(void)
{
	unsigned long slots;

	return file_number("/sys/kernel/debug/swiotlb/io_tlb_nslabs", &slots) && slots > 0;
}

/* An IOMMU of the common layer, as of x86; those of sparc and parisc are not listed there. */
static bool has_iommu(void)
{
	DIR *directory = opendir("/sys/class/iommu");
	bool found = false;

	if (!directory)
		return false;
	for (struct dirent *entry; (entry = readdir(directory));)
		found = found || entry->d_name[0] != '.';
	closedir(directory);
	return found;
}

static bool has_high_memory(void)
{
	unsigned long long last;
	char line[256];
	FILE *file = fopen("/proc/iomem", "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file))
		found = strstr(line, "System RAM") && sscanf(line, "%*x-%llx", &last) == 1 &&
			last >> 32 != 0;
	if (file)
		fclose(file);
	return found;
}

static bool has_high_memory_behind_iommu(void)
{
	return has_iommu() && has_high_memory();
}

static bool always(void)
{
	return true;
}

/* Cases of the suite that may not be skipped on a machine that has what they need. */
static const struct {
	const char *name;
	bool (*due)(void);
} due_cases[] = {
	{"dma_sg_shape", always},	{"dma_sg_zeroed", always},
	{"dma_sg_sync", always},	{"dma_sg_bad_nents", always},
	{"dma_sg_free_null", always},	{"dma_sg_wrong_nents", always},
	{"dma_sg_double_free", always}, {"dma_sg_other_device", always},
	{"dma_sg_fragmented", always},	{"dma_sg_no_memory", always},
	{"dma_sg_max_segment", always}, {"dma_sg_many", always},
	{"dma_sg_all_freed", always},	{"dma_sg_fail_page_alloc", always},
	{"dma_sg_bounce", has_swiotlb}, {"dma_sg_high_memory", has_high_memory_behind_iommu},
};

static enum ktap_status test_all_executed(struct ktap *t)
{
	char entry[80];

	if (!suite_exists("dma_alloc_sg"))
		return ktap_skip(t, "the suite did not run");
	for (size_t i = 0; i < sizeof due_cases / sizeof due_cases[0]; i++) {
		snprintf(entry, sizeof entry, "\n%s\n", due_cases[i].name);
		if (strstr(skipped, entry) && due_cases[i].due())
			return ktap_fail(t, "%s was skipped on a machine that has all it needs",
					 due_cases[i].name);
	}
	if (injections == 0 || injections_missed > 0)
		return ktap_fail(t, "no page allocation failed in %u of %u cases that want it",
				 injections_missed, injections);
	return KTAP_PASS;
}

static enum ktap_status test_dma_debug_errors(struct ktap *t)
{
	unsigned long errors;

	if (!file_number(DMA_DEBUG_DIR "/error_count", &errors))
		return ktap_fail(t, DMA_DEBUG_DIR "/error_count: %s", strerror(errno));
	if (errors != 0)
		return ktap_fail(t, "error_count is %lu", errors);
	/* An exhausted pool switches dma-debug off: then the zero above means nothing. */
	return test_dma_debug_active(t);
}

static enum ktap_status test_no_warning(struct ktap *t)
{
	unsigned long taint;

	if (!file_number("/proc/sys/kernel/tainted", &taint))
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
		{"all_executed", test_all_executed},
		{"vflush", test_suite},
		{"mappings_returned", test_mappings_returned},
		{"bounce_slots_returned", test_bounce_slots_returned},
		{"memory_returned", test_memory_returned},
		{"dma_debug_errors", test_dma_debug_errors},
		{"no_warning", test_no_warning},
	};

	file_number("/proc/sys/kernel/tainted", &before.taint);
	before.mappings_known = count_mappings(&before.mappings);
	before.slots_known = file_number(SLOTS_USED, &before.slots);
	return ktap_main(KTAP_CASES(cases));
}
