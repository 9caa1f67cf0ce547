// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands and their options as data, taken from the tables that parse them, so that
 * completion and manual pages always agree with the parser.
 */
#pragma once

#include "cli/cli.h"

typedef struct VfDescription {
	const VfCommand *command;
	GArray *options; /* of GOptionEntry, with the common ones; targets are not to be used */
	char *detail;	 /* text after the options, may be "" */
} VfDescription;

/* Of @commands (ended by a NULL name); of VfDescription, free with g_ptr_array_unref(). */
GPtrArray *vf_describe(const VfCommand *commands);

/*
 * For vf_cli_parse(): TRUE when a description is being taken, which then has the tables and the
 * command is to do nothing.
 */
gboolean vf_describe_take(const VfCommand *command, const GOptionEntry *options,
			  const GOptionEntry *common, const char *detail);

/* Completion for "bash", "zsh" or "fish" from @descriptions; NULL with VF_ERROR_USAGE. */
char *vf_completion(const char *shell, GPtrArray *descriptions, GError **error);

/* Manual page of one command, or with @description NULL the one that lists them all. */
char *vf_man_page(const VfDescription *description, GPtrArray *all);
