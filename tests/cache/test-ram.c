// SPDX-License-Identifier: GPL-2.0-or-later
#include "ram.h"

#define MIB   (G_GUINT64_CONSTANT(1) << 20)
#define GIB   (G_GUINT64_CONSTANT(1) << 30)
#define LIMIT (64 * GIB)

/* A PC of 1536 MiB with half a GiB of it above the hole for devices. */
static VfRam pc(void)
{
	VfRam ram = {0};

	vf_ram_add(&ram, 0, 0xa0000, LIMIT);
	vf_ram_add(&ram, 0xf0000, GIB, LIMIT);
	vf_ram_add(&ram, 4 * GIB, 4 * GIB + 512 * MIB, LIMIT);
	return ram;
}

static void test_has(void)
{
	const VfRam ram = pc();
	const VfRam none = {0};

	g_assert_cmpuint(ram.n, ==, 2); /* the hole below 1 MiB is none */
	g_assert_true(vf_ram_has(&ram, 0));
	g_assert_true(vf_ram_has(&ram, GIB - 1));
	g_assert_false(vf_ram_has(&ram, GIB));
	g_assert_false(vf_ram_has(&ram, 4 * GIB - 1));
	g_assert_true(vf_ram_has(&ram, 4 * GIB));
	g_assert_false(vf_ram_has(&ram, 4 * GIB + 512 * MIB));
	g_assert_cmphex(vf_ram_end(&ram), ==, 4 * GIB + 512 * MIB);
	g_assert_false(vf_ram_has(&none, 0));
	g_assert_cmphex(vf_ram_end(&none), ==, 0);
}

static void test_pages(void)
{
	const VfRam ram = pc();
	guint64 n;

	g_assert_cmpuint(vf_ram_pages(&ram, 12), ==, 1536 * MIB >> 12);
	g_assert_true(vf_ram_page(&ram, GIB - 1, 12, &n));
	g_assert_cmpuint(n, ==, (GIB >> 12) - 1);
	g_assert_true(vf_ram_page(&ram, 4 * GIB, 12, &n));
	g_assert_cmpuint(n, ==, GIB >> 12);
	g_assert_true(vf_ram_page(&ram, 4 * GIB + 512 * MIB - 1, 12, &n));
	g_assert_cmpuint(n, ==, (1536 * MIB >> 12) - 1);
	g_assert_false(vf_ram_page(&ram, 2 * GIB, 12, &n));
}

/* What the model cannot have is left out, and so counts as outside. */
static void test_left_out(void)
{
	VfRam ram = {0};

	vf_ram_add(&ram, 62 * GIB, 66 * GIB, LIMIT);
	vf_ram_add(&ram, 70 * GIB, 71 * GIB, LIMIT);
	g_assert_cmpuint(ram.n, ==, 1);
	g_assert_true(vf_ram_has(&ram, 64 * GIB - 1));
	g_assert_false(vf_ram_has(&ram, 64 * GIB));
	ram = (VfRam){0};
	for (guint i = 0; i <= VF_RAM_RANGES_MAX; i++)
		vf_ram_add(&ram, i * GIB, i * GIB + MIB, LIMIT);
	g_assert_cmpuint(ram.n, ==, VF_RAM_RANGES_MAX);
	g_assert_false(vf_ram_has(&ram, VF_RAM_RANGES_MAX * GIB));
	vf_ram_add(&ram, 0, MIB, LIMIT); /* not ascending */
	g_assert_cmpuint(ram.n, ==, VF_RAM_RANGES_MAX);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ram/has", test_has);
	g_test_add_func("/ram/pages", test_pages);
	g_test_add_func("/ram/left-out", test_left_out);
	return g_test_run();
}
