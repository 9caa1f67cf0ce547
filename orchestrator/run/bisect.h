// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds the commit that broke a test in a git tree. The user's tree is not touched: commits are
 * checked out in a work tree of their own below vf_dirs_cache()/bisect/. A boundary counts when
 * the first bad commit failed three times, the one before it passed three times, and the bad end
 * passes with that commit reverted.
 */
#pragma once

#include "results-db/bisections.h"

typedef enum {
	VF_BISECT_GOOD,
	VF_BISECT_BAD,
	VF_BISECT_SKIP, /* says nothing: does not build, or the test or the harness broke */
} VfBisectVerdict;

const char *vf_bisect_word(VfBisectVerdict verdict);

/* For `git bisect run`: 0, 1, 125. */
int vf_bisect_exit(VfBisectVerdict verdict);

/* What results.json of one test on one architecture says about its commit. */
VfBisectVerdict vf_bisect_judge(const json_t *results);

/*
 * Tests the sources in @tree; sets *reason and *run (both the caller's, may stay NULL). FALSE stops
 * the bisection.
 */
typedef gboolean (*VfBisectTest)(const char *tree, gpointer data, VfBisectVerdict *verdict,
				 char **reason, char **run, GError **error);

typedef struct VfBisectOptions {
	const char *tree;
	const char *good, *bad;		  /* revisions as git understands them */
	const char *arch, *job, *variant; /* for the record */
	VfBisectTest test;
	gpointer data;
	void (*note)(const char *line, gpointer data); /* progress; may be NULL */
} VfBisectOptions;

/*
 * Blocks. The id of the stored bisection, also when nothing was found; 0 with VF_ERROR_USAGE (no
 * such revision, @good does not come before @bad, an end does not do what was said), or what
 * @test or git said.
 */
gint64 vf_bisect(VfDb *db, const VfBisectOptions *options, GError **error);
