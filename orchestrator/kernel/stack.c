// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/stack-impl.h"

#include <glib/gstdio.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/read.h"
#include "kernel/binary-patch.h"
#include "kernel/cache.h"
#include "kernel/tree.h"

/* of one patch; a kernel patch above this is no patch */
#define PATCH_BYTES (16 << 20)

void vf_stack_free(VfStack *stack)
{
	if (!stack)
		return;
	g_free(stack->key);
	g_free(stack->directory);
	g_free(stack->files_dir);
	g_clear_pointer(&stack->files, g_hash_table_unref);
	g_strfreev(stack->skipped);
	g_free(stack);
}

gboolean vf_stack_read_patch(const char *path, char **text, gsize *length, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *problem = NULL;

	*text = vf_read_bounded(path, PATCH_BYTES, length, &local);
	if (!*text)
		return vf_throw(error, VF_ERROR_DATA, "cannot read the patch: %s", local->message);
	problem = vf_binary_patch_problem(*text, *length);
	if (!problem)
		return TRUE;
	g_clear_pointer(text, g_free);
	return vf_throw(error, VF_ERROR_PATCH, "%s: %s", vf_dirs_shown(path), problem);
}

GPtrArray *vf_stack_patches(const VfSource *source, const GPtrArray *patches)
{
	GPtrArray *all = g_ptr_array_new();
	const char *delta = vf_source_delta(source);

	if (delta)
		g_ptr_array_add(all, (gpointer)delta);
	g_ptr_array_extend(all, (GPtrArray *)patches, NULL, NULL);
	return all;
}

VfStack *vf_stack_new(const VfSource *source, const GPtrArray *patches, GError **error)
{
	g_autoptr(VfHash) hash = vf_hash_new("patch stack");
	VfStack *stack;

	vf_hash_string(hash, "source", vf_source_key(source));
	for (guint i = 0; i < patches->len; i++) {
		g_autofree char *text = NULL;
		gsize length;

		if (!vf_stack_read_patch(patches->pdata[i], &text, &length, error))
			return NULL;
		vf_hash_bytes(hash, "patch", text, length);
	}
	stack = g_new0(VfStack, 1);
	stack->key = vf_hash_hex(hash);
	g_autofree char *id = g_strndup(stack->key, 16);
	stack->directory = vf_cache_path("stacks", id, NULL);
	stack->files_dir = g_build_filename(stack->directory, "files", NULL);
	return stack;
}

GStrv vf_stack_names(json_t *numbers, const GPtrArray *patches)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	json_t *number;
	gsize i;

	json_array_foreach (numbers, i, number) {
		json_int_t n = json_integer_value(number);

		if (n >= 0 && n < (json_int_t)patches->len)
			g_ptr_array_add(names, g_path_get_basename(patches->pdata[n]));
	}
	return vf_argv_end(names);
}

VfStack *vf_stack_load(const VfSource *source, const GPtrArray *patches, GError **error)
{
	g_autoptr(GPtrArray) all = vf_stack_patches(source, patches);
	g_autoptr(VfStack) stack = vf_stack_new(source, all, error);
	g_autofree char *path = NULL;
	json_t *json;

	if (!stack)
		return NULL;
	path = g_build_filename(stack->directory, "stack.json", NULL);
	json = vf_cache_read(path);
	stack->files = vf_tree_map_from_json(json_object_get(json, "files"));
	stack->skipped = vf_stack_names(json_object_get(json, "skipped"), all);
	json_decref(json);
	if (!stack->files)
		return NULL;
	g_utime(path, NULL); /* vf_trim() keeps what is used */
	return g_steal_pointer(&stack);
}
