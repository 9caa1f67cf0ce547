// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/retry.h"

static guint count_again(const VfAttempt *done, guint count, VfAgain again)
{
	guint n = 0;

	for (guint i = 0; i < count; i++)
		n += done[i].again == again;
	return n;
}

static gboolean curve_broke(const VfAttempt *attempt)
{
	return attempt->curve && attempt->again != VF_AGAIN_CURVE &&
	       attempt->status != VF_STATUS_PASS;
}

gboolean vf_retry_next(const VfAttempt *done, guint count, guint layouts, guint first,
		       VfAttempt *next)
{
	const VfAttempt *last = count ? &done[count - 1] : NULL;
	guint moves = count_again(done, count, VF_AGAIN_LAYOUT);

	*next = (VfAttempt){.layout = (first + moves) % (layouts + 1)};
	if (!last)
		return TRUE;
	if (count == VF_RETRY_MAX || curve_broke(last))
		return FALSE;
	switch (last->again) {
	case VF_AGAIN_SAME:
		return count_again(done, count, VF_AGAIN_SAME) == 1;
	case VF_AGAIN_CURVE:
		next->curve = TRUE;
		return !last->curve;
	case VF_AGAIN_LAYOUT:
		return moves <= layouts;
	default:
		return FALSE;
	}
}

static gboolean says_nothing(const VfAttempt *attempt)
{
	return attempt->status == VF_STATUS_MISS || attempt->again == VF_AGAIN_LAYOUT;
}

VfRetryOutcome vf_retry_outcome(const VfAttempt *done, guint count)
{
	const VfAttempt *last;
	VfRetryOutcome outcome;

	while (curve_broke(&done[count - 1]))
		count--;
	last = &done[count - 1];
	outcome = (VfRetryOutcome){.status = last->status, .decided_by = count - 1};

	for (guint i = 0; i < count; i++) {
		if (done[i].status == VF_STATUS_FAIL && outcome.status != VF_STATUS_FAIL) {
			outcome.status = VF_STATUS_FAIL;
			outcome.decided_by = i;
		}
		if (!says_nothing(&done[i]) && done[i].status != last->status)
			outcome.flaky = TRUE;
	}
	return outcome;
}
