// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An experiment: the good kernels and mutants of them as one plan. Each mutant is a variant
 * "BASE+NAME" whose tasks are those of its jobs. The tasks of BASE are the control: where it
 * is not green, its mutants are not judged.
 */
#pragma once

#include <jansson.h>

#include "plan/mutant.h"
#include "plan/plan.h"

/* What a user chose; also as JSON, to go on with a stored experiment. All may be NULL: all. */
typedef struct VfSelection {
	char *archs, *boards, *jobs, *mutants; /* lists, separated by commas */
	char *linux_source;
} VfSelection;

void vf_selection_clear(VfSelection *selection);
void vf_selection_from_json(VfSelection *selection, const json_t *json);

typedef struct VfExperiment {
	VfPlan *plan;
	GPtrArray *mutants; /* of VfMutant */
	GPtrArray *records; /* of VfMutantRecord (results-db/mutants.h), one for each mutant */
	/* for the database: the members of the selection that are set, and "bases": an object of
	 * each good variant's name and the hash of its patches */
	json_t *selection;
} VfExperiment;

void vf_experiment_free(VfExperiment *experiment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfExperiment, vf_experiment_free)

/*
 * Reads what is selected below @data. A name among the mutants that has a slash or ends in .patch
 * is a file of the user's own on top of full; nothing is expected of it. A list of jobs restricts
 * those of each mutant, and mutants that have none of them are left out; "all" is all that there
 * are, also those that a mutant does not name. VF_ERROR_USAGE for unknown names, VF_ERROR_DATA for
 * files that are malformed or expect something of a board that does not run the job.
 */
VfExperiment *vf_experiment_new(const char *data, const VfSelection *selection, GError **error);

/*
 * Whether @stored, what vf_db_experiment_json() gave, is @experiment. VF_ERROR_USAGE when a patch
 * or an expectation has changed.
 */
gboolean vf_experiment_is(const VfExperiment *experiment, const json_t *stored, GError **error);
