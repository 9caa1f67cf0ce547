// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <string.h>

#include "evidence/verdict-rules.h"
#include "evidence/verdict.h"

static char *required[] = {"a", NULL};
static char *windows[] = {"ring", NULL};
static char *only_hppa[] = {"hppa", NULL};

static VfJob job = {.name = "boot", .cases = required};
static VfJob model_job = {
	.name = "capture",
	.cases = required,
	.model = {.present = TRUE, .track = "dma", .arm = "dma", .windows = windows},
};
static VfJob hppa_job = {
	.name = "capture",
	.cases = required,
	.model = {.present = TRUE, .track = "dma", .arm = "dma", .only = only_hppa},
};

static void add_case(VfEvidence *e, const char *name, VfStatus status, const char *detail)
{
	VfCase *c = g_new0(VfCase, 1);

	c->name = g_strdup(name);
	c->status = status;
	c->detail = g_strdup(detail);
	g_ptr_array_add(e->cases, c);
}

static VfSplat *add_splat(VfEvidence *e, const char *class, const char *reason, gsize offset)
{
	VfSplat *s = g_new0(VfSplat, 1);

	s->class = g_strdup(class);
	s->reason = g_strdup(reason);
	s->excerpt = g_strdup_printf("%s excerpt\n", class);
	s->offset = offset;
	g_ptr_array_add(e->splats, s);
	return s;
}

static VfHazard *add_hazard(VfEvidence *e, const char *class, const char *bucket, guint64 count)
{
	VfHazard *h = g_new0(VfHazard, 1);

	h->class = g_strdup(class);
	h->bucket = g_strdup(bucket);
	h->window = g_strdup("ring");
	h->count = count;
	h->pc_source = g_strdup("vpeirq drivers/media/x.c:198");
	g_ptr_array_add(e->hazards, h);
	return h;
}

static void set_coverage(VfEvidence *e, int aliased, int laps, int loads)
{
	json_decref(e->coverage);
	e->coverage = json_pack("{s:[{s:s,s:i,s:i,s:i,s:i,s:i,s:i}]}", "windows", "window", "ring",
				"aliased", aliased, "laps", laps, "loads", loads, "target_loads",
				loads, "target_dma_bytes", 1000, "unmatched", 0);
}

/* A run that is good in every respect; each row below spoils it in its way. */
static VfEvidence *good(void)
{
	VfEvidence *e = vf_evidence_new();

	e->arch = g_strdup("hppa");
	e->colours = 8;
	e->end = VF_END_EXIT;
	e->channel = TRUE;
	e->end_marker = TRUE;
	e->init_end = TRUE;
	e->console_bytes = 1000;
	e->program_exit = 0;
	add_case(e, "a", VF_STATUS_PASS, NULL);
	add_case(e, "b/c", VF_STATUS_PASS, NULL);
	e->model = TRUE;
	set_coverage(e, 47, 20, 1000);
	return e;
}

static void set(char **slot, const char *text)
{
	g_free(*slot);
	*slot = g_strdup(text);
}

static void info(VfEvidence *e, const char *key, const char *value)
{
	g_hash_table_insert(e->info, g_strdup(key), g_strdup(value));
}

static void cut_off(VfEvidence *e, VfEnd end)
{
	e->end = end;
	e->limit = 30;
	e->end_marker = FALSE;
	e->init_end = FALSE;
	e->program_exit = -1;
}

static void as_is(G_GNUC_UNUSED VfEvidence *e)
{
}

static void cancelled(VfEvidence *e)
{
	e->end = VF_END_CANCELLED;
}

static void not_started(VfEvidence *e)
{
	cut_off(e, VF_END_START);
	set(&e->error, "no such machine");
}

static void killed(VfEvidence *e)
{
	cut_off(e, VF_END_SIGNAL);
	e->exit_status = SIGKILL;
	set(&e->ktap_error, "KTAP ends");
}

static void killed_late(VfEvidence *e)
{
	e->end = VF_END_SIGNAL;
	e->exit_status = SIGSEGV;
}

static void lost(VfEvidence *e)
{
	cut_off(e, VF_END_LOST);
	set(&e->error, "qemu+ssh://a/session: the connection broke");
	set(&e->ktap_error, "KTAP ends");
	add_splat(e, "oops", "half an", 10);
}

