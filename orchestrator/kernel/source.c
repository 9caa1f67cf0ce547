// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/source-impl.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/argv.h"
#include "base/error.h"
#include "base/hash.h"
#include "kernel/cache.h"
#include "kernel/child.h"

#define DEBIAN_PACKAGE "linux-source-6.12"
#define DEBIAN_TARBALL "/usr/src/" DEBIAN_PACKAGE ".tar.xz"

void vf_source_free(VfSource *source)
{
	if (!source)
		return;
	g_free(source->path);
	vf_debian_free(source->suite);
	g_free(source->name);
	g_free(source->key);
	g_free(source->id);
	g_free(source->tree);
	g_free(source->delta);
	vf_lock_free(source->use);
	g_free(source->memo);
	vf_git_view_free(source->view);
	g_free(source->commit);
	g_free(source->committed);
	g_free(source->object);
	g_free(source->repository);
	g_free(source);
}

void vf_source_set_key(VfSource *source, const char *identity)
{
	static const char *const kinds[] = {
		[KIND_TARBALL] = "tarball",
		[KIND_GIT] = "git",
		[KIND_DIRECTORY] = "directory",
	};
	g_autoptr(VfHash) hash = vf_hash_new("source");

	vf_hash_string(hash, kinds[source->kind], identity);
	source->key = vf_hash_hex(hash);
	source->id = g_strndup(source->key, 16);
	source->tree = vf_cache_path("sources", source->id, "tree", NULL);
}

gboolean vf_source_take_tree(VfSource *source, const char *id)
{
	g_autofree char *tree = vf_cache_path("sources", id, "tree", NULL);
	g_autofree char *path = vf_cache_lock(NULL, "use-%s", id);
	VfLock *use = path ? vf_lock_try(path, VF_LOCK_SHARED, NULL) : NULL;

	if (!use || !g_file_test(tree, G_FILE_TEST_IS_DIR)) {
		vf_lock_free(use);
		return FALSE;
	}
	utimensat(AT_FDCWD, path, NULL, 0); /* what is used last is kept longest */
	vf_lock_free(source->use);
	source->use = use;
	if (id != source->id) {
		g_free(source->id);
		source->id = g_strdup(id);
	}
	g_free(source->tree);
	source->tree = g_steal_pointer(&tree);
	return TRUE;
}

char *vf_source_debian_version(const VfSource *source)
{
	char *argv[] = {"dpkg-query", "-W", "-f", "${Version}", DEBIAN_PACKAGE, NULL};
	g_auto(VfChildEnd) end = {0};
	VfChild child = {.argv = argv, .keep = 100};

	if (source->suite)
		return g_strdup(source->suite->version);
	if (!source->debian || !vf_child_run(&child, &end, NULL) || end.status || !end.length)
		return NULL;
	return g_strdup(g_strstrip(end.output));
}

static void name_tarball(VfSource *source, const char *version)
{
	g_autofree char *base = g_path_get_basename(source->path);

	g_free(source->name);
	if (version && *version)
		source->name =
			g_strdup_printf("%s %s",
					source->suite ? source->suite->package : DEBIAN_PACKAGE,
					version);
	else
		source->name = g_strdup(base);
}

/* The version belongs to the same state of the file as the checksum. */
static void tarball_recall(VfSource *source)
{
	g_autofree char *digest =
		g_compute_checksum_for_string(G_CHECKSUM_SHA256, source->path, -1);
	g_autofree char *file = g_strdup_printf("%.16s.json", digest);
	json_t *memo;

	source->memo = vf_cache_path("sources", file, NULL);
	memo = vf_cache_read(source->memo);
	if (memo && vf_cache_same_file(memo, source->path) &&
	    json_is_string(json_object_get(memo, "sha256"))) {
		vf_source_set_key(source, json_string_value(json_object_get(memo, "sha256")));
		name_tarball(source, json_string_value(json_object_get(memo, "version")));
	} else {
		g_autofree char *version = vf_source_debian_version(source);

		name_tarball(source, version);
	}
	json_decref(memo);
}

char **vf_source_git_argv(const char *first, ...)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	va_list args;

	vf_argv_add(words, "git", NULL);
	vf_git_options(words);
	va_start(args, first);
	for (const char *word = first; word; word = va_arg(args, const char *))
		vf_argv_add(words, word, NULL);
	va_end(args);
	return vf_argv_end(words);
}

/* The tarball of the suite is there. */
static void adopt_suite(VfSource *source)
{
	g_free(source->path);
	source->path = g_strdup(source->suite->tarball);
	g_clear_pointer(&source->key, g_free);
	tarball_recall(source);
}

static void on_fetched(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	GError *error = NULL;

	if (!vf_debian_fetch_finish(result, &error)) {
		g_task_return_error(task, error);
		return;
	}
	adopt_suite(g_task_get_task_data(task));
	g_task_return_boolean(task, TRUE);
}

void vf_source_fetch_async(VfSource *source, GCancellable *cancellable, VfBuildProgress progress,
			   gpointer progress_data, GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);

	g_task_set_task_data(task, source, NULL);
	if (source->suite && !source->path) {
		vf_debian_fetch_async(source->suite, cancellable, progress, progress_data,
				      on_fetched, task);
		return;
	}
	g_task_return_boolean(task, TRUE);
	g_object_unref(task);
}

gboolean vf_source_fetch_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}

