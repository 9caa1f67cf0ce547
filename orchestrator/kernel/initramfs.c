// SPDX-License-Identifier: GPL-2.0-or-later
/* The initramfs of an architecture: every program of the manifest compiled, and packed. */
#include "kernel/builder.h"

#include <string.h>
#include <utime.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "kernel/cache.h"
#include "kernel/child.h"
#include "kernel/compiler-log.h"
#include "kernel/cpio.h"
#include "kernel/manifest.h"
#include "kernel/tools.h"

typedef struct Pack {
	VfBuilder *builder;
	const VfArch *arch;
	char *rootfs;
	GPtrArray *programs; /* of VfProgram */
	char *key;
	char *path;
	char *temporary; /* directory of the compiled programs, by number */
	guint next;
	guint running;
	GError *error; /* the first */
	gint64 start;
} Pack;

/* One compiler that runs. */
typedef struct Compile {
	GTask *task;
	VfCompilerLog said;
} Compile;

void vf_initramfs_free(VfInitramfs *initramfs)
{
	if (!initramfs)
		return;
	g_free(initramfs->key);
	g_free(initramfs->path);
	g_free(initramfs);
}

static void pack_free(gpointer data)
{
	Pack *job = data;

	if (job->temporary)
		vf_dirs_remove(job->temporary, NULL);
	g_free(job->rootfs);
	g_clear_pointer(&job->programs, g_ptr_array_unref);
	g_free(job->key);
	g_free(job->path);
	g_free(job->temporary);
	g_clear_error(&job->error);
	g_free(job);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All C files and headers of @directory; paths, sorted. */
static GPtrArray *list_sources(const char *directory, GError **error)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) local = NULL;
	g_autoptr(GDir) dir = g_dir_open(directory, 0, &local);
	const char *name;

	if (!dir)
		vf_throw(error, VF_ERROR_DATA, "cannot read the guest programs: %s",
			 local->message);
	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".c") || g_str_has_suffix(name, ".h"))
			g_ptr_array_add(paths, g_build_filename(directory, name, NULL));
	if (dir)
		g_ptr_array_sort(paths, by_name);
	else
		g_clear_pointer(&paths, g_ptr_array_unref);
	return paths;
}

static gboolean is_listed(const GPtrArray *paths, const char *path)
{
	for (guint i = 0; i < paths->len; i++)
		if (!strcmp(paths->pdata[i], path))
			return TRUE;
	return FALSE;
}

/* Appends what @text, the file @path, includes by a name in quotes from somewhere else. */
static void add_included(GPtrArray *paths, const char *path, const char *text)
{
	g_autofree char *directory = g_path_get_dirname(path);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) words = g_strsplit(*line, "\"", 3);
		g_autofree char *included = NULL;

		if (!g_str_has_prefix(*line, "#include \"") || g_strv_length(words) != 3)
			continue;
		included = g_canonicalize_filename(words[1], directory);
		if (!is_listed(paths, included) && g_file_test(included, G_FILE_TEST_IS_REGULAR))
			g_ptr_array_add(paths, g_steal_pointer(&included));
	}
}

/* The list grows while it is read. */
static gboolean hash_sources(VfHash *hash, const char *rootfs, GError **error)
{
	g_autoptr(GPtrArray) paths = list_sources(rootfs, error);

	for (guint i = 0; paths && i < paths->len; i++) {
		g_autofree char *base = g_path_get_basename(paths->pdata[i]), *text = NULL;
		g_autoptr(GError) local = NULL;
		gsize length;

		if (!g_file_get_contents(paths->pdata[i], &text, &length, &local))
			return vf_throw(error, VF_ERROR_DATA, "cannot read a guest program: %s",
					local->message);
		vf_hash_bytes(hash, base, text, length);
		add_included(paths, paths->pdata[i], text);
	}
	return paths != NULL;
}

static void hash_words(VfHash *hash, const char *label, char **words)
{
	for (; words && *words; words++)
		vf_hash_string(hash, label, *words);
}

