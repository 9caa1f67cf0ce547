// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a series changed: the comparison of the run of its base with its own, sorted by what a mail
 * can say about it. A pure function of three JSON documents.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef enum {
	VF_OUTCOME_PASSED,	/* everything that was to pass did */
	VF_OUTCOME_BROKEN,	/* the series breaks something */
	VF_OUTCOME_BASE_BROKEN, /* nothing but what the base breaks as well */
	VF_OUTCOME_FLAKY,	/* nothing but what is now red and now green */
	VF_OUTCOME_UNJUDGED,	/* a test or the farm itself broke: nothing that a mail could say */
	VF_OUTCOME_NOT_APPLIED,
	VF_OUTCOME_INCOMPLETE,
} VfOutcomeKind;

/* "passed", "broken", ... */
const char *vf_outcome_name(VfOutcomeKind kind);

/* One cell of the matrix, or one build. */
typedef struct VfFinding {
	const char *arch;
	const char *board, *job; /* NULL: the build of @arch */
	const json_t *test;	 /* of the patched run: its test, or its build */
	const json_t *base;	 /* the same of the base; NULL when it has none */
	guint patch;		 /* number of the first bad patch; 0: not known */
} VfFinding;

typedef struct VfFindings {
	VfOutcomeKind outcome;
	GPtrArray *broken; /* of VfFinding, builds first */
	GPtrArray *base_broken, *flaky, *fixed, *unjudged;
	guint passed;
} VfFindings;

void vf_findings_free(VfFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfFindings, vf_findings_free)

/*
 * @base and @patched are results.json of the two runs, @comparison vf_db_compare_json() of them.
 * All must outlive the findings.
 */
VfFindings *vf_findings_new(const json_t *base, const json_t *patched, const json_t *comparison);

/* The entry of results.json for that test, or NULL. */
const json_t *vf_findings_test(const json_t *results, const char *arch, const char *board,
			       const char *job);
