// SPDX-License-Identifier: GPL-2.0-or-later
/* Which state a Patchwork check gets: the policy file, docs/results.md. */
#pragma once

#include <glib.h>

/* States are "success", "warning", "fail", "pending", or NULL: post nothing. */
typedef struct VfPolicy {
	char *pass, *fail, *flaky, *error, *miss, *skip;
	char *build_fail; /* a patch does not apply, or the kernel does not compile */
} VfPolicy;

void vf_policy_free(VfPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfPolicy, vf_policy_free)

/*
 * @path NULL: what maintainers are used to: a failure in a guest waits for a human (pending), only
 * a failed build is a fail, and what broke on our side is not posted.
 */
VfPolicy *vf_policy_load(const char *path, GError **error);
VfPolicy *vf_policy_parse(const char *text, gsize length, const char *name, GError **error);
