// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/source-impl.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "base/read.h"
#include "kernel/anchor.h"
#include "kernel/cache.h"
#include "kernel/child.h"
#include "kernel/steps.h"

typedef struct Identify {
	VfSteps steps;
	VfSource *source;
	VfLock *lock;
	VfChildEnd end;
	char *index;
	int list;	    /* names of what changed; -1: none yet */
	char *special;	    /* what a directory must not hold, or NULL */
	GChecksum *sum;	    /* of a directory's listing */
	GPtrArray *anchors; /* unpacked trees of the same repository */
	guint next;	    /* of them */
	guint changed;	    /* paths in which the source differs from one */
	gboolean odd;	    /* links or modules are among them: no patch can say that here */
	char *delta;
} Identify;

/* Of a git index; one of the kernel has 10 MiB. */
#define INDEX_BYTES (256 << 20)

/* Above these, a tree of its own is cheaper than a patch. */
#define DELTA_PATHS 4000
#define DELTA_BYTES (8 << 20)

static void identify_free(gpointer data)
{
	Identify *job = data;

	vf_lock_free(job->lock);
	vf_child_end_clear(&job->end);
	g_free(job->index);
	g_free(job->special);
	if (job->list >= 0)
		close(job->list);
	g_checksum_free(job->sum);
	g_clear_pointer(&job->anchors, g_ptr_array_unref);
	g_free(job->delta);
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

/*
 * Beginning with a copy of the user's index, git needs to look only at what changed. It trusts no
 * file that is as young as the index, so the copy must be as old.
 */
static gboolean copy_index(Identify *job, GError **error)
{
	const char *theirs = job->source->view->index;
	g_autofree char *objects = vf_cache_path("sources", "git", "objects", NULL);
	g_autofree char *bytes = NULL;
	struct timespec times[2];
	gsize length;
	GStatBuf st;

	if (!vf_dirs_make(objects, error))
		return FALSE;
	job->index = vf_cache_path("sources", "git", "index", NULL);
	unlink(job->index);
	if (g_stat(theirs, &st) < 0)
		return TRUE;
	bytes = vf_read_bounded(theirs, INDEX_BYTES, &length, error);
	if (!bytes || !vf_cache_write_text(job->index, bytes, length, error))
		return FALSE;
	times[0] = times[1] = st.st_mtim;
	return utimensat(AT_FDCWD, job->index, times, 0) == 0 ||
	       vf_throw_errno(error, "cannot write %s", job->index);
}

/*
 * Which new files count and how lines end is also the user's to say, in a configuration of the
 * user's own. Adds "-c" and "key=value" to @argv.
 */
static void add_user_settings(VfArgv *argv)
{
	static const char *const kept[] = {"HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL"};
	char *ask[] = {
		"git",	  "config",	 "--global",	 "--includes",
		"--null", "--type=path", "--get-regexp", "^core\\.(excludesfile|autocrlf|eol)$",
		NULL};
	g_auto(GStrv) env = vf_child_env("GIT_CEILING_DIRECTORIES=/", NULL);
	g_auto(VfChildEnd) end = {0};

	for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_getenv(kept[i]))
			env = g_environ_setenv(env, kept[i], g_getenv(kept[i]), TRUE);
	if (!vf_child_run(&(VfChild){.argv = ask, .env = env, .directory = "/", .keep = 16384},
			  &end, NULL) ||
	    end.status)
		return;
	/* "key\nvalue" and a NUL each */
	for (char *at = end.output; at < end.output + end.length; at += strlen(at) + 1) {
		g_strdelimit(at, "\n", '=');
		vf_argv_add(argv, "-c", at, NULL);
	}
}

/* The words of git on the user's behalf. */
static VfArgv *user_git(void)
{
	VfArgv *words = vf_argv_new();

	vf_argv_add(words, "git", NULL);
	vf_git_options(words);
	add_user_settings(words);
	return words;
}

/* Writes what `git ls-files` says to a file without a name, which the next child reads. */
static VfStepResult list(GTask *task, Identify *job, const char *first, const char *second,
			 GError **error)
{
	g_autoptr(VfArgv) words = user_git();
	g_auto(GStrv) env = vf_source_git_env(job->source, job->index), argv = NULL;

	if (job->list >= 0)
		close(job->list);
	job->list = memfd_create("changes", MFD_CLOEXEC);
	if (job->list < 0) {
		vf_throw_errno(error, "cannot list changes");
		return VF_STEP_FAILED;
	}
	vf_argv_add(words, "ls-files", "-z", first, second, NULL);
	argv = vf_argv_end(words);
	return start(task,
		     &(VfChild){.directory = job->source->path, .output = job->list, .keep = 4096},
		     argv, env);
}

