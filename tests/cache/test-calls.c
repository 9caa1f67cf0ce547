// SPDX-License-Identifier: GPL-2.0-or-later
#include "calls.h"

static char *chain(const VfCalls *c, guint64 sp)
{
	guint64 sites[8];
	guint n = vf_calls_chain(c, sp, sites, G_N_ELEMENTS(sites));
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < n; i++)
		g_string_append_printf(s, "%s%" G_GINT64_MODIFIER "x", i ? " " : "", sites[i]);
	return g_string_free(s, FALSE);
}

static void expect(const VfCalls *c, guint64 sp, const char *sites)
{
	g_autofree char *found = chain(c, sp);

	g_assert_cmpstr(found, ==, sites);
}

static void test_down(void)
{
	g_autoptr(VfCalls) c = vf_calls_new(FALSE);

	vf_calls_note(c, 0x7f00, 0xa); /* main calls f */
	vf_calls_note(c, 0x7e00, 0xb); /* f calls g */
	vf_calls_note(c, 0x7d00, 0xc); /* g calls the leaf h */
	expect(c, 0x7d00, "c b a");
	expect(c, 0x7e00, "b a"); /* back in f */
	vf_calls_note(c, 0x7e00, 0xd);
	expect(c, 0x7d00, "d a"); /* in what f called next, before it calls */
}

static void test_up(void)
{
	g_autoptr(VfCalls) c = vf_calls_new(TRUE);

	vf_calls_note(c, 0x7000, 0xa);
	vf_calls_note(c, 0x7100, 0xb);
	expect(c, 0x7180, "b a");
	vf_calls_note(c, 0x7000, 0xe);
	expect(c, 0x7180, "e");
}

static void test_two_stacks(void)
{
	g_autoptr(VfCalls) c = vf_calls_new(FALSE);

	vf_calls_note(c, 0x7f00, 0xa);
	vf_calls_note(c, 0xbf00, 0xb); /* another thread */
	vf_calls_note(c, 0x7e00, 0xc);
	expect(c, 0x7d00, "c a");
	expect(c, 0xbe00, "b");
	expect(c, 0x13e00, "");
}

static void test_deep(void)
{
	g_autoptr(VfCalls) c = vf_calls_new(FALSE);

	for (guint i = 0; i < 200; i++)
		vf_calls_note(c, 0x8000 - 8 - i * 16, i);
	expect(c, 0x7000, "c7 c6 c5 c4 c3 c2 c1 c0");
	vf_calls_reset(c);
	expect(c, 0x7000, "");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/calls/down", test_down);
	g_test_add_func("/calls/up", test_up);
	g_test_add_func("/calls/two-stacks", test_two_stacks);
	g_test_add_func("/calls/deep", test_deep);
	return g_test_run();
}
