// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests that misbehave, played by fake-qemu: from the child's first byte to the verdict. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>

#include "evidence/verdict.h"
#include "guest/guest.h"
#include "fake-guest.h"
#include "scratch.h"

static char *required[] = {"first", NULL};
static VfTriagePattern panic = {.class = "panic",
				.pattern = "Kernel panic - not syncing: (.*)",
				.effect = VF_TRIAGE_FATAL};
static VfTriagePattern warning = {.class = "warning",
				  .pattern = "WARNING: (.*)",
				  .effect = VF_TRIAGE_FAIL};

typedef struct Fixture {
	Scratch *scratch;
	VfArch arch;
	VfBoard board;
	VfJob job;
	VfKernel kernel;
	VfInitramfs initramfs;
	VfTask task;
	VfGuestSpec spec;
	GMainLoop *loop;
	GCancellable *cancellable;
	GString *stages;
	VfEvidence *evidence;
	GError *error;
	char *append[2];
} Fixture;

static void set_up(Fixture *f, gconstpointer mode)
{
	*f = (Fixture){
		.scratch = scratch_new(),
		.arch = FAKE_ARCH,
		.board = FAKE_BOARD,
		.job = {.name = "j",
			.program = "p",
			.timeout = 60,
			.silence = 30,
			.cases = required},
		.kernel = {.image = "/k", .vmlinux = "/k", .symbols = "/k"},
		.initramfs = {.path = "/i"},
		.task = {.arch = &f->arch, .board = &f->board, .job = &f->job},
		.loop = g_main_loop_new(NULL, FALSE),
		.cancellable = g_cancellable_new(),
		.stages = g_string_new(NULL),
	};
	f->arch.qemu.binary = FAKE_QEMU;
	f->arch.qemu.package = "fake-package";
	f->arch.qemu.minimum = "10.0";
	f->arch.triage = g_ptr_array_new();
	g_ptr_array_add(f->arch.triage, &panic);
	g_ptr_array_add(f->arch.triage, &warning);
	f->append[0] = g_strdup_printf("fake=%s", (const char *)mode);
	f->spec = (VfGuestSpec){
		.task = &f->task,
		.kernel = &f->kernel,
		.initramfs = &f->initramfs,
		.directory = f->scratch->path,
		.run_id = "test",
		.append = f->append,
	};
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	g_clear_pointer(&f->evidence, vf_evidence_free);
	g_clear_error(&f->error);
	g_main_loop_unref(f->loop);
	g_object_unref(f->cancellable);
	g_string_free(f->stages, TRUE);
	g_ptr_array_unref(f->arch.triage);
	g_free(f->append[0]);
	scratch_free(f->scratch);
}

static void on_stage(VfGuestStage stage, const char *detail, gpointer data)
{
	g_string_append_printf(((Fixture *)data)->stages, "%d%s%s ", stage, detail ? ":" : "",
			       detail ? detail : "");
}

static void on_done(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Fixture *f = data;

	f->evidence = vf_guest_qemu.run_finish(result, &f->error);
	g_main_loop_quit(f->loop);
}

static void run(Fixture *f)
{
	vf_guest_qemu.run_async(&vf_guest_qemu, &f->spec, f->cancellable, on_stage, f, on_done, f);
	g_main_loop_run(f->loop);
}

static void expect(Fixture *f, VfStatus status, const char *reason)
{
	g_autoptr(VfVerdict) verdict = NULL;

	if (!f->evidence)
		run(f);
	g_assert_no_error(f->error);
	verdict = vf_verdict_new(f->evidence, &f->job);
	g_assert_cmpstr(verdict->reason, ==, reason);
	g_assert_cmpint(verdict->status, ==, status);
}

static char *artefact(const char *name)
{
	char *text = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(name, &text, NULL, &error);
	g_assert_no_error(error);
	return text;
}

static void test_good(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	g_autofree char *console = NULL, *result = NULL, *argv = NULL, *log = NULL;

	expect(f, VF_STATUS_PASS, "2 cases passed");
	g_assert_cmpstr(f->stages->str, ==, "0 1 2 2:first 2:second 3 ");
	g_assert_cmpstr(f->evidence->emulator, ==, "QEMU 10.0.2 (fake)");
	g_assert_cmpstr(g_hash_table_lookup(f->evidence->info, "kernel"), ==, "6.12");
	g_assert_cmpint(f->evidence->end, ==, VF_END_EXIT);
	g_assert_true(f->evidence->init_end);
	g_assert_null(f->evidence->error);
	g_assert_cmpfloat(f->evidence->seconds, <, 10);
	console = artefact("console.log");
	result = artefact("result.log");
	argv = artefact("argv");
	log = artefact("qemu.log");
	g_assert_true(g_str_has_prefix(console, "Linux version 6.12\r\nvifarm: init up\r\n"));
	g_assert_cmpuint(strlen(console), ==, f->evidence->console_bytes);
	g_assert_true(g_str_has_prefix(result, "~vf 0 I "));
	g_assert_nonnull(strstr(argv, "fake-qemu"));
	g_assert_cmpstr(log, ==, "");
}

