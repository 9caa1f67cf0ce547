// SPDX-License-Identifier: GPL-2.0-or-later
/* A job of a lab followed to its end and made evidence of. */
#pragma once

#include "guest/guest.h"
#include "guest/lava/follow.h"

/*
 * Follows job @id of @lava, whose guest @spec describes, and writes the artefacts of a guest and
 * lava.log (LAVA's whole log, escaped) into its directory. @spec->kernel may be NULL: then hazards
 * have no source lines. A lab that fails is evidence, too: only VF_ERROR_IO, _DATA and _CANCELLED
 * fail; after the last the job was cancelled in the lab as well.
 */
void vf_lava_attempt_async(VfLava *lava, const VfGuestSpec *spec, const char *id,
			   GCancellable *cancellable, VfGuestProgress progress,
			   gpointer progress_data, GAsyncReadyCallback done, gpointer data);
VfEvidence *vf_lava_attempt_finish(GAsyncResult *result, GError **error);

/* Evidence of a task that the lab lost before there was a job. */
VfEvidence *vf_lava_lost(const VfGuestSpec *spec, const GError *error);
