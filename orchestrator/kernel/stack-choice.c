// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/stack-choice.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/read.h"
#include "kernel/cache.h"
#include "kernel/stack-impl.h"
#include "kernel/steps.h"
#include "plan/stacks.h"

/* The kernel's has 70 KiB. */
#define MAKEFILE_BYTES (1 << 20)

typedef struct Choice {
	VfSteps steps;
	VfSource *source;
	GPtrArray *own;	   /* patches of the variant, before the choice; borrowed strings */
	GPtrArray *stacks; /* of VfStackName, the best first */
	char *memo;	   /* path */
	guint next;
	GPtrArray *patches; /* of the stack that is tried; vf_stack_apply_async() borrows them */
	GString *problems;
	GError *result; /* of the stack that is tried */
	char *log;
} Choice;

static void choice_free(gpointer data)
{
	Choice *job = data;

	g_ptr_array_unref(job->own);
	g_ptr_array_unref(job->stacks);
	g_free(job->memo);
	g_clear_pointer(&job->patches, g_ptr_array_unref);
	g_string_free(job->problems, TRUE);
	g_clear_error(&job->result);
	g_free(job->log);
	g_free(job);
}

/* What comes with this program: not a stranger's series, nor a mutant's patch. */
static GPtrArray *own_patches(const char *data, const VfVariant *variant)
{
	const GPtrArray *patches = variant->base ? variant->base->patches : variant->patches;
	g_autofree char *root = g_build_filename(data, "patches", "", NULL);
	g_autofree char *canonical = g_canonicalize_filename(root, NULL);
	GPtrArray *own = g_ptr_array_new();

	for (guint i = 0; i < patches->len; i++)
		if (g_str_has_prefix(patches->pdata[i], canonical))
			g_ptr_array_add(own, patches->pdata[i]);
	return own;
}

/* The memo holds as long as no patch of any stack changes. NULL with VF_ERROR_DATA. */
static char *memo_path(const VfSource *source, const GPtrArray *own, const GPtrArray *stacks,
		       GError **error)
{
	g_autoptr(VfHash) hash = vf_hash_new("choice");
	g_autofree char *key = NULL, *file = NULL;

	for (guint i = 0; i < stacks->len; i++) {
		const VfStackName *stack = stacks->pdata[i];
		g_autoptr(GPtrArray) patches = vf_stacks_resolve(own, stacks, stack->name);
		g_autoptr(GPtrArray) all = vf_stack_patches(source, patches);
		g_autoptr(VfStack) applied = vf_stack_new(source, all, error);

		if (!applied)
			return NULL;
		vf_hash_string(hash, stack->name, applied->key);
	}
	key = vf_hash_hex(hash);
	file = g_strdup_printf("%.16s.json", key);
	return vf_cache_path("choices", file, NULL);
}

gboolean vf_choice_recall(const char *data, const VfSource *source, const VfVariant *variant,
			  char **name, GError **error)
{
	g_autoptr(GPtrArray) stacks = vf_stacks_load(data, error);
	g_autoptr(GPtrArray) own = stacks ? own_patches(data, variant) : NULL;
	g_autofree char *memo = NULL;
	const char *found;
	json_t *json;

	*name = NULL;
	if (!stacks)
		return FALSE;
	if (!stacks->len) {
		*name = g_strdup("");
		return TRUE;
	}
	memo = memo_path(source, own, stacks, error);
	if (!memo)
		return FALSE;
	json = vf_cache_read(memo);
	found = json_string_value(json_object_get(json, "stack"));
	if (vf_stacks_has(stacks, found))
		*name = g_strdup(found);
	json_decref(json);
	return TRUE;
}

static guint version_of(VfSource *source)
{
	g_autofree char *path = g_build_filename(vf_source_tree(source), "Makefile", NULL);
	g_autofree char *text = vf_read_bounded(path, MAKEFILE_BYTES, NULL, NULL);

	return text ? vf_stacks_version(text) : 0;
}

