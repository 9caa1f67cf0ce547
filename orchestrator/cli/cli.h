// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sub-commands. Each is one file cli/cmd-<name>.c with one function and one line in the table of
 * main.c. argv[0] is the sub-command's name.
 */
#pragma once

#include <glib.h>

#include "base/error.h"
#include "cli/exit-status.h"

typedef struct VfCommand {
	const char *name;
	const char *arguments; /* for --help: "RUN" */
	const char *summary;   /* one line */
	int (*main)(const struct VfCommand *command, int argc, char **argv);
} VfCommand;

extern const VfCommand vf_commands[]; /* ended by a NULL name */

/*
 * Parses @options into their targets; handles --help (prints, *done = TRUE) and --version.
 * On a wrong option prints one line to stderr and returns FALSE. @detail: text after the option
 * list in --help, may be NULL.
 */
gboolean vf_cli_parse(const VfCommand *command, const GOptionEntry *options, const char *detail,
		      int *argc, char ***argv, gboolean *done);

/*
 * Prints @error as one line on stderr, or as {"error": {...}} on stdout when @json, and returns
 * the exit status that its class asks for.
 */
int vf_cli_fail(const GError *error, gboolean json);

/* The exit status that a run's verdicts ask for. */
struct VfRunResult;
int vf_cli_run_status(const struct VfRunResult *result);

int vf_cmd_run(const VfCommand *command, int argc, char **argv);
int vf_cmd_mutate(const VfCommand *command, int argc, char **argv);
int vf_cmd_list(const VfCommand *command, int argc, char **argv);
int vf_cmd_show(const VfCommand *command, int argc, char **argv);
int vf_cmd_repro(const VfCommand *command, int argc, char **argv);
int vf_cmd_why(const VfCommand *command, int argc, char **argv);
int vf_cmd_history(const VfCommand *command, int argc, char **argv);
int vf_cmd_compare(const VfCommand *command, int argc, char **argv);
int vf_cmd_prune(const VfCommand *command, int argc, char **argv);
int vf_cmd_export(const VfCommand *command, int argc, char **argv);
int vf_cmd_validate(const VfCommand *command, int argc, char **argv);
int vf_cmd_post(const VfCommand *command, int argc, char **argv);
int vf_cmd_mail(const VfCommand *command, int argc, char **argv);
int vf_cmd_b4_check(const VfCommand *command, int argc, char **argv);
int vf_cmd_report(const VfCommand *command, int argc, char **argv);
int vf_cmd_bisect(const VfCommand *command, int argc, char **argv);
int vf_cmd_lava(const VfCommand *command, int argc, char **argv);
int vf_cmd_completion(const VfCommand *command, int argc, char **argv);
int vf_cmd_man(const VfCommand *command, int argc, char **argv);
