// SPDX-License-Identifier: GPL-2.0-or-later
/* The exit statuses of all commands: one table for the code, --help and the manual pages. */
#pragma once

#include <glib.h>

enum {
	VF_EXIT_PASS = 0,
	VF_EXIT_FAIL = 1,
	VF_EXIT_BROKEN = 2,
	VF_EXIT_USAGE = 64,
	VF_EXIT_SKIP = 125, /* as `git bisect run` has it */
	VF_EXIT_INTERRUPTED = 130,
};

typedef struct VfExitStatus {
	const char *command; /* NULL: of every command that does not state it itself */
	int status;
	const char *meaning;
} VfExitStatus;

/*
 * The statuses of @command in ascending order; of const VfExitStatus *, each status once. Caller
 * unrefs.
 */
GPtrArray *vf_exit_statuses(const char *command);

/* The same as lines for --help, with a heading. Caller frees. */
char *vf_exit_status_text(const char *command);
