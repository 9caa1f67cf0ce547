// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of a build or of a guest that are larger than they can honestly be. */
#include "base/read.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/config.h"
#include "evidence/evidence.h"
#include "evidence/hazards.h"
#include "evidence/symbols.h"
#include "scratch.h"

#define MIB 1048576

/* What a reader may need beyond what the program has already. */
#define ROOM_KIB (128 * 1024)

static long peak_kib(void)
{
	struct rusage usage;

	g_assert_cmpint(getrusage(RUSAGE_SELF, &usage), ==, 0);
	return usage.ru_maxrss;
}

/* A sanitizer keeps what is freed, and says nothing of this. */
static void assert_grown(long before, long most)
{
#ifndef __SANITIZE_ADDRESS__
	g_assert_cmpint(peak_kib() - before, <, most);
#else
	g_assert_cmpint(before, >, 0);
	g_assert_cmpint(most, >, 0);
#endif
}

static void write_many(const char *name, const char *line, gsize bytes)
{
	g_autoptr(GString) text = g_string_sized_new(MIB + 100);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	while (text->len < MIB)
		g_string_append(text, line);
	for (gsize n = 0; n < bytes; n += text->len)
		g_assert_cmpint(write(fd, text->str, text->len), ==, (gssize)text->len);
	close(fd);
}

