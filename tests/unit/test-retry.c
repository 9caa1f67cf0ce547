// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/retry.h"

typedef struct Row {
	VfStatus statuses[VF_RETRY_ATTEMPTS];
	guint count;
	VfRetryOutcome expected;
} Row;

static const Row rows[] = {
	{{VF_STATUS_PASS}, 1, {VF_STATUS_PASS, 0, FALSE}},
	{{VF_STATUS_FAIL, VF_STATUS_FAIL}, 2, {VF_STATUS_FAIL, 1, FALSE}},
	{{VF_STATUS_FAIL, VF_STATUS_PASS}, 2, {VF_STATUS_FAIL, 0, TRUE}},
	{{VF_STATUS_FAIL, VF_STATUS_MISS}, 2, {VF_STATUS_FAIL, 0, TRUE}},
	{{VF_STATUS_ERROR, VF_STATUS_PASS}, 2, {VF_STATUS_PASS, 1, TRUE}},
	{{VF_STATUS_ERROR, VF_STATUS_FAIL}, 2, {VF_STATUS_FAIL, 1, TRUE}},
	{{VF_STATUS_ERROR, VF_STATUS_ERROR}, 2, {VF_STATUS_ERROR, 1, FALSE}},
	{{VF_STATUS_MISS, VF_STATUS_PASS}, 2, {VF_STATUS_PASS, 1, FALSE}},
	{{VF_STATUS_MISS, VF_STATUS_MISS}, 2, {VF_STATUS_MISS, 1, FALSE}},
};

static void test_outcomes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		VfRetryOutcome outcome = vf_retry_outcome(rows[i].statuses, rows[i].count);

		g_test_message("row %zu", i);
		g_assert_cmpint(outcome.status, ==, rows[i].expected.status);
		g_assert_cmpuint(outcome.decided_by, ==, rows[i].expected.decided_by);
		g_assert_cmpint(outcome.flaky, ==, rows[i].expected.flaky);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/retry/outcomes", test_outcomes);
	return g_test_run();
}
