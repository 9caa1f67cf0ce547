// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DEPTH_MAX   64
#define INODE_BYTES 4096

static guint64 directory_usage(int fd, guint depth, guint64 enough);

static guint64 entry_usage(int directory, const char *name, guint depth, guint64 enough)
{
	struct stat st;
	int fd;

	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (!S_ISDIR(st.st_mode))
		return MAX((guint64)st.st_blocks * 512, INODE_BYTES);
	fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return INODE_BYTES + (fd < 0 ? 0 : directory_usage(fd, depth + 1, enough));
}

/* Owns @fd. */
static guint64 directory_usage(int fd, guint depth, guint64 enough)
{
	DIR *dir = depth < DEPTH_MAX ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	guint64 sum = 0;

	if (!dir) {
		close(fd);
		return depth < DEPTH_MAX ? 0 : G_MAXUINT64 / 2;
	}
	while (sum <= enough && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			sum += entry_usage(dirfd(dir), entry->d_name, depth, enough - sum);
	closedir(dir);
	return sum;
}

guint64 vf_usage_disk(const char *path, guint64 enough)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? 0 : directory_usage(fd, 0, enough);
}

guint64 vf_usage_free(const char *path)
{
	struct statvfs st;

	return !path || statvfs(path, &st) < 0 ? 0 : (guint64)st.f_bavail * st.f_frsize;
}

/* The field after the name, which may hold blanks and brackets, and the state. */
pid_t vf_usage_parent(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
	g_autofree char *text = NULL;
	int parent = 0;

	if (g_file_get_contents(path, &text, NULL, NULL) && strrchr(text, ')'))
		sscanf(strrchr(text, ')'), ") %*c %d", &parent);
	return parent;
}

/* From the number of each process to that of its parent. */
static GHashTable *all_parents(void)
{
	GHashTable *parents = g_hash_table_new(NULL, NULL);
	g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_ascii_isdigit(*name))
			g_hash_table_insert(parents, GINT_TO_POINTER(atoi(name)),
					    GINT_TO_POINTER(vf_usage_parent(atoi(name))));
	return parents;
}

/* Processes come and go while the table is made: what looks like a circle is none of ours. */
static gboolean is_below(GHashTable *parents, gpointer pid, gpointer top)
{
	for (guint left = g_hash_table_size(parents); left && pid; left--) {
		pid = g_hash_table_lookup(parents, pid);
		if (pid == top)
			return TRUE;
	}
	return FALSE;
}

static guint64 memory_of(int pid)
{
	static const char *const fields[] = {"\nVmRSS:", "\nVmSwap:", "\nVmPTE:"};
	g_autofree char *path = g_strdup_printf("/proc/%d/status", pid);
	g_autofree char *text = NULL;
	guint64 sum = 0;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		const char *field = strstr(text, fields[i]);

		if (field)
			sum += g_ascii_strtoull(field + strlen(fields[i]), NULL, 10) * 1024;
	}
	return sum;
}

guint64 vf_usage_memory(pid_t pid)
{
	g_autoptr(GHashTable) parents = all_parents();
	GHashTableIter iter;
	gpointer process;
	guint64 sum = 0;

	g_hash_table_iter_init(&iter, parents);
	while (g_hash_table_iter_next(&iter, &process, NULL))
		if (is_below(parents, process, GINT_TO_POINTER(pid)))
			sum += memory_of(GPOINTER_TO_INT(process));
	return sum;
}
