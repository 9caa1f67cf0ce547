// SPDX-License-Identifier: GPL-2.0-or-later
/* Kconfig fragments: what a kernel was asked to be, and whether it came out so. */
#pragma once

#include <glib.h>

typedef struct VfConfig VfConfig;

VfConfig *vf_config_new(void);
void vf_config_free(VfConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfConfig, vf_config_free)

/*
 * Adds a fragment: "CONFIG_X=value", "# CONFIG_X is not set", comments, empty lines. Later
 * fragments win. @name is for messages. VF_ERROR_DATA: "NAME:LINE: ...".
 */
gboolean vf_config_add(VfConfig *config, const char *text, gsize length, const char *name,
		       GError **error);
gboolean vf_config_add_file(VfConfig *config, const char *path, GError **error);

/* The merged fragment, sorted by symbol. Caller frees. */
char *vf_config_text(const VfConfig *config);

/*
 * Compares with the finished .config in @path. VF_ERROR_CONFIG names each symbol that came out
 * otherwise and the fragment that asked for it; a symbol that does not exist came out as "n".
 */
gboolean vf_config_verify(const VfConfig *config, const char *path, GError **error);

/*
 * Options change their kind from one kernel to another: BOOTPARAM_HUNG_TASK_PANIC was a switch and is
 * a number. What @config asks for in the kinds that the options have in @path, which make wrote: y is
 * 1, n is 0, and a number other than 0 is y. NULL: all are of the kind that they were asked for in.
 */
VfConfig *vf_config_adapt(const VfConfig *config, const char *path);
