// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/stack-impl.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "base/git.h"
#include "base/lock.h"
#include "base/read.h"
#include "kernel/apply-log.h"
#include "kernel/cache.h"
#include "kernel/child.h"
#include "kernel/git-sandbox.h"
#include "kernel/patch.h"
#include "kernel/steps.h"
#include "kernel/tree.h"

#define LOG_BYTES (1 << 20)

typedef struct Apply {
	VfSteps steps;
	VfSource *source;
	GPtrArray *patches; /* vf_stack_patches() */
	VfStack *stack;
	VfLock *lock;
	VfChildEnd end;
	char *temporary;
	char *scratch;	   /* temporary/files */
	GHashTable *paths; /* set: all that any patch touches */
	guint next;	   /* patch */
	json_t *skipped;
	char *log;
} Apply;

static void apply_free(gpointer data)
{
	Apply *job = data;

	g_ptr_array_unref(job->patches);
	vf_stack_free(job->stack);
	vf_lock_free(job->lock);
	vf_child_end_clear(&job->end);
	g_free(job->temporary);
	g_free(job->scratch);
	g_hash_table_unref(job->paths);
	json_decref(job->skipped);
	g_free(job->log);
	g_free(job);
}

static const char *patch_shown(const Apply *job, guint number)
{
	return vf_dirs_shown(job->patches->pdata[number]);
}

static void on_lock(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Apply *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->lock = vf_lock_finish(result, &error);
	vf_steps_continue(data, error);
}

static VfStepResult lock(GTask *task, gpointer data, GError **error)
{
	g_autofree char *path = vf_cache_lock(error, "stacks");

	(void)data;
	if (!path)
		return VF_STEP_FAILED;
	vf_lock_async(path, VF_LOCK_EXCLUSIVE, g_task_get_cancellable(task), NULL, on_lock, task);
	return VF_STEP_WAIT;
}

static VfStepResult prepare(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Apply *job = data;

	job->temporary = g_strconcat(job->stack->directory, ".tmp", NULL);
	job->scratch = g_build_filename(job->temporary, "files", NULL);
	if (!vf_dirs_remove(job->temporary, error) || !vf_dirs_make(job->scratch, error))
		return VF_STEP_FAILED;
	return VF_STEP_NEXT;
}

/* What was stopped says nothing about whether the patch applies. */
static gboolean check_limits(const Apply *job, GError **error)
{
	if (!job->end.timed_out && !job->end.exceeded)
		return TRUE;
	return vf_throw(error, VF_ERROR_PATCH, "%s: git was stopped: too much %s",
			patch_shown(job, job->next), job->end.exceeded ?: "time");
}

static void on_child(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Apply *job = g_task_get_task_data(data);
	GError *error = NULL;

	vf_child_end_clear(&job->end);
	if (vf_child_finish(result, &job->end, &error))
		check_limits(job, &error);
	vf_steps_continue(data, error);
}

/*
 * Runs `git apply` with @options on the patch at @path, in the scratch directory. It must find no
 * repository there: the cache may lie in one.
 */
static VfStepResult git_apply_file(GTask *task, Apply *job, const char *const *options,
				   const char *path)
{
	const char *read_only[] = {path, NULL}, *writable[] = {job->temporary, NULL};
	g_autofree char *ceiling = g_strconcat("GIT_CEILING_DIRECTORIES=", job->temporary, NULL);
	g_auto(GStrv) env = vf_git_env(ceiling, NULL);
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;
	VfLimits limits = vf_git_limits;

	vf_git_sandbox(words, read_only, writable, job->scratch, env);
	vf_argv_add(words, "apply", "--whitespace=nowarn", NULL);
	vf_argv_strv(words, options);
	vf_argv_add(words, "--", path, NULL);
	argv = vf_argv_end(words);
	limits.disk_path = job->temporary;
	vf_child_async(&(VfChild){.argv = argv,
				  .env = env,
				  .directory = job->scratch,
				  .keep = LOG_BYTES,
				  .limits = &limits},
		       g_task_get_cancellable(task), on_child, task);
	return VF_STEP_WAIT;
}

static VfStepResult git_apply(GTask *task, Apply *job, const char *const *options)
{
	return git_apply_file(task, job, options, job->patches->pdata[job->next]);
}

static VfStepResult ask_paths(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	static const char *const options[] = {"--numstat", "-z", NULL};
	Apply *job = data;

	return git_apply(task, job, options);
}

/* All patches are asked for their paths before the first is applied. */
static VfStepResult take_paths(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Apply *job = data;
	const char *path = job->patches->pdata[job->next];
	g_autofree char *text = NULL;
	gsize length;

	if (!vf_child_check(&job->end, VF_ERROR_PATCH, error, "%s", patch_shown(job, job->next)))
		return VF_STEP_FAILED;
	if (!vf_stack_read_patch(path, &text, &length, error))
		return VF_STEP_FAILED;
	if (!vf_patch_read_numstat(job->end.output, job->end.length, job->paths, error) ||
	    !vf_patch_read_sources(text, length, job->paths, error)) {
		vf_prefix(error, "%s", patch_shown(job, job->next));
		return VF_STEP_FAILED;
	}
	if (++job->next < job->patches->len)
		return vf_steps_jump(&job->steps, ask_paths);
	return VF_STEP_NEXT;
}

