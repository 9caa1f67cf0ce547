// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The matrix: architectures x their boards x jobs x one variant. What cannot be done is planned
 * as well, with the reason why it will be skipped, so that nothing silently disappears.
 */
#pragma once

#include "plan/arch.h"
#include "plan/job.h"
#include "plan/variant.h"

typedef struct VfTask {
	const VfArch *arch;
	const VfBoard *board;
	const VfJob *job;
	const VfVariant *variant;
	char *name;	     /* "hppa/default/dma-sg/full": unique in a run */
	char *skip;	     /* reason, or NULL: the task is to be run */
	gboolean wants_fail; /* a FAIL is what it is run for: no second guest confirms it */
} VfTask;

typedef struct VfPlan {
	GPtrArray *archs;    /* of VfArch, owned */
	GPtrArray *jobs;     /* of VfJob, owned */
	GPtrArray *variants; /* of VfVariant, owned */
	GPtrArray *tasks;    /* of VfTask, owned */
} VfPlan;

void vf_plan_free(VfPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfPlan, vf_plan_free)

/*
 * @archs, @jobs, @boards: comma-separated names or "all"; NULL is "all". An unknown name is
 * VF_ERROR_USAGE: one line with the known names and the nearest. Every selected file is validated
 * before anything is returned. @boards names a board that at least one of the architectures has.
 */
VfPlan *vf_plan_new(const char *data, const char *archs, const char *boards, const char *jobs,
		    const char *variant, GError **error);

/*
 * Adds @variant, which @plan takes over, with a task for each architecture and board on which the
 * plan's first variant has one, for those of the plan's jobs that @jobs (NULL-terminated) names.
 */
void vf_plan_add_variant(VfPlan *plan, VfVariant *variant, const char *const *jobs);
