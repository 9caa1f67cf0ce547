// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One kernel, from the question for it to the store: a table of steps. All that a hit needs
 * happens at once; what builds waits for its turn, then for the locks.
 */
#include "kernel/builder.h"

#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/config.h"
#include "kernel/make-run.h"
#include "kernel/sandbox.h"
#include "kernel/slot-prepare.h"
#include "kernel/sources.h"
#include "kernel/stack-choice.h"
#include "kernel/steps.h"
#include "kernel/store.h"
#include "kernel/tools.h"

/* All mutants of a variant share one: from one to the next only a file or two differ. */
#define MUTANTS_SLOT "+mutants"

typedef struct Build {
	VfSteps steps;
	VfBuilder *builder;
	const VfArch *arch;
	const VfVariant *variant;
	char *mutant;
	VfKernel *like;	    /* a reference for comparison, NULL: none */
	char *choice;	    /* name of the stack; "": there are none, NULL: not made yet */
	GPtrArray *patches; /* in that stack */
	VfBuildProgress progress;
	gpointer progress_data;
	gboolean has_turn;
	VfStack *stack;
	VfConfig *config;
	char *fragment;
	VfKernel *kernel;
	VfSlot *slot;
	gboolean sandbox;
	VfSlotHold *hold;
	char *sources;	 /* the list of files that the kernel was built from; NULL: not asked for */
	GError *failure; /* of make, or of storing what it left */
	VfChildEnd end;	 /* of what gives a stranger's objects away, and removes them */
	char *log_name;	 /* should the log be kept */
	gint64 start;
	char *kept_log;
} Build;

static void tell(Build *job, const char *what, double fraction)
{
	if (job->progress)
		job->progress(what, fraction, job->progress_data);
}

static void next_turn(VfBuilder *builder)
{
	GTask *task = g_queue_pop_head(&builder->waiting);

	builder->busy = task != NULL;
	if (!task)
		return;
	((Build *)g_task_get_task_data(task))->has_turn = TRUE;
	vf_steps_continue(task, NULL);
}

/* Gives back what others wait for. */
static void release(Build *job)
{
	g_clear_pointer(&job->hold, vf_slot_hold_free);
	if (!job->has_turn)
		return;
	job->has_turn = FALSE;
	next_turn(job->builder);
}

static void build_free(gpointer data)
{
	Build *job = data;

	release(job);
	g_free(job->mutant);
	g_free(job->choice);
	g_clear_pointer(&job->patches, g_ptr_array_unref);
	vf_stack_free(job->stack);
	vf_config_free(job->config);
	g_free(job->fragment);
	vf_kernel_free(job->kernel);
	vf_kernel_free(job->like);
	vf_slot_free(job->slot);
	g_free(job->sources);
	vf_child_end_clear(&job->end);
	g_clear_error(&job->failure);
	g_free(job->log_name);
	g_free(job->kept_log);
	g_free(job);
}

static VfStepResult check_tools(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Build *job = data;

	if (!vf_tools_check(job->arch, error))
		return VF_STEP_FAILED;
	job->kernel->compiler = vf_tools_kernel_compiler(job->arch, error);
	return job->kernel->compiler ? VF_STEP_NEXT : VF_STEP_FAILED;
}

static VfStepResult take_turn(GTask *task, Build *job)
{
	if (job->has_turn)
		return VF_STEP_NEXT;
	if (!job->builder->busy) {
		job->builder->busy = job->has_turn = TRUE;
		return VF_STEP_NEXT;
	}
	tell(job, "waiting for another kernel", -1);
	g_queue_push_tail(&job->builder->waiting, task);
	return VF_STEP_WAIT;
}

static VfStepResult turn_to_identify(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;

	return vf_source_key(job->builder->source) ? VF_STEP_NEXT : take_turn(task, job);
}

static void on_fetched(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	GError *error = NULL;

	vf_source_fetch_finish(result, &error);
	vf_steps_continue(data, error);
}

static VfStepResult fetch(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;

	vf_source_fetch_async(job->builder->source, g_task_get_cancellable(task), job->progress,
			      job->progress_data, on_fetched, task);
	return VF_STEP_WAIT;
}

static void on_identified(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	GError *error = NULL;

	vf_source_identify_finish(result, &error);
	vf_steps_continue(data, error);
}

static VfStepResult identify(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;

	tell(job, "looking at the source", -1);
	vf_source_identify_async(job->builder->source, g_task_get_cancellable(task), on_identified,
				 task);
	return VF_STEP_WAIT;
}

