// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reader of the coherence model's report, JSON lines: docs/model.md. Strict: an unknown record, a
 * missing member, a missing end or anything after it is an error.
 *
 * Hazards whose bytes happened to be right ("silent") are not kept; the coverage counts them. Of each
 * kind the VF_HAZARDS_MAX most frequent are kept, the others summed up in one without addresses. What else the report says
 * becomes evidence->coverage:
 *	{"start": {...}, "model": {...}, "end": {...},
 *	 "windows": [one coverage record for each], "curve": [...], "devices": [...],
 *	 "unimplemented": [...], "dropped": hazards that the model did not write}
 */
#pragma once

#include "evidence/evidence.h"

#define VF_HAZARDS_BYTES_MAX (64 * 1024 * 1024) /* of a report */
#define VF_HAZARDS_LINE_MAX  (64 * 1024)
#define VF_HAZARDS_MAX	     64	  /* kept of each class and bucket */
#define VF_HAZARDS_LIST_MAX  1000 /* windows, curves, devices: more is an error */

/*
 * Reads the report at @path into model, model_error, hazards and coverage of @evidence. Never
 * fails: what is wrong with the file is model_error, one line with the line number.
 */
void vf_hazards_read(const char *path, VfEvidence *evidence);

/* The same for a text. */
void vf_hazards_parse(const char *text, gsize length, VfEvidence *evidence);
