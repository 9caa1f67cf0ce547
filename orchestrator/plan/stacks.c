// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/stacks.h"

#include <stdio.h>
#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"
#include "plan/names.h"

#define VERSION(major, minor) ((major) << 16 | (minor))

static void stack_name_free(gpointer data)
{
	VfStackName *stack = data;

	g_free(stack->name);
	g_free(stack);
}

/* "NAME MAJOR.MINOR" */
static gboolean add_line(GPtrArray *stacks, const char *path, guint number, const char *line,
			 GError **error)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	g_autofree char *shown = vf_text_escape(line, -1, 60);
	VfStackName *stack;
	guint major, minor;
	char rest;

	if (g_strv_length(words) != 2 || strchr(words[0], '/') || !vf_name_is_path(words[0]) ||
	    sscanf(words[1], "%4u.%4u%c", &major, &minor, &rest) != 2)
		return vf_throw(error, VF_ERROR_DATA,
				"%s:%u: expected \"NAME MAJOR.MINOR\", found \"%s\"",
				vf_dirs_shown(path), number, shown);
	stack = g_new0(VfStackName, 1);
	stack->name = g_strdup(words[0]);
	stack->version = VERSION(major, minor);
	g_ptr_array_add(stacks, stack);
	return TRUE;
}

GPtrArray *vf_stacks_load(const char *data, GError **error)
{
	g_autofree char *path = g_build_filename(data, "patches", "stacks", NULL);
	g_autoptr(GPtrArray) stacks = g_ptr_array_new_with_free_func(stack_name_free);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_steal_pointer(&stacks);
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		char *line = g_strstrip(lines[i]);

		if (*line && *line != '#' && !add_line(stacks, path, i + 1, line, error))
			return NULL;
	}
	return g_steal_pointer(&stacks);
}

/* The number behind "NAME = " at the beginning of a line. */
static gboolean number_of(const char *text, const char *name, guint *number)
{
	g_autofree char *pattern = g_strdup_printf("^%s *= *([0-9]{1,4})\\s*$", name);
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *digits = NULL;

	if (!g_regex_match(regex, text, 0, &match))
		return FALSE;
	digits = g_match_info_fetch(match, 1);
	*number = (guint)g_ascii_strtoull(digits, NULL, 10);
	return TRUE;
}

guint vf_stacks_version(const char *makefile)
{
	guint major, minor;

	return number_of(makefile, "VERSION", &major) && number_of(makefile, "PATCHLEVEL", &minor)
		       ? VERSION(major, minor)
		       : 0;
}

static int compare(gconstpointer a, gconstpointer b, gpointer data)
{
	const VfStackName *one = *(const VfStackName *const *)a;
	const VfStackName *two = *(const VfStackName *const *)b;
	guint version = GPOINTER_TO_UINT(data);
	gboolean one_fits = one->version <= version, two_fits = two->version <= version;

	if (one_fits != two_fits)
		return one_fits ? -1 : 1;
	return one->version < two->version ? 1 : one->version > two->version ? -1 : 0;
}

void vf_stacks_sort(GPtrArray *stacks, guint version)
{
	g_ptr_array_sort_with_data(stacks, compare, GUINT_TO_POINTER(version));
}

gboolean vf_stacks_has(const GPtrArray *stacks, const char *name)
{
	for (guint i = 0; i < stacks->len; i++)
		if (!g_strcmp0(((const VfStackName *)stacks->pdata[i])->name, name))
			return TRUE;
	return FALSE;
}

GPtrArray *vf_stacks_resolve(const GPtrArray *patches, const GPtrArray *stacks, const char *name)
{
	GPtrArray *resolved = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < patches->len; i++) {
		const char *path = patches->pdata[i];
		g_autofree char *directory = g_path_get_dirname(path);
		g_autofree char *parent = g_path_get_basename(directory);
		g_autofree char *base = g_path_get_basename(path);
		g_autofree char *own = NULL;

		if (vf_stacks_has(stacks, parent)) {
			if (!g_strcmp0(parent, name))
				g_ptr_array_add(resolved, g_strdup(path));
			continue;
		}
		own = name ? g_build_filename(directory, name, base, NULL) : NULL;
		if (own && g_file_test(own, G_FILE_TEST_IS_REGULAR))
			g_ptr_array_add(resolved, g_steal_pointer(&own));
		else
			g_ptr_array_add(resolved, g_strdup(path));
	}
	return resolved;
}