/*
 * `git add --all` would look into submodules with a git of their configuration. What is gone comes
 * before what is new: a file may have become a directory.
 */
static VfStepResult git_list_known(GTask *task, gpointer data, GError **error)
{
	return copy_index(data, error) ? list(task, data, "--modified", "--deleted", error)
				       : VF_STEP_FAILED;
}

static VfStepResult git_list_new(GTask *task, gpointer data, GError **error)
{
	Identify *job = data;

	if (!vf_child_check(&job->end, VF_ERROR_USAGE, error, "%s: git cannot read the changes",
			    job->source->path))
		return VF_STEP_FAILED;
	return list(task, job, "--others", "--exclude-standard", error);
}

/* What a directory that cannot be read holds would count as deleted. */
static gboolean listed(Identify *job, GError **error)
{
	const VfSource *source = job->source;

	if (!vf_child_check(&job->end, VF_ERROR_USAGE, error, "%s: git cannot list the changes",
			    source->path))
		return FALSE;
	if (!strstr(job->end.output, "could not open directory"))
		return lseek(job->list, 0, SEEK_SET) == 0 ||
		       vf_throw_errno(error, "cannot list changes");
	job->end.status = 1;
	return vf_child_check(&job->end, VF_ERROR_USAGE, error, "%s: not all of it can be read",
			      source->path);
}

static VfStepResult git_add(GTask *task, gpointer data, GError **error)
{
	Identify *job = data;
	g_autoptr(VfArgv) words = user_git();
	g_auto(GStrv) env = vf_source_git_env(job->source, job->index), argv = NULL;

	if (!listed(job, error))
		return VF_STEP_FAILED;
	vf_argv_add(words, "-c", "core.splitIndex=false", "update-index", "-z", "--add", "--remove",
		    "--replace", "--stdin", NULL);
	argv = vf_argv_end(words);
	return start(task,
		     &(VfChild){.directory = job->source->path, .input = job->list, .keep = 4096},
		     argv, env);
}

static VfStepResult git_write_tree(GTask *task, gpointer data, GError **error)
{
	Identify *job = data;
	g_auto(GStrv) argv = vf_source_git_argv("write-tree", NULL);
	g_auto(GStrv) env = vf_source_git_env(job->source, job->index);

	if (!vf_child_check(&job->end, VF_ERROR_USAGE, error, "%s: git cannot read the changes",
			    job->source->path))
		return VF_STEP_FAILED;
	return start(task, &(VfChild){.directory = job->source->path, .keep = 4096}, argv, env);
}

static VfStepResult take_git(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Identify *job = data;
	VfSource *source = job->source;

	unlink(job->index);
	if (!vf_child_check(&job->end, VF_ERROR_USAGE, error, "%s: git cannot write a tree",
			    source->path))
		return VF_STEP_FAILED;
	source->object = g_strdup(g_strchomp(job->end.output));
	if (strcmp(source->committed, source->object)) {
		g_free(source->name);
		source->name = g_strdup_printf("git %s with changes (tree %.12s)", source->commit,
					       source->object);
	}
	vf_source_set_key(source, source->object);
	return VF_STEP_NEXT;
}

static VfStepResult find_anchors(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Identify *job = data;
	g_autofree char *objects = vf_cache_path("sources", "git", "objects", NULL);

	if (!vf_dirs_make(objects, error))
		return VF_STEP_FAILED;
	if (!job->index)
		job->index = vf_cache_path("sources", "git", "index", NULL);
	job->anchors = vf_anchors(job->source->repository);
	return VF_STEP_NEXT;
}

/* One line of `git diff-tree --raw`: ":100644 100755 OLD NEW M\tPATH" */
static void count_change(const char *line, gsize length, gpointer data)
{
	Identify *job = data;

	if (length < 15 || line[0] != ':')
		return;
	job->changed++;
	for (gsize at = 1; at <= 8; at += 7)
		job->odd |= strncmp(line + at, "100", 3) && strncmp(line + at, "000000", 6);
}

static VfStepResult finish_git(GTask *task, gpointer data, GError **error);

static const VfAnchor *anchor_of(const Identify *job)
{
	return job->anchors->pdata[job->next];
}

