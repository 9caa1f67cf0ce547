// SPDX-License-Identifier: GPL-2.0-or-later
#include "pages.h"

#define LIMIT (1u << 20)

static const VfAddressing addressing = {
	.page = 4096,
	.ram = {.ranges = {{0, 1u << 20}, {4u << 20, 5u << 20}}, .n = 2},
	.page_offset = 0x10000000,
	.vmalloc = 0x800000,
	.vmalloc_end = 0x900000,
};
static const VfSegment mapped = {0}, user = {.user = TRUE};

static VfSegment linear(guint64 pa)
{
	return (VfSegment){.direct = TRUE, .pa = pa};
}

static void test_linear(void)
{
	g_autoptr(VfPages) p = vf_pages_new(&addressing, VF_TRACK_DMA, LIMIT);
	VfSegment s = linear(0x5010);

	g_assert_false(vf_pages_maybe(p, &s, 0x10005010));
	g_assert_true(vf_pages_add_target(p, 0x5000));
	g_assert_false(vf_pages_add_target(p, 0x5fff));
	g_assert_false(vf_pages_add_target(p, 1u << 20));
	g_assert_true(vf_pages_maybe(p, &s, 0x10005010));
	g_assert_true(vf_pages_wanted(p, &s, 0x10005010, 0x5010));
	vf_pages_reset(p);
	g_assert_false(vf_pages_maybe(p, &s, 0x10005010));
}

/* Memory behind a hole is memory; the hole is not. */
static void test_ranges(void)
{
	g_autoptr(VfPages) p = vf_pages_new(&addressing, VF_TRACK_DMA, LIMIT);

	g_assert_true(vf_pages_add_target(p, 4u << 20));
	g_assert_true(vf_pages_add_target(p, (5u << 20) - 1));
	g_assert_false(vf_pages_add_target(p, 5u << 20));
	g_assert_false(vf_pages_add_target(p, 2u << 20));
	g_assert_true(vf_pages_is_target(p, (4u << 20) + 0x123));
	g_assert_false(vf_pages_is_target(p, 0));
}

/* A guest that maps its memory again and again uses no more than the limit. */
static void test_limit(void)
{
	g_autoptr(VfPages) p = vf_pages_new(&addressing, VF_TRACK_DMA, LIMIT);
	guint64 pa;

	for (guint64 va = 0; va < 1000 * 4096; va += 4096)
		vf_pages_remember(p, va, 0x5000);
	g_assert_false(vf_pages_overflowed(p));
	for (guint64 va = 0; va < (guint64)LIMIT * 4096; va += 4096)
		vf_pages_remember(p, va, 0x6000);
	g_assert_true(vf_pages_overflowed(p));
	g_assert_true(vf_pages_recall(p, 0x3000, &pa));
	g_assert_cmphex(pa, ==, 0x6000);
	g_assert_false(vf_pages_recall(p, (guint64)(LIMIT - 1) * 4096, &pa));
	vf_pages_reset(p);
	g_assert_false(vf_pages_overflowed(p));
}

static void test_vmalloc(void)
{
	g_autoptr(VfPages) p = vf_pages_new(&addressing, VF_TRACK_DMA, LIMIT);

	/* Until a device named its buffers, anything may be one. */
	g_assert_true(vf_pages_maybe(p, &mapped, 0x801000));
	g_assert_true(vf_pages_wanted(p, &mapped, 0x801000, 0x7000));
	vf_pages_add_target(p, 0x5000);
	g_assert_true(vf_pages_narrow(p));
	g_assert_false(vf_pages_narrow(p));
	g_assert_true(vf_pages_maybe(p, &mapped, 0x801000));
	g_assert_false(vf_pages_wanted(p, &mapped, 0x801000, 0x7000));
	g_assert_true(vf_pages_wanted(p, &mapped, 0x802000, 0x5000));
	vf_pages_add_target(p, 0x7000);
	g_assert_true(vf_pages_wanted(p, &mapped, 0x801000, 0x7000));
	/* Kernel addresses elsewhere are not looked at. */
	g_assert_false(vf_pages_maybe(p, &mapped, 0xa00000));
}