static void lost_late(VfEvidence *e)
{
	e->end = VF_END_LOST;
}

static void lost_with_report(VfEvidence *e)
{
	e->end = VF_END_LOST;
	e->model = FALSE;
}

static void watchdog(VfEvidence *e)
{
	cut_off(e, VF_END_PANIC);
	e->watchdog = TRUE;
}

static void panicked(VfEvidence *e)
{
	cut_off(e, VF_END_PANIC);
	add_splat(e, "panic", "no init", 10)->fatal = TRUE;
}

static void oops_then_panic(VfEvidence *e)
{
	add_splat(e, "oops", "NULL pointer", 5);
	add_splat(e, "atomic", "scheduling while atomic", 6)->linked = TRUE;
	panicked(e);
	((VfSplat *)e->splats->pdata[e->splats->len - 1])->linked = TRUE;
}

static void warning_then_oops_then_panic(VfEvidence *e)
{
	add_splat(e, "warning", "at boot", 1);
	oops_then_panic(e);
}

static void warning_long_before_panic(VfEvidence *e)
{
	add_splat(e, "warning", "at boot", 1);
	panicked(e);
}

static void expected_before_panic(VfEvidence *e)
{
	add_splat(e, "warning", "x.c:1", 1)->expected = TRUE;
	panicked(e);
	((VfSplat *)e->splats->pdata[1])->linked = TRUE;
}

static void oops_then_pvpanic(VfEvidence *e)
{
	add_splat(e, "oops", "NULL pointer", 5);
	cut_off(e, VF_END_PANIC);
	e->pvpanic = TRUE;
}

static void pvpanic(VfEvidence *e)
{
	cut_off(e, VF_END_PANIC);
	e->pvpanic = TRUE;
}

static void pvpanic_late(VfEvidence *e)
{
	e->pvpanic = TRUE;
	add_splat(e, "panic", "on the way out", 2000)->after_end = TRUE;
	((VfSplat *)e->splats->pdata[0])->fatal = TRUE;
	e->lingered = TRUE;
}

static void oops_kills_program(VfEvidence *e)
{
	add_splat(e, "oops", "NULL pointer", 5);
	set(&e->ktap_error, "KTAP ends after line 3");
	e->program_exit = 128 + 9;
}

static void oops_then_silence(VfEvidence *e)
{
	add_splat(e, "oops", "NULL pointer", 5);
	cut_off(e, VF_END_SILENCE);
}

static void silent(VfEvidence *e)
{
	cut_off(e, VF_END_SILENCE);
}

static void mute(VfEvidence *e)
{
	cut_off(e, VF_END_SILENCE);
	e->console_bytes = 0;
	e->channel = FALSE;
	g_ptr_array_set_size(e->cases, 0);
}

static void stuck_in_boot(VfEvidence *e)
{
	cut_off(e, VF_END_TIMEOUT);
	e->channel = FALSE;
	g_ptr_array_set_size(e->cases, 0);
}

static void program_timeout(VfEvidence *e)
{
	info(e, "exit", "timeout:600");
	set(&e->ktap_error, "KTAP ends after line 3");
	e->program_exit = 137;
}

static void program_stuck(VfEvidence *e)
{
	info(e, "exit", "stuck:600");
	e->program_exit = 137;
}

static void channel_broken(VfEvidence *e)
{
	set(&e->channel_error, "result channel, record 3: wrong checksum");
	e->end_marker = FALSE;
}

static void vanished(VfEvidence *e)
{
	cut_off(e, VF_END_EXIT);
}

static void no_channel(VfEvidence *e)
{
	vanished(e);
	info(e, "init", "no result channel: no UART");
}

static void init_error(VfEvidence *e)
{
	info(e, "error", "cannot start /bin/x");
	g_ptr_array_set_size(e->cases, 0);
	e->program_exit = -1;
}

static void ktap_broken(VfEvidence *e)
{
	set(&e->ktap_error, "KTAP line 3: a second plan");
	e->program_exit = 1;
}

static void no_cases(VfEvidence *e)
{
	g_ptr_array_set_size(e->cases, 0);
}

static void failed(VfEvidence *e)
{
	add_case(e, "b/d", VF_STATUS_FAIL, "look here\n3 bytes differ");
	add_case(e, "b/e", VF_STATUS_FAIL, NULL);
	add_splat(e, "warning", "x.c:1", 5);
	e->program_exit = 1;
}

