// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Job "boot": did the kernel come up whole? User-space checks, one KTAP case each.
 *
 * What the machine should be comes from the environment, which init takes from the kernel command
 * line: VIFARM_PAGE_SIZE (bytes), VIFARM_MEMORY_MIB, VIFARM_CPUS, VIFARM_ENDIAN (big or little),
 * VIFARM_BITS. A check without its expectation is skipped and says so.
 */
#define _GNU_SOURCE
#include "ktap.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PCI_DEVICES "/sys/bus/pci/devices"
/* Large enough to leave the caches and the boot allocator, small enough for the smallest board. */
#define MEMORY_TEST_BYTES (16u << 20)

/* Reads a decimal expectation; false when it is not set. A malformed one yields -1. */
static bool expected_number(const char *name, long *value)
{
	const char *text = getenv(name);
	char *end;

	if (!text)
		return false;
	*value = strtol(text, &end, 10);
	if (*end != '\0' || end == text)
		*value = -1;
	return true;
}

/* Reads at most SIZE - 1 bytes of a file; returns false, with errno, when it cannot be read. */
static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t n = read(fd, text, size - 1);

	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n >= 0;
}

/* Finds "KEY   value" at the start of a line of a text file. */
static bool read_field(const char *path, const char *key, unsigned long long *value)
{
	char line[512];
	FILE *file = fopen(path, "re");
	bool found = false;
	size_t length = strlen(key);

	if (!file)
		return false;
	while (!found && fgets(line, sizeof line, file))
		found = strncmp(line, key, length) == 0 &&
			sscanf(line + length, " %llu", value) == 1;
	fclose(file);
	return found;
}

static enum ktap_status test_mounts(struct ktap *t)
{
	static const struct {
		const char *path;
		unsigned long magic;
	} expected[] = {
		{"/proc", 0x9fa0},
		{"/sys", 0x62656572},
		{"/sys/kernel/debug", 0x64626720},
		{"/tmp", 0x01021994},
	};
	struct statfs fs;

	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		if (statfs(expected[i].path, &fs) < 0)
			return ktap_fail(t, "%s: %s", expected[i].path, strerror(errno));
		if ((unsigned long)fs.f_type != expected[i].magic)
			return ktap_fail(t, "%s: file system type %#lx, expected %#lx",
					 expected[i].path, (unsigned long)fs.f_type,
					 expected[i].magic);
	}
	return KTAP_PASS;
}

static enum ktap_status test_device_nodes(struct ktap *t)
{
	static const struct {
		const char *path;
		unsigned int major, minor;
	} expected[] = {{"/dev/null", 1, 3}, {"/dev/zero", 1, 5}, {"/dev/kmsg", 1, 11}};
	struct stat st;

	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		if (stat(expected[i].path, &st) < 0)
			return ktap_fail(t, "%s: %s", expected[i].path, strerror(errno));
		if (!S_ISCHR(st.st_mode) || major(st.st_rdev) != expected[i].major ||
		    minor(st.st_rdev) != expected[i].minor)
			return ktap_fail(t, "%s is not character device %u:%u", expected[i].path,
					 expected[i].major, expected[i].minor);
	}
	return KTAP_PASS;
}

static enum ktap_status test_page_size(struct ktap *t)
{
	long expected, found = sysconf(_SC_PAGESIZE);

	if (!expected_number("VIFARM_PAGE_SIZE", &expected))
		return ktap_skip(t, "no vifarm.page_size on the command line");
	if (found != expected)
		return ktap_fail(t, "%ld bytes, expected %ld", found, expected);
	return KTAP_PASS;
}

static enum ktap_status test_cpus(struct ktap *t)
{
	long expected, found = sysconf(_SC_NPROCESSORS_ONLN);

	if (!expected_number("VIFARM_CPUS", &expected))
		return ktap_skip(t, "no vifarm.cpus on the command line");
	if (found != expected)
		return ktap_fail(t, "%ld online, expected %ld", found, expected);
	return KTAP_PASS;
}

static enum ktap_status test_endian(struct ktap *t)
{
	const char *expected = getenv("VIFARM_ENDIAN");
	const char *found = BYTE_ORDER == BIG_ENDIAN ? "big" : "little";

	if (!expected)
		return ktap_skip(t, "no vifarm.endian on the command line");
	if (strcmp(expected, found) != 0)
		return ktap_fail(t, "%s, expected %s", found, expected);
	return KTAP_PASS;
}

/* The kernel's own word size, whatever that of this program: 64-bit kernels know addresses above 4
 * GiB. */
static enum ktap_status test_kernel_bits(struct ktap *t)
{
	char line[256];
	long expected;
	size_t digits = 0;
	FILE *file;

