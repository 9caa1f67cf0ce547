// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cgroup.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/usage.h"

/* The leaf that this program moves to: only what has no processes of its own gives out memory. */
#define OURS "vifarm-self"

/* Of the sandbox itself, and where the limit is set inside of it. */
#define OWN_PROCESSES 16
#define PROCESSES_MAX 8192

struct VfCgroup {
	char *path;
	int enter, kill;
};

static gboolean put(const char *directory, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	gssize length = (gssize)strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	gboolean ok = fd >= 0 && write(fd, text, (gsize)length) == length;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void put_number(const char *directory, const char *name, guint64 number)
{
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, number);

	put(directory, name, text);
}

static char *get(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	char *text = NULL;

	g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

static gboolean has_words(const char *directory, const char *name, const char *a, const char *b)
{
	g_autofree char *text = get(directory, name);
	g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \n", -1);

	return g_strv_contains((const char *const *)words, a) &&
	       g_strv_contains((const char *const *)words, b);
}

/* Where version 2 is mounted whole; caller frees. */
static char *mount_point(void)
{
	g_autofree char *text = get("/proc/self", "mountinfo");
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) words = g_strsplit(*line, " ", -1);

		if (strstr(*line, " - cgroup2 ") && g_strv_length(words) > 5 &&
		    !strcmp(words[3], "/"))
			return g_strdup(words[4]);
	}
	return NULL;
}

/* Directory of our own cgroup; caller frees. */
static char *own_cgroup(void)
{
	g_autofree char *text = get("/proc/self", "cgroup");
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
	g_autofree char *mounted = mount_point();

	for (char **line = lines; mounted && *line; line++)
		if (g_str_has_prefix(*line, "0::/"))
			return g_build_filename(mounted, *line + strlen("0::"), NULL);
	return NULL;
}

static gboolean is_ours(pid_t pid)
{
	for (guint depth = 0; pid > 1 && depth < 100; depth++, pid = vf_usage_parent(pid))
		if (pid == getpid())
			return TRUE;
	return FALSE;
}

/* Moves this program and its children out of @own, unless others are there as well. */
static gboolean move_out(const char *own)
{
	g_autofree char *text = get(own, "cgroup.procs");
	g_autofree char *leaf = g_build_filename(own, OURS, NULL);
	g_auto(GStrv) pids = text ? g_strsplit(g_strchomp(text), "\n", -1) : NULL;

	for (char **pid = pids; pid && *pid; pid++)
		if (!is_ours(atoi(*pid)))
			return FALSE;
	if (g_mkdir(leaf, 0755) < 0 && !g_file_test(leaf, G_FILE_TEST_IS_DIR))
		return FALSE;
	for (char **pid = pids; pid && *pid; pid++)
		put(leaf, "cgroup.procs", *pid);
	return put(own, "cgroup.subtree_control", "+memory +pids");
}

/* The cgroup to make others in, or NULL. */
static const char *delegated(void)
{
	static gboolean tried;
	static char *found;
	g_autofree char *own = tried ? NULL : own_cgroup();

	tried = TRUE;
	if (!own)
		return found;
	if (g_str_has_suffix(own, "/" OURS))
		*strrchr(own, '/') = '\0';
	if (access(own, W_OK) == 0 && has_words(own, "cgroup.controllers", "memory", "pids") &&
	    (has_words(own, "cgroup.subtree_control", "memory", "pids") || move_out(own)))
		found = g_steal_pointer(&own);
	return found;
}

static int open_file(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	return open(path, O_WRONLY | O_CLOEXEC);
}

static void set_limits(const char *path, const VfLimits *limits)
{
	put_number(path, "memory.max", limits->resident);
	put(path, "memory.swap.max", "0");
	put(path, "memory.oom.group", "1");
	put_number(path, "pids.max",
		   limits->processes ? limits->processes + OWN_PROCESSES : PROCESSES_MAX);
}

VfCgroup *vf_cgroup_new(const VfLimits *limits)
{
	static guint count;
	const char *parent = limits && limits->resident ? delegated() : NULL;
	g_autofree char *path =
		parent ? g_strdup_printf("%s/vifarm-%d-%u", parent, getpid(), count++) : NULL;
	VfCgroup *cgroup;

	if (!path || g_mkdir(path, 0755) < 0)
		return NULL;
	set_limits(path, limits);
	cgroup = g_new0(VfCgroup, 1);
	cgroup->enter = open_file(path, "cgroup.procs");
	cgroup->kill = open_file(path, "cgroup.kill");
	cgroup->path = g_steal_pointer(&path);
	return cgroup;
}

void vf_cgroup_free(VfCgroup *cgroup)
{
	if (!cgroup)
		return;
	if (cgroup->enter >= 0)
		close(cgroup->enter);
	if (cgroup->kill >= 0)
		close(cgroup->kill);
	g_rmdir(cgroup->path);
	g_free(cgroup->path);
	g_free(cgroup);
}

int vf_cgroup_enter_fd(const VfCgroup *cgroup)
{
	return cgroup ? cgroup->enter : -1;
}

int vf_cgroup_kill_fd(const VfCgroup *cgroup)
{
	return cgroup ? cgroup->kill : -1;
}

gboolean vf_cgroup_out_of_memory(const VfCgroup *cgroup)
{
	g_autofree char *events = cgroup ? get(cgroup->path, "memory.events") : NULL;
	const char *kills = events ? strstr(events, "\noom_kill ") : NULL;

	return kills && atoi(kills + strlen("\noom_kill ")) > 0;
}
