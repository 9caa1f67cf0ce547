// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds what the kernel complains about in what a guest writes on its console, while it runs.
 * Memory is bounded whatever the guest writes: a few lines of context and at most
 * VF_TRIAGE_SPLATS_MAX matches.
 *
 * A complaint and what belongs to it (registers, "Oops: 0002 [#1]", the place of a WARN()) are one
 * report and one splat. A boot loader's text, before the first "Linux version", holds no splat.
 *
 * Lines of the guest's init, written through /dev/kmsg, tell where in the life of the guest a
 * match lies:
 *	vifarm: init up
 *	vifarm: expect-warning begin	matches that are not fatal are expected from here
 *	vifarm: expect-warning end	... to here
 *	vifarm: end			the program has ended; what follows is only noted
 */
#pragma once

#include "evidence/evidence.h"
#include "plan/arch.h"

#define VF_TRIAGE_LINE_MAX   1024 /* bytes; longer lines are looked at in pieces */
#define VF_TRIAGE_SPLATS_MAX 64	  /* further ones are counted; fatal ones are always kept */

typedef struct VfTriage VfTriage;

/* @patterns: of VfTriagePattern, the first that matches wins; must outlive the object. */
VfTriage *vf_triage_new(const GPtrArray *patterns, GError **error);
void vf_triage_free(VfTriage *triage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfTriage, vf_triage_free)

void vf_triage_feed(VfTriage *triage, const char *bytes, gsize length);
void vf_triage_finish(VfTriage *triage); /* looks at the last line, closes all excerpts */

gboolean vf_triage_fatal(const VfTriage *triage); /* a fatal match, before or after the end */
gboolean vf_triage_init_end(const VfTriage *triage);

/* The last other line of init, "no result channel: ...", escaped; NULL: there was none. */
const char *vf_triage_message(const VfTriage *triage);
guint64 vf_triage_bytes(const VfTriage *triage);

/* Of VfSplat, in order. Excerpts are there after vf_triage_finish(). */
GPtrArray *vf_triage_splats(VfTriage *triage);
guint vf_triage_dropped(const VfTriage *triage); /* matches beyond the limit */

/* Of char *, "class: reason", in order: complaints that fail nothing. Not more than 16. */
GPtrArray *vf_triage_notes(VfTriage *triage);