static VfStepResult order(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Choice *job = data;

	job->memo = memo_path(job->source, job->own, job->stacks, error);
	if (!job->memo)
		return VF_STEP_FAILED;
	vf_stacks_sort(job->stacks, version_of(job->source));
	return VF_STEP_NEXT;
}

static void on_applied(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Choice *job = g_task_get_task_data(data);
	g_autofree char *log = NULL;
	VfStack *stack = vf_stack_apply_finish(result, &log, &job->result);

	vf_stack_free(stack);
	if (log && !job->log)
		job->log = g_steal_pointer(&log);
	vf_steps_continue(data, NULL);
}

static VfStepResult try_next(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Choice *job = data;
	const VfStackName *stack = job->stacks->pdata[job->next];

	g_clear_pointer(&job->patches, g_ptr_array_unref);
	job->patches = vf_stacks_resolve(job->own, job->stacks, stack->name);
	vf_stack_apply_async(job->source, job->patches, g_task_get_cancellable(task), on_applied,
			     task);
	return VF_STEP_WAIT;
}

static VfStepResult chosen(GTask *task, Choice *job, GError **error)
{
	const VfStackName *stack = job->stacks->pdata[job->next];

	if (!vf_cache_write(job->memo, json_pack("{s:s}", "stack", stack->name), error))
		return VF_STEP_FAILED;
	g_task_return_pointer(task, g_strdup(stack->name), g_free);
	return VF_STEP_END;
}

static VfStepResult take_next(GTask *task, gpointer data, GError **error)
{
	Choice *job = data;
	const VfStackName *stack = job->stacks->pdata[job->next];

	if (!job->result)
		return chosen(task, job, error);
	if (!g_error_matches(job->result, VF_ERROR, VF_ERROR_PATCH)) {
		g_propagate_error(error, g_steal_pointer(&job->result));
		return VF_STEP_FAILED;
	}
	g_string_append_printf(job->problems, "%s%s: %s", job->problems->len ? "; " : "",
			       stack->name, job->result->message);
	g_clear_error(&job->result);
	if (++job->next < job->stacks->len)
		return vf_steps_jump(&job->steps, try_next);
	vf_throw(error, VF_ERROR_PATCH, "no stack of patches fits this kernel: %s",
		 job->problems->str);
	return VF_STEP_FAILED;
}

static const VfStep choice_steps[] = {order, try_next, take_next, NULL};

void vf_choice_make_async(const char *data, VfSource *source, const VfVariant *variant,
			  GCancellable *cancellable, GAsyncReadyCallback done,
			  gpointer data_of_done)
{
	GTask *task = g_task_new(NULL, cancellable, done, data_of_done);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) stacks = vf_stacks_load(data, &error);
	g_autofree char *choices = vf_cache_path("choices", NULL);
	Choice *job;

	if (!stacks || !vf_dirs_make(choices, &error)) {
		g_task_return_error(task, g_steal_pointer(&error));
		g_object_unref(task);
		return;
	}
	job = g_new0(Choice, 1);
	job->source = source;
	job->own = own_patches(data, variant);
	job->stacks = g_steal_pointer(&stacks);
	job->problems = g_string_new(NULL);
	g_task_set_task_data(task, job, choice_free);
	vf_steps_run(task, choice_steps);
}

char *vf_choice_make_finish(GAsyncResult *result, char **log, GError **error)
{
	Choice *job = g_task_get_task_data(G_TASK(result));
	char *name = g_task_propagate_pointer(G_TASK(result), error);

	if (!name && job && log)
		*log = g_steal_pointer(&job->log);
	return name;
}

GPtrArray *vf_choice_patches(const char *data, const GPtrArray *patches, const char *name,
			     GError **error)
{
	g_autoptr(GPtrArray) stacks = vf_stacks_load(data, error);

	if (!stacks)
		return NULL;
	return vf_stacks_resolve(patches, stacks, *name ? name : NULL);
}
