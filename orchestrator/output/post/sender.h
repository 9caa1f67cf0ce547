// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends what is due. The order at one target is kept: when a letter has to wait, so do those
 * behind it for the same target.
 */
#pragma once

#include "output/post/targets.h"

/* Given up after so many attempts, which with the back-off is about a week. */
#define VF_POST_ATTEMPTS_MAX 30

typedef struct VfSent {
	guint sent, waiting, dead;
	guint stuck; /* of the waiting: only another targets file helps */
	gint64 next; /* when the next letter is due, microseconds; 0: none waits */
} VfSent;

/*
 * One round over the pending letters; only VF_ERROR_IO and unknown targets' absence is reported
 * as an error, what servers do goes into the letters. Others that send at the same time are an
 * error of class VF_ERROR_HARNESS.
 */
gboolean vf_sender_round(VfSpool *spool, GPtrArray *targets, VfSent *sent, GError **error);

/*
 * Seconds to wait after attempt number @attempts (1 is the first): doubles from 30 s to 6 hours,
 * then between half and one and a half of it by @random (0..1), so that many farms do not come
 * back to a server all at once. @retry_after: what the server asked for, 0: nothing.
 */
double vf_sender_delay(guint64 attempts, double random, guint retry_after);
