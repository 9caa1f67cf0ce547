// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The only code that speaks SQL. SQLite in WAL mode at vf_dirs_state()/results.db; artefacts lie
 * beside it in runs/<run id>/. A finished task is one transaction: kill -9 loses nothing finished.
 * Every function returns VF_ERROR_IO with the path of the database in the message.
 */
#pragma once

#include "evidence/evidence.h"
#include "evidence/verdict.h"
#include "kernel/build.h"
#include "plan/plan.h"

typedef struct VfDb VfDb;

/*
 * Opens or creates, and migrates forward. A damaged file is an error that says where the file
 * is; it is never replaced. A database of a newer program is an error.
 */
VfDb *vf_db_open(const char *path, GError **error);
void vf_db_close(VfDb *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfDb, vf_db_close)

typedef struct VfRunRecord {
	char *id;      /* "20261122-091500-3fa2": sorts by time, unique */
	char *command; /* shell-quoted */
	char *variant;
	char *source;	  /* vf_builder_source_name() */
	char *host;	  /* uname: nodename, release, cores */
	gint64 started;	  /* microseconds since the epoch, UTC */
	gint64 ended;	  /* 0: still running, or killed */
	char *version;	  /* of the program */
	char *message_id; /* of the series that is tested, without <>; NULL: none */
	char *altered;	  /* changes that keep it out of the history: mutant, fault, further kernel
			     arguments. NULL: none */
} VfRunRecord;
void vf_run_record_free(VfRunRecord *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfRunRecord, vf_run_record_free)

/* One boot. */
typedef struct VfAttemptRecord {
	guint number; /* 1, 2 */
	VfStatus status;
	char *reason;
	char *excerpt;
	gint64 started;
	double seconds;
	char *directory; /* artefacts, relative to vf_dirs_state() */
	char *reproducer;
	const VfEvidence *evidence; /* stored: cases, splats, hazards, coverage, info; not owned */
} VfAttemptRecord;

/* One task of a run with its final verdict. */
typedef struct VfTaskRecord {
	const VfTask *task;
	VfStatus status;
	char *reason;
	gboolean flaky; /* the attempts disagree */
	gint64 started;
	double seconds;		      /* wall time including the waits for the build */
	const VfKernel *kernel;	      /* NULL when it was never built */
	const VfInitramfs *initramfs; /* NULL likewise */
	char *kernel_sha256, *initramfs_sha256, *qemu_version; /* may be NULL */
	GPtrArray *attempts;				       /* of VfAttemptRecord */
} VfTaskRecord;

/* @run->ended 0: still running. */
gboolean vf_db_run_begin(VfDb *db, const VfRunRecord *run, GError **error);
/* Continues a run that was killed or stopped: deletes its end. */
gboolean vf_db_run_resume(VfDb *db, const char *run_id, GError **error);
gboolean vf_db_run_end(VfDb *db, const char *run_id, gint64 ended, GError **error);

/* One build and its outcome, also the failed one (@kernel NULL, @error set). */
gboolean vf_db_build(VfDb *db, const char *run_id, const VfTask *task, const VfKernel *kernel,
		     const GError *build_error, const char *log, GError **error);

/* One transaction. Returns the id by which `repro` and `why` find it, or 0. */
gint64 vf_db_task(VfDb *db, const char *run_id, const VfTaskRecord *record, GError **error);

/*
 * Resolves "LAST", "LAST~N" (the Nth before it), "LAST/VARIANT" and "LAST/VARIANT~N" (only plain
 * runs of that variant), a full run id or an unambiguous beginning of one; VF_ERROR_USAGE names
 * the latest runs when there is none. Caller frees.
 */
char *vf_db_resolve_run(VfDb *db, const char *name, GError **error);

/*
 * Name of the newest plain run that tested the series with @message_id (without <>), or of the
 * source @source ("git COMMIT"); NULL in *run when there is none. Both may be NULL.
 */
gboolean vf_db_find_run(VfDb *db, const char *message_id, const char *source, char **run,
			GError **error);

/*
 * A run as results.json (docs/results.schema.json), everything read back from the database.
 * New reference.
 */
json_t *vf_db_run_json(VfDb *db, const char *run_id, GError **error);

/* The last @limit runs, newest first: array of {id, started, ended, variant, source, counts}. */
json_t *vf_db_runs_json(VfDb *db, guint limit, GError **error);

/* One task as JSON by its id, or by "RUN:hppa/default/dma-sg/full", or by the name in LAST. */
json_t *vf_db_task_json(VfDb *db, const char *name, GError **error);
