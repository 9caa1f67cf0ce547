// SPDX-License-Identifier: GPL-2.0-or-later
#include "build/trim.h"

#include <glib/gstdio.h>

#include "base/dirs.h"
#include "build/cache.h"

#define UNUSED_SECONDS (24 * 3600)

typedef struct Entry {
	char *path;
	gint64 used; /* seconds since the epoch */
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

static GPtrArray *entries(const char *kind, const char *record)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(entry_free);
	g_autofree char *directory = vf_cache_path(kind, NULL);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		g_autofree char *file = g_build_filename(path, record, NULL);
		Entry *entry;
		GStatBuf st;

		if (g_stat(file, &st) < 0 && g_stat(path, &st) < 0)
			continue;
		entry = g_new0(Entry, 1);
		entry->path = g_steal_pointer(&path);
		entry->used = st.st_mtime;
		g_ptr_array_add(list, entry);
	}
	g_ptr_array_sort(list, newest_first);
	return list;
}

void vf_trim(const char *kind, const char *record, guint keep)
{
	g_autoptr(GPtrArray) list = entries(kind, record);
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	for (guint i = 0; i < list->len; i++) {
		const Entry *entry = list->pdata[i];
		gboolean extra = i >= keep || g_str_has_suffix(entry->path, ".tmp");

		if (extra && now - entry->used > UNUSED_SECONDS)
			vf_dirs_remove(entry->path, NULL);
	}
}
