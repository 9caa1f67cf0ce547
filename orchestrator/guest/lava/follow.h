// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A job of a lab from wherever it is to its end: its state is asked for with growing pauses, its
 * log is read as it grows, and when it is finished its results are fetched. Many can be followed
 * at once.
 */
#pragma once

#include "guest/lava/client.h"

typedef struct VfLavaFollow {
	/* The job has another state than before. */
	void (*state)(const VfLavaJob *job, gpointer data);
	/* The next line of the log, as vf_lava_log_parse() gives it. */
	VfLavaLine line;
	gpointer data;
	/* Seconds without a line from the device after which the job is cancelled; 0: never. */
	guint silence;
	/* Seconds after which a job that has not ended is cancelled and lost; 0: never. */
	guint limit;
} VfLavaFollow;

/* How it ended. */
typedef struct VfLavaOutcome {
	VfLavaJob *job;		/* finished */
	char *error_type;	/* "Infrastructure", ...; NULL: none */
	char *error_message;	/* escaped, or NULL */
	guint passed, other;	/* test cases of suites other than LAVA's own */
	guint lost;		/* lines of the log that were too large */
	gboolean silent;	/* cancelled by us, as @silence says */
	gint64 ended_by_device; /* monotonic time when its last line was read; 0: none */
	gint64 noticed;		/* monotonic time when the end was known */
} VfLavaOutcome;

void vf_lava_outcome_free(VfLavaOutcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLavaOutcome, vf_lava_outcome_free)

/*
 * @follow is copied. VF_ERROR_HARNESS: the server stays out of reach, does not know the job or
 * does not end it within the limit;
 * VF_ERROR_CANCELLED leaves the job alone.
 */
void vf_lava_follow_async(VfLava *lava, const char *id, const VfLavaFollow *follow,
			  GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
VfLavaOutcome *vf_lava_follow_finish(GAsyncResult *result, GError **error);

/*
 * Cancels a job and waits until it has ended, at most VF_LAVA_CANCEL_S. The server says yes to
 * whoever asks, so only the state counts. TRUE also for a job that had ended before.
 */
enum { VF_LAVA_CANCEL_S = 60 };
void vf_lava_cancel_async(VfLava *lava, const char *id, GAsyncReadyCallback done, gpointer data);
gboolean vf_lava_cancel_finish(GAsyncResult *result, GError **error);
