// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls the orchestrator as a user would, in a state directory of its own. */
#pragma once

#include <gio/gio.h>
#include <jansson.h>

typedef struct Farm {
	char *state; /* temporary XDG_STATE_HOME; the cache is the user's */
	char *data;  /* VIFARM_DATA, or NULL: the source tree */
} Farm;

typedef struct Outcome {
	int status; /* exit status, 128 + N for signal N */
	char *out, *err;
	double seconds;
} Outcome;

Farm *farm_new(void);
void farm_free(Farm *farm); /* removes the directories */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Farm, farm_free)

/* Lets the farm read a private copy of the description files (patches, kernels, jobs, rootfs). */
void farm_copy_data(Farm *farm);

/* The same, with the job "misbehave" of guest/ added. */
void farm_add_misbehave(Farm *farm);

void outcome_free(Outcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Outcome, outcome_free)

/* Runs the orchestrator with words up to NULL and waits for it. */
Outcome *farm_call(Farm *farm, ...) G_GNUC_NULL_TERMINATED;

/* Starts it and does not wait; stdout and stderr are read by farm_wait(). */
GSubprocess *farm_start(Farm *farm, ...) G_GNUC_NULL_TERMINATED;
Outcome *farm_wait(GSubprocess *process);

/* Waits until a QEMU whose command line contains @text runs; its pid, or 0 after @seconds. */
int qemu_wait(const char *text, guint seconds);
guint qemu_count(const char *text);

/* The results of `run --format json`; fails the test when @outcome has none. New reference. */
json_t *outcome_json(const Outcome *outcome);

/* The entry of tests[] whose name is @name; borrowed; fails the test when there is none. */
json_t *results_test(json_t *results, const char *name);
const char *results_status(json_t *results, const char *name);
const char *results_reason(json_t *results, const char *name);

/* Asserts that @text contains @part, and prints both when it does not. */
void assert_contains(const char *text, const char *part);
