// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A long task as a table of short steps on the main loop. A step either finishes at once or
 * starts something asynchronous whose callback calls vf_steps_continue(). The structure that the
 * steps work on is the GTask's task data and begins with a VfSteps.
 */
#pragma once

#include <gio/gio.h>

typedef enum {
	VF_STEP_NEXT,	/* done: go on with the next */
	VF_STEP_JUMP,	/* done: go on where vf_steps_jump() said */
	VF_STEP_WAIT,	/* vf_steps_continue() will be called */
	VF_STEP_END,	/* the step has given the task its result */
	VF_STEP_FAILED, /* @error is set */
} VfStepResult;

typedef VfStepResult (*VfStep)(GTask *task, gpointer job, GError **error);

typedef struct VfSteps {
	const VfStep *table; /* ended by NULL; the last step must end the task */
	guint at;
} VfSteps;

/* Takes @task over. Checks the task's cancellable between steps (VF_ERROR_CANCELLED). */
void vf_steps_run(GTask *task, const VfStep *table);

/* The waiting step is over; @error (owned, may be NULL) ends the task. */
void vf_steps_continue(GTask *task, GError *error);

/* Goes on with @to, which is in the table, after the step that returns this. */
VfStepResult vf_steps_jump(VfSteps *steps, VfStep to);