/* Calls @each for every path that the stack touches, with both trees open. */
static gboolean for_paths(Apply *job, gboolean (*each)(Apply *, int, int, const char *, GError **),
			  GError **error)
{
	int pristine = vf_tree_open(vf_source_tree(job->source), error);
	int scratch = pristine < 0 ? -1 : vf_tree_open(job->scratch, error);
	gboolean ok = scratch >= 0;
	GHashTableIter iter;
	gpointer path;

	g_hash_table_iter_init(&iter, job->paths);
	while (ok && g_hash_table_iter_next(&iter, &path, NULL))
		ok = each(job, pristine, scratch, path, error);
	if (pristine >= 0)
		close(pristine);
	if (scratch >= 0)
		close(scratch);
	return ok;
}

static gboolean copy_path(G_GNUC_UNUSED Apply *job, int pristine, int scratch, const char *path,
			  GError **error)
{
	return vf_tree_replace(scratch, pristine, path, error);
}

static VfStepResult copy_paths(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Apply *job = data;

	job->next = 0;
	return for_paths(job, copy_path, error) ? VF_STEP_NEXT : VF_STEP_FAILED;
}

static VfStepResult apply_patch(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	static const char *const options[] = {NULL};
	Apply *job = data;

	return git_apply(task, job, options);
}

static VfStepResult finish(GTask *task, gpointer data, GError **error);

static VfStepResult next_patch(Apply *job)
{
	return vf_steps_jump(&job->steps, ++job->next < job->patches->len ? apply_patch : finish);
}

static VfStepResult take_applied(G_GNUC_UNUSED GTask *task, gpointer data,
				 G_GNUC_UNUSED GError **error)
{
	Apply *job = data;

	return job->end.status ? VF_STEP_NEXT : next_patch(job);
}

static VfStepResult try_reverse(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	static const char *const options[] = {"--reverse", "--check", NULL};
	Apply *job = data;

	return git_apply(task, job, options);
}

static VfStepResult take_reverse(G_GNUC_UNUSED GTask *task, gpointer data,
				 G_GNUC_UNUSED GError **error)
{
	Apply *job = data;

	if (job->end.status)
		return VF_STEP_NEXT;
	json_array_append_new(job->skipped, json_integer(job->next));
	return next_patch(job);
}

static VfStepResult reject_patch(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	static const char *const options[] = {"--reject", "--verbose", NULL};
	Apply *job = data;

	return git_apply(task, job, options);
}

/* All patches one after the other, as git reverses them: from the last to the first. */
static gboolean write_all(const Apply *job, const char *path, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);

	for (guint i = 0; i < job->patches->len; i++) {
		g_autofree char *text = NULL;
		gsize length;

		if (!vf_stack_read_patch(job->patches->pdata[i], &text, &length, error))
			return FALSE;
		g_string_append_len(all, text, (gssize)length);
		g_string_append_c(all, '\n');
	}
	return vf_cache_write_text(path, all->str, all->len, error);
}

/*
 * A source that has all patches need not have each of them in a form that can be reversed alone:
 * later ones change the same lines.
 */
static VfStepResult try_reverse_all(GTask *task, gpointer data, GError **error)
{
	static const char *const options[] = {"--reverse", "--check", NULL};
	Apply *job = data;
	g_autofree char *path = g_build_filename(job->temporary, "all.patch", NULL);

	/* the files are the source's only as long as nothing was applied to them */
	if (json_array_size(job->skipped) < job->next)
		return vf_steps_jump(&job->steps, reject_patch);
	return write_all(job, path, error) ? git_apply_file(task, job, options, path)
					   : VF_STEP_FAILED;
}

static VfStepResult take_reverse_all(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Apply *job = data;
	g_autofree char *path = g_build_filename(job->temporary, "all.patch", NULL);

	if (!vf_dirs_remove(path, error))
		return VF_STEP_FAILED;
	if (job->end.status)
		return VF_STEP_NEXT;
	for (guint i = job->next; i < job->patches->len; i++)
		json_array_append_new(job->skipped, json_integer(i));
	return vf_steps_jump(&job->steps, finish);
}

/* The patch decides what lies there: a link or a device is not followed. NULL: nothing to show. */
static char *read_rejects(const char *path, gsize *length)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *text = fd < 0 ? NULL : vf_read_bounded_fd(fd, path, LOG_BYTES, length, NULL);

	if (fd >= 0)
		close(fd);
	return text;
}

