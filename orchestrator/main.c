// SPDX-License-Identifier: GPL-2.0-or-later
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

const VfCommand vf_commands[] = {
	{"run", "", "build kernels, boot them and judge the results", vf_cmd_run},
	{"mutate", "", "test whether known mistakes are detected", vf_cmd_mutate},
	{"list", "[archs|jobs|variants|mutants|runs]",
	 "list architectures, jobs, variants, mutants and runs", vf_cmd_list},
	{"show", "[RUN]", "show the results of a run", vf_cmd_show},
	{"why", "TEST", "show the evidence behind a verdict", vf_cmd_why},
	{"repro", "TEST", "print the command that boots the same guest by hand", vf_cmd_repro},
	{"history", "", "show the pass rates of tests over many runs", vf_cmd_history},
	{"compare", "A B", "show what changed between two runs", vf_cmd_compare},
	{"bisect", "", "find the commit that broke a test", vf_cmd_bisect},
	{"lava", "render|submit|watch|import|cancel [RUN|JOB...]",
	 "run tasks as jobs of a LAVA lab", vf_cmd_lava},
	{"report", "[RUN]", "write a run as one HTML page", vf_cmd_report},
	{"export", "json|kcidb|junit|ktap [RUN]", "write a run as KCIDB, JUnit, KTAP or JSON",
	 vf_cmd_export},
	{"post", "[RUN]", "send results to the configured targets", vf_cmd_post},
	{"mail", "run|queue|show|approve|reject|status [KEY]",
	 "test the patches of a mailing list and answer", vf_cmd_mail},
	{"b4-check", "", "print the results of a series for b4 review", vf_cmd_b4_check},
	{"validate", "kcidb|results|mutation FILE", "check a document against its schema",
	 vf_cmd_validate},
	{"prune", "", "remove old runs", vf_cmd_prune},
	{"completion", "bash|zsh|fish", "print a completion script for a shell", vf_cmd_completion},
	{"man", "", "write the manual pages", vf_cmd_man},
	{NULL},
};

static void help(void)
{
	g_autofree char *exits = vf_exit_status_text("run");

	g_print("Usage: orchestrator COMMAND [OPTION...]\n\nCommands:\n");
	for (const VfCommand *command = vf_commands; command->name; command++)
		g_print("  %-10s %s\n", command->name, command->summary);
	g_print("\nEach command has its own --help. \"run\":\n\n%s", exits);
}

static int unknown(const char *name)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *list = NULL;
	g_autofree char *escaped = vf_text_escape(name, -1, 60);

	for (const VfCommand *command = vf_commands; command->name; command++)
		g_ptr_array_add(names, (char *)command->name);
	g_ptr_array_add(names, NULL);
	list = vf_text_list((const char *const *)names->pdata);
	g_printerr("orchestrator: unknown command \"%s\"; known: %s\n", escaped, list);
	return VF_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help")) {
		help();
		return argc < 2 ? VF_EXIT_USAGE : VF_EXIT_PASS;
	}
	if (!strcmp(argv[1], "--version")) {
		g_print("vifarm %s\n", VIFARM_VERSION);
		return VF_EXIT_PASS;
	}
	for (const VfCommand *command = vf_commands; command->name; command++)
		if (!strcmp(command->name, argv[1]))
			return command->main(command, argc - 1, argv + 1);
	return unknown(argv[1]);
}