static VfStepResult find(GTask *task, gpointer data, GError **error);

static gboolean take_choice(Build *job, GError **error)
{
	g_autoptr(GPtrArray) patches = vf_kernel_patches(job->variant, job->mutant);

	job->patches = vf_choice_patches(job->builder->data, patches, job->choice, error);
	if (!job->patches)
		return FALSE;
	job->config = vf_kernel_fragments(job->builder->data, job->arch, job->choice, job->variant,
					  error);
	if (!job->config)
		return FALSE;
	job->fragment = vf_config_text(job->config);
	return TRUE;
}

static VfStepResult recall_choice(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Build *job = data;

	if (!vf_choice_recall(job->builder->data, job->builder->source, job->variant, &job->choice,
			      error) ||
	    (job->choice && !take_choice(job, error)))
		return VF_STEP_FAILED;
	return VF_STEP_NEXT;
}

static void on_chosen(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Build *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->choice = vf_choice_make_finish(result, &job->kept_log, &error);
	if (job->choice)
		take_choice(job, &error);
	vf_steps_continue(data, error);
}

static VfStepResult choose(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;

	if (job->choice)
		return VF_STEP_NEXT;
	tell(job, "choosing the stack of patches", -1);
	vf_choice_make_async(job->builder->data, job->builder->source, job->variant,
			     g_task_get_cancellable(task), on_chosen, task);
	return VF_STEP_WAIT;
}

static VfStepResult load_stack(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Build *job = data;
	GError *local = NULL;

	if (!job->choice)
		return VF_STEP_NEXT;
	job->stack = vf_stack_load(job->builder->source, job->patches, &local);
	if (local) {
		g_propagate_error(error, local);
		return VF_STEP_FAILED;
	}
	return job->stack ? vf_steps_jump(&job->steps, find) : VF_STEP_NEXT;
}

static VfStepResult turn(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	return take_turn(task, data);
}

static void on_unpacked(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	GError *error = NULL;

	vf_source_unpack_finish(result, &error);
	vf_steps_continue(data, error);
}

static VfStepResult unpack(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;

	vf_source_unpack_async(job->builder->source, g_task_get_cancellable(task), job->progress,
			       job->progress_data, on_unpacked, task);
	return VF_STEP_WAIT;
}

static void on_applied(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Build *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->stack = vf_stack_apply_finish(result, &job->kept_log, &error);
	vf_steps_continue(data, error);
}

static VfStepResult apply(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;

	tell(job, "patching", -1);
	vf_stack_apply_async(job->builder->source, job->patches, g_task_get_cancellable(task),
			     on_applied, task);
	return VF_STEP_WAIT;
}

static void name_stack(VfKernel *kernel, const Build *job)
{
	g_free(kernel->stack);
	kernel->stack = *job->choice ? g_strdup(job->choice) : NULL;
}

static gboolean end_with_stored(GTask *task, Build *job)
{
	VfKernel *stored = vf_store_find(job->kernel->key);

	if (!stored)
		return FALSE;
	/* the same files can come from a stack that skipped other patches */
	g_strfreev(stored->skipped);
	stored->skipped = g_strdupv(job->stack->skipped);
	name_stack(stored, job);
	g_task_return_pointer(task, stored, (GDestroyNotify)vf_kernel_free);
	return TRUE;
}

static VfStepResult find(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;

	g_free(job->kernel->key);
	job->kernel->key = vf_kernel_key(job->arch, vf_source_key(job->builder->source),
					 job->stack->files, job->fragment, job->kernel->compiler);
	g_free(job->log_name);
	job->log_name = g_strdup_printf("%.16s-build.log", job->kernel->key);
	return end_with_stored(task, job) ? VF_STEP_END : VF_STEP_NEXT;
}

/* A mutant of files that this architecture does not build needs no build to be known. */
static VfStepResult compare(GTask *task, gpointer data, GError **error)
{
	Build *job = data;
	g_autoptr(GPtrArray) all = NULL, patches = NULL;
	g_autoptr(VfStack) base = NULL;
	GError *local = NULL;
	const char *tree;

	if (!job->like || !job->variant->base)
		return VF_STEP_NEXT;
	all = vf_kernel_patches(job->variant->base, NULL);
	patches = vf_choice_patches(job->builder->data, all, job->choice, error);
	if (!patches)
		return VF_STEP_FAILED;
	base = vf_stack_load(job->builder->source, patches, &local);
	if (local) {
		g_propagate_error(error, local);
		return VF_STEP_FAILED;
	}
	tree = vf_source_tree(job->builder->source);
	if (!base || !tree ||
	    !vf_sources_same(job->like->sources, tree, base->files, job->stack->files))
		return VF_STEP_NEXT;
	job->like->like = TRUE;
	name_stack(job->like, job);
	g_task_return_pointer(task, g_steal_pointer(&job->like), (GDestroyNotify)vf_kernel_free);
	return VF_STEP_END;
}

