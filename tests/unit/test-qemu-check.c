// SPDX-License-Identifier: GPL-2.0-or-later
#include <glib/gstdio.h>

#include "base/error.h"
#include "guest/qemu/qemu-check.h"
#include "scratch.h"

static void test_parse(void)
{
	g_autofree char *debian = vf_qemu_parse_version(
		"QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright\n");
	g_autofree char *plain = vf_qemu_parse_version("QEMU emulator version 9.2\n");

	g_assert_cmpstr(debian, ==, "10.0.2");
	g_assert_cmpstr(plain, ==, "9.2");
	g_assert_null(vf_qemu_parse_version("QEMU emulator version unknown"));
	g_assert_null(vf_qemu_parse_version("GNU ld 2.40"));
}

static void test_compare(void)
{
	g_assert_cmpint(vf_qemu_compare_versions("10.0.2", "10.0"), >, 0);
	g_assert_cmpint(vf_qemu_compare_versions("10.0", "10.0.0"), ==, 0);
	g_assert_cmpint(vf_qemu_compare_versions("9.2.1", "10.0"), <, 0);
	g_assert_cmpint(vf_qemu_compare_versions("10.10", "10.9"), >, 0);
}

/* A program that answers as @script says. */
static VfArch *arch_with(const char *name, const char *script)
{
	VfArch *arch = g_new0(VfArch, 1);
	g_autofree char *here = g_get_current_dir();

	if (script) {
		scratch_write(name, script);
		g_assert_cmpint(g_chmod(name, 0755), ==, 0);
	}
	arch->qemu.binary = g_build_filename(here, name, NULL);
	arch->qemu.package = g_strdup("qemu-system-misc");
	arch->qemu.minimum = g_strdup("10.0");
	return arch;
}

static void expect(const char *name, const char *script, const char *error_part)
{
	VfArch *arch = arch_with(name, script);
	g_autoptr(GError) error = NULL;
	gboolean good = vf_qemu_check(arch, &error);

	if (error_part) {
		g_assert_error(error, VF_ERROR, VF_ERROR_MISSING);
		g_test_message("%s", error->message);
		g_assert_nonnull(g_strstr_len(error->message, -1, error_part));
	} else {
		g_assert_no_error(error);
	}
	g_assert_cmpint(good, ==, !error_part);
	g_free(arch->qemu.binary);
	g_free(arch->qemu.package);
	g_free(arch->qemu.minimum);
	g_free(arch);
}

static void test_check(void)
{
	g_autoptr(Scratch) scratch = scratch_new();

	g_assert_nonnull(scratch);
	expect("good", "#!/bin/sh\necho QEMU emulator version 10.0.2\n", NULL);
	expect("old", "#!/bin/sh\necho QEMU emulator version 7.2.0\n",
	       "is version 7.2.0, at least 10.0 is needed; install the package qemu-system-misc "
	       "from bookworm-backports");
	expect("nosuch", NULL, "not found; install the package qemu-system-misc");
	expect("other", "#!/bin/sh\necho hello\n", "expected \"QEMU emulator version\"");
	expect("flood", "#!/bin/sh\nexec yes QEMU\n", "expected \"QEMU emulator version\"");
	expect("broken", "#!/nonexistent/interpreter\n", "broken");
}

/* The answer is remembered as long as the file is the same. */
static void test_cached(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *count = NULL;

	g_assert_nonnull(scratch);
	scratch_write("asked", "");
	for (guint i = 0; i < 3; i++)
		expect("counted",
		       i ? NULL
			 : "#!/bin/sh\necho x >> \"${0%/*}/asked\"\n"
			   "echo QEMU emulator version 10.0.2\n",
		       NULL);
	g_assert_true(g_file_get_contents("asked", &count, NULL, NULL));
	g_assert_cmpstr(count, ==, "x\n");
	expect("counted", "#!/bin/sh\necho QEMU emulator version 1.0\n", "is version 1.0");
}

/* A damaged memory is none. */
static void test_damaged(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *path = g_build_filename(vf_dirs_cache(), "qemu-versions", NULL);

	g_assert_nonnull(scratch);
	g_assert_cmpint(g_mkdir_with_parents(vf_dirs_cache(), 0755), ==, 0);
	scratch_write(path, "[not a\0key file");
	expect("good", "#!/bin/sh\necho QEMU emulator version 10.0.2\n", NULL);
	expect("old", "#!/bin/sh\necho QEMU emulator version 7.2.0\n", "is version 7.2.0");
}

int main(int argc, char **argv)
{
	g_autofree char *cache = g_dir_make_tmp("vifarm-test-XXXXXX", NULL);
	int status;

	g_test_init(&argc, &argv, NULL);
	g_setenv("XDG_CACHE_HOME", cache, TRUE);
	g_test_add_func("/qemu-check/parse", test_parse);
	g_test_add_func("/qemu-check/compare", test_compare);
	g_test_add_func("/qemu-check/check", test_check);
	g_test_add_func("/qemu-check/cached", test_cached);
	g_test_add_func("/qemu-check/damaged", test_damaged);
	status = g_test_run();
	vf_dirs_remove(cache, NULL);
	return status;
}
