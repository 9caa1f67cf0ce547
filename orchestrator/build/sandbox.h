// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sandbox of builds: bubblewrap, with the source read-only at VF_SANDBOX_TREE, the objects at
 * VF_SANDBOX_OBJECTS, no network, no home, an empty /tmp, and of the host only /usr and what its
 * programs need of /etc. Fixed paths keep make's .cmd files and ccache valid from slot to slot.
 */
#pragma once

#include "base/argv.h"

#define VF_SANDBOX_TREE	   "/vifarm/linux"
#define VF_SANDBOX_OBJECTS "/vifarm/build"
#define VF_SANDBOX_CCACHE  "/vifarm/ccache"

/* Host paths of what is bound there. */
typedef struct VfSandbox {
	const char *tree;
	const char *objects;
	const char *ccache; /* what is built from foreign patches must not write the farm's own */
} VfSandbox;

/*
 * Whether bubblewrap works on this host; tried once (some 10 ms) and remembered. FALSE with
 * VF_ERROR_MISSING and why not.
 */
gboolean vf_sandbox_available(GError **error);

/* Adds bwrap and its options up to "--" to @argv; @env ("NAME=value") becomes all of the
 * environment. */
void vf_sandbox_wrap(VfArgv *argv, const VfSandbox *sandbox, char **env);
