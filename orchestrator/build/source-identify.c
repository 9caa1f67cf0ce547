// SPDX-License-Identifier: GPL-2.0-or-later
#include "build/source-impl.h"

#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/lock.h"
#include "build/cache.h"
#include "build/child.h"
#include "build/steps.h"

typedef struct Identify {
	VfSteps steps;
	VfSource *source;
	VfLock *lock;
	VfChildEnd end;
	char *index;
	GChecksum *sum; /* of a directory's listing */
} Identify;

static void identify_free(gpointer data)
{
	Identify *job = data;

	vf_lock_free(job->lock);
	vf_child_end_clear(&job->end);
	g_free(job->index);
	g_checksum_free(job->sum);
	g_free(job);
}

static void on_identify_child(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Identify *job = g_task_get_task_data(data);
	GError *error = NULL;

	vf_child_end_clear(&job->end);
	vf_child_finish(result, &job->end, &error);
	vf_steps_continue(data, error);
}

static VfStepResult start(GTask *task, VfChild *child, char **argv, char **env)
{
	child->argv = argv;
	child->env = env;
	vf_child_async(child, g_task_get_cancellable(task), on_identify_child, task);
	return VF_STEP_WAIT;
}

static VfStepResult hash_tarball(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Identify *job = data;
	char *argv[] = {"sha256sum", "--", job->source->path, NULL};

	return start(task, &(VfChild){.keep = 200}, argv, NULL);
}

static gboolean tarball_remember(VfSource *source, const char *sha256, GError **error)
{
	g_autofree char *version = vf_source_debian_version(source);
	g_autofree char *directory = g_path_get_dirname(source->memo);
	json_t *memo = json_pack("{s:s, s:s}", "sha256", sha256, "version", version ? version : "");

	if (!vf_dirs_make(directory, error) || !vf_cache_note_file(memo, source->path, error)) {
		json_decref(memo);
		return FALSE;
	}
	return vf_cache_write(source->memo, memo, error);
}

static VfStepResult take_tarball(GTask *task, gpointer data, GError **error)
{
	Identify *job = data;
	const char *text = job->end.output;

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot read %s", job->source->path))
		return VF_STEP_FAILED;
	/* a name with a backslash or newline makes sha256sum begin the line with a backslash */
	text += *text == '\\';
	if (job->end.length < 65 || strspn(text, "0123456789abcdef") != 64) {
		vf_throw(error, VF_ERROR_IO, "sha256sum printed no checksum of %s",
			 job->source->path);
		return VF_STEP_FAILED;
	}
	g_autofree char *sha256 = g_strndup(text, 64);

	if (!tarball_remember(job->source, sha256, error))
		return VF_STEP_FAILED;
	vf_source_set_key(job->source, sha256);
	g_task_return_boolean(task, TRUE);
	return VF_STEP_END;
}

static void on_identify_lock(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Identify *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->lock = vf_lock_finish(result, &error);
	vf_steps_continue(data, error);
}

static VfStepResult git_lock(GTask *task, gpointer data, GError **error)
{
	g_autofree char *path = vf_cache_lock(error, "git");

	(void)data;
	if (!path)
		return VF_STEP_FAILED;
	vf_lock_async(path, VF_LOCK_EXCLUSIVE, g_task_get_cancellable(task), NULL, on_identify_lock,
		      task);
	return VF_STEP_WAIT;
}

/* Beginning with a copy of the user's index, git needs to look only at what changed. */
static gboolean copy_index(Identify *job, GError **error)
{
	static const char *const what[] = {"--git-path", "index", NULL};
	g_auto(GStrv) answer = vf_source_git_ask(job->source->path, what, 1, error);
	g_autofree char *theirs =
		answer ? g_canonicalize_filename(answer[0], job->source->path) : NULL;
	g_autofree char *objects = vf_cache_path("sources", "git", "objects", NULL);
	g_autofree char *bytes = NULL;
	gsize length;

	if (!theirs || !vf_dirs_make(objects, error))
		return FALSE;
	job->index = vf_cache_path("sources", "git", "index", NULL);
	unlink(job->index);
	if (!g_file_get_contents(theirs, &bytes, &length, NULL))
		return TRUE;
	return vf_cache_write_text(job->index, bytes, length, error);
}

