// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A lab as the place where a run's guests live: the back end "lava". Each attempt of a task is one
 * job there. What was submitted is in the run's journal, runs/RUN/lava.jsonl, before anything else
 * happens; an attempt that has a job already gets that one and no other.
 */
#pragma once

#include "guest/guest.h"
#include "guest/lava/client.h"
#include "guest/lava/journal.h"

typedef struct VfLavaFarm {
	VfGuestBackend backend; /* its calls get it back as "self" */
	VfLava *lava;
	VfJournal *journal; /* opened when the run's name is known */
	gboolean detach;    /* submit, then give up with VF_ERROR_CANCELLED instead of waiting */
} VfLavaFarm;

/* @lab must outlive it. Errors of vf_lava_new(). */
VfLavaFarm *vf_lava_farm_new(const VfLab *lab, GError **error);
void vf_lava_farm_free(VfLavaFarm *farm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLavaFarm, vf_lava_farm_free)

/*
 * Asks the server for its version and whether it knows us; blocks (runs the main loop). So that a
 * wrong URL or token is one line before anything is built. VF_ERROR_HARNESS.
 */
gboolean vf_lava_farm_check(VfLavaFarm *farm, GError **error);

/* Path of the journal of @run. Caller frees. */
char *vf_lava_farm_journal(const char *run);

/* For farm.c: the calls. @run_async fails with VF_ERROR_CANCELLED after a detached submission. */
extern const VfGuestBackend vf_guest_lava;
