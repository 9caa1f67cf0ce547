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

/* What will be the evidence's info; for a back end that knows more. Owned by @collect. */
GHashTable *vf_collect_info(VfCollect *collect);

/* Closes the artefacts and gives the evidence; the back end adds how the guest ended. */
VfEvidence *vf_collect_finish(VfCollect *collect, GError **error);

/*
 * Firmware has limits of its own: malta's takes 256 bytes and drops the rest without a word, the
 * user's words first. Init tells what the kernel got; @given is what it should have got. A kernel
 * that got less is a broken channel.
 */
void vf_collect_check_command_line(VfEvidence *evidence, const char *given);