static void test_user(void)
{
	g_autoptr(VfPages) p = vf_pages_new(&addressing, VF_TRACK_DMA, LIMIT);

	g_assert_false(vf_pages_maybe(p, &user, 0x400000));
	vf_pages_add_target(p, 0x5000);
	g_assert_true(vf_pages_maybe(p, &user, 0x400000));
	g_assert_false(vf_pages_wanted(p, &user, 0x400000, 0x9000));
	g_assert_true(vf_pages_wanted(p, &user, 0x400000, 0x5000));
}

static gboolean aside(VfNear *n, guint64 key)
{
	VfNearPage *page = vf_near_slot(n, key);

	return page->key == key && vf_near_aside(page);
}

static void test_near(void)
{
	g_autofree VfNear *n = g_new(VfNear, 1);
	guint64 key = vf_near_key(0x400123, 2);
	guint uses = 1;

	vf_near_clear(n);
	g_assert_false(aside(n, key));
	g_assert_false(aside(n, 0));
	g_assert_false(aside(n, vf_near_key(G_MAXUINT64, 15)));
	vf_near_add(n, key, NULL, FALSE);
	g_assert_true(aside(n, vf_near_key(0x400fff, 2)));
	g_assert_false(aside(n, vf_near_key(0x400123, 3)));
	g_assert_false(aside(n, vf_near_key(0x401123, 2)));
	while (aside(n, key))
		uses++;
	g_assert_cmpuint(uses, ==, VF_NEAR_USES);
	/* Another page in the same slot takes its place. */
	vf_near_add(n, key, NULL, FALSE);
	vf_near_add(n, key + VF_NEAR_PAGES, NULL, TRUE);
	g_assert_false(aside(n, key));
	/* One that cannot be mapped anew stays. */
	for (guint i = 0; i < 2 * VF_NEAR_USES; i++)
		g_assert_true(aside(n, key + VF_NEAR_PAGES));
	/* One that matters is not aside. */
	vf_near_add(n, key, n, FALSE);
	g_assert_false(aside(n, key));
	g_assert_true(vf_near_slot(n, key)->key == key && vf_near_slot(n, key)->copy == n);
	vf_near_clear(n);
	g_assert_false(aside(n, key + VF_NEAR_PAGES));
	g_assert_false(vf_near_slot(n, key)->key == key);
}

static void test_all(void)
{
	g_autoptr(VfPages) p = vf_pages_new(&addressing, VF_TRACK_ALL, LIMIT);

	g_assert_true(vf_pages_maybe(p, &user, 0x400000));
	g_assert_true(vf_pages_wanted(p, &user, 0x400000, 0x9000));
	g_assert_false(vf_pages_narrow(p));
}

static void test_recall(void)
{
	g_autoptr(VfPages) p = vf_pages_new(&addressing, VF_TRACK_ALL, LIMIT);
	guint64 pa;

	g_assert_false(vf_pages_recall(p, 0x801234, &pa));
	vf_pages_remember(p, 0x801008, 0x7008);
	g_assert_true(vf_pages_recall(p, 0x801234, &pa));
	g_assert_cmphex(pa, ==, 0x7234);
	vf_pages_remember(p, 0x801008, 0x9008);
	g_assert_true(vf_pages_recall(p, 0x801234, &pa));
	g_assert_cmphex(pa, ==, 0x9234);
	/* The same slot of the short cut, another page. */
	vf_pages_remember(p, 0x801008 + 1024 * 4096, 0xa000);
	g_assert_true(vf_pages_recall(p, 0x801234, &pa));
	g_assert_cmphex(pa, ==, 0x9234);
	vf_pages_reset(p);
	g_assert_false(vf_pages_recall(p, 0x801234, &pa));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pages/ranges", test_ranges);
	g_test_add_func("/pages/limit", test_limit);
	g_test_add_func("/pages/linear", test_linear);
	g_test_add_func("/pages/vmalloc", test_vmalloc);
	g_test_add_func("/pages/user", test_user);
	g_test_add_func("/pages/near", test_near);
	g_test_add_func("/pages/all", test_all);
	g_test_add_func("/pages/recall", test_recall);
	return g_test_run();
}
