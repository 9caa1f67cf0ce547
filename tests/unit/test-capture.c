// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "guest/capture.h"
#include "scratch.h"

/* @n bytes "abc..." in pieces of @piece through a capture of @head + @tail. */
static char *capture(gsize n, gsize piece, gsize head, gsize tail)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfCapture) c = vf_capture_new("log", head, tail, &error);
	g_autofree char *text = g_malloc(n + 1);
	char *out = NULL;

	g_assert_no_error(error);
	for (gsize i = 0; i < n; i++)
		text[i] = (char)('a' + i % 26);
	for (gsize at = 0; at < n; at += piece)
		g_assert_true(vf_capture_write(c, text + at, MIN(piece, n - at), &error));
	g_assert_cmpuint(vf_capture_total(c), ==, n);
	g_assert_cmpint(vf_capture_cut(c), ==, n > head + tail);
	g_assert_true(vf_capture_finish(c, &error));
	g_assert_true(g_file_get_contents("log", &out, NULL, &error));
	return out;
}

static void expect(gsize n, gsize piece, const char *expected)
{
	g_autofree char *found = capture(n, piece, 8, 4);

	g_assert_cmpstr(found, ==, expected);
}

static void test_contents(void)
{
	g_autoptr(Scratch) scratch = scratch_new();

	for (gsize piece = 1; piece < 30; piece++) {
		expect(0, piece, "");
		expect(8, piece, "abcdefgh");
		expect(12, piece, "abcdefghijkl");
		expect(13, piece, "abcdefgh\n[vifarm: 1 bytes left out here]\njklm");
		expect(26, piece, "abcdefgh\n[vifarm: 14 bytes left out here]\nwxyz");
	}
	g_assert_nonnull(scratch);
}

static void test_no_directory(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(scratch);
	g_assert_null(vf_capture_new("nosuch/log", 8, 4, &error));
	g_assert_cmpstr(error->message, ==, "nosuch/log: No such file or directory");
}

static void test_disk_full(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfCapture) c = vf_capture_new("/dev/full", 8, 4, &error);

	g_assert_no_error(error);
	g_assert_false(vf_capture_write(c, "x", 1, &error));
	g_assert_cmpstr(error->message, ==, "/dev/full: No space left on device");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/capture/contents", test_contents);
	g_test_add_func("/capture/no-directory", test_no_directory);
	g_test_add_func("/capture/disk-full", test_disk_full);
	return g_test_run();
}
