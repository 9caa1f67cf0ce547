// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/read.h"

#define RECORD_BYTES (16 << 20) /* the files of a stack or a tree by name */

char *vf_cache_path(const char *first, ...)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	va_list args;

	g_ptr_array_add(words, (gpointer)vf_dirs_cache());
	va_start(args, first);
	for (const char *word = first; word; word = va_arg(args, const char *))
		g_ptr_array_add(words, (gpointer)word);
	va_end(args);
	g_ptr_array_add(words, NULL);
	return g_build_filenamev((char **)words->pdata);
}

char *vf_cache_lock(GError **error, const char *format, ...)
{
	g_autofree char *directory = vf_cache_path("locks", NULL);
	g_autofree char *name = NULL;
	va_list args;

	va_start(args, format);
	name = g_strdup_vprintf(format, args);
	va_end(args);
	if (!vf_dirs_make(directory, error))
		return NULL;
	return g_build_filename(directory, name, NULL);
}

json_t *vf_cache_read(const char *path)
{
	gsize length;
	g_autofree char *text = vf_read_bounded(path, RECORD_BYTES, &length, NULL);
	json_t *json = text ? json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (!json_is_object(json))
		g_clear_pointer(&json, json_decref);
	return json;
}

static gboolean write_all(int fd, const char *text, gsize length)
{
	while (length) {
		gssize n = write(fd, text, length);

		if (n < 0 && errno != EINTR)
			return FALSE;
		text += MAX(n, 0);
		length -= (gsize)MAX(n, 0);
	}
	return fchmod(fd, 0644) == 0;
}

gboolean vf_cache_write_text(const char *path, const char *text, gsize length, GError **error)
{
	g_autofree char *temporary = g_strconcat(path, ".XXXXXX.tmp", NULL);
	int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
	gboolean ok = fd >= 0 && write_all(fd, text, length);
	int saved = errno;

	if (fd >= 0 && close(fd) < 0 && ok) {
		ok = FALSE;
		saved = errno;
	}
	if (ok && vf_cache_commit(temporary, path, error))
		return TRUE;
	if (fd >= 0)
		unlink(temporary);
	errno = saved;
	return ok ? FALSE : vf_throw_errno(error, "cannot write %s", path);
}

gboolean vf_cache_write(const char *path, json_t *json, GError **error)
{
	char *text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
	gboolean ok = vf_cache_write_text(path, text, strlen(text), error);

	free(text);
	json_decref(json);
	return ok;
}

gboolean vf_cache_commit(const char *temporary, const char *path, GError **error)
{
	if (rename(temporary, path) == 0)
		return TRUE;
	return vf_throw_errno(error, "cannot rename %s to %s", temporary, path);
}

static gint64 mtime_of(const struct stat *st)
{
	return (gint64)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

gboolean vf_cache_same_file(json_t *memo, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	       json_integer_value(json_object_get(memo, "size")) == st.st_size &&
	       json_integer_value(json_object_get(memo, "mtime")) == mtime_of(&st) &&
	       json_integer_value(json_object_get(memo, "inode")) == (json_int_t)st.st_ino;
}

gboolean vf_cache_note_file(json_t *memo, const char *path, GError **error)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return vf_throw_errno(error, "cannot read %s", path);
	json_object_set_new(memo, "size", json_integer(st.st_size));
	json_object_set_new(memo, "mtime", json_integer(mtime_of(&st)));
	json_object_set_new(memo, "inode", json_integer((json_int_t)st.st_ino));
	return TRUE;
}
