// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/dirs.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "scratch.h"
#include "paths.h"

static void test_xdg(void)
{
	if (g_test_subprocess()) {
		g_setenv("XDG_CACHE_HOME", "/one", TRUE);
		g_setenv("XDG_STATE_HOME", "not/absolute", TRUE);
		g_setenv("HOME", "/home/two", TRUE);
		g_setenv("VIFARM_DATA", "/three/../four", TRUE);
		g_print("%s %s %s\n", vf_dirs_cache(), vf_dirs_state(), vf_dirs_data());
		return;
	}
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_passed();
	g_test_trap_assert_stdout("*/one/vifarm /home/two/.local/state/vifarm /four\n*");
}

static void test_source_is_default(void)
{
	if (g_test_subprocess()) {
		g_unsetenv("VIFARM_DATA");
		g_print("data=%s\n", vf_dirs_data());
		return;
	}
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_stdout("*data=" VIFARM_SOURCE_DIR "\n*");
}

static void test_make(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;

	g_assert_true(vf_dirs_make("a/b/c", &error));
	g_assert_true(vf_dirs_make("a/b/c", &error));
	g_assert_true(g_file_test("a/b/c", G_FILE_TEST_IS_DIR));
	scratch_write("file", "");
	g_assert_false(vf_dirs_make("file/x", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_cmpstr(error->message, ==, "cannot create the directory file/x: Not a directory");
}

static void test_remove(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;

	scratch_write("outside/kept", "");
	scratch_write("tree/a/b/c/file", "");
	scratch_write("tree/.hidden", "");
	g_assert_cmpint(symlink("../../outside", "tree/a/link"), ==, 0);
	g_assert_cmpint(symlink("nowhere", "tree/dangling"), ==, 0);
	g_assert_true(vf_dirs_remove("tree", &error));
	g_assert_no_error(error);
	g_assert_false(g_file_test("tree", G_FILE_TEST_EXISTS));
	g_assert_true(g_file_test("outside/kept", G_FILE_TEST_EXISTS));

	g_assert_true(vf_dirs_remove("tree", &error));
	g_assert_cmpint(symlink("outside", "link"), ==, 0);
	g_assert_true(vf_dirs_remove("link", &error));
	g_assert_true(g_file_test("outside/kept", G_FILE_TEST_EXISTS));
	g_assert_true(vf_dirs_remove("outside/kept", &error));
	g_assert_false(g_file_test("outside/kept", G_FILE_TEST_EXISTS));

	scratch_write("file", "");
	g_assert_false(vf_dirs_remove("file/x", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_cmpstr(error->message, ==, "cannot remove file/x: Not a directory");
	g_clear_error(&error);
	g_assert_false(vf_dirs_remove("/proc/self/status", &error));
	g_assert_cmpstr(error->message, ==,
			"cannot remove /proc/self/status: Operation not permitted");
}

/* Mounts a file system in a tree of its own and tries to remove the tree. */
static void remove_mounted(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;

	scratch_write("tree/mnt/x", "");
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
	    mount("none", "tree/mnt", "tmpfs", 0, NULL) < 0) {
		g_print("no mounts for us\n");
		return;
	}
	g_assert_false(vf_dirs_remove("tree", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_cmpstr(error->message, ==,
			"cannot remove tree/mnt: another file system is mounted there");
	g_assert_cmpint(umount("tree/mnt"), ==, 0);
}

static void test_remove_mounted(void)
{
	if (g_test_subprocess()) {
		remove_mounted();
		return;
	}
	g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
	g_test_trap_assert_passed();
}

static void test_write(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	gsize length;

	g_assert_true(vf_dirs_write("out", "before", -1, &error));
	g_assert_true(vf_dirs_write("out", "a\0b", 3, &error));
	g_assert_true(g_file_get_contents("out", &text, &length, NULL));
	g_assert_cmpmem(text, length, "a\0b", 3);
	g_assert_false(vf_dirs_write("missing/out", "x", -1, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_true(g_str_has_prefix(error->message, "cannot write missing/out: "));
	g_assert_nonnull(strstr(error->message, "No such file or directory"));
}

static void test_shown(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *inside = g_build_filename(scratch->path, "a", "b", NULL);
	g_autofree char *beside = g_strconcat(scratch->path, "x/b", NULL);

	g_assert_cmpstr(vf_dirs_shown(inside), ==, "a/b");
	g_assert_cmpstr(vf_dirs_shown(beside), ==, beside);
	g_assert_cmpstr(vf_dirs_shown("/etc/passwd"), ==, "/etc/passwd");
	g_assert_cmpstr(vf_dirs_shown(scratch->path), ==, scratch->path);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/dirs/xdg", test_xdg);
	g_test_add_func("/dirs/source-is-default", test_source_is_default);
	g_test_add_func("/dirs/make", test_make);
	g_test_add_func("/dirs/remove", test_remove);
	g_test_add_func("/dirs/remove-mounted", test_remove_mounted);
	g_test_add_func("/dirs/write", test_write);
	g_test_add_func("/dirs/shown", test_shown);
	return g_test_run();
}
