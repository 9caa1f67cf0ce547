// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/make-run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/hash.h"
#include "kernel/cache.h"
#include "kernel/child.h"
#include "kernel/compiler-log.h"
#include "kernel/product.h"
#include "kernel/sandbox.h"
#include "kernel/steps.h"

#define LOG_BYTES  (8 << 20)
#define CONFIG_MAX (4 << 20)

/* Far above what a kernel takes: a build that runs away ends by itself. */
static const VfLimits build_limits = {
	.file_size = G_GUINT64_CONSTANT(8) << 30,
	.seconds = 3 * 3600,
};

typedef struct Run {
	VfSteps steps;
	VfMakeJob spec;
	char *fragment;	   /* the merged one */
	VfConfig *adapted; /* what is asked for in the kinds of this kernel; NULL: as it is */
	char *stamp;	   /* of all that .config is made from */
	gboolean configured;
	VfLock *lock; /* of make */
	VfChildEnd end;
	VfCompilerLog said;
	char *prefix;
	FILE *log;
	gsize log_bytes;
	guint64 expected; /* objects; 0: unknown */
	char *kept_log;
} Run;

static void close_log(Run *job)
{
	if (job->log)
		fclose(job->log);
	job->log = NULL;
}

static void run_free(gpointer data)
{
	Run *job = data;

	close_log(job);
	vf_lock_free(job->lock);
	g_free(job->fragment);
	vf_config_free(job->adapted);
	g_free(job->stamp);
	vf_child_end_clear(&job->end);
	vf_compiler_log_clear(&job->said);
	g_free(job->prefix);
	g_free(job->kept_log);
	g_free(job);
}

static void tell(Run *job, const char *what, double fraction)
{
	if (job->spec.progress)
		job->spec.progress(what, fraction, job->spec.progress_data);
}

static void on_line(const char *line, gsize length, gpointer data)
{
	Run *job = data;
	double fraction = -1;

	if (job->log && job->log_bytes < LOG_BYTES) {
		fwrite(line, 1, length, job->log);
		fputc('\n', job->log);
		job->log_bytes += length + 1;
		if (job->log_bytes >= LOG_BYTES)
			fputs("vifarm: the log ends here, it has grown too long\n", job->log);
	}
	if (!vf_compiler_log_line(&job->said, line, length))
		return;
	if (job->configured && job->expected)
		fraction = MIN(0.99, (double)job->said.objects / (double)job->expected);
	tell(job, job->configured ? "building" : "configuring", fraction);
}

static gboolean open_log(Run *job, GError **error)
{
	g_autoptr(GError) why = NULL;

	/* a kept log of another build may share the file */
	unlink(job->spec.make.slot->log);
	job->log = fopen(job->spec.make.slot->log, "we");
	if (!job->log)
		return vf_throw_errno(error, "cannot write %s", job->spec.make.slot->log);
	if (!job->spec.make.sandbox) {
		vf_sandbox_available(FALSE, &why);
		fprintf(job->log, "vifarm: built outside of the sandbox: %s\n", why->message);
	}
	return TRUE;
}

static void on_child(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Run *job = g_task_get_task_data(data);
	GError *error = NULL;

	vf_child_end_clear(&job->end);
	vf_child_finish(result, &job->end, &error);
	vf_steps_continue(data, error);
}

/* The number of processes is limited inside, where only the sandbox's own count. */
static VfLimits stranger_limits(const VfMake *make)
{
	VfLimits limits = *make->stranger;

	limits.processes = 0;
	limits.disk_path = make->slot->objects;
	return limits;
}

static VfStepResult run_make(GTask *task, Run *job, const char *target)
{
	const VfMake *make = &job->spec.make;
	VfLimits limits = make->stranger ? stranger_limits(make) : build_limits;
	g_auto(GStrv) env = NULL, argv = vf_make_argv(make, target, &env);

	vf_child_async(&(VfChild){.argv = argv,
				  .env = make->sandbox ? NULL : env,
				  .line = on_line,
				  .line_data = job,
				  .limits = &limits,
				  .lock = job->lock},
		       g_task_get_cancellable(task), on_child, task);
	return VF_STEP_WAIT;
}