static void test_bounds(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *whole = NULL, *empty = NULL;
	gsize length;

	scratch_write("four", "abcd");
	scratch_write("none", "");
	whole = vf_read_bounded("four", 4, &length, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(whole, ==, "abcd");
	g_assert_cmpuint(length, ==, 4);
	empty = vf_read_bounded("none", 0, &length, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(empty, ==, "");
	g_assert_null(vf_read_bounded("four", 3, &length, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_clear_error(&error);
	g_assert_cmpint(truncate("four", 3 * MIB), ==, 0);
	g_assert_null(vf_read_bounded("four", 2 * MIB, &length, &error));
	g_assert_cmpstr(error->message, ==, "four: expected at most 2 MiB");
}

/* Nothing that is opened can hold the program up. */
static void test_not_regular(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	static const char *const names[] = {"fifo", ".", "/dev/zero"};

	g_assert_cmpint(mkfifo("fifo", 0600), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *expected =
			g_strdup_printf("%s: expected a regular file", names[i]);

		g_assert_null(vf_read_bounded(names[i], MIB, NULL, &error));
		g_assert_cmpstr(error->message, ==, expected);
	}
}

/* A file of the kernel's has no size; one that grows is larger than its size was. */
static void test_unknown_size(void)
{
	g_autoptr(GError) error = NULL;
	gsize length;
	g_autofree char *text = vf_read_bounded("/proc/self/status", MIB, &length, &error);

	g_assert_no_error(error);
	g_assert_nonnull(strstr(text, "VmPeak"));
	g_assert_cmpuint(strlen(text), ==, length);
	g_assert_null(vf_read_bounded("/proc/self/status", 100, NULL, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
}

static void add_line(VfLine line, gpointer text)
{
	g_string_append_len(text, line.text, (gssize)MIN(line.length, 20));
	g_string_append_printf(text, "(%zu)", line.length);
}

/* Lines are the same wherever a piece of the file ends, and what is too long is cut. */
static void test_lines(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *filler = g_strnfill(65534, 'x');
	g_autofree char *all = g_strconcat(filler, "\nab\n\ncd", NULL);

	scratch_write("lines", all);
	g_assert_true(vf_read_lines("lines", MIB, add_line, text, &error));
	g_assert_cmpstr(text->str, ==, "xxxxxxxxxxxxxxxxxxxx(4096)ab(2)(0)cd(2)");
	g_assert_false(vf_read_lines("lines", 65536, add_line, text, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
}

/* Both are read in the process that runs the farm. */
static void test_config(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfConfig) config = vf_config_new();
	g_autoptr(GError) error = NULL;
	long before = peak_kib();

	g_assert_true(vf_config_add(config, "CONFIG_A=y\n", 11, "f", NULL));
	write_many("newlines", "\n", 64 * MIB);
	g_assert_false(vf_config_verify(config, "newlines", &error));
	g_assert_nonnull(strstr(error->message, "newlines: expected at most 4 MiB"));
	write_many("symbols", "CONFIG_B=y\n", 3 * MIB);
	g_clear_error(&error);
	g_assert_false(vf_config_verify(config, "symbols", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_CONFIG);
	assert_grown(before, ROOM_KIB);
}

static void test_fragment(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfConfig) config = vf_config_new();
	g_autoptr(GError) error = NULL;

	write_many("fragment", "\n", 2 * MIB);
	g_assert_false(vf_config_add_file(config, "fragment", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_false(vf_config_add(config, "CONFIG_A=y\0z\n", 13, "f", NULL));
}

static void test_system_map(void)
{
	static const char *const names[] = {"_text", NULL};
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GHashTable) found = NULL;
	g_autoptr(GError) error = NULL;
	long before = peak_kib();

	write_many("map", "ffffffff81000000 T _text\n", 60 * MIB);
	found = vf_symbols_lookup("map", names, &error);
	g_assert_no_error(error);
	g_assert_cmphex(*(guint64 *)g_hash_table_lookup(found, "_text"), ==, 0xffffffff81000000);
	assert_grown(before, ROOM_KIB / 8);
	write_many("map", "\n", 65 * MIB);
	g_assert_null(vf_symbols_lookup("map", names, &error));
	g_assert_nonnull(strstr(error->message, "map: expected at most 64 MiB"));
}

static void on_resolved(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer loop)
{
	vf_symbols_resolve_finish(result);
	g_main_loop_quit(loop);
}

static char *resolve(const char *script)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GPtrArray) hazards =
		g_ptr_array_new_with_free_func((GDestroyNotify)vf_hazard_free);
	VfHazard *hazard = g_new0(VfHazard, 1);

	hazard->pc = 0x1004;
	g_ptr_array_add(hazards, hazard);
	scratch_write("System.map", "0000000000001000 T f\n");
	scratch_write("addr2line", script);
	g_assert_cmpint(chmod("addr2line", 0755), ==, 0);
	vf_symbols_resolve_async(hazards, "./addr2line", "vmlinux", "System.map", 10, NULL,
				 on_resolved, loop);
	g_main_loop_run(loop);
	return g_strdup(hazard->pc_source);
}

/* Debug information can have names of any length, and any number of them. */
static void test_addr2line(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	long before = peak_kib();
	g_autofree char *flood = resolve("#!/bin/sh\nhead -c 300000000 /dev/zero | tr '\\0' x\n");
	g_autofree char *name = resolve("#!/bin/sh\nread a; echo $a; head -c 200000000 /dev/zero |"
					" tr '\\0' x; echo; echo f.c:1\n");
	g_autofree char *large =
		resolve("#!/bin/sh\nperl -e '$x = \"x\" x 6_000_000_000; print \"0x1004\\nHAVE\\n"
			"f.c:1\\n\"'\n");

	g_assert_cmpstr(flood, ==, "f+0x4");
	g_assert_cmpstr(name, ==, "f+0x4");
	g_assert_cmpstr(large, ==, "f+0x4");
	assert_grown(before, ROOM_KIB);
}

static void test_report(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfEvidence) evidence = vf_evidence_new();
	int fd = open("report", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	g_assert_cmpint(ftruncate(fd, VF_HAZARDS_BYTES_MAX + 1), ==, 0);
	close(fd);
	vf_hazards_read("report", evidence);
	g_assert_cmpstr(evidence->model_error, ==, "report: expected at most 64 MiB");
	g_clear_pointer(&evidence->model_error, g_free);
	vf_hazards_read("nowhere", evidence);
	g_assert_cmpstr(evidence->model_error, ==, "QEMU left no report of the model");
	g_clear_pointer(&evidence->model_error, g_free);
	g_assert_cmpint(mkfifo("fifo", 0600), ==, 0);
	vf_hazards_read("fifo", evidence);
	g_assert_cmpstr(evidence->model_error, ==, "fifo: expected a regular file");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/read/bounds", test_bounds);
	g_test_add_func("/read/not-regular", test_not_regular);
	g_test_add_func("/read/unknown-size", test_unknown_size);
	g_test_add_func("/read/lines", test_lines);
	g_test_add_func("/read/config", test_config);
	g_test_add_func("/read/fragment", test_fragment);
	g_test_add_func("/read/system-map", test_system_map);
	g_test_add_func("/read/addr2line", test_addr2line);
	g_test_add_func("/read/report", test_report);
	return g_test_run();
}
