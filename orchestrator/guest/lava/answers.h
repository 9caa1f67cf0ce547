// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a LAVA server answers, as bytes nobody vouches for: unknown members are left alone, a number
 * may be a string, what may be null may also be missing. Each parser is one file with one fuzz
 * target. Errors are VF_ERROR_PROTOCOL, one line.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef enum {
	VF_LAVA_SUBMITTED, /* waits for a device; also "Scheduling" and "Scheduled" */
	VF_LAVA_RUNNING,   /* also "Canceling" */
	VF_LAVA_FINISHED,
} VfLavaState;

typedef enum {
	VF_LAVA_UNKNOWN,
	VF_LAVA_COMPLETE,
	VF_LAVA_INCOMPLETE,
	VF_LAVA_CANCELED,
} VfLavaHealth;

typedef struct VfLavaJob {
	char *id;	  /* "17", or "12.0" of a multinode job */
	char *name;	  /* job_name of its definition */
	char *word;	  /* the state as the server says it, escaped */
	char *device;	  /* NULL: none yet */
	char *definition; /* YAML as it was submitted, or NULL */
	VfLavaState state;
	VfLavaHealth health;
	gint64 submitted, started, ended; /* microseconds since the epoch; 0: not yet */
} VfLavaJob;

void vf_lava_job_free(VfLavaJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLavaJob, vf_lava_job_free)

/* GET /jobs/ID/, and a member of a list of jobs. */
VfLavaJob *vf_lava_job_parse(const char *text, gsize length, GError **error);
VfLavaJob *vf_lava_job_read(const json_t *object, GError **error);

/* One page of a list. */
typedef struct VfLavaPage {
	json_t *results; /* array of objects */
	char *next;	 /* absolute URL, not yet trusted, or NULL: the last page */
} VfLavaPage;

void vf_lava_page_free(VfLavaPage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLavaPage, vf_lava_page_free)

VfLavaPage *vf_lava_page_parse(const char *text, gsize length, GError **error);

/* POST /jobs/: the ids of what was submitted; caller frees with g_strfreev(). */
GStrv vf_lava_ids_parse(const char *text, gsize length, GError **error);

/*
 * Why the server refuses: "message", "detail", or the first member that is a list of texts; the
 * beginning of what is none of these. Escaped, one line, caller frees.
 */
char *vf_lava_refusal(const char *text, gsize length);

/*
 * Lines of a log: level is "target", "info", "results", ...; text is the message, for a message
 * that is no text its JSON. A line that is none is passed with the level "raw". Returns the number
 * of lines.
 */
typedef void (*VfLavaLine)(const char *level, const char *text, gsize length, gpointer data);
guint vf_lava_log_parse(const char *text, gsize length, VfLavaLine line, gpointer data);

/* Metadata of the test case "job" of the suite "lava"; both may be NULL, escaped, caller frees. */
void vf_lava_failure(const char *metadata, char **type, char **message);
