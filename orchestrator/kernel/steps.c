// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/steps.h"

#include "base/error.h"

static gboolean cancelled(GTask *task, GError **error)
{
	if (!g_cancellable_is_cancelled(g_task_get_cancellable(task)))
		return FALSE;
	vf_throw(error, VF_ERROR_CANCELLED, "cancelled");
	return TRUE;
}

static void go(GTask *task)
{
	VfSteps *steps = g_task_get_task_data(task);
	VfStepResult result = VF_STEP_NEXT;
	GError *error = NULL;

	while (result == VF_STEP_NEXT || result == VF_STEP_JUMP) {
		guint at = steps->at;

		if (cancelled(task, &error))
			result = VF_STEP_FAILED;
		else
			result = steps->table[at](task, steps, &error);
		if (result == VF_STEP_NEXT)
			steps->at++;
	}
	if (result == VF_STEP_WAIT)
		return;
	if (result == VF_STEP_FAILED)
		g_task_return_error(task, error);
	g_object_unref(task);
}

void vf_steps_run(GTask *task, const VfStep *table)
{
	VfSteps *steps = g_task_get_task_data(task);

	g_task_set_check_cancellable(task, FALSE);
	steps->table = table;
	steps->at = 0;
	go(task);
}

void vf_steps_continue(GTask *task, GError *error)
{
	VfSteps *steps = g_task_get_task_data(task);

	if (error) {
		g_task_return_error(task, error);
		g_object_unref(task);
		return;
	}
	steps->at++;
	go(task);
}

VfStepResult vf_steps_jump(VfSteps *steps, VfStep to)
{
	steps->at = 0;
	while (steps->table[steps->at] != to)
		steps->at++;
	return VF_STEP_JUMP;
}
