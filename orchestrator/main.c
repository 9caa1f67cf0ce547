// SPDX-License-Identifier: GPL-2.0-or-later
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

const VfCommand vf_commands[] = {
	{"run", "", "build, boot and judge", vf_cmd_run},
	{"mutate", "", "let mutants show what the farm can see", vf_cmd_mutate},
	{"list", "[archs|jobs|variants|mutants|runs]", "what there is", vf_cmd_list},
	{"show", "[RUN]", "the results of a run", vf_cmd_show},
	{"why", "TEST", "the evidence behind a verdict", vf_cmd_why},
	{"repro", "TEST", "the command that boots the same guest by hand", vf_cmd_repro},
	{"history", "", "how tests did over many runs", vf_cmd_history},
	{"compare", "A B", "what a run fixed and broke against another", vf_cmd_compare},
	{"bisect", "", "find the commit that broke a test", vf_cmd_bisect},
	{"lava", "render|submit|watch|import|cancel [RUN|JOB...]", "tasks as jobs of a LAVA lab",
	 vf_cmd_lava},
	{"report", "[RUN]", "a run as one HTML page", vf_cmd_report},
	{"export", "json|kcidb|junit|ktap [RUN]", "a run as KCIDB, JUnit, KTAP or JSON",
	 vf_cmd_export},
	{"post", "[RUN]", "send a run to those who wait for it", vf_cmd_post},
	{"mail", "run|queue|show|approve|reject|status [KEY]",
	 "test what a mailing list brings, and answer", vf_cmd_mail},
	{"b4-check", "", "a series' results for b4's review", vf_cmd_b4_check},
	{"validate", "kcidb|results|mutation FILE", "check a document against its rules",
	 vf_cmd_validate},
	{"prune", "", "remove old runs", vf_cmd_prune},
	{"completion", "bash|zsh|fish", "completion for a shell", vf_cmd_completion},
	{"man", "", "manual pages", vf_cmd_man},
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
