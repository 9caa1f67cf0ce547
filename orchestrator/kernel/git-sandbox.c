// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/git-sandbox.h"

#include "base/git.h"
#include "kernel/sandbox.h"

/* Address space: the indexes of all packs of a kernel's history, and windows on them. */
const VfLimits vf_git_limits = {
	.cpu_seconds = 600,
	.seconds = 900,
	.memory = G_GUINT64_CONSTANT(4) << 30,
	.resident = G_GUINT64_CONSTANT(2) << 30,
	.file_size = G_GUINT64_CONSTANT(256) << 20,
	.disk = G_GUINT64_CONSTANT(4) << 30,
};

void vf_git_sandbox(VfArgv *argv, const char *const *read_only, const char *const *writable,
		    const char *directory, char **env)
{
	if (vf_sandbox_available(FALSE, NULL))
		vf_sandbox_wrap_paths(argv, read_only, writable, env);
	vf_argv_add(argv, "git", "-C", directory, NULL);
	vf_git_options(argv);
	vf_argv_add(argv, "-c", "core.packedGitWindowSize=16m", "-c", "core.packedGitLimit=256m",
		    NULL);
}
