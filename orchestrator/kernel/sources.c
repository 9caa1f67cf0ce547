// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sources.h"

#include <string.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/read.h"
#include "kernel/child.h"
#include "kernel/tree.h"

/* Of a list: a kernel with all options has some 30,000 files. */
#define LIST_BYTES (8 << 20)

typedef struct Collect {
	char *prefix;
	GHashTable *paths;
	gsize bytes; /* of all of them; above LIST_BYTES there is no list */
} Collect;

static void collect_free(gpointer data)
{
	Collect *job = data;

	g_free(job->prefix);
	g_hash_table_unref(job->paths);
	g_free(job);
}

static void on_line(const char *line, gsize length, gpointer data)
{
	Collect *job = data;
	gsize skip = strlen(job->prefix);

	if (length <= skip || strncmp(line, job->prefix, skip) ||
	    g_hash_table_contains(job->paths, line + skip))
		return;
	job->bytes += length - skip + 1;
	if (job->bytes <= LIST_BYTES)
		g_hash_table_add(job->paths, g_strndup(line + skip, length - skip));
}

static char *list_of(GHashTable *paths)
{
	g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_keys(paths), (GCompareFunc)strcmp);
	GString *text = g_string_new(NULL);

	for (GList *path = sorted; path; path = path->next)
		g_string_append_printf(text, "%s\n", (const char *)path->data);
	return g_string_free(text, FALSE);
}

static void on_child(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	Collect *job = g_task_get_task_data(task);
	g_auto(VfChildEnd) end = {0};
	GError *error = NULL;

	/* 1: no file names any */
	if (!vf_child_finish(result, &end, &error) ||
	    (end.status != 1 &&
	     !vf_child_check(&end, VF_ERROR_IO, &error, "cannot search objects")))
		g_task_return_error(task, error);
	else
		g_task_return_pointer(task, job->bytes > LIST_BYTES ? NULL : list_of(job->paths),
				      g_free);
}

void vf_sources_collect_async(const char *objects, const char *prefix, GCancellable *cancellable,
			      GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Collect *job = g_new0(Collect, 1);
	g_autofree char *quoted = g_regex_escape_string(prefix, -1);
	g_autofree char *pattern = g_strconcat(quoted, "[A-Za-z0-9_./+,@=-]+", NULL);
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;

	job->prefix = g_strdup(prefix);
	job->paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_task_set_task_data(task, job, collect_free);
	vf_argv_add(words, "grep", "-rhoE", "--include=.*.cmd", "-e", pattern, "--", objects, NULL);
	argv = vf_argv_end(words);
	vf_child_async(&(VfChild){.argv = argv, .keep = 4096, .line = on_line, .line_data = job},
		       cancellable, on_child, task);
}

char *vf_sources_collect_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

static gboolean is_source(const char *path)
{
	return (g_str_has_suffix(path, ".c") || g_str_has_suffix(path, ".h") ||
		g_str_has_suffix(path, ".S")) &&
	       !g_str_has_prefix(path, "scripts/") && !g_str_has_prefix(path, "tools/");
}

static gboolean exists(const char *tree, GHashTable *map, const char *path)
{
	const char *identity = g_hash_table_lookup(map, path);
	g_autofree char *file = g_build_filename(tree, path, NULL);

	return identity ? strcmp(identity, VF_TREE_ABSENT) != 0
			: g_file_test(file, G_FILE_TEST_IS_REGULAR);
}

static GHashTable *read_list(const char *path, char **text)
{
	GHashTable *paths;

	if (!path || !(*text = vf_read_bounded(path, LIST_BYTES, NULL, NULL)) || !**text)
		return NULL;
	paths = g_hash_table_new(g_str_hash, g_str_equal);
	for (char *line = *text, *end; *line; line = end) {
		gsize length = strcspn(line, "\n");

		end = line + length + (line[length] == '\n');
		line[length] = '\0';
		g_hash_table_add(paths, line);
	}
	return paths;
}

gboolean vf_sources_same(const char *path, const char *tree, GHashTable *a, GHashTable *b)
{
	g_autoptr(GHashTable) different = vf_tree_map_difference(a, b);
	g_autofree char *text = NULL;
	g_autoptr(GHashTable) read = read_list(path, &text);
	GHashTableIter iter;
	gpointer name;

	if (!read)
		return FALSE;
	g_hash_table_iter_init(&iter, different);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		if (!is_source(name) || !exists(tree, a, name) || !exists(tree, b, name) ||
		    g_hash_table_contains(read, name))
			return FALSE;
	return TRUE;
}
