// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/trim.h"

#include <glib/gstdio.h>

#include "base/dirs.h"
#include "kernel/cache.h"

#define UNUSED_SECONDS (24 * 3600)

typedef struct Entry {
	char *path;
	gint64 used; /* seconds since the epoch */
	guint64 bytes;
} Entry;

static void entry_free(gpointer data)
{
	Entry *entry = data;

	g_free(entry->path);
	g_free(entry);
}

static gint newest_first(gconstpointer a, gconstpointer b)
{
	const Entry *x = *(Entry *const *)a, *y = *(Entry *const *)b;

	return x->used < y->used ? 1 : x->used > y->used ? -1 : 0;
}

/* What a file, or the files in a directory that has no others, take on the disk. */
static guint64 bytes_of(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;
	guint64 bytes = 0;
	GStatBuf st;

	if (!dir)
		return g_lstat(path, &st) == 0 ? (guint64)st.st_blocks * 512 : 0;
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *file = g_build_filename(path, name, NULL);

		if (g_lstat(file, &st) == 0)
			bytes += (guint64)st.st_blocks * 512;
	}
	return bytes;
}

static GPtrArray *entries(const VfTrim *trim)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(entry_free);
	g_autofree char *directory = vf_cache_path(trim->kind, NULL);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		g_autofree char *file = g_build_filename(path, trim->record, NULL);
		Entry *entry;
		GStatBuf st;

		if (g_stat(file, &st) < 0 && g_stat(path, &st) < 0)
			continue;
		entry = g_new0(Entry, 1);
		entry->bytes = trim->bytes ? bytes_of(path) : 0;
		entry->path = g_steal_pointer(&path);
		entry->used = st.st_mtime;
		g_ptr_array_add(list, entry);
	}
	g_ptr_array_sort(list, newest_first);
	return list;
}

VfLock *vf_trim_use(const char *kind, const char *name, VfLockMode mode)
{
	g_autofree char *path = vf_cache_lock(NULL, "%s-%.16s", kind, name);

	return path ? vf_lock_try(path, mode, NULL) : NULL;
}

static void remove_unused(const VfTrim *trim, const Entry *entry)
{
	g_autofree char *name = g_path_get_basename(entry->path);
	g_autoptr(VfLock) lock =
		trim->locked ? vf_trim_use(trim->kind, name, VF_LOCK_EXCLUSIVE) : NULL;

	if (lock || !trim->locked)
		vf_dirs_remove(entry->path, NULL);
}

void vf_trim(const VfTrim *trim)
{
	g_autoptr(GPtrArray) list = entries(trim);
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	guint64 bytes = 0;

	for (guint i = 0; i < list->len; i++) {
		const Entry *entry = list->pdata[i];
		gboolean old = now - entry->used > UNUSED_SECONDS;
		gboolean extra = i >= trim->keep || g_str_has_suffix(entry->path, ".tmp");

		bytes += entry->bytes;
		/* the last used one stays, however large it is */
		if ((extra && old) || (trim->bytes && i && bytes > trim->bytes))
			remove_unused(trim, entry);
	}
}