static void warned(VfEvidence *e)
{
	add_splat(e, "warning", "x.c:1", 5);
	add_splat(e, "warning", "x.c:2", 6);
}

static void warned_late(VfEvidence *e)
{
	add_splat(e, "warning", "x.c:1", 5)->after_end = TRUE;
}

static void warned_expected(VfEvidence *e)
{
	add_splat(e, "warning", "x.c:1", 5)->expected = TRUE;
}

static void noted(VfEvidence *e)
{
	g_ptr_array_add(e->notes, g_strdup("memory: no page"));
	g_ptr_array_add(e->notes, g_strdup("io: no block"));
}

static void broke(VfEvidence *e)
{
	add_case(e, "b/d", VF_STATUS_ERROR, "no memory for the test");
}

static void case_missing(VfEvidence *e)
{
	g_ptr_array_remove_index(e->cases, 0);
	add_case(e, "ab", VF_STATUS_PASS, NULL);
}

static void only_subcase(VfEvidence *e)
{
	g_ptr_array_remove_index(e->cases, 0);
	add_case(e, "a/x", VF_STATUS_PASS, NULL);
}

static void program_crashed(VfEvidence *e)
{
	e->program_exit = 128 + SIGSEGV;
}

static void program_failed(VfEvidence *e)
{
	e->program_exit = 3;
}

static void no_exit(VfEvidence *e)
{
	e->program_exit = -1;
}

static void skipped(VfEvidence *e)
{
	for (guint i = 0; i < e->cases->len; i++) {
		VfCase *c = e->cases->pdata[i];

		c->status = VF_STATUS_SKIP;
		c->detail = g_strdup("no device");
	}
}

static void partly_skipped(VfEvidence *e)
{
	add_case(e, "d", VF_STATUS_SKIP, "no device");
}

static void lingered(VfEvidence *e)
{
	e->lingered = TRUE;
}

static void no_report(VfEvidence *e)
{
	e->model = FALSE;
}

static void bad_report(VfEvidence *e)
{
	e->model = FALSE;
	set(&e->model_error, "report line 2: expected the start first");
}

static void stale(VfEvidence *e)
{
	VfHazard *h = add_hazard(e, "R", "target", 1199700);

	set(&h->caller_source, "dvb_dmx_swfilter drivers/media/y.c:5 < process drivers/z.c:1");
	add_hazard(e, "W", "target", 6016000); /* more, but what follows from R */
	add_hazard(e, "R", "target", 1);
}

static void stale_in_copy(VfEvidence *e)
{
	VfHazard *h = add_hazard(e, "R", "target", 2);

	set(&h->pc_source, "pa_memcpy arch/parisc/lib/lusercopy.S:220");
	set(&h->caller_source, "memcpy arch/parisc/lib/memcpy.c:61 < vpeirq drivers/x.c:198");
	set(&h->buffer, "the ring");
}

static void stale_in_core(VfEvidence *e)
{
	VfHazard *h = add_hazard(e, "R", "target", 1);

	set(&h->pc_source, "memchr_inv lib/string.c:1");
	set(&h->caller_source, "?");
}

/* The driver tells more than the core of its subsystem, which tells more than the kernel's. */
static void stale_in_subsystem(VfEvidence *e)
{
	VfHazard *h = add_hazard(e, "R", "target", 12);

	set(&h->pc_source, "ts_pid drivers/media/dvb-core/dvb_demux.c:70");
	set(&h->caller_source,
	    "dvb_dmx_swfilter drivers/media/dvb-core/dvb_demux.c:503 < vpeirq "
	    "drivers/media/pci/ttpci/budget-core.c:207 < process_one_work kernel/workqueue.c:1");
}

/* The sum of those without an address of their own is the largest, and says nothing. */
static void stale_summed(VfEvidence *e)
{
	VfHazard *sum = add_hazard(e, "R", "target", 1000);

	set(&sum->pc_source, NULL);
	add_hazard(e, "R", "target", 7)->pc = 0x1234;
}

static void pending(VfEvidence *e)
{
	VfHazard *h = add_hazard(e, "W-armed", "target", 19287);

	set(&h->pc_source, NULL);
	set(&h->origin_source, "memset arch/parisc/lib/memset.c:37");
}

