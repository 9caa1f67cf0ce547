// SPDX-License-Identifier: GPL-2.0-or-later
/* The programs that builds need, and the Debian packages that they come in. */
#pragma once

#include "plan/arch.h"

/*
 * Host tools and @arch's compilers. FALSE with VF_ERROR_MISSING: "no program NAME: install
 * PACKAGE". Looks at the file system only.
 */
gboolean vf_tools_check(const VfArch *arch, GError **error);

/*
 * First lines of `COMPILER --version` and, with a comma between, `LINKER --version` of the
 * kernel's tool chain; remembered as long as the files are the same. Caller frees.
 */
char *vf_tools_kernel_compiler(const VfArch *arch, GError **error);

/* First line of `COMPILER --version` for guest programs, likewise. Caller frees. */
char *vf_tools_guest_compiler(const VfArch *arch, GError **error);
