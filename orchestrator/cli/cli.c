// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cli.h"

#include <jansson.h>

#include "base/text.h"
#include "cli/describe.h"

static const struct {
	const char *name; /* in JSON */
	int exit;
} classes[] = {
	[VF_ERROR_USAGE] = {"usage", VF_EXIT_USAGE},
	[VF_ERROR_DATA] = {"data", VF_EXIT_USAGE},
	[VF_ERROR_MISSING] = {"missing", VF_EXIT_BROKEN},
	[VF_ERROR_PATCH] = {"patch", VF_EXIT_FAIL},
	[VF_ERROR_COMPILE] = {"compile", VF_EXIT_FAIL},
	[VF_ERROR_CONFIG] = {"config", VF_EXIT_BROKEN},
	[VF_ERROR_UNFIT] = {"unfit", VF_EXIT_USAGE},
	[VF_ERROR_HARNESS] = {"harness", VF_EXIT_BROKEN},
	[VF_ERROR_PROTOCOL] = {"protocol", VF_EXIT_BROKEN},
	[VF_ERROR_IO] = {"io", VF_EXIT_BROKEN},
	[VF_ERROR_CANCELLED] = {"cancelled", VF_EXIT_INTERRUPTED},
};

static GOptionContext *context_new(const VfCommand *command, const GOptionEntry *options,
				   const GOptionEntry *common, const char *detail)
{
	GOptionContext *context = g_option_context_new(command->arguments);
	g_autofree char *program = g_strdup_printf("orchestrator %s", command->name);
	g_autofree char *exits = vf_exit_status_text(command->name);
	g_autofree char *text =
		g_strdup_printf("%s%s%s", detail ? detail : "", detail ? "\n" : "", exits);

	g_set_prgname(program);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_summary(context, command->summary);
	g_option_context_set_description(context, text);
	if (options)
		g_option_context_add_main_entries(context, options, NULL);
	g_option_context_add_main_entries(context, common, NULL);
	return context;
}

gboolean vf_cli_parse(const VfCommand *command, const GOptionEntry *options, const char *detail,
		      int *argc, char ***argv, gboolean *done)
{
	gboolean help = FALSE, version = FALSE;
	const GOptionEntry common[] = {
		{"help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this text", NULL},
		{"version", 0, 0, G_OPTION_ARG_NONE, &version, "Show the version", NULL},
		{NULL},
	};
	g_autoptr(GOptionContext) context = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	*done = vf_describe_take(command, options, common, detail);
	if (*done)
		return TRUE;
	context = context_new(command, options, common, detail);
	if (!g_option_context_parse(context, argc, argv, &error)) {
		text = vf_text_escape(error->message, -1, 0);
		g_printerr("orchestrator %s: %s; see orchestrator %s --help\n", command->name, text,
			   command->name);
		return FALSE;
	}
	*done = help || version;
	if (help)
		text = g_option_context_get_help(context, TRUE, NULL);
	else if (version)
		text = g_strdup_printf("vifarm %s\n", VIFARM_VERSION);
	if (text)
		g_print("%s", text);
	return TRUE;
}

int vf_cli_fail(const GError *error, gboolean json)
{
	/* what GLib itself refuses is the host's doing */
	guint class = error->domain == VF_ERROR ? (guint)error->code : VF_ERROR_IO;
	json_auto_t *object = NULL;
	g_autofree char *message = vf_text_escape(error->message, -1, 0);
	g_autofree char *text = NULL;

	g_return_val_if_fail(class < G_N_ELEMENTS(classes), VF_EXIT_BROKEN);
	if (!json) {
		g_printerr("orchestrator: %s\n", message);
		return classes[class].exit;
	}
	object = json_pack("{s:{s:s, s:s}}", "error", "class", classes[class].name, "message",
			   message);
	text = json_dumps(object, JSON_INDENT(2));
	g_print("%s\n", text);
	return classes[class].exit;
}
