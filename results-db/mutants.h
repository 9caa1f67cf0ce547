// SPDX-License-Identifier: GPL-2.0-or-later
/* Stored experiments and the score of their results: docs/mutation.schema.json. */
#pragma once

#include "results-db/db.h"

typedef struct VfMutantRecord {
	const char *name, *title;
	const char *kind;	    /* NULL: a patch of the user's own */
	const char *base, *variant; /* "full", "full+NAME" */
	const char *patch, *sha256;
	/*
	 * Array of {arch, board, job, expect, hazards, failed, reason}: one object for each task.
	 * expect: "red", "green" or "any"; the last three as in docs/mutant-file.md, only for red.
	 */
	json_t *cells;
} VfMutantRecord;

/* Notes that the run is an experiment with @mutants (of VfMutantRecord). */
gboolean vf_db_experiment(VfDb *db, const char *run_id, const json_t *selection,
			  const GPtrArray *mutants, GError **error);

/*
 * What was noted: {selection, mutants: [{name, title, kind, base, variant, patch, sha256, cells}]}.
 * VF_ERROR_USAGE when the run is not an experiment. New reference.
 */
json_t *vf_db_experiment_json(VfDb *db, const char *run_id, GError **error);

/* Whether the run is an experiment. */
gboolean vf_db_is_experiment(VfDb *db, const char *run_id, gboolean *is, GError **error);

/*
 * The score of an experiment, {score, architectures, mutants}: a pure function.
 * @mutants and @tests: the members of vf_db_experiment_json() and of results.json. New reference.
 */
json_t *vf_mutation_score(const json_t *mutants, const json_t *tests);

/* The whole document (docs/mutation.schema.json). VF_ERROR_USAGE when the run is not an experiment. */
json_t *vf_db_mutation_json(VfDb *db, const char *run_id, GError **error);
