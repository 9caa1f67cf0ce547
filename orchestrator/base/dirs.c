// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/dirs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "paths.h"

/* The specification says that a relative path in the environment is to be ignored. */
static char *xdg(const char *variable, const char *fallback)
{
	const char *base = g_getenv(variable);

	if (base && g_path_is_absolute(base))
		return g_build_filename(base, "vifarm", NULL);
	return g_build_filename(g_get_home_dir(), fallback, "vifarm", NULL);
}

const char *vf_dirs_cache(void)
{
	static char *path;

	if (!path)
		path = xdg("XDG_CACHE_HOME", ".cache");
	return path;
}

const char *vf_dirs_state(void)
{
	static char *path;

	if (!path)
		path = xdg("XDG_STATE_HOME", ".local/state");
	return path;
}

char *vf_dirs_prefix_of(const char *program)
{
	g_autofree char *bin = NULL;

	if (!program || g_str_has_prefix(program, VIFARM_BINARY_DIR "/"))
		return NULL;
	bin = g_path_get_dirname(program);
	return g_path_get_dirname(bin);
}

/* The prefix that this program is installed below, or NULL in its build directory. */
static const char *prefix(void)
{
	static gsize known;
	static char *path;

	if (g_once_init_enter(&known)) {
		g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);

		path = vf_dirs_prefix_of(program);
		g_once_init_leave(&known, 1);
	}
	return path;
}

static char *default_data(void)
{
	if (!prefix())
		return g_strdup(VIFARM_SOURCE_DIR);
	return g_build_filename(prefix(), VIFARM_INSTALLED_DATA, NULL);
}

const char *vf_dirs_data(void)
{
	static char *path;
	const char *given = g_getenv("VIFARM_DATA");

	if (!path)
		path = given && *given ? g_canonicalize_filename(given, NULL) : default_data();
	return path;
}

char *vf_dirs_plugin(void)
{
	if (!prefix())
		return g_build_filename(VIFARM_BINARY_DIR, "machine", "vifarm.so", NULL);
	return g_build_filename(prefix(), VIFARM_INSTALLED_PLUGIN, NULL);
}

char *vf_dirs_program(const char *name)
{
	if (!prefix())
		return g_build_filename(VIFARM_BINARY_DIR, "orchestrator", name, NULL);
	return g_build_filename(prefix(), VIFARM_INSTALLED_PROGRAMS, name, NULL);
}

gboolean vf_dirs_make(const char *path, GError **error)
{
	if (g_mkdir_with_parents(path, 0755) == 0)
		return TRUE;
	return vf_throw_errno(error, "cannot create the directory %s", path);
}

static gboolean remove_children(int fd, const char *path, dev_t device, GError **error);

static gboolean remove_directory(int parent, const char *name, const char *path, dev_t device,
				 GError **error)
{
	struct stat st;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return vf_throw_errno(error, "cannot open %s", path);
	if (fstat(fd, &st) < 0 || st.st_dev != device) {
		close(fd);
		return vf_throw(error, VF_ERROR_IO,
				"cannot remove %s: another file system is mounted there", path);
	}
	if (!remove_children(fd, path, device, error))
		return FALSE;
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0)
		return vf_throw_errno(error, "cannot remove %s", path);
	return TRUE;
}

static gboolean remove_entry(int parent, const char *name, const char *path, dev_t device,
			     GError **error)
{
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return TRUE;
	if (errno != EISDIR)
		return vf_throw_errno(error, "cannot remove %s", path);
	return remove_directory(parent, name, path, device, error);
}

/* Owns @fd. */
static gboolean remove_children(int fd, const char *path, dev_t device, GError **error)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	gboolean ok = TRUE;

	if (!dir) {
		vf_throw_errno(error, "cannot read %s", path);
		close(fd);
		return FALSE;
	}
	while (ok && (entry = readdir(dir))) {
		g_autofree char *child = NULL;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		child = g_build_filename(path, entry->d_name, NULL);
		ok = remove_entry(fd, entry->d_name, child, device, error);
	}
	closedir(dir);
	return ok;
}

gboolean vf_dirs_remove(const char *path, GError **error)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (errno == ENOENT)
			return TRUE;
		return vf_throw_errno(error, "cannot remove %s", path);
	}
	return remove_entry(AT_FDCWD, path, path, st.st_dev, error);
}

gboolean vf_dirs_write(const char *path, const char *contents, gssize length, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (g_file_set_contents_full(path, contents, length,
				     G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
				     0644, &local))
		return TRUE;
	return vf_throw(error, VF_ERROR_IO, "cannot write %s: %s", path, local->message);
}

const char *vf_dirs_shown(const char *path)
{
	g_autofree char *here = g_get_current_dir();
	gsize length = strlen(here);

	if (g_str_has_prefix(path, here) && path[length] == '/' && path[length + 1])
		return path + length + 1;
	return path;
}
