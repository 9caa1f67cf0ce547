// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/slot-prepare.h"

#include "base/dirs.h"
#include "base/error.h"
#include "kernel/cache.h"
#include "kernel/child.h"
#include "kernel/steps.h"
#include "kernel/tree.h"

typedef struct Prepare {
	VfSteps steps;
	const VfSlot *slot;
	VfSource *source;
	const VfStack *stack;
	gboolean clone;
	VfBuildProgress progress;
	gpointer progress_data;
	VfSlotHold *hold;
	VfSlot *donor; /* objects are cloned from it, and the tree if there is none */
	VfLock *donor_objects_lock, *donor_tree_lock;
	GHashTable *renew; /* files in which cloned objects are behind */
	VfChildEnd end;
} Prepare;

void vf_slot_hold_free(VfSlotHold *hold)
{
	if (!hold)
		return;
	vf_lock_free(hold->tree);
	vf_lock_free(hold->objects);
	g_free(hold->configured);
	g_free(hold);
}

static void prepare_free(gpointer data)
{
	Prepare *job = data;

	vf_slot_hold_free(job->hold);
	vf_slot_free(job->donor);
	vf_lock_free(job->donor_objects_lock);
	vf_lock_free(job->donor_tree_lock);
	g_clear_pointer(&job->renew, g_hash_table_unref);
	vf_child_end_clear(&job->end);
	g_free(job);
}

static void tell(Prepare *job, const char *what)
{
	if (job->progress)
		job->progress(what, -1, job->progress_data);
}

static void on_waiting(gpointer data)
{
	tell(g_task_get_task_data(data), "waiting for another run");
}

static void on_objects_lock(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Prepare *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->hold->objects = vf_lock_finish(result, &error);
	vf_steps_continue(data, error);
}

static VfStepResult lock_objects(GTask *task, gpointer data, GError **error)
{
	Prepare *job = data;
	g_autofree char *path = vf_slot_lock_objects(job->slot, error);

	if (!path)
		return VF_STEP_FAILED;
	vf_lock_async(path, VF_LOCK_EXCLUSIVE, g_task_get_cancellable(task), on_waiting,
		      on_objects_lock, task);
	return VF_STEP_WAIT;
}

static void on_make_lock(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	GError *error = NULL;
	g_autoptr(VfLock) lock = vf_lock_finish(result, &error);

	vf_steps_continue(data, error);
}

/* Compilers of a run that was killed could still be writing their last objects. */
static VfStepResult wait_for_make(GTask *task, gpointer data, GError **error)
{
	Prepare *job = data;
	g_autofree char *path = vf_slot_lock_make(job->slot, error);

	if (!path)
		return VF_STEP_FAILED;
	vf_lock_async(path, VF_LOCK_EXCLUSIVE, g_task_get_cancellable(task), on_waiting,
		      on_make_lock, task);
	return VF_STEP_WAIT;
}

static void on_tree_lock(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Prepare *job = g_task_get_task_data(data);
	GError *error = NULL;

	job->hold->tree = vf_lock_finish(result, &error);
	vf_steps_continue(data, error);
}

static VfStepResult lock_tree(GTask *task, Prepare *job, VfLockMode mode, GError **error)
{
	g_autofree char *path = vf_slot_lock_tree(job->slot, error);

	if (!path)
		return VF_STEP_FAILED;
	vf_lock_async(path, mode, g_task_get_cancellable(task), on_waiting, on_tree_lock, task);
	return VF_STEP_WAIT;
}

static VfStepResult lock_tree_to_read(GTask *task, gpointer data, GError **error)
{
	return lock_tree(task, data, VF_LOCK_SHARED, error);
}

static VfStepResult finish(GTask *task, gpointer data, GError **error);

/*
 * A tree that is right and has its objects is built in beside other readers. Otherwise it is
 * locked for writing, and stays so until the end: a lock that were given back in between
 * could let another run change the tree again.
 */
static VfStepResult lock_tree_to_write(GTask *task, gpointer data, GError **error)
{
	Prepare *job = data;

	if (vf_slot_is(job->slot, job->stack) && vf_slot_objects(job->slot) == VF_OBJECTS_SOUND)
		return vf_steps_jump(&job->steps, finish);
	g_clear_pointer(&job->hold->tree, vf_lock_free);
	return lock_tree(task, job, VF_LOCK_EXCLUSIVE, error);
}

static gboolean lock_donor(Prepare *job)
{
	g_autofree char *objects = vf_slot_lock_objects(job->donor, NULL);
	g_autofree char *tree = vf_slot_lock_tree(job->donor, NULL);

	job->donor_objects_lock = objects ? vf_lock_try(objects, VF_LOCK_SHARED, NULL) : NULL;
	job->donor_tree_lock = tree ? vf_lock_try(tree, VF_LOCK_SHARED, NULL) : NULL;
	return job->donor_objects_lock && job->donor_tree_lock;
}

/* On the host, paths differ from slot to slot: objects of another would be built anew anyway. */
static VfStepResult choose_donor(G_GNUC_UNUSED GTask *task, gpointer data,
				 G_GNUC_UNUSED GError **error)
{
	Prepare *job = data;
	g_autoptr(GHashTable) built = NULL;

	if (!job->clone || vf_slot_objects(job->slot) != VF_OBJECTS_NONE)
		return VF_STEP_NEXT;
	job->donor = vf_slot_donor(job->slot, job->stack);
	if (!job->donor)
		return VF_STEP_NEXT;
	built = lock_donor(job) ? vf_slot_built_from(job->donor) : NULL;
	if (!built) {
		g_clear_pointer(&job->donor, vf_slot_free);
		return VF_STEP_NEXT;
	}
	job->hold->configured = vf_slot_configured(job->donor);
	job->renew = vf_tree_map_difference(built, job->stack->files);
	return VF_STEP_NEXT;
}