char **vf_source_git_env(const VfSource *source, const char *index)
{
	g_autofree char *objects = vf_cache_path("sources", "git", "objects", NULL);
	g_autofree char *theirs = vf_git_quote_path(source->view->objects);
	g_autofree char *index_word = g_strconcat("GIT_INDEX_FILE=", index, NULL);
	g_autofree char *objects_word = g_strconcat("GIT_OBJECT_DIRECTORY=", objects, NULL);
	g_autofree char *theirs_word =
		g_strconcat("GIT_ALTERNATE_OBJECT_DIRECTORIES=", theirs, NULL);

	return vf_git_view_env(source->view, index_word, objects_word, theirs_word, NULL);
}

static gboolean has(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Work trees share a directory of objects, and clones that borrow from it name it first. */
static char *repository_of(const VfGitView *view)
{
	g_auto(GStrv) objects = vf_git_view_objects(view);

	return g_strdup(objects[1] ? objects[1] : objects[0]);
}

/* The commit and its tree. */
static gboolean read_head(VfSource *source, GError **error)
{
	g_auto(GStrv) argv = vf_source_git_argv("rev-parse", "--verify", "HEAD^{commit}", NULL);
	g_auto(GStrv) tree_argv = vf_source_git_argv("rev-parse", "--verify", "HEAD^{tree}", NULL);
	g_auto(GStrv) env = vf_git_view_env(source->view, "GIT_INDEX_FILE=/dev/null", NULL);
	char **const argvs[] = {argv, tree_argv};
	char **const answers[] = {&source->commit, &source->committed};

	for (gsize i = 0; i < G_N_ELEMENTS(argvs); i++) {
		g_auto(VfChildEnd) end = {0};

		if (!vf_child_run(&(VfChild){.argv = argvs[i],
					     .env = env,
					     .directory = source->view->directory,
					     .keep = 4096},
				  &end, error) ||
		    !vf_child_check(&end, VF_ERROR_USAGE, error, "%s: git cannot read its HEAD",
				    source->path))
			return FALSE;
		*answers[i] = g_strdup(g_strchomp(end.output));
	}
	return TRUE;
}

/* A bare repository has no changes besides: what it is, is known at once. */
static gboolean open_git(VfSource *source, GError **error)
{
	source->view = vf_git_view_new(source->path, error);
	if (!source->view || !read_head(source, error))
		return FALSE;
	source->repository = repository_of(source->view);
	source->name = g_strdup_printf("git %s", source->commit);
	if (!source->view->work) {
		source->object = g_strdup(source->committed);
		vf_source_set_key(source, source->object);
	}
	return TRUE;
}

static gboolean open_directory(VfSource *source, GError **error)
{
	if (!has(source->path, "Makefile") || !has(source->path, "Kconfig"))
		return vf_throw(error, VF_ERROR_USAGE,
				"%s is not a kernel tree: no Makefile and Kconfig", source->path);
	if (has(source->path, ".config") || has(source->path, "include/config"))
		return vf_throw(error, VF_ERROR_USAGE,
				"%s was built in: run \"make mrproper\" there first", source->path);
	source->name = g_strdup_printf("directory %s", source->path);
	return TRUE;
}

static VfSource *source_at(char *path, SourceKind kind)
{
	VfSource *source = g_new0(VfSource, 1);

	source->path = path;
	source->kind = kind;
	return source;
}

static VfSource *source_of_suite(VfDebian *suite)
{
	VfSource *source = source_at(NULL, KIND_TARBALL);

	source->suite = suite;
	if (vf_debian_is_fresh(suite))
		adopt_suite(source);
	else
		source->name = g_strdup_printf("debian/%s", suite->suite);
	return source;
}

VfSource *vf_source_new(const char *linux_source, GError **error)
{
	g_autofree char *path =
		g_canonicalize_filename(linux_source ? linux_source : DEBIAN_TARBALL, NULL);
	g_autoptr(VfSource) source = NULL;
	g_autoptr(GError) local = NULL;
	VfDebian *suite = vf_debian_new(linux_source, &local);

	if (suite)
		return source_of_suite(suite);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}

	if (!g_file_test(path, G_FILE_TEST_EXISTS) && !linux_source)
		return vf_throw_null(error, VF_ERROR_MISSING, "no kernel source at %s: install %s",
				     path, DEBIAN_PACKAGE);
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return vf_throw_null(error, VF_ERROR_USAGE, "%s: no such kernel tree or tarball",
				     path);
	if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
		source = source_at(g_steal_pointer(&path), KIND_TARBALL);
		source->debian = !linux_source;
		tarball_recall(source);
		return g_steal_pointer(&source);
	}
	source = source_at(g_steal_pointer(&path), KIND_DIRECTORY);
	if (vf_git_is_repository(source->path))
		source->kind = KIND_GIT;
	if (!(source->kind == KIND_GIT ? open_git : open_directory)(source, error))
		return NULL;
	return g_steal_pointer(&source);
}

const char *vf_source_name(const VfSource *source)
{
	return source->name;
}

const char *vf_source_key(const VfSource *source)
{
	return source->key;
}

const char *vf_source_id(const VfSource *source)
{
	return source->id;
}

const char *vf_source_delta(const VfSource *source)
{
	return source->delta;
}

const char *vf_source_tree(VfSource *source)
{
	return source->tree && g_file_test(source->tree, G_FILE_TEST_IS_DIR) ? source->tree : NULL;
}
