// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/dirs.h"
#include "cli/describe.h"

static gboolean write_page(const char *directory, const char *name, const char *page,
			   GError **error)
{
	g_autofree char *file = g_strconcat(name, ".1", NULL);
	g_autofree char *path = g_build_filename(directory, file, NULL);

	return vf_dirs_write(path, page, -1, error);
}

static gboolean write_pages(const char *directory, GError **error)
{
	g_autoptr(GPtrArray) all = vf_describe(vf_commands);
	g_autofree char *overview = vf_man_page(NULL, all);

	if (!vf_dirs_make(directory, error) ||
	    !write_page(directory, "orchestrator", overview, error))
		return FALSE;
	for (guint i = 0; i < all->len; i++) {
		const VfDescription *description = all->pdata[i];
		g_autofree char *name =
			g_strdup_printf("orchestrator-%s", description->command->name);
		g_autofree char *page = vf_man_page(description, all);

		if (!write_page(directory, name, page, error))
			return FALSE;
	}
	return TRUE;
}

int vf_cmd_man(const VfCommand *command, int argc, char **argv)
{
	static const char detail[] = "Writes one manual page for each command and an overview.\n";
	g_autofree char *format = NULL, *output = NULL;
	const GOptionEntry entries[] = {
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
		 "Directory for the pages (default: man1)", "DIR"},
		{"format", 'f', 0, G_OPTION_ARG_STRING, &format, "Format of errors (default: text)",
		 "text|json"},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;

	if (!vf_cli_parse(command, entries, detail, &argc, &argv, &done))
		return VF_EXIT_USAGE;
	if (done || write_pages(output ?: "man1", &error))
		return VF_EXIT_PASS;
	return vf_cli_fail(error, format && !strcmp(format, "json"));
}