static void test_failing(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_FAIL, "second failed: second: 3 bytes differ");
}

static void test_warned(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_FAIL, "warning: CPU: 0 PID: 1 at drivers/x.c:7 f+0x1/0x2");
}

static void test_silent(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	f->job.silence = 1;
	expect(f, VF_STATUS_FAIL, "silent for 1 s");
	g_assert_cmpfloat(f->evidence->seconds, <, 5);
}

static void test_mute(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	f->job.silence = 1;
	expect(f, VF_STATUS_FAIL, "silent for 1 s, with no output at all");
}

static void test_loop(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	f->job.silence = 1;
	f->spec.timeout = 2;
	expect(f, VF_STATUS_FAIL, "timeout after 2 s");
	g_assert_cmpfloat(f->evidence->seconds, >=, 2);
	g_assert_cmpfloat(f->evidence->seconds, <, 6);
}

static void test_flood(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	struct rusage usage;
	GStatBuf status;

	expect(f, VF_STATUS_PASS, "2 cases passed");
	g_assert_cmpuint(f->evidence->console_bytes, >, 100 * 1000 * 1000);
	g_assert_true(f->evidence->console_cut);
	g_assert_cmpint(g_stat("console.log", &status), ==, 0);
	g_assert_cmpint(status.st_size, <, 17 * 1024 * 1024);
	g_assert_cmpint(getrusage(RUSAGE_SELF, &usage), ==, 0);
	g_test_message("peak memory %ld KiB", usage.ru_maxrss);
#ifndef __SANITIZE_ADDRESS__
	g_assert_cmpint(usage.ru_maxrss, <, 50 * 1024);
#endif
}

static void test_truncated(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_ERROR,
	       "KTAP ends after line 3: the top level planned 2 cases and has results of 1");
}

static void test_corrupt(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_ERROR,
	       "result channel, record 3: wrong checksum: \"~vf 3 K 00000000 ok 1 first\"");
}

static void test_plan(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_ERROR, "KTAP line 5: beyond the plan 1..2: \"ok 3 third\"");
}

static void test_binary(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_ERROR,
	       "KTAP line 3: bytes that are not text: \"ok 1 \\x00\\xff\\x1b[2J\"");
}

static void test_nothing(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_ERROR, "no test case reported a result");
}

static void test_vanish(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_ERROR, "QEMU exited with status 0 without end marker");
}

static void test_killed(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_MISS, "QEMU was killed by signal 9 (Killed)");
}

static void test_panic(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_FAIL, "panic: Attempted to kill init!");
	g_assert_cmpint(f->evidence->end, ==, VF_END_PANIC);
	g_assert_cmpfloat(f->evidence->seconds, <, 5);
	g_assert_nonnull(strstr(((VfSplat *)f->evidence->splats->pdata[0])->excerpt, "halted"));
}

static void test_pvpanic(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_FAIL, "panic: the guest said so by pvpanic");
	g_assert_cmpfloat(f->evidence->seconds, <, 5);
}

static void test_watchdog(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_FAIL, "the watchdog of the board fired");
	g_assert_cmpfloat(f->evidence->seconds, <, 5);
}

static void test_stubborn(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_FAIL, "panic: Attempted to kill init!");
	g_assert_cmpfloat(f->evidence->seconds, <, 8);
}

static void test_refuse(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	g_autofree char *log = NULL;

	expect(f, VF_STATUS_MISS,
	       "QEMU did not start: qemu-system-fake: -device nosuch: 'nosuch' is not a valid "
	       "device model name");
	log = artefact("qemu.log");
	g_assert_true(g_str_has_suffix(log, "and more\n"));
}

static void test_linger(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_PASS, "2 cases passed; the guest did not power off by itself");
	g_assert_cmpfloat(f->evidence->seconds, >=, 10);
	g_assert_cmpfloat(f->evidence->seconds, <, 15);
}

static void test_late_panic(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	expect(f, VF_STATUS_PASS,
	       "2 cases passed; after the end: panic: on the way out; the guest did not power off "
	       "by itself");
	g_assert_cmpfloat(f->evidence->seconds, <, 5);
}

