// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "cli/describe.h"

static gboolean complete(int argc, char **argv, GError **error)
{
	g_autoptr(GPtrArray) all = NULL;
	g_autofree char *text = NULL;

	if (argc != 2)
		return vf_throw(error, VF_ERROR_USAGE,
				"completion: expected bash, zsh or fish, found %d arguments",
				argc - 1);
	all = vf_describe(vf_commands);
	text = vf_completion(argv[1], all, error);
	if (text)
		g_print("%s", text);
	return text != NULL;
}

int vf_cmd_completion(const VfCommand *command, int argc, char **argv)
{
	static const char detail[] = "Prints the completion script for a shell, for example\n"
				     "  source <(orchestrator completion bash)\n";
	g_autofree char *format = NULL;
	const GOptionEntry entries[] = {
		{"format", 'f', 0, G_OPTION_ARG_STRING, &format, "Format of errors (default: text)",
		 "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;

	if (!vf_cli_parse(command, entries, detail, &argc, &argv, &done))
		return VF_EXIT_USAGE;
	if (done || complete(argc, argv, &error))
		return VF_EXIT_PASS;
	return vf_cli_fail(error, format && !strcmp(format, "json"));
}
