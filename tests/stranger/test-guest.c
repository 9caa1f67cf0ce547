// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An emulator that its guest has taken over: what it finds around itself, and what of its bytes
 * reaches the terminal of who boots the guest by hand. It is played by a shell script.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "both-users.h"
#include "guest/qemu/qemu-argv.h"
#include "guest/qemu/qemu-child.h"
#include "fake-guest.h"
#include "scratch.h"

#define FOUND "found "

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
	VfEnd expected;
} Fixture;

static char *emulator(Fixture *f, const char *script)
{
	g_autofree char *text = g_strconcat("#!/bin/sh\n", script, "\n", NULL);

	scratch_write("emulator", text);
	g_assert_cmpint(g_chmod("emulator", 0755), ==, 0);
	return g_build_filename(f->scratch->path, "emulator", NULL);
}

static void set_up(Fixture *f, const char *script)
{
	*f = (Fixture){
		.scratch = scratch_new(),
		.arch = FAKE_ARCH,
		.board = FAKE_BOARD,
		.job = {.name = "j",
			.program = "p",
			.timeout = 20,
			.silence = 20,
			.model = {.present = TRUE, .track = "dma", .arm = "window"}},
		.loop = g_main_loop_new(NULL, FALSE),
	};
	f->arch.qemu.binary = emulator(f, script);
	f->arch.triage = g_ptr_array_new();
	f->kernel = (VfKernel){.image = "/k", .vmlinux = "/k", .symbols = "/k"};
	f->initramfs = (VfInitramfs){.path = "/i"};
	f->task = (VfTask){.arch = &f->arch, .board = &f->board, .job = &f->job};
	f->spec = (VfGuestSpec){
		.task = &f->task,
		.kernel = &f->kernel,
		.initramfs = &f->initramfs,
		.plugin = "/p",
		.directory = f->scratch->path,
		.run_id = "r",
	};
}

static void tear_down(Fixture *f)
{
	g_main_loop_unref(f->loop);
	g_ptr_array_unref(f->arch.triage);
	g_free(f->arch.qemu.binary);
	scratch_free(f->scratch);
}

static void on_done(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	Fixture *f = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(VfEvidence) evidence = vf_guest_qemu.run_finish(result, &error);

	g_assert_no_error(error);
	g_assert_nonnull(evidence);
	if (f->expected)
		g_assert_cmpint(evidence->end, ==, f->expected);
	g_main_loop_quit(f->loop);
}

/* What the emulator wrote to the console. Caller frees. */
static char *run(Fixture *f)
{
	char *console = NULL;

	vf_guest_qemu.run_async(&vf_guest_qemu, &f->spec, NULL, NULL, NULL, on_done, f);
	g_main_loop_run(f->loop);
	g_assert_true(g_file_get_contents("console.log", &console, NULL, NULL));
	return console;
}

static void expect(const char *console, const char *line)
{
	g_autofree char *whole = g_strconcat(FOUND, line, "\n", NULL);

	if (!strstr(console, whole))
		g_error("no line \"" FOUND "%s\" in:\n%s", line, console);
}

static void test_surroundings(void)
{
	static const char script[] =
		"exec >&3 2>/dev/null\n"
		"echo found root $([ $(id -u) = 0 ] && echo yes || echo no)\n"
		"echo found terminal $(cut -d' ' -f7 /proc/self/stat)\n"
		"echo found core $(ulimit -c)\n"
		"echo found memory $(ulimit -v)\n"
		"echo found files $([ $(ulimit -f) = unlimited ] && echo any || echo limited)\n"
		"echo found secret $(cat ./secret \"$(dirname $0)/secret\")\n"
		"echo found homes $(ls /root /home)\n"
		"echo found interfaces $(grep -c : /proc/net/dev)\n"
		"echo found seccomp $(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status)\n"
		"echo found capabilities $(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)\n"
		"echo found environment $VIFARM_RUN\n"
		"for file in \"$(dirname $0)\"/*; do echo x >>\"$file\" && echo found writable "
		"${file##*/}; done\n"
		"echo found end";
	Fixture f;
	g_autofree char *console = NULL, *memory = NULL;

	set_up(&f, script);
	scratch_write("secret", "secret");
	memory = g_strdup_printf("memory %" G_GUINT64_FORMAT, vf_qemu_address_space(&f.spec) >> 10);
	console = run(&f);
	expect(console, "root no");
	expect(console, "terminal 0");
	expect(console, "core 0");
#ifndef __SANITIZE_ADDRESS__
	expect(console, memory);
#endif
	expect(console, "files limited");
	expect(console, "secret");
	expect(console, "homes");
	expect(console, "interfaces 1");
	expect(console, "seccomp 2");
	expect(console, "capabilities 0000000000000000");
	expect(console, "environment");
	expect(console, "writable model.jsonl");
	expect(console, "end");
	g_assert_null(strstr(console, "writable emulator"));
	g_assert_null(strstr(console, "writable secret"));
	tear_down(&f);
}

/* The report was given to the emulator's user; it comes back. */
static void test_report(void)
{
	GStatBuf st;
	Fixture f;

	set_up(&f, "for word; do case $word in *,out=*) out=${word#*,out=};; esac; done\n"
		   "echo '{}' >\"${out%%,*}\"");
	g_free(run(&f));
	g_assert_cmpint(g_lstat("model.jsonl", &st), ==, 0);
	g_assert_cmpuint(st.st_uid, ==, geteuid());
	g_assert_cmpint(st.st_size, ==, 3);
	tear_down(&f);
}

/* What a signal ended is told from what ended by itself. */
static void test_by_signal(void)
{
	Fixture f;

	set_up(&f, "echo begun >&3; kill -SEGV $$");
	f.expected = VF_END_SIGNAL;
	g_free(run(&f));
	tear_down(&f);
}

/* The title of a terminal window, a colour, and a byte above ASCII. */
static void test_by_hand(void)
{
	static const char script[] = "printf 'one\\033]0;title\\007two\\033[2J\\233three\\n'\n"
				     "printf 'bad\\033c\\n' >&2\n";
	g_autofree char *line = NULL, *out = NULL, *err = NULL;
	const char *words[] = {"sh", "-c", NULL, NULL};
	Fixture f;

	set_up(&f, script);
	line = vf_qemu_reproducer(&f.spec);
	g_assert_nonnull(strstr(line, " -sandbox on,"));
	words[2] = line;
	g_assert_true(g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
				   &out, &err, NULL, NULL));
	g_assert_cmpstr(out, ==, "one^[]0;title^Gtwo^[[2JM-^[three\nbad^[c\n");
	g_assert_cmpstr(err, ==, "");
	tear_down(&f);
}

int main(int argc, char **argv)
{
	both_users();
	g_test_init(&argc, &argv, NULL);
	if (!vf_qemu_child_sandboxed()) {
		g_print("1..0 # SKIP no sandbox for strangers on this host\n");
		return 0;
	}
	g_test_add_func("/guest/surroundings", test_surroundings);
	g_test_add_func("/guest/report", test_report);
	g_test_add_func("/guest/by-signal", test_by_signal);
	g_test_add_func("/guest/by-hand", test_by_hand);
	return g_test_run();
}
