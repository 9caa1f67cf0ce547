// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/source-impl.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "base/lock.h"
#include "kernel/anchor.h"
#include "kernel/cache.h"
#include "kernel/child.h"
#include "kernel/sandbox.h"
#include "kernel/steps.h"

#define PROGRESS_MS 250
/* Each has 1.7 GB, and what was built in it again as much. */
#define TREES_KEPT 6

/* Of what reads a tarball. The memory is that of xz at its best compression. */
static const VfLimits unpacker_limits = {
	.cpu_seconds = 900,
	.seconds = 3600,
#ifndef __SANITIZE_ADDRESS__ /* whose shadow takes 16 TiB of addresses */
	.memory = G_GUINT64_CONSTANT(2) << 30,
#endif
	.file_size = G_GUINT64_CONSTANT(9) << 30, /* above what an archive may have in all */
};

typedef struct Unpack {
	VfSteps steps;
	VfSource *source;
	VfBuildProgress progress;
	gpointer progress_data;
	VfLock *lock;
	VfChildEnd end;
	char *directory; /* sources/<id> */
	char *temporary;
	int archive; /* tar reads it from the offset that we share: that is the progress */
	guint timer;
} Unpack;

static void unpack_free(gpointer data)
{
	Unpack *job = data;

	g_clear_handle_id(&job->timer, g_source_remove);
	if (job->archive > 0)
		close(job->archive);
	/* what failed leaves nothing; what succeeded has another name */
	if (job->temporary)
		vf_dirs_remove(job->temporary, NULL);
	vf_lock_free(job->lock);
	vf_child_end_clear(&job->end);
	g_free(job->directory);
	g_free(job->temporary);
	g_free(job);
}

static void tell(Unpack *job, const char *what, double fraction)
{
	if (job->progress)
		job->progress(what, fraction, job->progress_data);
}

static void on_waiting(gpointer data)
{
	tell(g_task_get_task_data(data), "waiting for another run to unpack the source", -1);
}

static void on_lock(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Unpack *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->lock = vf_lock_finish(result, &error);
	vf_steps_continue(data, error);
}

static VfStepResult lock(GTask *task, gpointer data, GError **error)
{
	Unpack *job = data;
	g_autofree char *path = NULL;

	if (vf_source_take_tree(job->source, job->source->id)) {
		g_task_return_boolean(task, TRUE);
		return VF_STEP_END;
	}
	path = vf_cache_lock(error, "source-%s", job->source->id);
	if (!path)
		return VF_STEP_FAILED;
	vf_lock_async(path, VF_LOCK_EXCLUSIVE, g_task_get_cancellable(task), on_waiting, on_lock,
		      task);
	return VF_STEP_WAIT;
}

static void on_child(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Unpack *job = g_task_get_task_data(data);
	GError *error = NULL;

	g_clear_handle_id(&job->timer, g_source_remove);
	vf_child_end_clear(&job->end);
	vf_child_finish(result, &job->end, &error);
	vf_steps_continue(data, error);
}

static VfStepResult start(GTask *task, VfChild *child, char **argv, char **env)
{
	child->argv = argv;
	child->env = env;
	child->keep = 1 << 16;
	vf_child_async(child, g_task_get_cancellable(task), on_child, task);
	return VF_STEP_WAIT;
}

/* What a killed run left is removed; another may have finished while we waited for the lock. */
static VfStepResult clear(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Unpack *job = data;
	g_autofree char *trash = vf_cache_path("trash", NULL);
	char *argv[] = {"rm", "-rf", "--", NULL, trash, NULL};

	if (vf_source_take_tree(job->source, job->source->id)) {
		g_task_return_boolean(task, TRUE);
		return VF_STEP_END;
	}
	job->directory = vf_cache_path("sources", job->source->id, NULL);
	job->temporary = g_strconcat(job->directory, ".tmp", NULL);
	argv[3] = job->temporary;
	vf_anchors_trim(TREES_KEPT - 1);
	tell(job, "unpacking", -1);
	return start(task, &(VfChild){0}, argv, NULL);
}

static VfStepResult prepare(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Unpack *job = data;
	g_autofree char *tree = g_build_filename(job->temporary, "tree", NULL);

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot remove %s", job->temporary) ||
	    !vf_dirs_make(tree, error))
		return VF_STEP_FAILED;
	return VF_STEP_NEXT;
}

static gboolean on_tick(gpointer data)
{
	Unpack *job = data;
	off_t at = lseek(job->archive, 0, SEEK_CUR);
	off_t size = lseek(job->archive, 0, SEEK_END);

	lseek(job->archive, at, SEEK_SET);
	tell(job, "unpacking", size > 0 ? (double)at / (double)size : -1);
	return G_SOURCE_CONTINUE;
}

