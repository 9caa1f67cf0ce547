// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/describe.h"

/* The description that the command being called is to fill; NULL: commands do their work. */
static VfDescription *taking;

static void description_free(gpointer data)
{
	VfDescription *description = data;

	g_array_unref(description->options);
	g_free(description->detail);
	g_free(description);
}

static void take_options(const GOptionEntry *options)
{
	for (; options && options->long_name; options++)
		g_array_append_vals(taking->options, options, 1);
}

gboolean vf_describe_take(const VfCommand *command, const GOptionEntry *options,
			  const GOptionEntry *common, const char *detail)
{
	if (!taking)
		return FALSE;
	taking->command = command;
	take_options(options);
	take_options(common);
	taking->detail = g_strdup(detail ?: "");
	return TRUE;
}

GPtrArray *vf_describe(const VfCommand *commands)
{
	GPtrArray *descriptions = g_ptr_array_new_with_free_func(description_free);

	for (const VfCommand *command = commands; command->name; command++) {
		char *argv[] = {(char *)command->name, NULL};

		taking = g_new0(VfDescription, 1);
		taking->options = g_array_new(FALSE, FALSE, sizeof(GOptionEntry));
		command->main(command, 1, argv);
		g_ptr_array_add(descriptions, taking);
		taking = NULL;
	}
	return descriptions;
}