static gboolean keep_log(Run *job)
{
	g_autofree char *directory = vf_cache_path("logs", NULL);
	g_autofree char *path = g_build_filename(directory, job->spec.log_name, NULL);

	close_log(job);
	if (!vf_dirs_make(directory, NULL) || rename(job->spec.make.slot->log, path) < 0)
		return FALSE;
	job->kept_log = g_steal_pointer(&path);
	return TRUE;
}

/* Without a kernel. */
static void end_slot(Run *job)
{
	vf_slot_end(job->spec.make.slot, job->spec.stack, job->configured ? job->stamp : NULL,
		    FALSE, NULL);
}

/* TRUE when make succeeded. Otherwise it still ended by itself, and its objects are sound. */
static gboolean made(Run *job, GError **error)
{
	const VfCompilerLog *said = &job->said;
	const char *log;

	if (!job->end.status && !job->end.timed_out && !job->end.exceeded)
		return TRUE;
	/* after a SIGKILL, ours or the kernel's, the mark of an unfinished build stays */
	if (!job->end.timed_out && job->end.status != 128 + SIGKILL)
		end_slot(job);
	log = keep_log(job) ? job->kept_log : "not kept";
	if (job->end.exceeded)
		return vf_throw(error, VF_ERROR_HARNESS,
				"make was stopped, it used too much %s (log: %s)",
				job->end.exceeded, log);
	if (job->end.timed_out)
		return vf_throw(error, VF_ERROR_HARNESS, "make was stopped after %.0f s (log: %s)",
				job->end.seconds, log);
	if (said->line && said->code == VF_ERROR_IO)
		return vf_throw(error, VF_ERROR_IO, "cannot build in %s: %s (log: %s)",
				job->spec.make.slot->directory, said->line, log);
	if (said->line)
		return vf_throw(error, said->code, "%s (log: %s)", said->line, log);
	return vf_throw(error, job->end.status >= 128 ? VF_ERROR_HARNESS : VF_ERROR_COMPILE,
			"make failed with status %d and gave no reason (log: %s)", job->end.status,
			log);
}

/* All that .config is made from. */
static char *config_stamp(const Run *job)
{
	g_autoptr(VfHash) hash = vf_hash_new("configuration");
	g_autoptr(GList) paths =
		g_list_sort(g_hash_table_get_keys(job->spec.stack->files), (GCompareFunc)strcmp);

	vf_hash_string(hash, "fragment", job->fragment);
	vf_hash_string(hash, "compiler", job->spec.compiler);
	for (GList *path = paths; path; path = path->next) {
		g_autofree char *base = g_path_get_basename(path->data);

		if (g_str_has_prefix(base, "Kconfig") || g_str_has_prefix(path->data, "scripts/"))
			vf_hash_string(hash, path->data,
				       g_hash_table_lookup(job->spec.stack->files, path->data));
	}
	return vf_hash_hex(hash);
}

static VfStepResult build(GTask *task, gpointer data, GError **error);

static void on_locked(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Run *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->lock = vf_lock_finish(result, &error);
	vf_steps_continue(data, error);
}

static void on_waiting(gpointer data)
{
	tell(g_task_get_task_data(data), "waiting for the end of a killed build", -1);
}

static VfStepResult lock(GTask *task, gpointer data, GError **error)
{
	Run *job = data;
	g_autofree char *path = vf_slot_lock_make(job->spec.make.slot, error);

	if (!path)
		return VF_STEP_FAILED;
	vf_lock_async(path, VF_LOCK_EXCLUSIVE, g_task_get_cancellable(task), on_waiting, on_locked,
		      task);
	return VF_STEP_WAIT;
}

