// SPDX-License-Identifier: GPL-2.0-or-later
/* One series put to the test: applied, built, booted, compared with its base. */
#pragma once

#include "mail/findings.h"
#include "mail/policy.h"
#include "mail/series.h"
#include "mail/tree.h"
#include "results-db/db.h"

/* What is to be tried. All borrowed. */
typedef struct VfTrialTask {
	const VfSeries *series;	     /* complete, with its texts */
	const GPtrArray *candidates; /* of VfSeries: may hold its prerequisites; or NULL */
	const char *base;	     /* commit that a command asks for, or NULL */
	const char *archs, *jobs;    /* comma-separated */
	const char *directory;	     /* where patches of the series are written */
	gboolean quiet;
	gboolean search;				 /* for the first bad patch */
	void (*say)(const char *line, gpointer data);	 /* may be NULL */
	void (*stage)(const char *stage, gpointer data); /* what begins: "running its base", ... */
	gpointer data;
} VfTrialTask;

/* The stage that a trial has a result without. */
#define VF_TRIAL_SEARCHING "looking for its first bad patch"

typedef struct VfTrial {
	VfOutcomeKind outcome;
	char *tree_name;      /* of the tree, for people */
	char *base;	      /* for people */
	char *base_note;      /* why it is not the one that was asked for; or NULL */
	const char *support;  /* "below", "above", "tree"; "none" where nothing was run */
	guint patch;	      /* to be answered; 0: the cover letter */
	char *problem;	      /* NOT_APPLIED: what git said; UNJUDGED: why nothing can be said */
	gboolean base_stated; /* the author or a command named the base, and we have it */
	json_t *base_run, *patched_run, *comparison;
	VfFindings *findings; /* NULL where nothing was run */
} VfTrial;

void vf_trial_free(VfTrial *trial);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfTrial, vf_trial_free)

/*
 * Blocks for minutes. NULL when nothing can be said for reasons of our own: VF_ERROR_CANCELLED,
 * VF_ERROR_IO, VF_ERROR_HARNESS, VF_ERROR_MISSING.
 */
VfTrial *vf_trial_new(const VfMailPolicy *policy, VfDb *db, VfMailTree *tree,
		      const VfTrialTask *task, GError **error);
