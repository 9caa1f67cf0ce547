// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/trim.h"

#include <glib/gstdio.h>
#include <utime.h>

#include "build-fixture.h"

static char *entry(guint number, const char *name)
{
	return g_strdup_printf("%s/things/%u/%s", vf_dirs_cache(), number, name);
}

static void make(guint number, const char *name, int days_old)
{
	g_autofree char *path = entry(number, name);
	gint64 then = g_get_real_time() / G_USEC_PER_SEC - days_old * 24 * 3600;

	scratch_write(path, "x");
	g_assert_cmpint(utime(path, &(struct utimbuf){then, then}), ==, 0);
}

static gboolean is_there(guint number, const char *name)
{
	g_autofree char *path = entry(number, name);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* The record says when an entry was used, not the directory, which is new in all of them. */
static void test_trim(void)
{
	make(1, "record", 5);
	make(2, "record", 3);
	make(3, "record", 4);
	make(4, "record", 0);
	vf_trim(&(VfTrim){.kind = "things", .record = "record", .keep = 2});
	g_assert_false(is_there(1, "record"));
	g_assert_true(is_there(2, "record"));
	g_assert_false(is_there(3, "record"));
	g_assert_true(is_there(4, "record"));
}

static void test_of_today(void)
{
	for (guint i = 10; i < 20; i++)
		make(i, "record", 0);
	vf_trim(&(VfTrim){.kind = "things", .record = "record", .keep = 2});
	for (guint i = 10; i < 20; i++)
		g_assert_true(is_there(i, "record"));
	vf_trim(&(VfTrim){.kind = "nothing"});
}

/* Above the quota the age does not count, but who uses an entry keeps it. */
static void test_bytes(void)
{
	const VfTrim trim = {
		.kind = "things", .record = "record", .keep = 64, .bytes = 3 << 20, .locked = TRUE};
	g_autofree char *blob = g_malloc0(1 << 20);
	g_autoptr(VfLock) use = vf_trim_use("things", "34", VF_LOCK_SHARED);

	for (guint i = 30; i < 36; i++) {
		g_autofree char *path = entry(i, "blob");

		scratch_write(path, "");
		g_assert_true(g_file_set_contents(path, blob, 1 << 20, NULL));
		make(i, "record", i < 33 ? 1 : 0);
	}
	vf_trim(&trim);
	for (guint i = 30; i < 33; i++)
		g_assert_false(is_there(i, "record"));
	g_assert_true(is_there(34, "record"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/trim/unused", test_trim);
	g_test_add_func("/trim/of-today", test_of_today);
	g_test_add_func("/trim/bytes", test_bytes);
	return build_fixture_main();
}
