// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/retry.h"

#define PASS                                          \
	{                                             \
		0, FALSE, VF_STATUS_PASS, VF_AGAIN_NO \
	}
#define FAIL                                            \
	{                                               \
		0, FALSE, VF_STATUS_FAIL, VF_AGAIN_SAME \
	}
#define ERROR                                            \
	{                                                \
		0, FALSE, VF_STATUS_ERROR, VF_AGAIN_SAME \
	}
#define MISS                                            \
	{                                               \
		0, FALSE, VF_STATUS_MISS, VF_AGAIN_SAME \
	}
#define BLIND                                              \
	{                                                  \
		0, FALSE, VF_STATUS_ERROR, VF_AGAIN_LAYOUT \
	}
#define STALE                                            \
	{                                                \
		0, FALSE, VF_STATUS_FAIL, VF_AGAIN_CURVE \
	}
#define SLOW                                            \
	{                                               \
		0, TRUE, VF_STATUS_ERROR, VF_AGAIN_SAME \
	}
#define CUT                                               \
	{                                                 \
		0, TRUE, VF_STATUS_ERROR, VF_AGAIN_LAYOUT \
	}
#define CURVE                                           \
	{                                               \
		0, TRUE, VF_STATUS_FAIL, VF_AGAIN_CURVE \
	}

static const struct {
	VfAttempt done[4];
	guint count;
	VfRetryOutcome expected;
} outcomes[] = {
	{{PASS}, 1, {VF_STATUS_PASS, 0, FALSE}},
	{{FAIL, FAIL}, 2, {VF_STATUS_FAIL, 1, FALSE}},
	{{FAIL, PASS}, 2, {VF_STATUS_FAIL, 0, TRUE}},
	{{FAIL, MISS}, 2, {VF_STATUS_FAIL, 0, TRUE}},
	{{ERROR, PASS}, 2, {VF_STATUS_PASS, 1, TRUE}},
	{{ERROR, FAIL}, 2, {VF_STATUS_FAIL, 1, TRUE}},
	{{ERROR, ERROR}, 2, {VF_STATUS_ERROR, 1, FALSE}},
	{{MISS, PASS}, 2, {VF_STATUS_PASS, 1, FALSE}},
	{{MISS, MISS}, 2, {VF_STATUS_MISS, 1, FALSE}},
	{{STALE, CURVE}, 2, {VF_STATUS_FAIL, 1, FALSE}},
	{{STALE, PASS}, 2, {VF_STATUS_FAIL, 0, TRUE}},
	{{STALE, SLOW}, 2, {VF_STATUS_FAIL, 0, FALSE}},
	{{STALE, CUT}, 2, {VF_STATUS_FAIL, 0, FALSE}},
	{{BLIND, PASS}, 2, {VF_STATUS_PASS, 1, FALSE}},
	{{BLIND, BLIND, STALE, CURVE}, 4, {VF_STATUS_FAIL, 3, FALSE}},
	{{BLIND, BLIND}, 2, {VF_STATUS_ERROR, 1, FALSE}},
};

static void test_outcomes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		VfRetryOutcome outcome = vf_retry_outcome(outcomes[i].done, outcomes[i].count);

		g_test_message("row %zu", i);
		g_assert_cmpint(outcome.status, ==, outcomes[i].expected.status);
		g_assert_cmpuint(outcome.decided_by, ==, outcomes[i].expected.decided_by);
		g_assert_cmpint(outcome.flaky, ==, outcomes[i].expected.flaky);
	}
}

static const struct {
	VfAttempt done[5];
	guint count, layouts, first;
	gboolean more;
	guint layout;
	gboolean curve;
} steps[] = {
	{{PASS}, 0, 0, 0, TRUE, 0, FALSE},
	{{PASS}, 0, 2, 1, TRUE, 1, FALSE},
	{{PASS}, 1, 2, 0, FALSE, 0, FALSE},
	{{FAIL}, 1, 0, 0, TRUE, 0, FALSE},
	{{FAIL}, 1, 2, 2, TRUE, 2, FALSE},
	{{FAIL, FAIL}, 2, 0, 0, FALSE, 0, FALSE},
	{{ERROR, STALE}, 2, 0, 0, TRUE, 0, TRUE},
	{{STALE}, 1, 1, 0, TRUE, 0, TRUE},
	{{STALE, CURVE}, 2, 1, 0, FALSE, 0, FALSE},
	{{STALE, SLOW}, 2, 1, 0, FALSE, 0, FALSE},
	{{STALE, CUT}, 2, 1, 0, FALSE, 0, FALSE},
	{{BLIND}, 1, 2, 0, TRUE, 1, FALSE},
	{{BLIND}, 1, 2, 1, TRUE, 2, FALSE},
	{{BLIND, BLIND}, 2, 2, 1, TRUE, 0, FALSE},
	{{BLIND, BLIND, BLIND}, 3, 2, 1, FALSE, 0, FALSE},
	{{BLIND, STALE}, 2, 2, 1, TRUE, 2, TRUE},
	{{BLIND, ERROR}, 2, 2, 0, TRUE, 1, FALSE},
	{{BLIND}, 1, 0, 0, FALSE, 0, FALSE},
};

static void test_steps(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		VfAttempt next;
		gboolean more = vf_retry_next(steps[i].done, steps[i].count, steps[i].layouts,
					      steps[i].first, &next);

		g_test_message("row %zu", i);
		g_assert_cmpint(more, ==, steps[i].more);
		if (!more)
			continue;
		g_assert_cmpuint(next.layout, ==, steps[i].layout);
		g_assert_cmpint(next.curve, ==, steps[i].curve);
	}
}

static void test_bounded(void)
{
	static const VfAttempt blind = BLIND;
	VfAttempt done[VF_RETRY_MAX], next;
	guint n = 0;

	while (n < VF_RETRY_MAX && vf_retry_next(done, n, 100, 0, &done[n])) {
		g_assert_cmpuint(done[n].layout, ==, n);
		done[n].status = blind.status;
		done[n].again = blind.again;
		n++;
	}
	g_assert_cmpuint(n, ==, VF_RETRY_MAX);
	g_assert_false(vf_retry_next(done, n, 100, 0, &next));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/retry/outcomes", test_outcomes);
	g_test_add_func("/retry/steps", test_steps);
	g_test_add_func("/retry/bounded", test_bounded);
	return g_test_run();
}
