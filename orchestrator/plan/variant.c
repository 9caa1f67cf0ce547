// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/variant.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/json-reader.h"
#include "base/text.h"
#include "plan/names.h"
#include "plan/stacks.h"

#define LIST(strv) ((const char *const *)(strv))

/* A file as it is written; the paths in VfVariant are worked out from it. */
typedef struct Reading {
	VfVariant *variant;
	char *root;	    /* patches/, absolute */
	const char *expect; /* the name by which the file was asked for */
	char *name, *title;
	char *series; /* may be NULL */
	GStrv skip, extra, config, provides;
} Reading;

static void reading_clear(Reading *reading)
{
	g_free(reading->root);
	g_free(reading->name);
	g_free(reading->title);
	g_free(reading->series);
	g_strfreev(reading->provides);
	g_strfreev(reading->skip);
	g_strfreev(reading->extra);
	g_strfreev(reading->config);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

void vf_variant_free(VfVariant *variant)
{
	if (!variant)
		return;
	g_free(variant->name);
	g_free(variant->title);
	g_clear_pointer(&variant->patches, g_ptr_array_unref);
	g_strfreev(variant->config);
	g_strfreev(variant->provides);
	g_free(variant);
}

/* The absolute path of @file below patches/, or NULL and an error at @key. */
static char *resolve(VfJson *json, const Reading *reading, const char *key, const char *file,
		     GError **error)
{
	g_autofree char *path = NULL;

	if (!vf_name_is_path(file)) {
		vf_names_refuse(json, key, "a relative path without ..", file, error);
		return NULL;
	}
	path = g_build_filename(reading->root, file, NULL);
	if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return g_steal_pointer(&path);
	vf_names_refuse(json, key, "a file below patches/", file, error);
	return NULL;
}

/* A file name, or STACK/NAME for what is in one stack only. */
static gboolean is_patch_name(const char *line, const GPtrArray *stacks)
{
	const char *slash = strchr(line, '/');
	g_autofree char *stack = slash ? g_strndup(line, (gsize)(slash - line)) : NULL;

	return vf_name_is_path(line) &&
	       (!slash || (!strchr(slash + 1, '/') && vf_stacks_has(stacks, stack)));
}

/* Adds the patch that line @number of the series file at @path names. */
static gboolean add_line(const char *path, guint number, const char *line, const GPtrArray *stacks,
			 GHashTable *names, VfVariant *variant, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	g_autofree char *patch = g_build_filename(directory, line, NULL);
	g_autofree char *shown = vf_text_escape(line, -1, 60);

	if (!is_patch_name(line, stacks))
		return vf_throw(error, VF_ERROR_DATA,
				"%s:%u: expected the name of a patch file, found \"%s\"",
				vf_dirs_shown(path), number, shown);
	if (!g_file_test(patch, G_FILE_TEST_IS_REGULAR))
		return vf_throw(error, VF_ERROR_DATA, "%s:%u: no such patch file: \"%s\"",
				vf_dirs_shown(path), number, shown);
	if (!g_hash_table_contains(names, line)) {
		g_hash_table_insert(names, g_strdup(line), NULL);
		g_ptr_array_add(variant->patches, g_steal_pointer(&patch));
		return TRUE;
	}
	return vf_throw(error, VF_ERROR_DATA, "%s:%u: \"%s\" is there twice", vf_dirs_shown(path),
			number, shown);
}

/* @names: set of the names in the series at @path. */
static gboolean read_series(const Reading *reading, const char *path, GHashTable *names,
			    GError **error)
{
	gsize length;
	g_autofree char *data = g_path_get_dirname(reading->root);
	g_autoptr(GPtrArray) stacks = vf_stacks_load(data, error);
	g_autofree char *text = stacks ? vf_json_load(path, &length, error) : NULL;
	g_auto(GStrv) lines = NULL;

	if (!text)
		return FALSE;
	if (strlen(text) != length)
		return vf_throw(error, VF_ERROR_DATA, "%s: expected text, found a NUL byte",
				vf_dirs_shown(path));
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		char *line = g_strstrip(lines[i]);

		if (*line && *line != '#' &&
		    !add_line(path, i + 1, line, stacks, names, reading->variant, error))
			return FALSE;
	}
	return TRUE;
}

/* Removes the patch that is @name in the series of @directory. */
static void drop(GPtrArray *patches, const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	for (guint i = 0; i < patches->len; i++)
		if (!strcmp(patches->pdata[i], path)) {
			g_ptr_array_remove_index(patches, i);
			return;
		}
}

static gboolean add_series(VfJson *json, const Reading *reading, GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *path = NULL, *directory = NULL;

	if (reading->series) {
		path = resolve(json, reading, "series", reading->series, error);
		if (!path || !read_series(reading, path, names, error))
			return FALSE;
		directory = g_path_get_dirname(path);
	}
	for (guint i = 0; reading->skip[i]; i++) {
		g_autofree char *place = g_strdup_printf("skip[%u]", i);

		if (!g_hash_table_remove(names, reading->skip[i]))
			return vf_names_refuse(json, place, "a patch of the series, once",
					       reading->skip[i], error);
		drop(reading->variant->patches, directory, reading->skip[i]);
	}
	return TRUE;
}

