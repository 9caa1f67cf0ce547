// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results for people: each function prints a view of the JSON that the command gives with
 * --format json. Everything that came from a guest is escaped.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

/*
 * What @print makes of @json, with nothing in it that a terminal obeys: not every string that comes
 * from a guest or a build is known to be harmless.
 */
void vf_results_print_escaped(void (*print)(const json_t *json, FILE *out), const json_t *json,
			      FILE *out);

/* vf_db_run_json(): the matrix arch/board x job, then what did not pass. */
void vf_results_print_run(const json_t *run, FILE *out);

/* vf_db_task_json(): the evidence behind one verdict. */
void vf_results_print_test(const json_t *test, FILE *out);

/* vf_db_runs_json(). */
void vf_results_print_runs(const json_t *runs, FILE *out);