/* A tarball may be anybody's: what reads it sees nothing but where it writes. */
static char **unpacker_argv(const char *tree)
{
	g_autofree char *program = vf_dirs_program("source-unpacker");
	const char *read_only[] = {program, NULL}, *writable[] = {tree, NULL};
	char *env[] = {"PATH=/usr/bin:/bin", NULL};
	g_autoptr(VfArgv) words = vf_argv_new();

	if (vf_sandbox_available(FALSE, NULL))
		vf_sandbox_wrap_paths(words, read_only, writable, env);
	vf_argv_add(words, program, tree, NULL);
	return vf_argv_end(words);
}

static VfStepResult unpack_tarball(GTask *task, gpointer data, GError **error)
{
	Unpack *job = data;
	g_autofree char *tree = g_build_filename(job->temporary, "tree", NULL);
	g_auto(GStrv) argv = unpacker_argv(tree);

	job->archive = open(job->source->path, O_RDONLY | O_CLOEXEC);
	if (job->archive < 0) {
		vf_throw_errno(error, "cannot open %s", job->source->path);
		return VF_STEP_FAILED;
	}
	job->timer = g_timeout_add(PROGRESS_MS, on_tick, job);
	return start(task, &(VfChild){.input = job->archive, .limits = &unpacker_limits}, argv,
		     NULL);
}

static VfStepResult read_git_tree(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Unpack *job = data;
	g_autofree char *index = g_build_filename(job->temporary, "index", NULL);
	g_auto(GStrv) env = vf_source_git_env(job->source, index);
	g_auto(GStrv) argv = vf_source_git_argv("read-tree", job->source->object, NULL);

	return start(task, &(VfChild){.directory = job->source->path}, argv, env);
}

static VfStepResult check_out_git_tree(GTask *task, gpointer data, GError **error)
{
	Unpack *job = data;
	g_autofree char *index = g_build_filename(job->temporary, "index", NULL);
	g_autofree char *prefix = g_strdup_printf("--prefix=%s/tree/", job->temporary);
	g_auto(GStrv) env = vf_source_git_env(job->source, index);
	/* a bare repository has no work tree to speak of otherwise */
	g_autofree char *work = g_strdup_printf("--work-tree=%s", job->source->path);
	g_auto(GStrv) argv = vf_source_git_argv(work, "checkout-index", "--all", prefix, NULL);

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "%s: git cannot read its tree",
			    job->source->path))
		return VF_STEP_FAILED;
	return start(task, &(VfChild){.directory = job->source->path}, argv, env);
}

/* Neither owners nor the bits of setuid(2) come along. */
static VfStepResult copy_directory(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Unpack *job = data;
	g_autofree char *from = g_build_filename(job->source->path, ".", NULL);
	g_autofree char *to = g_build_filename(job->temporary, "tree", NULL);
	char *argv[] = {"cp",
			"-R",
			"--no-dereference",
			"--preserve=links,timestamps",
			"--reflink=auto",
			"--",
			from,
			to,
			NULL};

	return start(task, &(VfChild){0}, argv, NULL);
}

static VfStepResult finish(GTask *task, gpointer data, GError **error)
{
	Unpack *job = data;
	g_autofree char *makefile = g_build_filename(job->temporary, "tree", "Makefile", NULL);
	g_autofree char *index = g_build_filename(job->temporary, "index", NULL);

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot unpack %s", job->source->path))
		return VF_STEP_FAILED;
	if (!g_file_test(makefile, G_FILE_TEST_IS_REGULAR)) {
		vf_throw(error, VF_ERROR_USAGE,
			 "%s holds no kernel tree: no Makefile in its top directory",
			 job->source->path);
		return VF_STEP_FAILED;
	}
	unlink(index);
	if (job->source->object &&
	    !vf_anchor_write(job->temporary, job->source->repository, job->source->object, error))
		return VF_STEP_FAILED;
	if (!vf_cache_commit(job->temporary, job->directory, error))
		return VF_STEP_FAILED;
	vf_source_take_tree(job->source, job->source->id);
	g_task_return_boolean(task, TRUE);
	return VF_STEP_END;
}

static const VfStep tarball_steps[] = {lock, clear, prepare, unpack_tarball, finish, NULL};
static const VfStep git_steps[] = {lock,   clear, prepare, read_git_tree, check_out_git_tree,
				   finish, NULL};
static const VfStep directory_steps[] = {lock, clear, prepare, copy_directory, finish, NULL};

static const VfStep *const unpack_steps[] = {
	[KIND_TARBALL] = tarball_steps,
	[KIND_GIT] = git_steps,
	[KIND_DIRECTORY] = directory_steps,
};

void vf_source_unpack_async(VfSource *source, GCancellable *cancellable, VfBuildProgress progress,
			    gpointer progress_data, GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Unpack *job = g_new0(Unpack, 1);

	job->source = source;
	job->progress = progress;
	job->progress_data = progress_data;
	g_task_set_task_data(task, job, unpack_free);
	vf_steps_run(task, unpack_steps[source->kind]);
}

gboolean vf_source_unpack_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
