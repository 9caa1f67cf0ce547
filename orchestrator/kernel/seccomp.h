// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The seccomp filter of the sandbox: what compilers, make, git and binutils never ask for and what
 * attacks on a kernel or on other processes begin with is refused.
 */
#pragma once

#include <glib.h>

/*
 * Descriptor of the compiled filter, for bwrap's --seccomp. It is the same for the life of this
 * program, close-on-exec, and never closed. -1 with VF_ERROR_IO.
 */
int vf_seccomp_fd(GError **error);

/*
 * Makes the program that is executed next inherit the filter under the number of vf_seccomp_fd(),
 * which must have succeeded before. Called between fork and exec: only async-signal-safe calls.
 */
void vf_seccomp_inherit(void);