static void test_model(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	f->spec.plugin = "/vifarm.so";
	f->job.model.present = TRUE;
	f->job.model.track = "dma";
	f->job.model.arm = "dma";
	expect(f, VF_STATUS_ERROR, "not exercised: the model watched nothing");
	g_assert_true(f->evidence->model);
}

static void test_no_report(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	f->spec.plugin = "/vifarm.so";
	f->job.model.present = TRUE;
	f->job.model.track = "dma";
	f->job.model.arm = "dma";
	expect(f, VF_STATUS_ERROR, "coherence model: QEMU left no report of the model");
}

static void test_no_binary(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	f->arch.qemu.binary = "/nonexistent/qemu";
	expect(f, VF_STATUS_MISS,
	       "QEMU did not start: /nonexistent/qemu: not found; install the package "
	       "fake-package");
}

static void test_no_directory(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	f->spec.directory = "/nonexistent";
	run(f);
	g_assert_error(f->error, VF_ERROR, VF_ERROR_IO);
}

static gboolean cancel(gpointer cancellable)
{
	g_cancellable_cancel(cancellable);
	return G_SOURCE_REMOVE;
}

static void test_cancel(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	gint64 start = g_get_monotonic_time();

	g_timeout_add(300, cancel, f->cancellable);
	run(f);
	g_assert_error(f->error, VF_ERROR, VF_ERROR_CANCELLED);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 3 * G_USEC_PER_SEC);
}

static void test_cancelled_before(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	g_cancellable_cancel(f->cancellable);
	run(f);
	g_assert_error(f->error, VF_ERROR, VF_ERROR_CANCELLED);
}

static void test_check(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(vf_guest_qemu.check(&vf_guest_qemu, &f->task, &error));
	g_assert_no_error(error);
	f->arch.qemu.minimum = "10.1";
	g_assert_false(vf_guest_qemu.check(&vf_guest_qemu, &f->task, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_MISSING);
}

static void test_reproducer(Fixture *f, G_GNUC_UNUSED gconstpointer mode)
{
	g_autofree char *line = vf_guest_qemu.reproducer(&f->spec);
	g_auto(GStrv) argv = NULL;

	g_assert_true(g_shell_parse_argv(line, NULL, &argv, NULL));
	g_assert_cmpstr(argv[0], ==, FAKE_QEMU);
	g_assert_true(g_strv_contains((const char *const *)argv, "stdio,id=console"));
}

static const struct {
	const char *mode;
	void (*test)(Fixture *f, gconstpointer mode);
} tests[] = {
	{"good", test_good},	     {"failing", test_failing},
	{"warned", test_warned},     {"silent", test_silent},
	{"mute", test_mute},	     {"loop", test_loop},
	{"flood", test_flood},	     {"truncated", test_truncated},
	{"corrupt", test_corrupt},   {"plan", test_plan},
	{"binary", test_binary},     {"nothing", test_nothing},
	{"vanish", test_vanish},     {"killed", test_killed},
	{"panic", test_panic},	     {"pvpanic", test_pvpanic},
	{"stubborn", test_stubborn}, {"refuse", test_refuse},
	{"linger", test_linger},     {"late-panic", test_late_panic},
	{"model", test_model},	     {"watchdog", test_watchdog},
};

int main(int argc, char **argv)
{
	g_autofree char *cache = g_dir_make_tmp("vifarm-test-XXXXXX", NULL);
	int status;

	g_test_init(&argc, &argv, NULL);
	g_setenv("XDG_CACHE_HOME", cache, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
		g_autofree char *name = g_strdup_printf("/guest-qemu/%s", tests[i].mode);

		g_test_add(name, Fixture, tests[i].mode, set_up, tests[i].test, tear_down);
	}
	g_test_add("/guest-qemu/no-report", Fixture, "good", set_up, test_no_report, tear_down);
	g_test_add("/guest-qemu/no-binary", Fixture, "good", set_up, test_no_binary, tear_down);
	g_test_add("/guest-qemu/no-directory", Fixture, "good", set_up, test_no_directory,
		   tear_down);
	g_test_add("/guest-qemu/cancel", Fixture, "silent", set_up, test_cancel, tear_down);
	g_test_add("/guest-qemu/cancelled-before", Fixture, "good", set_up, test_cancelled_before,
		   tear_down);
	g_test_add("/guest-qemu/check", Fixture, "good", set_up, test_check, tear_down);
	g_test_add("/guest-qemu/reproducer", Fixture, "good", set_up, test_reproducer, tear_down);
	status = g_test_run();
	vf_dirs_remove(cache, NULL);
	return status;
}
