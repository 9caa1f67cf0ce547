// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "cli/describe.h"

/* @text for roff: backslashes, hyphens that are to be typed, and dots that would be requests. */
static void append_roff(GString *out, const char *text)
{
	gboolean start = TRUE;

	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			g_string_append(out, "\\&");
		if (*text == '\\')
			g_string_append(out, "\\e");
		else if (*text == '-')
			g_string_append(out, "\\-");
		else
			g_string_append_c(out, *text);
		start = *text == '\n';
	}
}

static void append_option(GString *out, const GOptionEntry *option)
{
	g_string_append(out, ".TP\n");
	if (option->short_name)
		g_string_append_printf(out, "\\fB\\-%c\\fR, ", option->short_name);
	g_string_append(out, "\\fB\\-\\-");
	append_roff(out, option->long_name);
	g_string_append(out, "\\fR");
	if (option->arg_description) {
		g_string_append(out, "=\\fI");
		append_roff(out, option->arg_description);
		g_string_append(out, "\\fR");
	}
	g_string_append_c(out, '\n');
	append_roff(out, option->description);
	g_string_append_c(out, '\n');
}

static void append_title(GString *out, const char *name, const char *summary)
{
	g_autofree char *upper = g_ascii_strup(name, -1);

	g_string_append_printf(out, ".TH %s 1 \"\" \"vifarm %s\" \"vifarm\"\n.SH NAME\n", upper,
			       VIFARM_VERSION);
	append_roff(out, name);
	g_string_append(out, " \\- ");
	append_roff(out, summary);
	g_string_append_c(out, '\n');
}

static void append_exits(GString *out, const char *command)
{
	g_autoptr(GPtrArray) rows = vf_exit_statuses(command);

	g_string_append(out, ".SH EXIT STATUS\n");
	for (guint i = 0; i < rows->len; i++) {
		const VfExitStatus *row = rows->pdata[i];

		g_string_append_printf(out, ".TP\n\\fB%d\\fR\n", row->status);
		append_roff(out, row->meaning);
		g_string_append_c(out, '\n');
	}
}

static void append_command(GString *out, const VfDescription *description)
{
	const VfCommand *command = description->command;
	g_autofree char *name = g_strdup_printf("orchestrator-%s", command->name);

	append_title(out, name, command->summary);
	g_string_append_printf(out, ".SH SYNOPSIS\n\\fBorchestrator ");
	append_roff(out, command->name);
	g_string_append(out, "\\fR [\\fIOPTION\\fR...] ");
	append_roff(out, command->arguments);
	g_string_append_c(out, '\n');
	if (*description->detail) {
		/* the lines of --help are laid out already */
		g_string_append(out, ".SH DESCRIPTION\n.nf\n");
		append_roff(out, description->detail);
		g_string_append(out, ".fi\n");
	}
	g_string_append(out, ".SH OPTIONS\n");
	for (guint i = 0; i < description->options->len; i++)
		append_option(out, &g_array_index(description->options, GOptionEntry, i));
	append_exits(out, command->name);
	g_string_append(out, ".SH SEE ALSO\n\\fBorchestrator\\fR(1)\n");
}

static void append_overview(GString *out, GPtrArray *all)
{
	append_title(out, "orchestrator",
		     "boot patched kernels in emulated machines and judge them");
	g_string_append(out, ".SH SYNOPSIS\n\\fBorchestrator\\fR \\fICOMMAND\\fR "
			     "[\\fIOPTION\\fR...]\n.SH COMMANDS\n");
	for (guint i = 0; i < all->len; i++) {
		const VfDescription *description = all->pdata[i];

		g_string_append(out, ".TP\n\\fB");
		append_roff(out, description->command->name);
		g_string_append(out, "\\fR ");
		append_roff(out, description->command->arguments);
		g_string_append_c(out, '\n');
		append_roff(out, description->command->summary);
		g_string_append_c(out, '\n');
	}
	append_exits(out, "run");
}

char *vf_man_page(const VfDescription *description, GPtrArray *all)
{
	GString *out = g_string_new(NULL);

	if (description)
		append_command(out, description);
	else
		append_overview(out, all);
	return g_string_free(out, FALSE);
}