	if (!expected_number("VIFARM_BITS", &expected))
		return ktap_skip(t, "no vifarm.bits on the command line");
	file = fopen("/proc/kallsyms", "re");
	if (!file || !fgets(line, sizeof line, file)) {
		if (file)
			fclose(file);
		return ktap_fail(t, "cannot read /proc/kallsyms");
	}
	fclose(file);
	digits = strcspn(line, " ");
	if ((long)digits * 4 != expected)
		return ktap_fail(t, "%zu bits, expected %ld", digits * 4, expected);
	return KTAP_PASS;
}

static enum ktap_status test_memory_size(struct ktap *t)
{
	unsigned long long total_kib;
	long expected;

	if (!expected_number("VIFARM_MEMORY_MIB", &expected))
		return ktap_skip(t, "no vifarm.memory_mib on the command line");
	if (!read_field("/proc/meminfo", "MemTotal:", &total_kib))
		return ktap_fail(t, "/proc/meminfo has no MemTotal");
	/* Firmware, kernel image, page array and swiotlb (64 MiB) take their share. */
	long long least = (long long)expected * 1024 * 3 / 4;

	if ((long long)total_kib < least || (long long)total_kib > (long long)expected * 1024)
		return ktap_fail(t, "%llu KiB of %ld MiB", total_kib, expected);
	return KTAP_PASS;
}

static uint32_t pattern(uint32_t index)
{
	return index * 2654435761u ^ 0x5a5aa5a5u;
}

static enum ktap_status test_memory_holds(struct ktap *t)
{
	uint32_t words = MEMORY_TEST_BYTES / sizeof(uint32_t);
	volatile uint32_t *memory = mmap(NULL, MEMORY_TEST_BYTES, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t bad = 0, first = 0;

	if (memory == MAP_FAILED)
		return ktap_fail(t, "mmap: %s", strerror(errno));
	for (uint32_t i = 0; i < words; i++)
		memory[i] = pattern(i);
	for (uint32_t i = 0; i < words; i++)
		if (memory[i] != pattern(i) && bad++ == 0)
			first = i;
	munmap((void *)memory, MEMORY_TEST_BYTES);
	if (bad > 0)
		return ktap_fail(t, "%u words changed, the first at offset %zu", bad,
				 first * sizeof(uint32_t));
	return KTAP_PASS;
}

/* Two mappings of one page: the kernel must place or flush them so that both show the same bytes.
 */
static enum ktap_status test_shared_mapping(struct ktap *t)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int fd = open("/tmp/shared", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return ktap_fail(t, "/tmp/shared: %s", strerror(errno));
	volatile uint32_t *a = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	volatile uint32_t *b = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	uint32_t back = 0;

	close(fd);
	unlink("/tmp/shared");
	if (a == MAP_FAILED || b == MAP_FAILED)
		return ktap_fail(t, "mmap: %s", strerror(errno));
	for (uint32_t i = 0; i < size / sizeof *a; i++) {
		a[i] = pattern(i);
		back |= b[i] ^ pattern(i);
	}
	munmap((void *)a, size);
	munmap((void *)b, size);
	return back == 0 ? KTAP_PASS : ktap_fail(t, "the second mapping shows other bytes");
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) < 0)
		return -1;
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static enum ktap_status test_clock_monotonic(struct ktap *t)
{
	int64_t previous = clock_ns(CLOCK_MONOTONIC);

	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_ns(CLOCK_MONOTONIC);

		if (now < previous)
			return ktap_fail(t, "went back by %lld ns", (long long)(previous - now));
		previous = now;
	}
	return previous > 0 ? KTAP_PASS : ktap_fail(t, "stands at %lld ns", (long long)previous);
}

static enum ktap_status test_sleep(struct ktap *t)
{
	const struct timespec nap = {.tv_nsec = 50 * 1000 * 1000};
	int64_t began = clock_ns(CLOCK_MONOTONIC);

	if (nanosleep(&nap, NULL) < 0)
		return ktap_fail(t, "nanosleep: %s", strerror(errno));
	int64_t took = clock_ns(CLOCK_MONOTONIC) - began;

	/* No upper bound: the host may be busy. */
	if (took < nap.tv_nsec)
		return ktap_fail(t, "woke after %lld ns of %ld ns", (long long)took, nap.tv_nsec);
	return KTAP_PASS;
}

/* The number of timer ticks seen by all CPUs, from the "intr" line's total in /proc/stat. */
static enum ktap_status test_interrupts(struct ktap *t)
{
	const struct timespec nap = {.tv_nsec = 50 * 1000 * 1000};
	unsigned long long before, after;

	if (!read_field("/proc/stat", "intr", &before))
		return ktap_fail(t, "/proc/stat has no intr line");
	nanosleep(&nap, NULL);
	read_field("/proc/stat", "intr", &after);
	if (after <= before)
		return ktap_fail(t, "count stands at %llu", before);
	return KTAP_PASS;
}