static VfStepResult list_changes(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Identify *job = data;
	VfSource *source = job->source;
	g_auto(GStrv) env = vf_source_git_env(source, job->index), argv = NULL;

	if (vf_source_take_tree(source, source->id) || job->next == job->anchors->len)
		return vf_steps_jump(&job->steps, finish_git);
	argv = vf_source_git_argv("diff-tree", "-r", "--raw", "--no-renames", "--end-of-options",
				  anchor_of(job)->object, source->object, NULL);
	job->changed = 0;
	job->odd = FALSE;
	return start(task,
		     &(VfChild){.directory = source->path, .line = count_change, .line_data = job},
		     argv, env);
}

static VfStepResult next_anchor(Identify *job)
{
	job->next++;
	return vf_steps_jump(&job->steps, list_changes);
}

static VfStepResult write_delta(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Identify *job = data;
	VfSource *source = job->source;
	g_auto(GStrv) env = vf_source_git_env(source, job->index), argv = NULL;
	g_autofree char *output = NULL;

	if (job->end.status || job->odd || job->changed > DELTA_PATHS)
		return next_anchor(job);
	g_free(job->delta);
	job->delta = vf_cache_path("sources", "git", "delta.patch", NULL);
	output = g_strconcat("--output=", job->delta, NULL);
	argv = vf_source_git_argv("diff-tree", "-r", "-p", "--binary", "--full-index",
				  "--no-renames", "--no-ext-diff", "--no-textconv", output,
				  "--end-of-options", anchor_of(job)->object, source->object, NULL);
	return start(task, &(VfChild){.directory = source->path, .keep = 4096}, argv, env);
}

/* The anchor may have been removed while git was at it. */
static VfStepResult take_delta(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Identify *job = data;
	g_autofree char *path = NULL;
	GStatBuf st;

	if (job->end.status || g_stat(job->delta, &st) < 0 || st.st_size > DELTA_BYTES ||
	    !vf_source_take_tree(job->source, anchor_of(job)->id))
		return next_anchor(job);
	path = vf_anchor_delta(anchor_of(job), job->source->object);
	if (st.st_size && !vf_cache_commit(job->delta, path, error))
		return VF_STEP_FAILED;
	job->source->delta = st.st_size ? g_steal_pointer(&path) : NULL;
	return VF_STEP_NEXT;
}

static VfStepResult finish_git(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Identify *job = data;

	if (job->delta)
		unlink(job->delta);
	job->source->compared = TRUE;
	g_task_return_boolean(task, TRUE);
	return VF_STEP_END;
}

/* "TYPE ... PATH" */
static void hash_line(const char *line, gsize length, gpointer data)
{
	Identify *job = data;

	g_checksum_update(job->sum, (const guchar *)line, (gssize)length);
	g_checksum_update(job->sum, (const guchar *)"\n", 1);
	if (length > 2 && line[1] == ' ' && strchr("bcps", line[0]) && !job->special)
		job->special = g_strndup(line, length);
}

/* What every change of a file leaves in its inode stands for the content of 1.5 GB. */
static VfStepResult list_directory(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Identify *job = data;
	char *argv[] = {"find", job->source->path, "-printf", "%y %m %s %T@ %C@ %i %l %P\\n", NULL};

	job->sum = g_checksum_new(G_CHECKSUM_SHA256);
	return start(task, &(VfChild){.line = hash_line, .line_data = job, .keep = 4096}, argv,
		     NULL);
}

static VfStepResult take_directory(GTask *task, gpointer data, GError **error)
{
	Identify *job = data;

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot list %s", job->source->path))
		return VF_STEP_FAILED;
	if (job->special) {
		vf_throw(error, VF_ERROR_USAGE,
			 "%s holds a device, a FIFO or a socket, no kernel source does: %s",
			 job->source->path, strrchr(job->special, ' ') + 1);
		return VF_STEP_FAILED;
	}
	vf_source_set_key(job->source, g_checksum_get_string(job->sum));
	g_task_return_boolean(task, TRUE);
	return VF_STEP_END;
}

static const VfStep tarball_steps[] = {hash_tarball, take_tarball, NULL};
static const VfStep git_steps[] = {git_lock,	 git_list_known, git_add,    git_list_new,
				   git_add,	 git_write_tree, take_git,   find_anchors,
				   list_changes, write_delta,	 take_delta, finish_git,
				   NULL};
static const VfStep bare_steps[] = {git_lock,	find_anchors, list_changes, write_delta,
				    take_delta, finish_git,   NULL};
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
	job->list = -1;
	g_task_set_task_data(task, job, identify_free);
	if (!source->key) {
		vf_steps_run(task, identify_steps[source->kind]);
	} else if (source->kind == KIND_GIT && !source->compared) {
		vf_steps_run(task, bare_steps);
	} else {
		g_task_return_boolean(task, TRUE);
		g_object_unref(task);
	}
}

gboolean vf_source_identify_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