/* What strangers wrote runs in the sandbox or not at all. */
static gboolean choose_sandbox(Build *job, GError **error)
{
	gboolean stranger = job->variant->stranger;
	g_autoptr(GError) why = NULL;

	job->sandbox = vf_sandbox_available(stranger, &why);
	return job->sandbox || !stranger ||
	       vf_throw(error, VF_ERROR_MISSING, "a stranger's patch is not built here: %s",
			why->message);
}

/* Without the sandbox make works on the real path, and splits or expands other characters. */
static gboolean make_takes(const char *path, GError **error)
{
	g_autofree char *shown = vf_text_escape(path, -1, 0);

	for (const char *at = path; *at; at++)
		if ((guchar)*at < 0x80 && !g_ascii_isalnum(*at) && !strchr("_./+@~-", *at))
			return vf_throw(error, VF_ERROR_MISSING,
					"make cannot build in %s: install bubblewrap, or set "
					"XDG_CACHE_HOME to a path of letters, digits and _./+@~-",
					shown);
	return TRUE;
}

static VfStepResult open_slot(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Build *job = data;
	g_autofree char *ccache = vf_make_ccache();
	const VfVariant *base = job->variant->base;
	g_autofree char *name = g_strconcat(base ? base->name : job->variant->name,
					    base || job->mutant ? MUTANTS_SLOT : NULL, NULL);

	job->slot = vf_slot_new(job->builder->source, name, job->arch->name);
	if (!choose_sandbox(job, error) ||
	    (!job->sandbox && !make_takes(job->slot->directory, error)) ||
	    !vf_dirs_make(job->slot->directory, error) || !vf_dirs_make(ccache, error))
		return VF_STEP_FAILED;
	return VF_STEP_NEXT;
}

static void on_prepared(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Build *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->hold = vf_slot_prepare_finish(result, &error);
	vf_steps_continue(data, error);
}

static void on_child(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Build *job = g_task_get_task_data(data);
	GError *error = NULL;

	vf_child_end_clear(&job->end);
	vf_child_finish(result, &job->end, &error);
	vf_steps_continue(data, error);
}

/* On the objects of a stranger's build. */
static VfStepResult run_on_objects(GTask *task, Build *job, char **argv)
{
	if (!job->variant->stranger)
		return VF_STEP_NEXT;
	vf_child_async(&(VfChild){.argv = argv, .keep = 4096}, g_task_get_cancellable(task),
		       on_child, task);
	return VF_STEP_WAIT;
}

/* Each build of a stranger's begins with a copy of our own objects, and leaves none. */
static VfStepResult remove_objects(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;
	char *argv[] = {"rm", "-rf", "--", job->slot->objects, job->slot->objects_state, NULL};

	return run_on_objects(task, job, argv);
}

static VfStepResult give_away(GTask *task, gpointer data, GError **error)
{
	Build *job = data;
	g_autofree char *owner = g_strdup_printf("%u:%u", vf_sandbox_uid(), vf_sandbox_uid());
	char *argv[] = {"chown", "-R", "-h", owner, "--", job->slot->objects, NULL};

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot remove %s", job->slot->objects))
		return VF_STEP_FAILED;
	return geteuid() == 0 ? run_on_objects(task, job, argv) : VF_STEP_NEXT;
}

/* Outside of the sandbox paths differ from slot to slot: cloned objects would all be built anew. */
static VfStepResult prepare(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;

	vf_slot_prepare_async(job->slot, job->builder->source, job->stack, job->sandbox,
			      g_task_get_cancellable(task), job->progress, job->progress_data,
			      on_prepared, task);
	return VF_STEP_WAIT;
}

/* Whom we waited for may have built just this kernel. */
static VfStepResult find_again(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	return end_with_stored(task, data) ? VF_STEP_END : VF_STEP_NEXT;
}

static void on_made(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Build *job = g_task_get_task_data(data);

	vf_make_finish(result, &job->kept_log, &job->failure);
	vf_steps_continue(data, NULL);
}

