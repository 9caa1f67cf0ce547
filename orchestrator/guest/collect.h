// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Turns what comes out of a guest into evidence, whatever the back end: console bytes and bytes of
 * the result channel go in, artefacts (console.log, result.log) are written on the way.
 */
#pragma once

#include "evidence/evidence.h"
#include "guest/guest.h"

typedef struct VfCollect VfCollect;

/* NULL with VF_ERROR_IO (artefacts) or VF_ERROR_DATA (a triage pattern). */
VfCollect *vf_collect_new(const VfTask *task, const char *directory, VfGuestProgress progress,
			  gpointer progress_data, GError **error);
void vf_collect_free(VfCollect *collect);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfCollect, vf_collect_free)

/* VF_ERROR_IO when an artefact cannot be written. */
gboolean vf_collect_console(VfCollect *collect, const char *bytes, gsize length, GError **error);
gboolean vf_collect_result(VfCollect *collect, const char *bytes, gsize length, GError **error);

gboolean vf_collect_fatal(const VfCollect *collect);	/* a fatal pattern was on the console */
gboolean vf_collect_init_end(const VfCollect *collect); /* init's last line was on the console */
gboolean vf_collect_ended(const VfCollect *collect);	/* the end marker came on the channel */
gboolean vf_collect_heard(const VfCollect *collect);	/* any byte came at all */

/* Closes the artefacts and gives the evidence; the back end adds how the guest ended. */
VfEvidence *vf_collect_finish(VfCollect *collect, GError **error);
