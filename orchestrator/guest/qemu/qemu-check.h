// SPDX-License-Identifier: GPL-2.0-or-later
/* Is the emulator there, and is it new enough? */
#pragma once

#include "plan/arch.h"

/* Path of the binary; NULL with VF_ERROR_MISSING that names the package. Caller frees. */
char *vf_qemu_find(const VfArch *arch, GError **error);

/*
 * VF_ERROR_MISSING when it is not there, does not say its version within seconds, or is older than
 * the architecture asks for. The answer is remembered below
 * vf_dirs_cache() while the file stays the same.
 */
gboolean vf_qemu_check(const VfArch *arch, GError **error);

/* The version in the output of --version, or NULL. Caller frees. */
char *vf_qemu_parse_version(const char *text);

/* Like strcmp() for "10.0.2"; missing parts count as 0. */
int vf_qemu_compare_versions(const char *a, const char *b);
