// SPDX-License-Identifier: GPL-2.0-or-later
/* Bisections as they are stored: each step when it is done, so that a killed one can be read. */
#pragma once

#include "results-db/db.h"

typedef struct VfBisectRecord {
	const char *arch, *job, *variant;
	const char *tree;	/* path of the git tree */
	const char *good, *bad; /* 40 hex digits */
} VfBisectRecord;

typedef struct VfBisectStep {
	const char *purpose; /* "end", "search", "confirm", "revert" */
	const char *commit;
	const char *verdict;	  /* "good", "bad", "skip" */
	const char *reason, *run; /* may be NULL */
} VfBisectStep;

/* Returns the id, or 0. */
gint64 vf_db_bisect_begin(VfDb *db, const VfBisectRecord *record, GError **error);
gboolean vf_db_bisect_step(VfDb *db, gint64 id, const VfBisectStep *step, GError **error);

/* @first_bad and @subject NULL: not found. @found: and confirmed. */
gboolean vf_db_bisect_end(VfDb *db, gint64 id, const char *outcome, gboolean found,
			  const char *first_bad, const char *subject, GError **error);

/* Bisection @id, or the latest for 0, with its steps. VF_ERROR_USAGE when there is none. */
json_t *vf_db_bisect_json(VfDb *db, gint64 id, GError **error);
