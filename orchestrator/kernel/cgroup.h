// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A cgroup (version 2) for a child, where one with the controllers for memory and processes is
 * delegated to this program: its own is writable and holds nobody but this program and what it
 * has started (a systemd unit with Delegate=yes). This program moves to a leaf of it.
 */
#pragma once

#include "kernel/child.h"

typedef struct VfCgroup VfCgroup;

/*
 * With the maxima @limits->resident and @limits->processes. NULL when @limits does not bound the
 * memory or no cgroup is delegated.
 */
VfCgroup *vf_cgroup_new(const VfLimits *limits);

/* Removes it; all in it must have ended. */
void vf_cgroup_free(VfCgroup *cgroup);

/* Close-on-exec, -1 for NULL: who writes "0" moves into it; who writes "1" kills all in it. */
int vf_cgroup_enter_fd(const VfCgroup *cgroup);
int vf_cgroup_kill_fd(const VfCgroup *cgroup);

/* Whether the kernel has killed in it because the memory was used up. */
gboolean vf_cgroup_out_of_memory(const VfCgroup *cgroup);
