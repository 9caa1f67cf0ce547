// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/anchor.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/dirs.h"
#include "base/lock.h"
#include "kernel/cache.h"

static void anchor_free(gpointer data)
{
	VfAnchor *anchor = data;

	g_free(anchor->id);
	g_free(anchor->object);
	g_free(anchor);
}

/* The lock file's time is that of the last use; one that was never used is as old as its tree. */
static gint64 last_use(const char *id)
{
	g_autofree char *lock = vf_cache_lock(NULL, "use-%s", id);
	g_autofree char *directory = vf_cache_path("sources", id, NULL);
	GStatBuf st;

	if ((!lock || g_stat(lock, &st) < 0) && g_stat(directory, &st) < 0)
		return 0;
	return (gint64)st.st_mtim.tv_sec * G_USEC_PER_SEC + st.st_mtim.tv_nsec / 1000;
}

static gint last_used_first(gconstpointer a, gconstpointer b)
{
	const VfAnchor *x = *(VfAnchor *const *)a, *y = *(VfAnchor *const *)b;

	return x->used < y->used ? 1 : x->used > y->used ? -1 : 0;
}

/* All unpacked trees, or those of one repository. */
static GPtrArray *trees(const char *repository)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(anchor_free);
	g_autofree char *sources = vf_cache_path("sources", NULL);
	g_autoptr(GDir) dir = g_dir_open(sources, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *tree = g_build_filename(sources, name, "tree", NULL);
		g_autofree char *file = g_build_filename(sources, name, "anchor.json", NULL);
		json_t *record = vf_cache_read(file);
		const char *whose = json_string_value(json_object_get(record, "repository"));
		const char *object = json_string_value(json_object_get(record, "object"));
		VfAnchor *anchor;

		if (!g_str_has_suffix(name, ".tmp") && g_file_test(tree, G_FILE_TEST_IS_DIR) &&
		    (!repository || (object && !g_strcmp0(whose, repository)))) {
			anchor = g_new0(VfAnchor, 1);
			anchor->id = g_strdup(name);
			anchor->object = g_strdup(object);
			anchor->used = last_use(name);
			g_ptr_array_add(list, anchor);
		}
		json_decref(record);
	}
	g_ptr_array_sort(list, last_used_first);
	return list;
}

GPtrArray *vf_anchors(const char *repository)
{
	return trees(repository);
}

char *vf_anchor_delta(const VfAnchor *anchor, const char *object)
{
	g_autofree char *name = g_strconcat(object, ".patch", NULL);

	return vf_cache_path("sources", anchor->id, name, NULL);
}

gboolean vf_anchor_write(const char *directory, const char *repository, const char *object,
			 GError **error)
{
	g_autofree char *path = g_build_filename(directory, "anchor.json", NULL);
	json_t *record = json_pack("{s:s, s:s}", "repository", repository, "object", object);

	return vf_cache_write(path, record, error);
}

/* To a name of its own in trash/: a rename is at once, removing a tree takes seconds. */
static void throw_away(const char *path)
{
	g_autofree char *trash = vf_cache_path("trash", NULL);
	g_autofree char *name = g_uuid_string_random();
	g_autofree char *to = g_build_filename(trash, name, NULL);

	if (vf_dirs_make(trash, NULL))
		vf_cache_commit(path, to, NULL);
}

static void throw_slots_away(const char *id)
{
	g_autofree char *slots = vf_cache_path("slots", NULL);
	g_autofree char *prefix = g_strconcat(id, "-", NULL);
	g_autoptr(GDir) dir = g_dir_open(slots, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(slots, name, NULL);

		if (g_str_has_prefix(name, prefix))
			throw_away(path);
	}
}

/* Who unpacks a tree holds the first lock, who uses it or what was built in it the second. */
static void remove_unless_used(const char *id)
{
	g_autofree char *making_path = vf_cache_lock(NULL, "source-%s", id);
	g_autofree char *use_path = vf_cache_lock(NULL, "use-%s", id);
	g_autoptr(VfLock) making =
		making_path ? vf_lock_try(making_path, VF_LOCK_EXCLUSIVE, NULL) : NULL;
	g_autoptr(VfLock) use = use_path ? vf_lock_try(use_path, VF_LOCK_EXCLUSIVE, NULL) : NULL;
	g_autofree char *directory = vf_cache_path("sources", id, NULL);

	if (!making || !use)
		return;
	throw_away(directory);
	throw_slots_away(id);
}

void vf_anchors_trim(guint keep)
{
	g_autoptr(GPtrArray) list = trees(NULL);

	for (guint i = keep; i < list->len; i++)
		remove_unless_used(((VfAnchor *)list->pdata[i])->id);
}