static void append_rejects(Apply *job, GString *log)
{
	GHashTableIter iter;
	gpointer path;

	g_hash_table_iter_init(&iter, job->paths);
	while (g_hash_table_iter_next(&iter, &path, NULL)) {
		g_autofree char *name = g_strconcat(path, ".rej", NULL);
		g_autofree char *file = g_build_filename(job->scratch, name, NULL);
		gsize length;
		g_autofree char *text = read_rejects(file, &length);

		if (!text)
			continue;
		g_string_append_printf(log, "\n%s:\n", name);
		g_string_append_len(log, text, (gssize)length);
	}
}

static gboolean keep_log(Apply *job, GError **error)
{
	g_autoptr(GString) log = g_string_new(NULL);
	g_autofree char *directory = vf_cache_path("logs", NULL);
	g_autofree char *name = g_strdup_printf("%.16s-patch.log", job->stack->key);
	g_autofree char *path = g_build_filename(directory, name, NULL);

	g_string_append_printf(log, "%s\n\n", (char *)job->patches->pdata[job->next]);
	g_string_append_len(log, job->end.output, (gssize)job->end.length);
	append_rejects(job, log);
	if (!vf_dirs_make(directory, error) ||
	    !vf_cache_write_text(path, log->str, log->len, error))
		return FALSE;
	job->log = g_steal_pointer(&path);
	return TRUE;
}

static VfStepResult take_rejects(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Apply *job = data;
	g_autofree char *reason = vf_apply_log_reason(job->end.output, job->end.length);

	if (keep_log(job, error))
		vf_throw(error, VF_ERROR_PATCH, "%s: %s", patch_shown(job, job->next), reason);
	return VF_STEP_FAILED;
}

/* A file that the stack leaves as it is in the source is no result of it. */
static gboolean take_path(Apply *job, int pristine, int scratch, const char *path, GError **error)
{
	g_autofree char *before = vf_tree_identity(pristine, path, error);
	g_autofree char *after = before ? vf_tree_identity(scratch, path, error) : NULL;

	if (after && strcmp(before, after))
		g_hash_table_insert(job->stack->files, g_strdup(path), g_strdup(after));
	return after != NULL;
}

/* An editor that saved a patch meanwhile must not leave a result under the key of the old one. */
static gboolean same_patches(Apply *job, GError **error)
{
	g_autoptr(VfStack) now = vf_stack_new(job->source, job->patches, error);

	if (!now)
		return FALSE;
	return !strcmp(now->key, job->stack->key) ||
	       vf_throw(error, VF_ERROR_IO, "a patch was changed while it was applied: run again");
}

static VfStepResult finish(GTask *task, gpointer data, GError **error)
{
	Apply *job = data;
	g_autofree char *path = g_build_filename(job->temporary, "stack.json", NULL);
	VfStack *stack = job->stack;
	json_t *json;

	if (!same_patches(job, error))
		return VF_STEP_FAILED;
	stack->files = vf_tree_map_new();
	stack->skipped = vf_stack_names(job->skipped, job->patches);
	if (!for_paths(job, take_path, error))
		return VF_STEP_FAILED;
	json = json_pack("{s:o, s:O}", "files", vf_tree_map_to_json(stack->files), "skipped",
			 job->skipped);
	if (!vf_cache_write(path, json, error) || !vf_dirs_remove(stack->directory, error) ||
	    !vf_cache_commit(job->temporary, stack->directory, error))
		return VF_STEP_FAILED;
	g_task_return_pointer(task, g_steal_pointer(&job->stack), (GDestroyNotify)vf_stack_free);
	return VF_STEP_END;
}

static VfStepResult skip_when_empty(G_GNUC_UNUSED GTask *task, gpointer data,
				    G_GNUC_UNUSED GError **error)
{
	Apply *job = data;

	if (!job->patches->len)
		return vf_steps_jump(&job->steps, finish);
	return VF_STEP_NEXT;
}

static const VfStep apply_steps[] = {
	lock,	      prepare,	    skip_when_empty, ask_paths,
	take_paths,   copy_paths,   apply_patch,     take_applied,
	try_reverse,  take_reverse, try_reverse_all, take_reverse_all,
	reject_patch, take_rejects, finish,	     NULL,
};

void vf_stack_apply_async(VfSource *source, const GPtrArray *patches, GCancellable *cancellable,
			  GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Apply *job = g_new0(Apply, 1);
	GError *error = NULL;

	job->source = source;
	job->patches = vf_stack_patches(source, patches);
	job->paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	job->skipped = json_array();
	job->stack = vf_stack_new(source, job->patches, &error);
	g_task_set_task_data(task, job, apply_free);
	if (job->stack) {
		vf_steps_run(task, apply_steps);
		return;
	}
	g_task_return_error(task, error);
	g_object_unref(task);
}

VfStack *vf_stack_apply_finish(GAsyncResult *result, char **log, GError **error)
{
	Apply *job = g_task_get_task_data(G_TASK(result));
	VfStack *stack = g_task_propagate_pointer(G_TASK(result), error);

	if (log && !stack)
		*log = g_steal_pointer(&job->log);
	return stack;
}