static void stale_elsewhere(VfEvidence *e)
{
	add_hazard(e, "R", "audit", 7);
	add_hazard(e, "P-armed", "target", 7);
}

static void stale_and_failed(VfEvidence *e)
{
	stale(e);
	add_case(e, "d", VF_STATUS_FAIL, "wrong byte");
}

static void no_alias(VfEvidence *e)
{
	set_coverage(e, 0, 20, 1000);
}

static void no_alias_possible(VfEvidence *e)
{
	set_coverage(e, 0, 20, 1000);
	e->colours = 1;
}

static void one_lap(VfEvidence *e)
{
	set_coverage(e, 47, 1, 1000);
}

static void no_load(VfEvidence *e)
{
	set_coverage(e, 47, 20, 0);
}

static void no_coverage(VfEvidence *e)
{
	json_decref(e->coverage);
	e->coverage = NULL;
}

static void other_window(VfEvidence *e)
{
	json_t *window = json_array_get(json_object_get(e->coverage, "windows"), 0);

	json_object_set_new(window, "window", json_string("other"));
}

static void unmatched(VfEvidence *e)
{
	json_t *window = json_array_get(json_object_get(e->coverage, "windows"), 0);

	json_object_set_new(window, "unmatched", json_integer(3));
}

static void outside(VfEvidence *e)
{
	json_t *window = json_array_get(json_object_get(e->coverage, "windows"), 0);

	json_object_set_new(window, "outside", json_integer(1));
}

static void no_dma(VfEvidence *e)
{
	json_t *window = json_array_get(json_object_get(e->coverage, "windows"), 0);

	json_object_set_new(window, "target_dma_bytes", json_integer(0));
}

static void out_of_memory(VfEvidence *e)
{
	json_t *window = json_array_get(json_object_get(e->coverage, "windows"), 0);

	json_object_set_new(window, "overflowed", json_true());
}

static void stale_out_of_memory(VfEvidence *e)
{
	stale(e);
	out_of_memory(e);
}

static void curve_out_of_memory(VfEvidence *e)
{
	stale_out_of_memory(e);
	json_object_set_new(e->coverage, "curve", json_pack("[{s:i, s:i}]", "kib", 64, "R", 0));
}

static void dropped(VfEvidence *e)
{
	json_object_set_new(e->coverage, "dropped", json_integer(12));
}

static void other_arch(VfEvidence *e)
{
	stale(e);
	no_coverage(e);
	set(&e->arch, "x86_64");
}

