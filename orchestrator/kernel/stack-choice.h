// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of the stacks in patches/stacks (plan/stacks.h) a source takes: the one for its version, or
 * else the first other one that applies. What was found out is remembered as choices/<key>.json.
 */
#pragma once

#include "kernel/source.h"
#include "plan/variant.h"

/*
 * The stack of @variant on the identified @source as it was chosen before, in *@name (caller
 * frees). *@name is NULL when it was not, and "" when there are no stacks. VF_ERROR_DATA.
 */
gboolean vf_choice_recall(const char *data, const VfSource *source, const VfVariant *variant,
			  char **name, GError **error);

/*
 * Chooses, by applying the variant's own patches; a stranger's and a mutant's have no say. The
 * source must be unpacked. VF_ERROR_PATCH: none applies, with the first problem of each and, in
 * *@log, what git said of the best.
 */
void vf_choice_make_async(const char *data, VfSource *source, const VfVariant *variant,
			  GCancellable *cancellable, GAsyncReadyCallback done,
			  gpointer data_of_done);
char *vf_choice_make_finish(GAsyncResult *result, char **log, GError **error);

/* @patches as the stack @name has them. Caller unrefs; owns its strings. VF_ERROR_DATA. */
GPtrArray *vf_choice_patches(const char *data, const GPtrArray *patches, const char *name,
			     GError **error);
