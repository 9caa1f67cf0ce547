// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions over more than one run. Each answer is JSON, a new reference, or NULL with an error.
 * Runs that were altered (mutant, injected fault) say nothing about a kernel and are left out
 * of histories.
 */
#pragma once

#include "results-db/db.h"

typedef struct VfHistoryFilter {
	const char *arch, *board, *job, *variant; /* NULL: any */
	guint limit;				  /* results of each cell, newest first */
} VfHistoryFilter;

/*
 * Array, one object for each cell of the matrix that the filter selects:
 *   name, arch, board, job, variant, results (how many were looked at),
 *   pass_rate   PASS / (PASS + FAIL), 0..1; absent when there is neither. What broke the test or
 *               the harness says nothing about the kernel.
 *   flaky_score share of judged results that differ from the one before, or whose own attempts
 *               disagreed, 0..1
 *   status      of the newest result
 *   first_bad   first FAIL since the last PASS, when the newest judged result is a FAIL:
 *               {run, test, started, reason}
 *   last_good   the PASS before it; absent when there was none
 *   recent      [{run, test, started, status, flaky, seconds}], newest first, at most 100
 * VF_ERROR_USAGE when no cell fits, with the known names.
 */
json_t *vf_db_history_json(VfDb *db, const VfHistoryFilter *filter, GError **error);

/*
 * Two runs side by side; cells are matched by architecture, board and job, so that runs of two
 * variants can be compared. Object:
 *   a, b          the runs: id, variant, source, started
 *   counts        number of tests by change
 *   architectures [{arch, counts}]
 *   tests         [{name, arch, board, job, change, a, b, cases}]; a and b {test, status, flaky,
 *                 reason}, one of them absent when the run has no such test; cases
 *                 [{name, change, a, b}] lists only those that changed
 * change: "fixed", "broken", "still broken", "flaky", "new", "gone", "passing", or "unjudged"
 * when one of the two says nothing about the kernel (ERROR, MISS, SKIP, DONE).
 */
json_t *vf_db_compare_json(VfDb *db, const char *run_a, const char *run_b, GError **error);

/*
 * Names of the runs that pruning would remove, oldest first: those that are not among the newest
 * @keep and began before @before (microseconds; 0: does not matter). A run without an end that
 * began in the last day may still be running and is never among them.
 */
GStrv vf_db_prunable(VfDb *db, guint keep, gint64 before, GError **error);

/* Removes runs with everything that belongs to them, in one transaction. */
gboolean vf_db_prune(VfDb *db, const char *const *runs, GError **error);
