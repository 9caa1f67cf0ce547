// SPDX-License-Identifier: GPL-2.0-or-later
/* A lab's opinion about the end of a job, and the verdict that it leads to. */
#include <string.h>

#include "evidence/verdict.h"
#include "guest/lava/end.h"

typedef enum { NOTHING, BOOTED, PANICKED, REPORTED, FAILED } Guest;

static char *no_words[] = {NULL};
static VfJob job = {.name = (char *)"boot", .devices = no_words, .cases = no_words};

static const struct {
	VfLavaHealth health;
	const char *type, *message;
	gboolean silent;
	Guest guest;
	VfEnd end;
	VfStatus status;
	const char *reason;
} cases[] = {
	/* complete is what the pipeline was, not the kernel */
	{VF_LAVA_COMPLETE, NULL, NULL, FALSE, REPORTED, VF_END_EXIT, VF_STATUS_PASS,
	 "1 case passed"},
	{VF_LAVA_COMPLETE, NULL, NULL, FALSE, FAILED, VF_END_EXIT, VF_STATUS_FAIL, "a failed"},
	{VF_LAVA_COMPLETE, NULL, NULL, FALSE, BOOTED, VF_END_EXIT, VF_STATUS_ERROR,
	 "without end marker"},
	{VF_LAVA_COMPLETE, NULL, NULL, FALSE, PANICKED, VF_END_PANIC, VF_STATUS_FAIL, "panic: x"},
	{VF_LAVA_COMPLETE, NULL, NULL, FALSE, NOTHING, VF_END_EXIT, VF_STATUS_ERROR,
	 "without end marker"},
	/* the guest's own words weigh more than the lab's class */
	{VF_LAVA_INCOMPLETE, "Infrastructure", "Connection closed", FALSE, PANICKED, VF_END_PANIC,
	 VF_STATUS_FAIL, "panic: x"},
	{VF_LAVA_INCOMPLETE, "Infrastructure", "Connection closed", FALSE, REPORTED, VF_END_EXIT,
	 VF_STATUS_PASS, "1 case passed"},
	{VF_LAVA_INCOMPLETE, "Infrastructure", "Connection closed", FALSE, BOOTED, VF_END_LOST,
	 VF_STATUS_MISS, "job 17 is incomplete: Infrastructure: Connection closed"},
	{VF_LAVA_INCOMPLETE, "Configuration", "no", FALSE, NOTHING, VF_END_LOST, VF_STATUS_MISS,
	 "Configuration: no"},
	{VF_LAVA_INCOMPLETE, "Bug", "'2'", FALSE, NOTHING, VF_END_LOST, VF_STATUS_MISS, "Bug: '2'"},
	{VF_LAVA_INCOMPLETE, "Job", "Resource unavailable at 'http://a'", FALSE, NOTHING,
	 VF_END_LOST, VF_STATUS_MISS, "Job: Resource unavailable"},
	{VF_LAVA_INCOMPLETE, "Job", "http-download timed out after 300 seconds", FALSE, NOTHING,
	 VF_END_LOST, VF_STATUS_MISS, "http-download timed out"},
	{VF_LAVA_INCOMPLETE, "Job", "wait for prompt timed out", FALSE, NOTHING, VF_END_TIMEOUT,
	 VF_STATUS_FAIL, "timeout after 120 s, with no output at all"},
	{VF_LAVA_INCOMPLETE, "Test", "lava-test-monitor timed out after 180 seconds", FALSE, BOOTED,
	 VF_END_TIMEOUT, VF_STATUS_FAIL, "timeout after 120 s before user space was reached"},
	{VF_LAVA_INCOMPLETE, "LAVATimeout", "lava-test-monitor timed out", FALSE, BOOTED,
	 VF_END_TIMEOUT, VF_STATUS_FAIL, "timeout after 120 s"},
	{VF_LAVA_INCOMPLETE, "Test", "Invalid regular expression", FALSE, BOOTED, VF_END_LOST,
	 VF_STATUS_MISS, "Test: Invalid regular expression"},
	{VF_LAVA_INCOMPLETE, "Novelty", "what?", FALSE, BOOTED, VF_END_LOST, VF_STATUS_MISS,
	 "Novelty: what?"},
	{VF_LAVA_INCOMPLETE, NULL, NULL, FALSE, BOOTED, VF_END_LOST, VF_STATUS_MISS,
	 "job 17 is incomplete"},
	{VF_LAVA_CANCELED, "Canceled", NULL, FALSE, BOOTED, VF_END_LOST, VF_STATUS_MISS,
	 "job 17 was cancelled"},
	{VF_LAVA_CANCELED, "Canceled", NULL, TRUE, BOOTED, VF_END_SILENCE, VF_STATUS_FAIL,
	 "silent for 30 s"},
	{VF_LAVA_UNKNOWN, NULL, NULL, FALSE, BOOTED, VF_END_LOST, VF_STATUS_MISS,
	 "ended with unknown health"},
};

static void add_case(VfEvidence *e, VfStatus status)
{
	VfCase *c = g_new0(VfCase, 1);

	c->name = g_strdup("a");
	c->status = status;
	g_ptr_array_add(e->cases, c);
}

static void panic(VfEvidence *e)
{
	VfSplat *splat = g_new0(VfSplat, 1);

	splat->class = g_strdup("panic");
	splat->reason = g_strdup("x");
	splat->excerpt = g_strdup("x");
	splat->fatal = TRUE;
	g_ptr_array_add(e->splats, splat);
}

static VfEvidence *evidence_of(Guest guest)
{
	VfEvidence *e = vf_evidence_new();

	e->console_bytes = guest == NOTHING ? 0 : 1000;
	if (guest == PANICKED)
		panic(e);
	if (guest != REPORTED && guest != FAILED)
		return e;
	e->channel = e->end_marker = e->init_end = TRUE;
	e->program_exit = 0;
	add_case(e, guest == REPORTED ? VF_STATUS_PASS : VF_STATUS_FAIL);
	return e;
}

static void test_table(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(VfEvidence) e = evidence_of(cases[i].guest);
		g_autoptr(VfVerdict) verdict = NULL;
		VfLavaJob lava_job = {
			.id = (char *)"17",
			.health = cases[i].health,
			.state = VF_LAVA_FINISHED,
			.started = 1000000,
			.ended = 3500000,
		};
		const VfLavaOutcome outcome = {
			.job = &lava_job,
			.error_type = (char *)cases[i].type,
			.error_message = (char *)cases[i].message,
			.silent = cases[i].silent,
		};

		vf_lava_take_end(e, &outcome, 120, 30);
		verdict = vf_verdict_new(e, &job);
		g_test_message("case %zu: %s", i, verdict->reason);
		g_assert_cmpint(e->end, ==, cases[i].end);
		g_assert_cmpint(verdict->status, ==, cases[i].status);
		g_assert_nonnull(strstr(verdict->reason, cases[i].reason));
		g_assert_cmpfloat(e->seconds, ==, 2.5);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lava-end/table", test_table);
	return g_test_run();
}