static char *initramfs_key(Pack *job, GError **error)
{
	g_autofree char *compiler = vf_tools_guest_compiler(job->arch, error);
	g_autofree char *manifest = g_build_filename(job->rootfs, "manifest.json", NULL);
	g_autoptr(VfHash) hash = vf_hash_new("initramfs");

	if (!compiler || !vf_hash_file(hash, "manifest", manifest, error) ||
	    !hash_sources(hash, job->rootfs, error))
		return NULL;
	vf_hash_string(hash, "compiler", compiler);
	hash_words(hash, "cc", job->arch->guest.cc);
	hash_words(hash, "flag", job->arch->guest.flags);
	return vf_hash_hex(hash);
}

static void return_initramfs(GTask *task, gboolean cached)
{
	Pack *job = g_task_get_task_data(task);
	VfInitramfs *initramfs = g_new0(VfInitramfs, 1);

	initramfs->key = g_strdup(job->key);
	initramfs->path = g_strdup(job->path);
	initramfs->cached = cached;
	utime(initramfs->path, NULL); /* vf_trim() keeps what is used */
	initramfs->seconds = (double)(g_get_monotonic_time() - job->start) / G_USEC_PER_SEC;
	g_task_return_pointer(task, initramfs, (GDestroyNotify)vf_initramfs_free);
}

static char *binary_of(const Pack *job, guint number)
{
	return g_strdup_printf("%s/%u", job->temporary, number);
}

static gboolean pack(Pack *job, GError **error)
{
	g_autofree VfCpioFile *files = g_new0(VfCpioFile, job->programs->len);
	g_autoptr(GPtrArray) binaries = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *archive = g_build_filename(job->temporary, "cpio.gz", NULL);

	for (guint i = 0; i < job->programs->len; i++) {
		const VfProgram *program = job->programs->pdata[i];
		char *binary = binary_of(job, i);

		g_ptr_array_add(binaries, binary);
		files[i] = (VfCpioFile){program->path, binary};
	}
	return vf_cpio_write(archive, files, job->programs->len, error) &&
	       vf_cache_commit(archive, job->path, error);
}

/* A source that was saved while it was compiled must not end under the key of what it was. */
static gboolean same_sources(Pack *job, GError **error)
{
	g_autofree char *now = initramfs_key(job, error);

	if (!now)
		return FALSE;
	return !strcmp(now, job->key) ||
	       vf_throw(error, VF_ERROR_IO, "%s was changed while it was compiled: run again",
			vf_dirs_shown(job->rootfs));
}

/* Compression takes longer than the main loop may; nobody else touches the job meanwhile. */
static void pack_in_thread(GTask *packing, G_GNUC_UNUSED gpointer source, gpointer data,
			   G_GNUC_UNUSED GCancellable *cancellable)
{
	GError *error = NULL;

	if (pack(data, &error))
		g_task_return_boolean(packing, TRUE);
	else
		g_task_return_error(packing, error);
}

static void on_packed(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	GError *error = NULL;

	if (g_task_propagate_boolean(G_TASK(result), &error))
		return_initramfs(task, FALSE);
	else
		g_task_return_error(task, error);
}

static void all_compiled(GTask *task)
{
	Pack *job = g_task_get_task_data(task);
	g_autoptr(GTask) packing = NULL;

	if (job->error || !same_sources(job, &job->error)) {
		g_task_return_error(task, g_steal_pointer(&job->error));
		return;
	}
	packing = g_task_new(NULL, NULL, on_packed, g_object_ref(task));
	g_task_set_task_data(packing, job, NULL);
	g_task_run_in_thread(packing, pack_in_thread);
}

static void compile_more(GTask *task);

static void on_line(const char *line, gsize length, gpointer data)
{
	Compile *compile = data;

	vf_compiler_log_line(&compile->said, line, length);
}

/* A guest program that does not compile is our fault, not the kernel's. */
static void take_compiled(Pack *job, const Compile *compile, const VfChildEnd *end)
{
	if (!end->status || job->error)
		return;
	if (compile->said.line)
		vf_throw(&job->error, VF_ERROR_HARNESS, "guest program: %s", compile->said.line);
	else
		vf_throw(&job->error, VF_ERROR_HARNESS,
			 "guest program: the compiler ended with status %d", end->status);
}

