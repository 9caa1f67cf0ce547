// SPDX-License-Identifier: GPL-2.0-or-later
/* The make commands of a kernel build: reproducible, through ccache, in the sandbox if possible. */
#pragma once

#include "kernel/child.h"
#include "kernel/slot.h"

typedef struct VfMake {
	const VfArch *arch;
	const VfSlot *slot;
	guint jobs;
	gboolean sandbox; /* FALSE: on the host, with debug paths mapped to those of the sandbox */
	/* What a stranger's code may use, which needs @sandbox; NULL: the code is ours */
	const VfLimits *stranger;
} VfMake;

/* Name of the merged fragment in the object directory, see vf_make_argv(). */
#define VF_MAKE_FRAGMENT ".vifarm-fragment"

/*
 * Command and environment of "make @target" ("allnoconfig" reads VF_MAKE_FRAGMENT). The
 * directories of @make->slot must exist. Caller frees both with g_strfreev().
 */
char **vf_make_argv(const VfMake *make, const char *target, char ***env);

/* The make command alone, shell-quoted, for people. Caller frees. */
char *vf_make_command(const VfMake *make);

/* Where diagnostics see the sources, with a slash at the end. Caller frees. */
char *vf_make_source_prefix(const VfMake *make);

/* The directory that ccache keeps its files in. Caller frees. */
char *vf_make_ccache(void);
