// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Getting a job into a lab exactly once. A submission whose answer was lost may have succeeded: it
 * is looked for by its name, which is unique, before it is repeated.
 */
#pragma once

#include "guest/lava/client.h"

/* Gives the job's id. VF_ERROR_HARNESS: refused, or the server stays out of reach. */
void vf_lava_submit_async(VfLava *lava, const char *name, const char *definition,
			  GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);

/* Gives the id of the newest job with @name; NULL without error when there is none. */
void vf_lava_find_async(VfLava *lava, const char *name, GCancellable *cancellable,
			GAsyncReadyCallback done, gpointer data);

/* Of both; caller frees. */
char *vf_lava_submit_finish(GAsyncResult *result, GError **error);
