// SPDX-License-Identifier: GPL-2.0-or-later
#include "build/usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
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

	return statvfs(path, &st) < 0 ? 0 : (guint64)st.f_bavail * st.f_frsize;
}

/* The namespace's name, "pid:[4026532001]"; caller frees. */
static char *namespace_of(const char *pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/ns/pid", pid);

	return g_file_read_link(path, NULL);
}

static char *first_child(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", pid, pid);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL) || !g_ascii_isdigit(*text))
		return NULL;
	return g_strndup(text, strcspn(text, " "));
}

static guint64 resident(const char *pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/statm", pid);
	g_autofree char *text = NULL;
	unsigned long size, pages;

	if (!g_file_get_contents(path, &text, NULL, NULL) ||
	    sscanf(text, "%lu %lu", &size, &pages) != 2)
		return 0;
	return (guint64)pages * (guint64)sysconf(_SC_PAGESIZE);
}

guint64 vf_usage_memory(pid_t pid)
{
	g_autofree char *child = first_child(pid);
	g_autofree char *ours = namespace_of("self");
	g_autofree char *theirs = child ? namespace_of(child) : NULL;
	g_autoptr(GDir) dir =
		theirs && strcmp(theirs, ours ? ours : "") ? g_dir_open("/proc", 0, NULL) : NULL;
	const char *name;
	guint64 sum = 0;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *space = g_ascii_isdigit(*name) ? namespace_of(name) : NULL;

		if (!g_strcmp0(space, theirs))
			sum += resident(name);
	}
	return sum;
}