static VfStepResult git_add(GTask *task, gpointer data, GError **error)
{
	Identify *job = data;
	char *argv[] = {"git", "add", "--all", NULL};
	g_auto(GStrv) env = NULL;

	if (!copy_index(job, error))
		return VF_STEP_FAILED;
	env = vf_source_git_env(job->source, job->index);
	return start(task, &(VfChild){.directory = job->source->path, .keep = 4096}, argv, env);
}

static VfStepResult git_write_tree(GTask *task, gpointer data, GError **error)
{
	Identify *job = data;
	char *argv[] = {"git", "write-tree", NULL};
	g_auto(GStrv) env = vf_source_git_env(job->source, job->index);

	if (!vf_child_check(&job->end, VF_ERROR_USAGE, error, "%s: git cannot read the changes",
			    job->source->path))
		return VF_STEP_FAILED;
	return start(task, &(VfChild){.directory = job->source->path, .keep = 4096}, argv, env);
}

static VfStepResult take_git(GTask *task, gpointer data, GError **error)
{
	Identify *job = data;
	VfSource *source = job->source;
	g_autofree char *head = g_strconcat(source->commit, "^{tree}", NULL);
	const char *what[] = {head, NULL};
	g_auto(GStrv) committed = NULL;

	unlink(job->index);
	if (!vf_child_check(&job->end, VF_ERROR_USAGE, error, "%s: git cannot write a tree",
			    source->path))
		return VF_STEP_FAILED;
	committed = vf_source_git_ask(source->path, what, 1, error);
	if (!committed)
		return VF_STEP_FAILED;
	source->object = g_strdup(g_strchomp(job->end.output));
	if (strcmp(committed[0], source->object)) {
		g_free(source->name);
		source->name = g_strdup_printf("git %s with changes (tree %.12s)", source->commit,
					       source->object);
	}
	vf_source_set_key(source, source->object);
	g_task_return_boolean(task, TRUE);
	return VF_STEP_END;
}

static void hash_line(const char *line, gsize length, gpointer data)
{
	Identify *job = data;

	g_checksum_update(job->sum, (const guchar *)line, (gssize)length);
	g_checksum_update(job->sum, (const guchar *)"\n", 1);
}

/* What every change of a file leaves in its inode stands for the content of 1.5 GB. */
static VfStepResult list_directory(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Identify *job = data;
	char *argv[] = {"find", job->source->path, "-printf", "%P %y %m %s %T@ %C@ %i %l\\n", NULL};

	job->sum = g_checksum_new(G_CHECKSUM_SHA256);
	return start(task, &(VfChild){.line = hash_line, .line_data = job, .keep = 0}, argv, NULL);
}

static VfStepResult take_directory(GTask *task, gpointer data, GError **error)
{
	Identify *job = data;

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot list %s", job->source->path))
		return VF_STEP_FAILED;
	vf_source_set_key(job->source, g_checksum_get_string(job->sum));
	g_task_return_boolean(task, TRUE);
	return VF_STEP_END;
}

static const VfStep tarball_steps[] = {hash_tarball, take_tarball, NULL};
static const VfStep git_steps[] = {git_lock, git_add, git_write_tree, take_git, NULL};
static const VfStep directory_steps[] = {list_directory, take_directory, NULL};

static const VfStep *const identify_steps[] = {
	[KIND_TARBALL] = tarball_steps,
	[KIND_GIT] = git_steps,
	[KIND_DIRECTORY] = directory_steps,
};

void vf_source_identify_async(VfSource *source, GCancellable *cancellable, GAsyncReadyCallback done,
			      gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Identify *job = g_new0(Identify, 1);

	job->source = source;
	g_task_set_task_data(task, job, identify_free);
	if (!source->key) {
		vf_steps_run(task, identify_steps[source->kind]);
		return;
	}
	g_task_return_boolean(task, TRUE);
	g_object_unref(task);
}

gboolean vf_source_identify_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
