// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Jobs that have ended, whoever has submitted them: their definitions' metadata name the task; what
 * they logged is judged as if the job had been followed, and stored as one run.
 */
#pragma once

#include "guest/lava/client.h"
#include "results-db/db.h"
#include "run/run.h"

/*
 * Blocks (runs the main loop). @lab_file: for the record. VF_ERROR_USAGE: a job that has not ended,
 * or is none of vifarm's; VF_ERROR_HARNESS: the server; nothing is stored then. Caller frees.
 */
VfRunResult *vf_lava_import(VfLava *lava, VfDb *db, const char *const *ids, const char *lab_file,
			    GError **error);