static VfStepResult begin(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Run *job = data;
	const VfSlot *slot = job->spec.make.slot;
	g_autofree char *config = g_build_filename(slot->objects, ".config", NULL);
	gboolean old = g_file_test(config, G_FILE_TEST_EXISTS);

	/* how much a whole build is, is known; what an incremental one has to do, only make knows
	 */
	job->expected = old ? 0 : job->spec.make.arch->kernel.objects;
	if (!open_log(job, error) || !vf_slot_begin(slot, job->spec.configured, error))
		return VF_STEP_FAILED;
	job->configured = old && !g_strcmp0(job->spec.configured, job->stamp);
	return job->configured ? vf_steps_jump(&job->steps, build) : VF_STEP_NEXT;
}

static VfStepResult configure(GTask *task, gpointer data, GError **error)
{
	Run *job = data;
	g_autofree char *path =
		g_build_filename(job->spec.make.slot->objects, VF_MAKE_FRAGMENT, NULL);
	g_autofree char *adapted = job->adapted ? vf_config_text(job->adapted) : NULL;
	const char *text = adapted ? adapted : job->fragment;

	tell(job, "configuring", -1);
	if (!vf_cache_write_text(path, text, strlen(text), error))
		return VF_STEP_FAILED;
	return run_make(task, job, "allnoconfig");
}

/* To a copy of .config that only we can write. */
static gboolean copy_config(const Run *job, const char *copy, GError **error)
{
	const VfMake *make = &job->spec.make;

	unlink(copy);
	return vf_product_copy(make->slot->objects, ".config",
			       vf_sandbox_owner(make->stranger != NULL), CONFIG_MAX, copy, error);
}

static VfStepResult check_config(Run *job, const char *config, GError **error)
{
	GError *local = NULL;

	if (!copy_config(job, config, error))
		return VF_STEP_FAILED;
	if (vf_config_verify(job->adapted ? job->adapted : job->spec.config, config, &local)) {
		job->configured = TRUE;
		return VF_STEP_NEXT;
	}
	if (!job->adapted && (job->adapted = vf_config_adapt(job->spec.config, config))) {
		g_error_free(local);
		return vf_steps_jump(&job->steps, configure);
	}
	g_propagate_error(error, local);
	return VF_STEP_FAILED;
}

static VfStepResult take_config(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Run *job = data;
	g_autofree char *config = g_strconcat(job->spec.make.slot->objects, ".config", NULL);
	VfStepResult result;

	if (!made(job, error))
		return VF_STEP_FAILED;
	result = check_config(job, config, error);
	unlink(config);
	if (result == VF_STEP_FAILED) {
		end_slot(job);
		keep_log(job);
	}
	return result;
}

static VfStepResult build(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Run *job = data;

	tell(job, "building", job->expected ? 0 : -1);
	return run_make(task, job, job->spec.make.arch->kernel.target);
}

static VfStepResult finish(GTask *task, gpointer data, GError **error)
{
	Run *job = data;

	if (!made(job, error))
		return VF_STEP_FAILED;
	close_log(job);
	if (!vf_slot_end(job->spec.make.slot, job->spec.stack, job->stamp, TRUE, error))
		return VF_STEP_FAILED;
	g_task_return_boolean(task, TRUE);
	return VF_STEP_END;
}

static const VfStep run_steps[] = {lock, begin, configure, take_config, build, finish, NULL};

void vf_make_async(const VfMakeJob *spec, GCancellable *cancellable, GAsyncReadyCallback done,
		   gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Run *job = g_new0(Run, 1);

	job->spec = *spec;
	job->prefix = vf_make_source_prefix(&spec->make);
	job->said.prefix = job->prefix;
	job->fragment = vf_config_text(spec->config);
	job->stamp = config_stamp(job);
	g_task_set_task_data(task, job, run_free);
	vf_steps_run(task, run_steps);
}

gboolean vf_make_finish(GAsyncResult *result, char **log, GError **error)
{
	Run *job = g_task_get_task_data(G_TASK(result));
	gboolean ok = g_task_propagate_boolean(G_TASK(result), error);

	if (log)
		*log = ok ? NULL : g_steal_pointer(&job->kept_log);
	return ok;
}
