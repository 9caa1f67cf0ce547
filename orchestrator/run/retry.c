// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/retry.h"

VfRetryOutcome vf_retry_outcome(const VfStatus *statuses, guint count)
{
	VfRetryOutcome outcome = {.status = statuses[count - 1], .decided_by = count - 1};

	for (guint i = 0; i < count; i++) {
		if (statuses[i] == VF_STATUS_FAIL && outcome.status != VF_STATUS_FAIL) {
			outcome.status = VF_STATUS_FAIL;
			outcome.decided_by = i;
		}
		if (statuses[i] != VF_STATUS_MISS && statuses[i] != statuses[count - 1])
			outcome.flaky = TRUE;
	}
	return outcome;
}