static gboolean add_files(VfJson *json, const Reading *reading, const char *key, GStrv files,
			  GPtrArray *out, GError **error)
{
	if (!vf_names_check_paths(json, key, LIST(files), error))
		return FALSE;
	for (guint i = 0; files[i]; i++) {
		g_autofree char *place = g_strdup_printf("%s[%u]", key, i);
		char *path = resolve(json, reading, place, files[i], error);

		if (!path)
			return FALSE;
		g_ptr_array_add(out, path);
	}
	return TRUE;
}

static gboolean read_variant(VfJson *json, const char *name G_GNUC_UNUSED, gpointer target,
			     GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("name", STRING, Reading, name),
		VF_JSON_MEMBER("title", STRING, Reading, title),
		VF_JSON_MEMBER("series", TEXT, Reading, series),
		VF_JSON_MEMBER("skip", STRINGS, Reading, skip),
		VF_JSON_MEMBER("extra", STRINGS, Reading, extra),
		VF_JSON_MEMBER("config", STRINGS, Reading, config),
		VF_JSON_MEMBER("provides", STRINGS, Reading, provides),
		{NULL},
	};
	Reading *reading = target;
	VfVariant *variant = reading->variant;
	g_autoptr(GPtrArray) config = g_ptr_array_new_with_free_func(g_free);

	if (!vf_json_read(json, members, reading, error) ||
	    !vf_names_check_own(json, reading->name, reading->expect, error) ||
	    !vf_names_check(json, "provides", LIST(reading->provides), error) ||
	    !add_series(json, reading, error) ||
	    !add_files(json, reading, "extra", reading->extra, variant->patches, error) ||
	    !add_files(json, reading, "config", reading->config, config, error))
		return FALSE;
	g_ptr_array_add(config, NULL);
	variant->config = (GStrv)g_ptr_array_steal(config, NULL);
	variant->name = g_steal_pointer(&reading->name);
	variant->title = g_steal_pointer(&reading->title);
	variant->provides = g_steal_pointer(&reading->provides);
	return TRUE;
}

static char *file_of(const char *data, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".json", NULL);

	return g_build_filename(data, "patches", "variants", file, NULL);
}

VfVariant *vf_variant_parse(const char *text, gsize length, const char *data, const char *name,
			    GError **error)
{
	g_autofree char *path = file_of(data, name);
	g_autofree char *root = g_build_filename(data, "patches", NULL);
	g_autoptr(VfVariant) variant = g_new0(VfVariant, 1);
	g_auto(Reading) reading = {.variant = variant, .expect = name};

	reading.root = g_canonicalize_filename(root, NULL);
	variant->patches = g_ptr_array_new_with_free_func(g_free);
	if (!vf_json_parse(text, length, vf_dirs_shown(path), read_variant, &reading, error))
		return NULL;
	return g_steal_pointer(&variant);
}

VfVariant *vf_variant_load(const char *data, const char *name, GError **error)
{
	g_autofree char *path = file_of(data, name);
	gsize length;
	g_autofree char *text = vf_json_load(path, &length, error);

	return text ? vf_variant_parse(text, length, data, name, error) : NULL;
}

VfVariant *vf_variant_mutant(const VfVariant *base, const char *name, const char *title,
			     const char *patch)
{
	VfVariant *variant = g_new0(VfVariant, 1);

	variant->name = g_strconcat(base->name, "+", name, NULL);
	variant->title = g_strdup(title);
	variant->patches = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < base->patches->len; i++)
		g_ptr_array_add(variant->patches, g_strdup(base->patches->pdata[i]));
	g_ptr_array_add(variant->patches, g_strdup(patch));
	variant->config = g_strdupv(base->config);
	variant->provides = g_strdupv(base->provides);
	variant->base = base;
	return variant;
}

void vf_variant_distrust(VfVariant *variant)
{
	char *name = g_strconcat(variant->name, VF_VARIANT_STRANGER, NULL);

	g_free(variant->name);
	variant->name = name;
	variant->stranger = TRUE;
}

void vf_variant_add_series(VfVariant *variant, const char *patch, VfSeriesPlace place)
{
	vf_variant_distrust(variant);
	if (place == VF_SERIES_ALONE)
		g_ptr_array_set_size(variant->patches, 0);
	g_ptr_array_insert(variant->patches, place == VF_SERIES_BELOW ? 0 : -1, g_strdup(patch));
}

GStrv vf_variant_names(const char *data, GError **error)
{
	g_autofree char *directory = g_build_filename(data, "patches", "variants", NULL);

	return vf_names_in(directory, ".json", error);
}

gboolean vf_variant_provides(const VfVariant *variant, const char *feature)
{
	return g_strv_contains(LIST(variant->provides), feature);
}
