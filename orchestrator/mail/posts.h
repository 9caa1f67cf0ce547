// SPDX-License-Identifier: GPL-2.0-or-later
/* The results of a series for the targets that the policy names: KCIDB, Patchwork, webhooks. */
#pragma once

#include <jansson.h>

#include "mail/policy.h"
#include "mail/series.h"

/*
 * Writes what each target of the policy's "post" gets about the run into the spool; `post --send`
 * or the next round sends it. Patchwork is asked for the numbers of the patches by their
 * Message-IDs; those that it does not know (yet) get no check.
 */
gboolean vf_mail_posts_write(const VfMailPolicy *policy, const VfSeries *series,
			     const json_t *results, GError **error);

/* The targets file of @policy, loaded. */
GPtrArray *vf_mail_posts_targets(const VfMailPolicy *policy, GError **error);