static enum ktap_status test_processes(struct ktap *t)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return ktap_fail(t, "fork: %s", strerror(errno));
	if (pid == 0) {
		raise(SIGKILL);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return ktap_fail(t, "waitpid: %s", strerror(errno));
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		return ktap_fail(t, "wait status %#x, expected death by SIGKILL",
				 (unsigned int)status);
	return KTAP_PASS;
}

/* Compares the ids in sysfs with those in the configuration space of the same function. */
static bool pci_ids_agree(const char *address, unsigned int *vendor)
{
	char path[PATH_MAX], text[16];
	unsigned char header[4];

	snprintf(path, sizeof path, PCI_DEVICES "/%s/vendor", address);
	if (!read_text(path, text, sizeof text))
		return false;
	*vendor = (unsigned int)strtoul(text, NULL, 16);

	snprintf(path, sizeof path, PCI_DEVICES "/%s/config", address);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t n = read(fd, header, sizeof header);

	close(fd);
	return n == sizeof header && (header[0] | header[1] << 8) == (int)*vendor;
}

static enum ktap_status test_pci(struct ktap *t)
{
	DIR *directory = opendir(PCI_DEVICES);
	unsigned int functions = 0, bad = 0, vendor;

	if (!directory)
		return ktap_fail(t, PCI_DEVICES ": %s", strerror(errno));
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		functions++;
		if (!pci_ids_agree(entry->d_name, &vendor)) {
			ktap_note(t, "%s: ids in sysfs and configuration space differ",
				  entry->d_name);
			bad++;
		}
	}
	closedir(directory);
	if (functions == 0)
		return ktap_fail(t, "no PCI function found");
	if (bad > 0)
		return ktap_fail(t, "%u of %u functions are wrong", bad, functions);
	return KTAP_PASS;
}

static enum ktap_status test_pvpanic(struct ktap *t)
{
	char text[16];
	DIR *directory = opendir("/sys/bus/pci/drivers/pvpanic-pci");
	unsigned int bound = 0;

	if (!directory)
		return ktap_fail(t, "the kernel has no pvpanic-pci driver");
	for (struct dirent *entry; (entry = readdir(directory));)
		bound += strchr(entry->d_name, ':') != NULL;
	closedir(directory);
	if (bound == 0)
		return ktap_skip(t, "the board has no pvpanic device");
	if (!read_text("/sys/module/kernel/parameters/panic", text, sizeof text) || atoi(text) >= 0)
		return ktap_fail(t, "panic=-1 is not set: a panic would not end the guest");
	return KTAP_PASS;
}

/*
 * Bits of /proc/sys/kernel/tainted that a kernel under test may show: N (bit 18), set by any KUnit
 * run. W (bit 9) and D (bit 7) are what this case is for.
 */
static enum ktap_status test_taint(struct ktap *t)
{
	char text[32];

	if (!read_text("/proc/sys/kernel/tainted", text, sizeof text))
		return ktap_fail(t, "/proc/sys/kernel/tainted: %s", strerror(errno));
	unsigned long taint = strtoul(text, NULL, 10) & ~(1ul << 18);

	if (taint != 0)
		return ktap_fail(t, "tainted: %#lx%s%s", taint, taint & 1ul << 9 ? ", warned" : "",
				 taint & 1ul << 7 ? ", died" : "");
	return KTAP_PASS;
}

static enum ktap_status test_dma_debug(struct ktap *t)
{
	char disabled[8], errors[32];

	if (!read_text("/sys/kernel/debug/dma-api/disabled", disabled, sizeof disabled))
		return ktap_skip(t, "no dma-api in debugfs: kernel without CONFIG_DMA_API_DEBUG");
	if (disabled[0] != 'N')
		return ktap_fail(t, "DMA API debugging has switched itself off");
	if (!read_text("/sys/kernel/debug/dma-api/error_count", errors, sizeof errors))
		return ktap_fail(t, "error_count: %s", strerror(errno));
	if (strtoul(errors, NULL, 10) != 0)
		return ktap_fail(t, "error_count is %s", errors);
	return KTAP_PASS;
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{"mounts", test_mounts},
		{"device_nodes", test_device_nodes},
		{"page_size", test_page_size},
		{"cpus", test_cpus},
		{"endian", test_endian},
		{"kernel_bits", test_kernel_bits},
		{"memory_size", test_memory_size},
		{"memory_holds", test_memory_holds},
		{"shared_mapping", test_shared_mapping},
		{"clock_monotonic", test_clock_monotonic},
		{"sleep", test_sleep},
		{"interrupts", test_interrupts},
		{"processes", test_processes},
		{"pci", test_pci},
		{"pvpanic", test_pvpanic},
		{"dma_debug", test_dma_debug},
		{"taint", test_taint},
	};

	return ktap_main(KTAP_CASES(cases));
}
