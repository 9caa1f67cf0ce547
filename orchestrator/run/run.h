// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One run: builds what its tasks need, boots them, judges them, and stores each as soon as it
 * is done. Runs on the default main context until everything is finished or interrupted.
 */
#pragma once

#include "kernel/build.h"
#include "evidence/verdict.h"
#include "guest/guest.h"
#include "plan/plan.h"
#include "results-db/db.h"
#include "run/display.h"

typedef struct VfRunOptions {
	const char *command;	/* shell-quoted, for the record */
	const char *message_id; /* of the series that is tested, without <>; NULL: none */
	const VfGuestBackend *backend;
	const char *plugin;  /* path of vifarm.so, NULL: not built */
	const char *mutant;  /* one more patch, NULL: none */
	const char *altered; /* further changes that keep this run out of the history; NULL: none */
	char **append;	     /* kernel arguments, may be NULL */
	char **inject;	     /* error injection of the emulated chip, may be NULL */
	guint jobs;	     /* guests at once */
	guint timeout;	     /* seconds for a guest, 0: the job's own */
	const char *resume;  /* an unfinished run that is taken up again, NULL: a new one */
	gboolean detach;     /* the back end gives its guests away; the run stays unfinished */
	/* called once a new run is in the database, before its first task; may be NULL */
	gboolean (*begun)(const char *id, gpointer data, GError **error);
	gpointer begun_data;
} VfRunOptions;

typedef struct VfRunResult {
	char *id;
	guint counts[VF_STATUS_FAIL + 1]; /* tasks by status */
	gboolean interrupted;
} VfRunResult;

void vf_run_result_free(VfRunResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfRunResult, vf_run_result_free)

/* A name for a new run: sorts by time, unique. Caller frees. */
char *vf_run_new_id(void);

/*
 * Runs @plan. A task that cannot be built or booted has a verdict as well; the call itself fails
 * only with VF_ERROR_IO, when results cannot be stored. SIGINT and SIGTERM stop the guests and
 * keep what is finished.
 */
VfRunResult *vf_run(const VfPlan *plan, VfBuilder *builder, VfDb *db, VfDisplay *display,
		    const VfRunOptions *options, GError **error);
