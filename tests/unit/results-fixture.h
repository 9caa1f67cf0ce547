// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs with known results in a fresh state directory, for the tests of everything that reads them.
 */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "base/dirs.h"
#include "results-db/db.h"

/* 2026-01-02 03:04:05 UTC */
#define FIXTURE_START G_GINT64_CONSTANT(1767323045000000)

typedef struct Fixture {
	char *dir, *path;
	VfDb *db;
} Fixture;

static inline void fixture_open(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	fixture->dir = g_dir_make_tmp("vifarm-results-XXXXXX", &error);
	g_assert_no_error(error);
	fixture->path = g_build_filename(fixture->dir, "results.db", NULL);
	fixture->db = vf_db_open(fixture->path, &error);
	g_assert_no_error(error);
}

static inline void fixture_close(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&fixture->db, vf_db_close);
	vf_dirs_remove(fixture->dir, &error);
	g_assert_no_error(error);
	g_free(fixture->dir);
	g_free(fixture->path);
}

typedef struct FixtureTask {
	const char *arch, *board, *job, *variant;
	VfStatus status;
	const char *reason;
	gboolean flaky;
	gboolean hazards; /* with evidence of the coherence model */
	gboolean splat;	  /* with a console splat of hostile bytes */
	gboolean built;	  /* with a kernel */
	double seconds;
} FixtureTask;

static inline VfEvidence *fixture_evidence(const FixtureTask *task)
{
	VfEvidence *e = vf_evidence_new();
	VfCase *c = g_new0(VfCase, 1);

	e->end = task->splat ? VF_END_PANIC : VF_END_EXIT;
	e->seconds = task->seconds;
	e->channel = TRUE;
	e->end_marker = !task->splat;
	e->program_exit = task->splat ? -1 : 0;
	e->init_end = !task->splat;
	e->console_bytes = 12345;
	*c = (VfCase){g_strdup("suite/first"), VF_STATUS_PASS, NULL};
	g_ptr_array_add(e->cases, c);
	c = g_new0(VfCase, 1);
	*c = (VfCase){g_strdup("suite/second \\x1b[31m"),
		      task->status == VF_STATUS_FAIL ? VF_STATUS_FAIL : VF_STATUS_PASS,
		      g_strdup("expected 1 < 2 & \"quotes\"")};
	g_ptr_array_add(e->cases, c);
	g_hash_table_insert(e->info, g_strdup("page_size"), g_strdup("4096"));
	g_hash_table_insert(e->info, g_strdup("uname"), g_strdup("Linux 6.12"));
	return e;
}

static inline void fixture_add_splat(VfEvidence *e)
{
	VfSplat *splat = g_new0(VfSplat, 1);

	splat->class = g_strdup("panic");
	splat->reason = g_strdup("Attempted to kill init! <script>alert(1)</script>");
	splat->excerpt =
		g_strdup("before\nKernel panic - not syncing\nafter ]]> \xe2\x80\xae end\n");
	splat->offset = 4242;
	splat->fatal = TRUE;
	g_ptr_array_add(e->splats, splat);
}

static inline void fixture_add_hazard(VfEvidence *e)
{
	VfHazard *h = g_new0(VfHazard, 1);

	e->model = TRUE;
	e->coverage = json_pack("{s:i, s:i}", "loads", 1000, "aliased_lines", 12);
	h->class = g_strdup("R");
	h->window = g_strdup("capture");
	h->bucket = g_strdup("target");
	h->count = 3;
	h->bytes = 96;
	h->pc = 0xffffffff10203040u;
	h->caller = 0x1000;
	h->pc_source = g_strdup("vpeirq drivers/media/pci/ttpci/budget-core.c:198");
	h->caller_source = g_strdup("tasklet_action kernel/softirq.c:811");
	h->va = 0x80001000;
	h->pa = 0x2001000;
	h->colour = 3;
	h->other_colour = 5;
	h->expected = 0x47;
	h->found = 0;
	h->buffer = g_strdup("vmalloc area 0x80000000");
	g_ptr_array_add(e->hazards, h);
}

static inline void fixture_attempt_free(gpointer data)
{
	VfAttemptRecord *attempt = data;

	g_free(attempt->directory);
	g_free(attempt);
}

static inline GPtrArray *fixture_attempts(const FixtureTask *task, const char *run,
					  const char *name, gint64 started, VfEvidence *evidence)
{
	GPtrArray *attempts = g_ptr_array_new_with_free_func(fixture_attempt_free);
	guint count = task->status == VF_STATUS_FAIL || task->flaky ? 2 : 1;

	for (guint i = 1; i <= count; i++) {
		VfAttemptRecord *attempt = g_new0(VfAttemptRecord, 1);

		attempt->number = i;
		attempt->status = task->flaky && i == 2 ? VF_STATUS_PASS : task->status;
		attempt->reason = (char *)task->reason;
		attempt->excerpt = task->splat ? (char *)"Kernel panic - not syncing" : NULL;
		attempt->started = started + (gint64)(i - 1) * 2000000;
		attempt->seconds = task->seconds / count;
		attempt->directory = g_strdup_printf("runs/%s/%s/%u", run, name, i);
		attempt->reproducer =
			(char *)"qemu-system-test -append 'console=ttyS0 a=b' -kernel /k/image";
		attempt->evidence = evidence;
		g_ptr_array_add(attempts, attempt);
	}
	return attempts;
}

