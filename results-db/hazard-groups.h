// SPDX-License-Identifier: GPL-2.0-or-later
/* The hazards of results.json for people: those that decide a verdict, and the others in groups. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* "stale read" for class "R"; "hazard" for a class of another version. */
const char *vf_hazard_words(const char *class);

/* Whether @hazard bears on the verdict of its @attempt. */
gboolean vf_hazard_decides(const json_t *attempt, const json_t *hazard);

/*
 * The hazards of @attempts (an array) that decide no verdict, those of one class, function and line
 * in one object, by reason and then the most frequent first:
 *	{"class", "why": why it decides nothing, "at": function and line, "caller": the same or "",
 *	 "windows": [names], "kinds": hazards, "attempts": that had them, "count", "bytes"}
 * New reference.
 */
json_t *vf_hazard_groups(const json_t *attempts);
