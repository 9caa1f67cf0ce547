// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * git on patches that somebody else wrote: in the sandbox, which shows it nothing but what it
 * needs, and with limits, because some patches are small and what they make is not.
 */
#pragma once

#include "base/argv.h"
#include "kernel/child.h"

/*
 * What one git may use, apart from @disk_path, which the caller sets. A patch of 16 MiB on a tree
 * of 1.5 GB takes seconds and 200 MB.
 */
extern const VfLimits vf_git_limits;

/*
 * Adds "git" with vf_git_options(), in the sandbox where there is one, with the environment @env:
 * it sees @read_only and writes @writable (both NULL-terminated, or NULL) and has @directory as
 * working directory, which must be among them.
 */
void vf_git_sandbox(VfArgv *argv, const char *const *read_only, const char *const *writable,
		    const char *directory, char **env);
