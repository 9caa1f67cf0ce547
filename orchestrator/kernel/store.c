// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/store.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "kernel/cache.h"
#include "kernel/product.h"
#include "kernel/steps.h"
#include "kernel/trim.h"

/* Not one of the files below: an entry without it is whole. */
#define SOURCES "sources"
#define KERNELS "kernels"

void vf_kernel_free(VfKernel *kernel)
{
	if (!kernel)
		return;
	g_free(kernel->key);
	g_free(kernel->dir);
	g_free(kernel->image);
	g_free(kernel->vmlinux);
	g_free(kernel->symbols);
	g_free(kernel->config);
	g_free(kernel->log);
	g_free(kernel->sources);
	g_free(kernel->release);
	g_free(kernel->compiler);
	g_free(kernel->command);
	g_free(kernel->stack);
	g_strfreev(kernel->skipped);
	vf_lock_free(kernel->use);
	g_free(kernel);
}

/* The files of an entry and where their paths go. */
static const struct {
	const char *member;
	gsize offset;
} files[] = {
	{"image", G_STRUCT_OFFSET(VfKernel, image)},
	{"vmlinux", G_STRUCT_OFFSET(VfKernel, vmlinux)},
	{"symbols", G_STRUCT_OFFSET(VfKernel, symbols)},
	{"config", G_STRUCT_OFFSET(VfKernel, config)},
	{"log", G_STRUCT_OFFSET(VfKernel, log)},
};

static const struct {
	const char *member;
	gsize offset;
} strings[] = {
	{"release", G_STRUCT_OFFSET(VfKernel, release)},
	{"compiler", G_STRUCT_OFFSET(VfKernel, compiler)},
	{"command", G_STRUCT_OFFSET(VfKernel, command)},
};

static char **member(VfKernel *kernel, gsize offset)
{
	return G_STRUCT_MEMBER_P(kernel, offset);
}

static gboolean read_file(VfKernel *kernel, json_t *json, gsize i)
{
	json_t *file = json_object_get(json, files[i].member);
	const char *name = json_string_value(json_object_get(file, "file"));
	json_t *size = json_object_get(file, "size");
	char **path = member(kernel, files[i].offset);
	GStatBuf st;

	if (!name || strchr(name, '/') || !json_is_integer(size))
		return FALSE;
	*path = g_build_filename(kernel->dir, name, NULL);
	return g_stat(*path, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size == json_integer_value(size);
}

static gboolean read_skipped(VfKernel *kernel, json_t *json)
{
	json_t *skipped = json_object_get(json, "skipped"), *name;
	g_autoptr(VfArgv) names = vf_argv_new();
	gsize i;

	json_array_foreach (skipped, i, name) {
		if (!json_is_string(name))
			return FALSE;
		vf_argv_add(names, json_string_value(name), NULL);
	}
	kernel->skipped = vf_argv_end(names);
	return json_is_array(skipped);
}

static gboolean read_kernel(VfKernel *kernel, json_t *json)
{
	json_t *seconds = json_object_get(json, "seconds");

	for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
		if (!read_file(kernel, json, i))
			return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(strings); i++) {
		const char *value = json_string_value(json_object_get(json, strings[i].member));

		if (!value)
			return FALSE;
		*member(kernel, strings[i].offset) = g_strdup(value);
	}
	kernel->seconds = json_number_value(seconds);
	kernel->sources = g_build_filename(kernel->dir, SOURCES, NULL);
	if (!g_file_test(kernel->sources, G_FILE_TEST_IS_REGULAR))
		g_clear_pointer(&kernel->sources, g_free);
	return json_is_number(seconds) && read_skipped(kernel, json);
}

static char *record_of(const char *directory)
{
	return g_build_filename(directory, "kernel.json", NULL);
}

VfKernel *vf_store_find(const char *key)
{
	g_autoptr(VfKernel) kernel = g_new0(VfKernel, 1);
	g_autofree char *record = NULL;
	gboolean complete;
	json_t *json;

	/* another run is just removing it */
	kernel->use = vf_trim_use(KERNELS, key, VF_LOCK_SHARED);
	if (!kernel->use)
		return NULL;
	kernel->key = g_strdup(key);
	kernel->dir = vf_cache_path(KERNELS, key, NULL);
	kernel->cached = TRUE;
	record = record_of(kernel->dir);
	json = vf_cache_read(record);
	complete = json && read_kernel(kernel, json);
	json_decref(json);
	if (!complete)
		return NULL;
	utime(record, NULL);
	return g_steal_pointer(&kernel);
}

typedef struct Add {
	VfSteps steps;
	VfKernel *kernel;
	const VfSlot *slot;
	const char *image;
	const char *sources; /* may be NULL */
	uid_t owner;
	char *temporary;
} Add;

static void add_free(gpointer data)
{
	Add *job = data;

	g_free(job->temporary);
	g_free(job);
}

/* Bytes of the largest of each; what reads them later takes no more. */
#define CONFIG_MAX  ((guint64)4 << 20)
#define SYMBOLS_MAX ((guint64)64 << 20)
#define KERNEL_MAX  ((guint64)1 << 30)
#define RELEASE_MAX 64

static gboolean copy_product(Add *job, const char *name, guint64 max, const char *to,
			     GError **error)
{
	g_autofree char *path = g_build_filename(job->temporary, to, NULL);

	return vf_product_copy(job->slot->objects, name, job->owner, max, path, error);
}