static VfStepResult make(GTask *task, gpointer data, GError **error)
{
	Build *job = data;
	const VfMakeJob spec = {
		.make = {.arch = job->arch,
			 .slot = job->slot,
			 .jobs = job->builder->jobs,
			 .sandbox = job->sandbox,
			 .stranger = job->variant->stranger ? &job->builder->strangers : NULL},
		.stack = job->stack,
		.config = job->config,
		.compiler = job->kernel->compiler,
		.configured = job->hold->configured,
		.log_name = job->log_name,
		.progress = job->progress,
		.progress_data = job->progress_data,
	};

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot give %s away",
			    job->slot->objects))
		return VF_STEP_FAILED;
	job->start = g_get_monotonic_time();
	job->kernel->command = vf_make_command(&spec.make);
	vf_make_async(&spec, g_task_get_cancellable(task), on_made, task);
	return VF_STEP_WAIT;
}

static void on_collected(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Build *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->sources = vf_sources_collect_finish(result, &error);
	vf_steps_continue(data, error);
}

/* Only what others are compared with needs its list; a stranger's objects are not read for it. */
static VfStepResult collect(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;
	const VfMake make = {.arch = job->arch,
			     .slot = job->slot,
			     .jobs = job->builder->jobs,
			     .sandbox = job->sandbox};
	g_autofree char *prefix = vf_make_source_prefix(&make);

	if (job->variant->base || job->mutant || job->variant->stranger || job->failure)
		return VF_STEP_NEXT;
	vf_sources_collect_async(job->slot->objects, prefix, g_task_get_cancellable(task),
				 on_collected, task);
	return VF_STEP_WAIT;
}

static void on_stored(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Build *job = g_task_get_task_data(data);

	vf_store_add_finish(result, &job->failure);
	vf_steps_continue(data, NULL);
}

static VfStepResult store(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Build *job = data;
	VfKernel *kernel = job->kernel;

	if (job->failure)
		return VF_STEP_NEXT;
	kernel->seconds = (double)(g_get_monotonic_time() - job->start) / G_USEC_PER_SEC;
	kernel->skipped = g_strdupv(job->stack->skipped);
	tell(job, "storing", -1);
	vf_store_add_async(kernel, job->slot, job->arch->kernel.image, job->sources,
			   vf_sandbox_owner(job->variant->stranger), g_task_get_cancellable(task),
			   on_stored, task);
	return VF_STEP_WAIT;
}

static VfStepResult finish(GTask *task, gpointer data, GError **error)
{
	Build *job = data;

	if (job->failure) {
		g_propagate_error(error, g_steal_pointer(&job->failure));
		return VF_STEP_FAILED;
	}
	name_stack(job->kernel, job);
	g_task_return_pointer(task, g_steal_pointer(&job->kernel), (GDestroyNotify)vf_kernel_free);
	return VF_STEP_END;
}

static const VfStep kernel_steps[] = {
	/* what names the kernel; a hit ends in the last of these */
	check_tools,
	turn_to_identify,
	fetch,
	identify,
	recall_choice,
	load_stack,
	turn,
	unpack,
	choose,
	load_stack,
	apply,
	find,
	compare,
	/* what builds it */
	turn,
	unpack,
	open_slot,
	remove_objects,
	prepare,
	find_again,
	give_away,
	make,
	collect,
	store,
	remove_objects,
	finish,
	NULL,
};

void vf_builder_kernel_async(VfBuilder *builder, const VfArch *arch, const VfVariant *variant,
			     const char *mutant, const VfKernel *like, GCancellable *cancellable,
			     VfBuildProgress progress, gpointer progress_data,
			     GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Build *job = g_new0(Build, 1);

	job->builder = builder;
	job->arch = arch;
	job->variant = variant;
	job->mutant = g_strdup(mutant);
	job->like = like ? vf_store_find(like->key) : NULL;
	job->progress = progress;
	job->progress_data = progress_data;
	job->kernel = g_new0(VfKernel, 1);
	g_task_set_task_data(task, job, build_free);
	vf_steps_run(task, kernel_steps);
}

VfKernel *vf_builder_kernel_finish(VfBuilder *builder, GAsyncResult *result, char **log,
				   GError **error)
{
	Build *job = g_task_get_task_data(G_TASK(result));
	VfKernel *kernel = g_task_propagate_pointer(G_TASK(result), error);

	(void)builder;
	if (log)
		*log = kernel ? NULL : g_steal_pointer(&job->kept_log);
	release(job);
	return kernel;
}
