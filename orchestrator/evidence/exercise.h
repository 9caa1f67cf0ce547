// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Did the guest do enough under the coherence model for "no hazard" to mean something? A clean
 * report of a run that touched nothing is not a pass.
 */
#pragma once

#include <jansson.h>

#include "plan/job.h"

/*
 * NULL when it did, otherwise what was missing, one clause. @coverage: the records of
 * vf_hazards_read(), may be NULL. @colours: of the board's cache; without aliases (1) aliased pages
 * are not asked for. Caller frees.
 */
char *vf_exercise_missing(const json_t *coverage, guint64 colours, const VfJob *job);

/* TRUE: the model ran out of memory and left pages out. */
gboolean vf_exercise_overflowed(const json_t *coverage);