static gboolean copy_all(Add *job, GError **error)
{
	g_autofree char *image = g_path_get_basename(job->image);

	job->kernel->release = vf_product_line(job->slot->objects, "include/config/kernel.release",
					       job->owner, RELEASE_MAX, error);
	return job->kernel->release && copy_product(job, ".config", CONFIG_MAX, "config", error) &&
	       copy_product(job, "System.map", SYMBOLS_MAX, "System.map", error) &&
	       copy_product(job, "vmlinux", KERNEL_MAX, "vmlinux", error) &&
	       (!strcmp(job->image, "vmlinux") ||
		copy_product(job, job->image, KERNEL_MAX, image, error));
}

static void copy_in_thread(GTask *copying, G_GNUC_UNUSED gpointer object, gpointer data,
			   G_GNUC_UNUSED GCancellable *cancellable)
{
	GError *error = NULL;

	if (copy_all(data, &error))
		g_task_return_boolean(copying, TRUE);
	else
		g_task_return_error(copying, error);
}

static void on_copied(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Add *job = g_task_get_task_data(data);
	GError *error = NULL;

	if (!g_task_propagate_boolean(G_TASK(result), &error))
		vf_dirs_remove(job->temporary, NULL);
	vf_steps_continue(data, error);
}

static VfStepResult copy(GTask *task, gpointer data, GError **error)
{
	Add *job = data;
	g_autofree char *kernels = vf_cache_path(KERNELS, NULL);
	g_autofree char *temporary = g_strdup_printf("%s/%s.XXXXXX.tmp", kernels, job->kernel->key);
	g_autoptr(GTask) copying = NULL;

	if (!vf_dirs_make(kernels, error))
		return VF_STEP_FAILED;
	if (!g_mkdtemp_full(temporary, 0755)) {
		vf_throw_errno(error, "cannot create the directory %s", temporary);
		return VF_STEP_FAILED;
	}
	job->temporary = g_steal_pointer(&temporary);
	copying = g_task_new(NULL, NULL, on_copied, task);
	g_task_set_task_data(copying, job, NULL);
	g_task_run_in_thread(copying, copy_in_thread);
	return VF_STEP_WAIT;
}

static gboolean copy_log(Add *job, GError **error)
{
	g_autofree char *to = g_build_filename(job->temporary, "build.log", NULL);
	g_autoptr(GError) local = NULL;
	g_autofree char *text = NULL;
	gsize length;

	if (!g_file_get_contents(job->slot->log, &text, &length, &local))
		return vf_throw(error, VF_ERROR_IO, "cannot read make's log: %s", local->message);
	return vf_cache_write_text(to, text, length, error);
}

static gboolean write_sources(Add *job, GError **error)
{
	g_autofree char *path = g_build_filename(job->temporary, SOURCES, NULL);

	if (!job->sources)
		return TRUE;
	job->kernel->sources = g_build_filename(job->kernel->dir, SOURCES, NULL);
	return vf_cache_write_text(path, job->sources, strlen(job->sources), error);
}

static json_t *describe_file(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	GStatBuf st = {0};

	g_stat(path, &st);
	return json_pack("{s:s, s:I}", "file", name, "size", (json_int_t)st.st_size);
}

static gboolean write_record(Add *job, GError **error)
{
	VfKernel *kernel = job->kernel;
	g_autofree char *record = record_of(job->temporary);
	g_autofree char *image = g_path_get_basename(job->image);
	const char *names[] = {image, "vmlinux", "System.map", "config", "build.log"};
	json_t *json = json_pack("{s:f, s:[]}", "seconds", kernel->seconds, "skipped");

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == G_N_ELEMENTS(files));
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		*member(kernel, files[i].offset) = g_build_filename(kernel->dir, names[i], NULL);
		json_object_set_new(json, files[i].member, describe_file(job->temporary, names[i]));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
		json_object_set_new(json, strings[i].member,
				    json_string(*member(kernel, strings[i].offset)));
	for (char **name = kernel->skipped; name && *name; name++)
		json_array_append_new(json_object_get(json, "skipped"), json_string(*name));
	return vf_cache_write(record, json, error);
}

/* A damaged entry, or one that another run has made meanwhile, gives way. */
static gboolean commit(Add *job, GError **error)
{
	VfKernel *kernel = job->kernel;
	g_autoptr(VfKernel) other = vf_store_find(kernel->key);

	if (other)
		return vf_dirs_remove(job->temporary, error);
	return vf_dirs_remove(kernel->dir, error) &&
	       vf_cache_commit(job->temporary, kernel->dir, error);
}

static VfStepResult finish(GTask *task, gpointer data, GError **error)
{
	Add *job = data;

	job->kernel->dir = vf_cache_path(KERNELS, job->kernel->key, NULL);
	job->kernel->use = vf_trim_use(KERNELS, job->kernel->key, VF_LOCK_SHARED);
	if (!copy_log(job, error) || !write_sources(job, error) || !write_record(job, error) ||
	    !commit(job, error)) {
		vf_dirs_remove(job->temporary, NULL);
		return VF_STEP_FAILED;
	}
	g_task_return_boolean(task, TRUE);
	return VF_STEP_END;
}

static const VfStep add_steps[] = {copy, finish, NULL};

void vf_store_add_async(VfKernel *kernel, const VfSlot *slot, const char *image,
			const char *sources, uid_t owner, GCancellable *cancellable,
			GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Add *job = g_new0(Add, 1);

	job->kernel = kernel;
	job->slot = slot;
	job->image = image;
	job->sources = sources;
	job->owner = owner;
	g_task_set_task_data(task, job, add_free);
	vf_steps_run(task, add_steps);
}

gboolean vf_store_add_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
