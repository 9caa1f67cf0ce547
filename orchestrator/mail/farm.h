// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs for the bot: the base of a series, the series, the first patches of one. */
#pragma once

#include <jansson.h>

#include "kernel/build.h"
#include "mail/policy.h"
#include "results-db/db.h"

/* What a run is about. All borrowed. */
typedef struct VfMailRun {
	const char *repository;		   /* bare git repository whose HEAD is the base */
	const char *archs, *boards, *jobs; /* comma-separated */
	const char *patch;		   /* path of what the series changes; NULL: the base */
	const char *support;		   /* "below", "above" or "tree" */
	gboolean stranger;		   /* the base itself is nobody's that we trust */
	const char *message_id; /* of the series; NULL for runs that are not about all of it */
	const char *what;	/* for people, and the record: "base of ...", ... */
	gboolean quiet;
} VfMailRun;

/*
 * Blocks until the run is done; results.json of it, everything stored in @db. NULL with
 * VF_ERROR_CANCELLED when the user interrupted it. New reference.
 */
json_t *vf_mail_farm_run(const VfMailPolicy *policy, VfDb *db, const VfMailRun *run,
			 GError **error);
