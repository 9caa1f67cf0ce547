// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "memory.h"

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SLABS "/sys/kernel/slab"

/* Counters of /proc/vmstat; those in KiB are converted. */
static const struct {
	const char *name;
	bool kib, slab;
} holders[] = {
	{"nr_slab_reclaimable", false, true},  {"nr_slab_unreclaimable", false, true},
	{"nr_anon_pages", false, false},       {"nr_file_pages", false, false},
	{"nr_page_table_pages", false, false}, {"nr_kernel_stack", true, false},
};

static void shrink_slabs(void)
{
	DIR *directory = opendir(SLABS);
	char path[sizeof SLABS + 256 + sizeof "/shrink"];

	if (!directory)
		return;
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, SLABS "/%s/shrink", entry->d_name);
		file_write(path, "1");
	}
	closedir(directory);
}

/* Caches are emptied and the counters of all CPUs added up. The nap is for what is freed after a
 * grace period of RCU or by a worker. */
static bool settle(void)
{
	static const struct timespec nap = {.tv_nsec = 200 * 1000 * 1000};

	if (!file_write("/proc/sys/vm/drop_caches", "3"))
		return false;
	nanosleep(&nap, NULL);
	shrink_slabs();
	/* only there with more than one CPU in the configuration, and only needed then */
	return file_write("/proc/sys/vm/stat_refresh", "1") || errno == ENOENT;
}

/* Free pages of all zones, those in per-CPU lists included. */
static bool count_free(struct memory *memory)
{
	char line[256];
	FILE *file = fopen("/proc/zoneinfo", "re");

	if (!file)
		return false;
	while (fgets(line, sizeof line, file)) {
		long count;

		if (sscanf(line, " pages free %ld", &count) == 1 ||
		    sscanf(line, " count: %ld", &count) == 1)
			memory->accounted += count;
	}
	fclose(file);
	return true;
}

static void add_holder(struct memory *memory, const char *name, long count)
{
	for (size_t i = 0; i < sizeof holders / sizeof holders[0]; i++) {
		if (strcmp(name, holders[i].name) != 0)
			continue;
		if (holders[i].kib)
			count /= sysconf(_SC_PAGESIZE) / 1024;
		memory->accounted += count;
		memory->slab += holders[i].slab ? count : 0;
	}
}

static bool count_held(struct memory *memory)
{
	char line[128], name[64];
	long count;
	FILE *file = fopen("/proc/vmstat", "re");

	if (!file)
		return false;
	while (fgets(line, sizeof line, file))
		if (sscanf(line, "%63s %ld", name, &count) == 2)
			add_holder(memory, name, count);
	fclose(file);
	return true;
}

bool memory_count(struct memory *memory)
{
	*memory = (struct memory){0};
	return settle() && count_free(memory) && count_held(memory);
}
