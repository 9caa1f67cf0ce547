// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

int vf_tree_open(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		vf_throw_errno(error, "cannot open %s", path);
	return fd;
}

static int step_into(int at, const char *name, gboolean create)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT || !create)
		return fd;
	if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
		return -1;
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The directory of @path, and *@name its last step (points into @path). -1 with errno. */
static int open_parent(int root, const char *path, gboolean create, const char **name)
{
	int fd = fcntl(root, F_DUPFD_CLOEXEC, 3);
	const char *slash;

	while (fd >= 0 && (slash = strchr(path, '/'))) {
		g_autofree char *step = g_strndup(path, (gsize)(slash - path));
		int next = step_into(fd, step, create);
		int saved = errno;

		close(fd);
		errno = saved;
		fd = next;
		path = slash + 1;
	}
	*name = path;
	return fd;
}

/* -2: not there. -1: @error. */
static int open_file(int root, const char *path, GError **error)
{
	const char *name;
	int dir = open_parent(root, path, FALSE, &name);
	int fd = -1;
	struct stat st;

	if (dir >= 0) {
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		int saved = errno;

		close(dir);
		errno = saved;
	}
	if (fd < 0 && errno == ENOENT)
		return -2;
	/* ELOOP and ENOTDIR are what O_NOFOLLOW says of a link */
	if (fd < 0 && errno != ELOOP && errno != ENOTDIR) {
		vf_throw_errno(error, "cannot open %s", path);
		return -1;
	}
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			close(fd);
		vf_throw(error, VF_ERROR_PATCH,
			 "%s is, or lies behind, something that is not a file", path);
		return -1;
	}
	return fd;
}

static char *identity_of(int fd, const char *path, GError **error)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	guchar buffer[16384];
	struct stat st;
	gssize n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		g_checksum_update(sum, buffer, n);
	if (n < 0 || fstat(fd, &st) < 0) {
		vf_throw_errno(error, "cannot read %s", path);
		return NULL;
	}
	return g_strdup_printf("%s %s", st.st_mode & 0100 ? "755" : "644",
			       g_checksum_get_string(sum));
}

char *vf_tree_identity(int root, const char *path, GError **error)
{
	int fd = open_file(root, path, error);
	char *identity;

	if (fd == -2)
		return g_strdup(VF_TREE_ABSENT);
	if (fd < 0)
		return NULL;
	identity = identity_of(fd, path, error);
	close(fd);
	return identity;
}

static gboolean copy_bytes(int out, int in)
{
	gssize n;

	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	return n == 0;
}

/* Directories that only a removed file had are left: the kernel's build does not look at them. */
static gboolean remove_file(int root, const char *path, GError **error)
{
	const char *name;
	int dir = open_parent(root, path, FALSE, &name);
	gboolean ok = dir >= 0 && unlinkat(dir, name, 0) == 0;
	int saved = errno;

	if (dir >= 0)
		close(dir);
	errno = saved;
	return ok || errno == ENOENT || vf_throw_errno(error, "cannot remove %s", path);
}

static gboolean write_new(int dir, const char *name, int in, mode_t mode)
{
	g_autofree char *temporary = g_strdup_printf(".%.200s.vifarm", name);
	int out =
		openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	gboolean ok;
	int saved;

	if (out < 0)
		return FALSE;
	ok = copy_bytes(out, in);
	saved = errno;
	if (close(out) < 0 && ok) {
		ok = FALSE;
		saved = errno;
	}
	ok = ok && renameat(dir, temporary, dir, name) == 0;
	if (!ok) {
		saved = saved ? saved : errno;
		unlinkat(dir, temporary, 0);
		errno = saved;
	}
	return ok;
}

static gboolean replace_file(int to, int in, const char *path, GError **error)
{
	const char *name;
	int dir = open_parent(to, path, TRUE, &name);
	struct stat st;
	gboolean ok;

	if (dir < 0)
		return vf_throw_errno(error, "cannot make the directory of %s", path);
	errno = 0;
	ok = fstat(in, &st) == 0 && write_new(dir, name, in, st.st_mode & 0100 ? 0755 : 0644);
	if (!ok)
		vf_throw_errno(error, "cannot write %s", path);
	close(dir);
	return ok;
}

gboolean vf_tree_replace(int to, int from, const char *path, GError **error)
{
	int in = open_file(from, path, error);
	gboolean ok;

	if (in == -2)
		return remove_file(to, path, error);
	if (in < 0)
		return FALSE;
	ok = replace_file(to, in, path, error);
	close(in);
	return ok;
}

GHashTable *vf_tree_map_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

json_t *vf_tree_map_to_json(GHashTable *map)
{
	json_t *json = json_object();
	GHashTableIter iter;
	gpointer path, identity;

	g_hash_table_iter_init(&iter, map);
	while (g_hash_table_iter_next(&iter, &path, &identity))
		json_object_set_new_nocheck(json, path, json_string_nocheck(identity));
	return json;
}

GHashTable *vf_tree_map_from_json(json_t *json)
{
	g_autoptr(GHashTable) map = vf_tree_map_new();
	const char *path;
	json_t *value;

	if (!json_is_object(json))
		return NULL;
	json_object_foreach (json, path, value) {
		if (!json_is_string(value))
			return NULL;
		g_hash_table_insert(map, g_strdup(path), g_strdup(json_string_value(value)));
	}
	return g_steal_pointer(&map);
}

/* Adds to @set the paths of @a that @b lacks or has otherwise. */
static void add_missing(GHashTable *set, GHashTable *a, GHashTable *b)
{
	GHashTableIter iter;
	gpointer path, identity;

	g_hash_table_iter_init(&iter, a);
	while (g_hash_table_iter_next(&iter, &path, &identity))
		if (g_strcmp0(g_hash_table_lookup(b, path), identity))
			g_hash_table_add(set, g_strdup(path));
}

GHashTable *vf_tree_map_difference(GHashTable *a, GHashTable *b)
{
	GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	add_missing(set, a, b);
	add_missing(set, b, a);
	return set;
}