static void on_compiled(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Compile *compile = data;
	g_autoptr(GTask) task = compile->task;
	Pack *job = g_task_get_task_data(task);
	g_auto(VfChildEnd) end = {0};
	g_autoptr(GError) error = NULL;

	if (vf_child_finish(result, &end, &error))
		take_compiled(job, compile, &end);
	else if (!job->error)
		job->error = g_steal_pointer(&error);
	vf_compiler_log_clear(&compile->said);
	g_free(compile);
	job->running--;
	compile_more(task);
}

static void compile_one(GTask *task, guint number)
{
	Pack *job = g_task_get_task_data(task);
	const VfProgram *program = job->programs->pdata[number];
	g_autoptr(VfArgv) words = vf_argv_new();
	g_autofree char *binary = binary_of(job, number);
	g_autofree char *temporary = g_strconcat("TMPDIR=", job->temporary, NULL);
	g_auto(GStrv) env = vf_child_env(temporary, NULL);
	g_auto(GStrv) argv = NULL;
	Compile *compile = g_new0(Compile, 1);

	vf_argv_strv(words, (const char *const *)job->arch->guest.cc);
	vf_argv_strv(words, (const char *const *)job->arch->guest.flags);
	vf_argv_format(words, "-ffile-prefix-map=%s=/vifarm/rootfs", job->rootfs);
	vf_argv_add(words, "-o", binary, NULL);
	vf_argv_strv(words, (const char *const *)program->source);
	argv = vf_argv_end(words);
	compile->task = g_object_ref(task);
	job->running++;
	vf_child_async(&(VfChild){.argv = argv, .env = env, .line = on_line, .line_data = compile},
		       g_task_get_cancellable(task), on_compiled, compile);
}

static void compile_more(GTask *task)
{
	Pack *job = g_task_get_task_data(task);

	while (!job->error && job->running < job->builder->jobs && job->next < job->programs->len)
		compile_one(task, job->next++);
	if (!job->running)
		all_compiled(task);
}

static gboolean begin(Pack *job, GError **error)
{
	g_autofree char *directory = vf_cache_path("initramfs", NULL);
	g_autofree char *name = NULL;

	job->programs = vf_manifest_load(job->rootfs, error);
	job->key = job->programs ? initramfs_key(job, error) : NULL;
	if (!job->key)
		return FALSE;
	name = g_strconcat(job->key, ".cpio.gz", NULL);
	job->path = g_build_filename(directory, name, NULL);
	return vf_dirs_make(directory, error);
}

static gboolean begin_compiling(Pack *job, GError **error)
{
	g_autofree char *temporary = g_strconcat(job->path, ".XXXXXX.tmp", NULL);

	if (!g_mkdtemp(temporary))
		return vf_throw_errno(error, "cannot create the directory %s", temporary);
	job->temporary = g_steal_pointer(&temporary);
	return TRUE;
}

/* Canonical, so that a header is the same file however it is named. */
static char *rootfs_of(const VfBuilder *builder)
{
	g_autofree char *path = g_build_filename(builder->data, "rootfs", NULL);

	return g_canonicalize_filename(path, NULL);
}

void vf_builder_initramfs_async(VfBuilder *builder, const VfArch *arch, GCancellable *cancellable,
				GAsyncReadyCallback done, gpointer data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, done, data);
	Pack *job = g_new0(Pack, 1);
	GError *error = NULL;

	job->builder = builder;
	job->arch = arch;
	job->rootfs = rootfs_of(builder);
	job->start = g_get_monotonic_time();
	g_task_set_task_data(task, job, pack_free);
	g_task_set_check_cancellable(task, FALSE);
	if (!begin(job, &error))
		g_task_return_error(task, error);
	else if (g_file_test(job->path, G_FILE_TEST_IS_REGULAR))
		return_initramfs(task, TRUE);
	else if (!begin_compiling(job, &error))
		g_task_return_error(task, error);
	else
		compile_more(task);
}

VfInitramfs *vf_builder_initramfs_finish(G_GNUC_UNUSED VfBuilder *builder, GAsyncResult *result,
					 GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