/* Stores one task; returns its id. */
static inline gint64 fixture_task(Fixture *fixture, const char *run, const FixtureTask *task,
				  gint64 started)
{
	g_autofree char *name =
		g_strdup_printf("%s/%s/%s/%s", task->arch, task->board, task->job, task->variant);
	g_autoptr(VfEvidence) evidence = fixture_evidence(task);
	g_autoptr(GPtrArray) attempts = fixture_attempts(task, run, name, started, evidence);
	g_autoptr(GError) error = NULL;
	VfArch arch = {.name = (char *)task->arch,
		       .title = (char *)"Test architecture",
		       .page_size = 4096,
		       .bits = 64,
		       .endian = (char *)"big"};
	VfBoard board = {.name = (char *)task->board,
			 .title = (char *)"Test board",
			 .machine = (char *)"testboard",
			 .memory_mib = 256,
			 .smp = 1,
			 .snoop = (char *)"none"};
	VfJob job = {.name = (char *)task->job};
	g_autoptr(GPtrArray) patches = g_ptr_array_new();
	VfVariant variant = {.name = (char *)task->variant, .patches = patches};
	VfTask planned = {
		.arch = &arch, .board = &board, .job = &job, .variant = &variant, .name = name};
	VfKernel kernel = {
		.key = (char *)"1111111111111111111111111111111111111111111111111111111111111111",
		.dir = (char *)"/cache/kernels/1111",
		.release = (char *)"6.12.1",
		.compiler = (char *)"gcc 12.2.0",
		.command = (char *)"make ARCH=test",
		.seconds = 41.5};
	VfInitramfs initramfs = {
		.key = (char *)"2222222222222222222222222222222222222222222222222222222222222222"};
	VfTaskRecord record = {
		.task = &planned,
		.status = task->status,
		.reason = (char *)task->reason,
		.flaky = task->flaky,
		.started = started,
		.seconds = task->seconds,
		.kernel = task->built ? &kernel : NULL,
		.initramfs = task->built ? &initramfs : NULL,
		.kernel_sha256 = task->built ? (char *)"3333333333333333333333333333333333333333333"
						       "333333333333333333333"
					     : NULL,
		.initramfs_sha256 = task->built ? (char *)"4444444444444444444444444444444444444444"
							  "444444444444444444444444"
						: NULL,
		.qemu_version = task->built ? (char *)"10.0.2" : NULL,
		.attempts = task->status == VF_STATUS_SKIP || !task->built ? NULL : attempts,
	};
	gint64 id;

	arch.qemu.binary = (char *)"qemu-system-test";
	board.cache = (VfCacheGeometry){.index = (char *)"vipt",
					.size = 16384,
					.ways = 1,
					.line = 32,
					.colours = 4,
					.write = (char *)"back"};
	if (task->splat)
		fixture_add_splat(evidence);
	if (task->hazards)
		fixture_add_hazard(evidence);
	id = vf_db_task(fixture->db, run, &record, &error);
	g_assert_no_error(error);
	g_assert_cmpint(id, >, 0);
	if (task->built)
		vf_db_build(fixture->db, run, &planned, &kernel, NULL, "/cache/build.log", &error);
	g_assert_no_error(error);
	return id;
}

static inline void fixture_begin(Fixture *fixture, const char *id, const char *variant,
				 gint64 started, gint64 ended)
{
	g_autoptr(GError) error = NULL;
	VfRunRecord run = {
		.id = (char *)id,
		.command = (char *)"orchestrator run --arch all",
		.variant = (char *)variant,
		.source = (char *)"linux-source-6.12 6.12.1-1",
		.host = (char *)"testhost Linux 6.1, 2 cores",
		.version = (char *)"0.1.0",
		.started = started,
		.ended = ended,
	};

	vf_db_run_begin(fixture->db, &run, &error);
	g_assert_no_error(error);
}

/* The first run: one of everything. */
static inline void fixture_first_run(Fixture *fixture)
{
	static const FixtureTask tasks[] = {
		{"hppa", "default", "boot", "full", VF_STATUS_PASS, "all checks passed", FALSE,
		 FALSE, FALSE, TRUE, 1.5},
		{"hppa", "default", "vflush", "full", VF_STATUS_FAIL, "stale read in vpeirq", FALSE,
		 TRUE, FALSE, TRUE, 8.25},
		{"mips64", "default", "boot", "full", VF_STATUS_FAIL,
		 "panic: Attempted to kill init! <script>alert(1)</script>", FALSE, FALSE, TRUE,
		 TRUE, 4},
		{"sparc64", "default", "boot", "full", VF_STATUS_PASS, "passed in the second guest",
		 TRUE, FALSE, FALSE, TRUE, 6},
		{"x86_64", "default", "boot", "full", VF_STATUS_MISS,
		 "qemu-system-x86_64: not found; install the package qemu-system-x86", FALSE, FALSE,
		 FALSE, FALSE, 0.01},
		{"x86_64", "default", "vflush", "full", VF_STATUS_SKIP,
		 "x86_64 has no aliases in its data cache", FALSE, FALSE, FALSE, FALSE, 0},
	};
	gint64 started = FIXTURE_START + 1000000;

	fixture_begin(fixture, "20260102-030405-aaaa", "full", FIXTURE_START,
		      FIXTURE_START + 60000000);
	for (gsize i = 0; i < G_N_ELEMENTS(tasks); i++, started += 5000000)
		fixture_task(fixture, "20260102-030405-aaaa", &tasks[i], started);
}