static void on_child(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	Prepare *job = g_task_get_task_data(data);
	GError *error = NULL;

	vf_child_end_clear(&job->end);
	vf_child_finish(result, &job->end, &error);
	vf_steps_continue(data, error);
}

static VfStepResult start(GTask *task, char **argv)
{
	vf_child_async(&(VfChild){.argv = argv, .keep = 4096}, g_task_get_cancellable(task),
		       on_child, task);
	return VF_STEP_WAIT;
}

/* What is half done or has no state belongs to a killed run. */
static VfStepResult sweep(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Prepare *job = data;
	g_autofree char *tree = g_strconcat(job->slot->tree, ".tmp", NULL);
	g_autofree char *objects = g_strconcat(job->slot->objects, ".tmp", NULL);
	char *argv[] = {"rm", "-rf", "--", tree, objects, NULL, NULL, NULL};
	guint n = 5;

	tell(job, "preparing the tree");
	if (!vf_slot_has_tree(job->slot))
		argv[n++] = job->slot->tree;
	if (vf_slot_objects(job->slot) == VF_OBJECTS_NONE)
		argv[n++] = job->slot->objects;
	return start(task, argv);
}

static VfStepResult repair(GTask *task, gpointer data, GError **error)
{
	Prepare *job = data;
	g_autofree char *since = NULL;
	char *argv[] = {"find", job->slot->objects, "-type", "f", "-newermt",
			NULL,	"-delete",	    NULL};

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot clear %s", job->slot->directory))
		return VF_STEP_FAILED;
	if (vf_slot_objects(job->slot) != VF_OBJECTS_UNFINISHED)
		return VF_STEP_NEXT;
	since = vf_slot_since(job->slot);
	argv[5] = since;
	return start(task, argv);
}

static VfStepResult clone_tree(GTask *task, gpointer data, GError **error)
{
	Prepare *job = data;
	g_autofree char *to = g_strconcat(job->slot->tree, ".tmp", NULL);
	const char *from = job->donor ? job->donor->tree : vf_source_tree(job->source);
	char *argv[] = {"cp", "-al", "-T", "--", (char *)from, to, NULL};

	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot repair %s", job->slot->objects))
		return VF_STEP_FAILED;
	return vf_slot_has_tree(job->slot) ? VF_STEP_NEXT : start(task, argv);
}

static VfStepResult take_tree(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Prepare *job = data;
	g_autofree char *temporary = g_strconcat(job->slot->tree, ".tmp", NULL);

	if (vf_slot_has_tree(job->slot))
		return VF_STEP_NEXT;
	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot clone the source to %s",
			    temporary) ||
	    !vf_slot_adopt_tree(job->slot, job->donor, temporary, error))
		return VF_STEP_FAILED;
	return VF_STEP_NEXT;
}

static VfStepResult clone_objects(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Prepare *job = data;
	g_autofree char *to = g_strconcat(job->slot->objects, ".tmp", NULL);
	char *argv[] = {"cp", "-a", "--reflink=auto", "-T", "--", NULL, to, NULL};

	if (!job->donor)
		return VF_STEP_NEXT;
	argv[5] = job->donor->objects;
	return start(task, argv);
}

static VfStepResult take_objects(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Prepare *job = data;
	g_autofree char *temporary = g_strconcat(job->slot->objects, ".tmp", NULL);

	if (!job->donor)
		return VF_STEP_NEXT;
	if (!vf_child_check(&job->end, VF_ERROR_IO, error, "cannot copy objects to %s",
			    temporary) ||
	    !vf_cache_commit(temporary, job->slot->objects, error))
		return VF_STEP_FAILED;
	g_clear_pointer(&job->donor_objects_lock, vf_lock_free);
	g_clear_pointer(&job->donor_tree_lock, vf_lock_free);
	return VF_STEP_NEXT;
}

static VfStepResult sync_tree(G_GNUC_UNUSED GTask *task, gpointer data, GError **error)
{
	Prepare *job = data;

	if (!vf_slot_sync(job->slot, job->source, job->stack, job->renew, error) ||
	    !vf_dirs_make(job->slot->objects, error))
		return VF_STEP_FAILED;
	return VF_STEP_NEXT;
}

static VfStepResult finish(GTask *task, gpointer data, G_GNUC_UNUSED GError **error)
{
	Prepare *job = data;

	if (!job->hold->configured)
		job->hold->configured = vf_slot_configured(job->slot);
	g_task_return_pointer(task, g_steal_pointer(&job->hold), (GDestroyNotify)vf_slot_hold_free);
	return VF_STEP_END;
}

static const VfStep prepare_steps[] = {
	lock_objects, wait_for_make, lock_tree_to_read, lock_tree_to_write, choose_donor, sweep,
	repair,	      clone_tree,    take_tree,		clone_objects,	    take_objects, sync_tree,
	finish,	      NULL,
};

void vf_slot_prepare_async(const VfSlot *slot, VfSource *source, const VfStack *stack,
			   gboolean clone, GCancellable *cancellable, VfBuildProgress progress,
			   gpointer progress_data, GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Prepare *job = g_new0(Prepare, 1);

	job->slot = slot;
	job->source = source;
	job->stack = stack;
	job->clone = clone;
	job->progress = progress;
	job->progress_data = progress_data;
	job->hold = g_new0(VfSlotHold, 1);
	g_task_set_task_data(task, job, prepare_free);
	vf_steps_run(task, prepare_steps);
}

VfSlotHold *vf_slot_prepare_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
