// SPDX-License-Identifier: GPL-2.0-or-later
/* A job: jobs/<name>.json, docs/job-file.md. Immutable after loading. */
#pragma once

#include <glib.h>

/*
 * What is different in a guest that runs the job once more because its pages came out congruent:
 * no cache line had two addresses, so no missing flush could show.
 */
typedef struct VfLayout {
	guint64 memory_mib;	 /* added to the board's memory */
	GStrv devices;		 /* QEMU -device values, before those of the job */
	GHashTable *environment; /* added to that of the job, or in its place */
	GStrv first;		 /* architectures that begin with it */
} VfLayout;

typedef struct VfJob {
	char *name;
	char *title;
	char *program;		 /* /bin/<program> in the guest */
	GHashTable *environment; /* KEY to value: vifarm.KEY=value on the kernel command line */
	guint64 timeout;	 /* seconds, from the guest's start to its end */
	guint64 silence;	 /* seconds without a byte from the guest */
	GStrv boards;		 /* on those that an architecture has */
	GStrv needs;		 /* what a variant must provide, otherwise SKIP */
	GStrv devices;		 /* QEMU -device values; "{bus}" becomes ",bus=..." or "" */
	struct {
		gboolean present; /* the coherence model watches this job */
		char *track;	  /* "dma" or "all" */
		char *arm;	  /* "window", "dma" or "start" */
		GStrv windows;	  /* names of windows that the guest must have opened */
		GStrv only;	  /* hazards gate the verdict on these architectures; empty: all */
		GPtrArray *layouts; /* of VfLayout, at least one where @present; tried in turn */
	} model;
	char *append;  /* added to the kernel command line */
	char *control; /* what must turn this job red, one sentence */
	GStrv cases;   /* KTAP case names that must be there; "a/b" is case b in subtest a */
} VfJob;

void vf_job_free(VfJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfJob, vf_job_free)

/* Loads jobs/@name.json below @data; VF_ERROR_DATA names the file and the key. */
VfJob *vf_job_load(const char *data, const char *name, GError **error);

/* The same for @length bytes of text instead of the file. */
VfJob *vf_job_parse(const char *text, gsize length, const char *data, const char *name,
		    GError **error);

/* The layout that @arch begins with: 0 as board and job say, N the job's layout N - 1. */
guint vf_job_first_layout(const VfJob *job, const char *arch);

/* Names of all jobs below @data, sorted. Caller frees with g_strfreev(). */
GStrv vf_job_names(const char *data, GError **error);
