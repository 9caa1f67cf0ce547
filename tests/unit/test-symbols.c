// SPDX-License-Identifier: GPL-2.0-or-later
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "evidence/symbols.h"
#include "scratch.h"

static const char system_map[] = "0000000010100000 T _text\n"
				 "00000000101001a4 t vpeirq\n"
				 "0000000010100400 T next\n"
				 "0000000010100500 D data\n";

static void test_lookup(void)
{
	static const char *const names[] = {"vpeirq", "data", "nosuch", NULL};
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GHashTable) found = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(scratch);
	scratch_write("System.map", system_map);
	found = vf_symbols_lookup("System.map", names, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_hash_table_size(found), ==, 2);
	g_assert_cmphex(*(guint64 *)g_hash_table_lookup(found, "vpeirq"), ==, 0x101001a4);
	g_assert_null(vf_symbols_lookup("nosuch", names, &error));
	g_assert_nonnull(strstr(error->message, "nosuch"));
}

static const char *name_of(GHashTable *names, guint64 address)
{
	return g_hash_table_lookup(names, &address);
}

static void test_parse(void)
{
	static const char text[] = "0x00000000101001b0\nmemcpy\n"
				   "/vifarm/linux/arch/parisc/lib/memcpy.c:41 (discriminator 2)\n"
				   "outer\n/vifarm/linux/x.c:1\n"
				   "0x00000000101001b4\nvpeirq\ndrivers/y.c:198\n"
				   "0x00000000101001b8\nonly\n??:0\n"
				   "0x00000000101001bc\n??\n??:0\n"
				   "0x00000000101001c0\nbad\x1b\nx.c:1\n0x5\n";
	g_autoptr(GHashTable) names = vf_symbols_parse(text, strlen(text));

	g_assert_cmpstr(name_of(names, 0x101001b0), ==, "memcpy arch/parisc/lib/memcpy.c:41");
	g_assert_cmpstr(name_of(names, 0x101001b4), ==, "vpeirq drivers/y.c:198");
	g_assert_cmpstr(name_of(names, 0x101001b8), ==, "only");
	g_assert_null(name_of(names, 0x101001bc));
	g_assert_cmpstr(name_of(names, 0x101001c0), ==, "bad\\x1b x.c:1");
	g_assert_cmpuint(g_hash_table_size(names), ==, 4);
}

static void on_done(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer loop)
{
	vf_symbols_resolve_finish(result);
	g_main_loop_quit(loop);
}

/* One hazard, resolved by the program @script. */
static VfHazard *resolve(GPtrArray *hazards, const char *script)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	VfHazard *h = g_new0(VfHazard, 1);

	h->pc = 0x101001b0;
	h->callers[0] = 0x10100404;
	h->callers[1] = 0x10100008;
	h->origin = 0x5;
	g_ptr_array_add(hazards, h);
	scratch_write("System.map", system_map);
	if (script) {
		scratch_write("addr2line", script);
		g_assert_cmpint(g_chmod("addr2line", 0755), ==, 0);
	}
	vf_symbols_resolve_async(hazards, "./addr2line", "vmlinux", "System.map", 1, NULL, on_done,
				 loop);
	g_main_loop_run(loop);
	return h;
}

static void test_resolve(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GPtrArray) hazards =
		g_ptr_array_new_with_free_func((GDestroyNotify)vf_hazard_free);
	const VfHazard *h = resolve(hazards, "#!/bin/sh\n"
					     "test \"$*\" = '-a -f -i -e vmlinux' || exit 1\n"
					     "while read a; do echo $a; echo f$a; echo "
					     "/vifarm/linux/x.c:$a; done\n");

	g_assert_nonnull(scratch);
	g_assert_cmpstr(h->pc_source, ==, "f0x101001b0 x.c:0x101001b0");
	g_assert_cmpstr(h->caller_source, ==,
			"f0x10100404 x.c:0x10100404 < f0x10100008 x.c:0x10100008");
	g_assert_cmpstr(h->origin_source, ==, "f0x5 x.c:0x5");
}

/* The innermost call may lie in the function itself: it has returned. */
static void test_returned(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GPtrArray) hazards =
		g_ptr_array_new_with_free_func((GDestroyNotify)vf_hazard_free);
	const VfHazard *h = resolve(hazards, "#!/bin/sh\nwhile read a; do echo $a\n"
					     "case $a in 0x101*) echo f;; *) echo g;; esac\n"
					     "echo x.c:${a#0x101}; done\n");

	g_assert_nonnull(scratch);
	g_assert_cmpstr(h->pc_source, ==, "f x.c:001b0");
	g_assert_cmpstr(h->caller_source, ==, "f x.c:00008");
}

/* Without a tool that knows, the map of symbols is better than nothing. */
static void expect_fallback(const char *script)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GPtrArray) hazards =
		g_ptr_array_new_with_free_func((GDestroyNotify)vf_hazard_free);
	gint64 start = g_get_monotonic_time();
	const VfHazard *h = resolve(hazards, script);

	g_assert_nonnull(scratch);
	g_assert_cmpstr(h->pc_source, ==, "vpeirq+0xc");
	g_assert_cmpstr(h->caller_source, ==, "next+0x4 < _text+0x8");
	g_assert_null(h->origin_source);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_USEC_PER_SEC);
}

static void test_fallback(void)
{
	expect_fallback(NULL);
	expect_fallback("#!/bin/sh\nexit 1\n");
	expect_fallback("#!/bin/sh\nexec sleep 30\n");
	expect_fallback("#!/bin/sh\nprintf '0x101001b0\\n\\377\\377\\nx.c:1\\n'\n");
}

static void test_nothing(void)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);

	vf_symbols_resolve_async(none, "/nonexistent", "v", "m", 1, NULL, on_done, loop);
	g_main_loop_run(loop);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	signal(SIGPIPE, SIG_IGN); /* as the orchestrator does: the child may not read its input */
	g_test_add_func("/symbols/lookup", test_lookup);
	g_test_add_func("/symbols/parse", test_parse);
	g_test_add_func("/symbols/resolve", test_resolve);
	g_test_add_func("/symbols/returned", test_returned);
	g_test_add_func("/symbols/fallback", test_fallback);
	g_test_add_func("/symbols/nothing", test_nothing);
	return g_test_run();
}