static const struct {
	void (*spoil)(VfEvidence *e);
	const VfJob *job;
	VfStatus status;
	VfAgain again;
	const char *reason;
} rows[] = {
	{as_is, &job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed"},
	{as_is, &model_job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed"},
	{cancelled, &job, VF_STATUS_MISS, VF_AGAIN_NO, "stopped by the user"},
	{not_started, &job, VF_STATUS_MISS, VF_AGAIN_NO, "QEMU did not start: no such machine"},
	{killed, &job, VF_STATUS_MISS, VF_AGAIN_SAME, "QEMU was killed by signal 9 (Killed)"},
	{lost, &job, VF_STATUS_MISS, VF_AGAIN_SAME,
	 "the guest was lost: qemu+ssh://a/session: the connection broke"},
	{lost_late, &model_job, VF_STATUS_PASS, VF_AGAIN_NO,
	 "2 cases passed; the guest was lost after the end"},
	{lost_with_report, &model_job, VF_STATUS_MISS, VF_AGAIN_SAME,
	 "the guest was lost: nobody knows why"},
	{watchdog, &job, VF_STATUS_FAIL, VF_AGAIN_SAME, "the watchdog of the board fired"},
	{killed_late, &job, VF_STATUS_PASS, VF_AGAIN_NO,
	 "2 cases passed; QEMU was killed by signal 11 after the end"},
	{panicked, &job, VF_STATUS_FAIL, VF_AGAIN_SAME, "panic: no init"},
	{oops_then_panic, &job, VF_STATUS_FAIL, VF_AGAIN_SAME,
	 "oops: NULL pointer; then panic: no init"},
	{warning_then_oops_then_panic, &job, VF_STATUS_FAIL, VF_AGAIN_SAME,
	 "oops: NULL pointer; then panic: no init"},
	{warning_long_before_panic, &job, VF_STATUS_FAIL, VF_AGAIN_SAME,
	 "panic: no init (earlier: warning: at boot)"},
	{expected_before_panic, &job, VF_STATUS_FAIL, VF_AGAIN_SAME, "panic: no init"},
	{oops_then_pvpanic, &job, VF_STATUS_FAIL, VF_AGAIN_SAME,
	 "oops: NULL pointer; then panic: the guest said so by pvpanic"},
	{noted, &job, VF_STATUS_PASS, VF_AGAIN_NO,
	 "2 cases passed; noted: memory: no page (and 1 more)"},
	{pvpanic, &job, VF_STATUS_FAIL, VF_AGAIN_SAME, "panic: the guest said so by pvpanic"},
	{pvpanic_late, &job, VF_STATUS_PASS, VF_AGAIN_NO,
	 "2 cases passed; after the end: panic: on the way out; the guest did not power off by "
	 "itself"},
	{oops_kills_program, &job, VF_STATUS_FAIL, VF_AGAIN_SAME, "oops: NULL pointer"},
	{oops_then_silence, &job, VF_STATUS_FAIL, VF_AGAIN_SAME,
	 "oops: NULL pointer, then silent for 30 s"},
	{silent, &job, VF_STATUS_FAIL, VF_AGAIN_SAME, "silent for 30 s after b/c"},
	{mute, &job, VF_STATUS_FAIL, VF_AGAIN_SAME, "silent for 30 s, with no output at all"},
	{stuck_in_boot, &job, VF_STATUS_FAIL, VF_AGAIN_SAME,
	 "timeout after 30 s before user space was reached"},
	{program_timeout, &job, VF_STATUS_FAIL, VF_AGAIN_SAME,
	 "timeout: the program did not end within 600 s"},
	{program_stuck, &job, VF_STATUS_FAIL, VF_AGAIN_SAME,
	 "timeout: the program did not end within 600 s and cannot be killed"},
	{channel_broken, &job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "result channel, record 3: wrong checksum"},
	{vanished, &job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "QEMU exited with status 0 without end marker"},
	{no_channel, &job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "QEMU exited with status 0 without end marker: no result channel: no UART"},
	{init_error, &job, VF_STATUS_ERROR, VF_AGAIN_SAME, "the guest's init: cannot start /bin/x"},
	{ktap_broken, &job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "KTAP line 3: a second plan (the program exited with status 1)"},
	{no_cases, &job, VF_STATUS_ERROR, VF_AGAIN_SAME, "no test case reported a result"},
	{failed, &job, VF_STATUS_FAIL, VF_AGAIN_SAME, "b/d failed: 3 bytes differ (2 of 4 cases)"},
	{warned, &job, VF_STATUS_FAIL, VF_AGAIN_SAME, "warning: x.c:1 (and 1 more)"},
	{warned_late, &job, VF_STATUS_PASS, VF_AGAIN_NO,
	 "2 cases passed; after the end: warning: x.c:1"},
	{warned_expected, &job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed"},
	{broke, &job, VF_STATUS_ERROR, VF_AGAIN_SAME, "b/d broke: no memory for the test"},
	{case_missing, &job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "the required case a reported no result"},
	{only_subcase, &job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed"},
	{program_crashed, &job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "every case passed, but the program was killed by signal 11"},
	{program_failed, &job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "every case passed, but the program exited with status 3"},
	{no_exit, &job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "the guest did not say how the program ended"},
	{skipped, &job, VF_STATUS_SKIP, VF_AGAIN_NO, "no device"},
	{skipped, &model_job, VF_STATUS_SKIP, VF_AGAIN_NO, "no device"},
	{partly_skipped, &job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed, 1 skipped"},
	{lingered, &job, VF_STATUS_PASS, VF_AGAIN_NO,
	 "2 cases passed; the guest did not power off by itself"},
	{no_report, &job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed"},
	{no_report, &model_job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "the coherence model's report has no end"},
	{bad_report, &model_job, VF_STATUS_ERROR, VF_AGAIN_SAME,
	 "coherence model: report line 2: expected the start first"},
	{stale, &model_job, VF_STATUS_FAIL, VF_AGAIN_CURVE,
	 "R: 1 199 701 stale loads at vpeirq drivers/media/x.c:198"},
	{stale, &job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed"},
	{stale_in_copy, &model_job, VF_STATUS_FAIL, VF_AGAIN_CURVE,
	 "R: 2 stale loads in the ring at vpeirq drivers/x.c:198, in pa_memcpy "
	 "arch/parisc/lib/lusercopy.S:220"},
	{stale_in_core, &model_job, VF_STATUS_FAIL, VF_AGAIN_CURVE,
	 "R: 1 stale loads at memchr_inv lib/string.c:1"},
	{stale_in_subsystem, &model_job, VF_STATUS_FAIL, VF_AGAIN_CURVE,
	 "R: 12 stale loads at vpeirq drivers/media/pci/ttpci/budget-core.c:207, in ts_pid "
	 "drivers/media/dvb-core/dvb_demux.c:70"},
	{stale_summed, &model_job, VF_STATUS_FAIL, VF_AGAIN_CURVE,
	 "R: 1 007 stale loads at vpeirq drivers/media/x.c:198"},
	{pending, &model_job, VF_STATUS_FAIL, VF_AGAIN_CURVE,
	 "W-armed: 19 287 pending write-backs over newer data of what memset "
	 "arch/parisc/lib/memset.c:37 wrote"},
	{stale_elsewhere, &model_job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed"},
	{stale_and_failed, &model_job, VF_STATUS_FAIL, VF_AGAIN_SAME, "d failed: wrong byte"},
	{no_alias, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: no page of a tested buffer was used under two colours in the window ring"},
	{no_alias_possible, &model_job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed"},
	{one_lap, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: DMA went over the buffer less than twice in the window ring"},
	{no_load, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: no load was seen in the window ring"},
	{no_load, &hppa_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: no access to a tested buffer was seen"},
	{no_coverage, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: the model watched nothing"},
	{other_window, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: the window ring was never opened"},
	{unmatched, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: 3 cache operations could not be matched to memory"},
	{outside, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: memory was used that the model does not watch"},
	{no_dma, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: no DMA to a tested buffer was seen in the window ring"},
	{out_of_memory, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: the model ran out of memory"},
	{stale_out_of_memory, &model_job, VF_STATUS_FAIL, VF_AGAIN_CURVE,
	 "R: 1 199 701 stale loads at vpeirq drivers/media/x.c:198"},
	{curve_out_of_memory, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: the model ran out of memory"},
	{dropped, &model_job, VF_STATUS_ERROR, VF_AGAIN_LAYOUT,
	 "not exercised: the model left out 12 hazards"},
	{stale, &hppa_job, VF_STATUS_FAIL, VF_AGAIN_CURVE,
	 "R: 1 199 701 stale loads at vpeirq drivers/media/x.c:198"},
	{other_arch, &hppa_job, VF_STATUS_PASS, VF_AGAIN_NO, "2 cases passed"},
};

static void test_rows(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(VfEvidence) e = good();
		g_autoptr(VfVerdict) verdict = NULL;

		rows[i].spoil(e);
		verdict = vf_verdict_new(e, rows[i].job);
		g_assert_cmpstr(verdict->reason, ==, rows[i].reason);
		g_assert_cmpstr(vf_status_name(verdict->status), ==,
				vf_status_name(rows[i].status));
		g_assert_cmpint(verdict->again, ==, rows[i].again);
	}
}

static gboolean says_and_declines(VfSaid *said)
{
	vf_show(said, "not the excerpt\n");
	return !vf_say(said, "not the reason, ");
}

static gboolean says(VfSaid *said)
{
	return vf_say(said, "the reason");
}

static void test_declined(void)
{
	static const VfRule table[] = {
		{VF_STATUS_FAIL, VF_AGAIN_SAME, says_and_declines},
		{VF_STATUS_ERROR, VF_AGAIN_NO, says},
	};
	g_autoptr(VfEvidence) e = good();
	g_autoptr(VfVerdict) verdict = vf_verdict_by(table, e, &job);

	g_assert_cmpint(verdict->status, ==, VF_STATUS_ERROR);
	g_assert_cmpstr(verdict->reason, ==, "the reason");
	g_assert_null(verdict->excerpt);
}

static void expect_excerpt(void (*spoil)(VfEvidence *), const VfJob *j, const char *excerpt)
{
	g_autoptr(VfEvidence) e = good();
	g_autoptr(VfVerdict) verdict = NULL;

	spoil(e);
	verdict = vf_verdict_new(e, j);
	g_assert_cmpstr(verdict->excerpt, ==, excerpt);
}

static void test_excerpts(void)
{
	expect_excerpt(as_is, &job, NULL);
	expect_excerpt(panicked, &job, "panic excerpt\n");
	expect_excerpt(oops_then_panic, &job, "oops excerpt\n");
	expect_excerpt(failed, &job, "b/d\nlook here\n3 bytes differ\nb/e\n");
	expect_excerpt(silent, &job, "PASS a\nPASS b/c\n");
	expect_excerpt(stale_in_copy, &model_job,
		       "R 2 times, 0 bytes, window ring\n"
		       "  at pa_memcpy arch/parisc/lib/lusercopy.S:220\n"
		       "  called from memcpy arch/parisc/lib/memcpy.c:61 < vpeirq drivers/x.c:198\n"
		       "  va 0x0 pa 0x0 colour 0, latest in colour 0, expected 0x00, a real cache "
		       "gives 0x00\n");
	expect_excerpt(warned_late, &job, "warning excerpt\n");
}

static void test_bounded(void)
{
	g_autoptr(VfEvidence) e = good();
	g_autoptr(VfVerdict) verdict = NULL;
	g_autofree char *detail = g_strnfill(2000, 'x');

	for (guint i = 0; i < 100; i++)
		add_case(e, "n\xc3\xa4me", VF_STATUS_FAIL, detail);
	verdict = vf_verdict_new(e, &job);
	g_assert_cmpuint(strlen(verdict->excerpt), <=, 16 * 1024);
	g_assert_cmpuint(strlen(verdict->reason), <=, 1010);
	g_assert_true(g_utf8_validate(verdict->excerpt, -1, NULL));
}

static void test_errors(void)
{
	static const struct {
		VfErrorCode code;
		VfStatus status;
	} errors[] = {
		{VF_ERROR_USAGE, VF_STATUS_ERROR},  {VF_ERROR_DATA, VF_STATUS_ERROR},
		{VF_ERROR_MISSING, VF_STATUS_MISS}, {VF_ERROR_PATCH, VF_STATUS_FAIL},
		{VF_ERROR_COMPILE, VF_STATUS_FAIL}, {VF_ERROR_CONFIG, VF_STATUS_ERROR},
		{VF_ERROR_HARNESS, VF_STATUS_MISS}, {VF_ERROR_PROTOCOL, VF_STATUS_ERROR},
		{VF_ERROR_IO, VF_STATUS_MISS},	    {VF_ERROR_CANCELLED, VF_STATUS_MISS},
	};
	g_autoptr(GError) other = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOENT, "gone");

	for (guint i = 0; i < G_N_ELEMENTS(errors); i++) {
		g_autoptr(GError) error = g_error_new(VF_ERROR, errors[i].code, "why");
		g_autoptr(VfVerdict) verdict = vf_verdict_from_error(error);

		g_assert_cmpint(verdict->status, ==, errors[i].status);
		g_assert_cmpstr(verdict->reason, ==, "why");
		g_assert_cmpint(verdict->again, ==, VF_AGAIN_NO);
	}
	g_assert_cmpint(vf_error_status(other), ==, VF_STATUS_MISS);
}

static void test_names(void)
{
	for (VfStatus status = VF_STATUS_SKIP; status <= VF_STATUS_FAIL; status++) {
		VfStatus back = VF_STATUS_SKIP;

		g_assert_true(vf_status_parse(vf_status_name(status), &back));
		g_assert_cmpint(back, ==, status);
	}
	g_assert_false(vf_status_parse("pass", &(VfStatus){0}));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/verdict/rows", test_rows);
	g_test_add_func("/verdict/declined", test_declined);
	g_test_add_func("/verdict/excerpts", test_excerpts);
	g_test_add_func("/verdict/bounded", test_bounded);
	g_test_add_func("/verdict/errors", test_errors);
	g_test_add_func("/verdict/names", test_names);
	return g_test_run();
}
