// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The HTML report of one run: one page that needs neither a network nor a server. Data goes into
 * it as JSON and from there to the screen as text, never as markup; a content security policy
 * allows the page's own scripts only.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/* Bytes of a console that go into the page: for one that did not pass, and for one that did. */
#define VF_REPORT_CONSOLE_FAILED (256 * 1024)
#define VF_REPORT_CONSOLE_PASSED (32 * 1024)

/*
 * The page for @results (results.json). @runs: vf_db_runs_json() for the trends. @state: the
 * directory below which the artefacts lie; a console that is not there is left out. Caller frees.
 */
char *vf_report_render(const json_t *results, const json_t *runs, const char *state);

/*
 * What the page gets of the console log at @path: {lines: [text], first: number of lines left out
 * at the start, splats: [index of the line in lines at each of @offsets, or -1]}; NULL when there
 * is none. At most @limit bytes from around the first offset or, without one, from the end. New
 * reference.
 */
json_t *vf_report_console(const char *path, const json_t *splats, gsize limit);
