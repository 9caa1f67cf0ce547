// SPDX-License-Identifier: GPL-2.0-or-later
/* Each hazard class once, by the shortest trace that has it and by the flush that prevents it. */
#include "model.h"

#include <string.h>

#define PAGE 4096u
#define RAM  (16 * PAGE)
#define LINE 32u

typedef struct Bench {
	VfModel *m;
	guint8 ram[RAM];
	GArray *seen; /* of VfModelHazard */
} Bench;

static const guint8 *ram_at(void *opaque, guint64 pa)
{
	Bench *b = opaque;

	return pa < RAM ? b->ram + pa : NULL;
}

static void on_hazard(void *opaque, const VfModelHazard *h)
{
	Bench *b = opaque;

	g_array_append_vals(b->seen, h, 1);
}

static const VfGeometry infinite = {.page = PAGE, .line = LINE, .colours = 4};
static const VfPolicy write_back = {.snoop = VF_SNOOP_NONE};

static Bench *bench_new(const VfGeometry *geometry, const VfPolicy *policy)
{
	Bench *b = g_new0(Bench, 1);
	VfModelOps ops = {.ram = ram_at, .hazard = on_hazard, .opaque = b};
	g_autoptr(GError) error = NULL;

	b->seen = g_array_new(FALSE, FALSE, sizeof(VfModelHazard));
	b->m = vf_model_new(geometry, policy, &ops, 1u << 24, &error);
	g_assert_no_error(error);
	return b;
}

static void bench_free(Bench *b)
{
	vf_model_free(b->m);
	g_array_unref(b->seen);
	g_free(b);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bench, bench_free)

static guint64 va_of(guint colour, guint64 pa)
{
	return 0x100000 + colour * PAGE + (pa & (PAGE - 1));
}

static VfWho by(guint64 pc)
{
	return (VfWho){.pc = pc};
}

static void store(Bench *b, guint colour, guint64 pa, guint8 value)
{
	b->ram[pa] = value;
	vf_model_store(b->m, va_of(colour, pa), pa, 1, &value, by(0x10));
}

static void load(Bench *b, guint colour, guint64 pa)
{
	vf_model_load(b->m, va_of(colour, pa), pa, 1, &b->ram[pa], by(0x20));
}

static void flush(Bench *b, guint colour, guint64 pa)
{
	vf_model_flush(b->m, va_of(colour, pa), pa, by(0x30));
}

static void purge(Bench *b, guint colour, guint64 pa)
{
	vf_model_purge(b->m, va_of(colour, pa), pa, by(0x40));
}

static void dma_write(Bench *b, guint64 pa, guint size, guint8 value)
{
	vf_model_dma_write(b->m, pa, size);
	memset(b->ram + pa, value, size);
}

/* "R W-armed" etc., silent ones in parentheses. */
static void expect(Bench *b, const char *classes)
{
	g_autoptr(GString) s = g_string_new(NULL);

	for (guint i = 0; i < b->seen->len; i++) {
		const VfModelHazard *h = &g_array_index(b->seen, VfModelHazard, i);

		g_string_append_printf(s, "%s%s%s%s", i ? " " : "", h->silent ? "(" : "",
				       vf_hazard_name(h->class), h->silent ? ")" : "");
	}
	g_assert_cmpstr(s->str, ==, classes);
}

static const VfModelHazard *last(Bench *b)
{
	g_assert_cmpuint(b->seen->len, >, 0);
	return &g_array_index(b->seen, VfModelHazard, b->seen->len - 1);
}

static void test_stale_hit(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x40);
	dma_write(b, 0x40, 8, 7);
	load(b, 1, 0x40);
	expect(b, "R");
	g_assert_cmpint(last(b)->expected, ==, 7);
	g_assert_cmpint(last(b)->found, ==, 0);
	g_assert_cmpuint(last(b)->cause, ==, VF_CAUSE_DMA);
	g_assert_cmpuint(last(b)->colour, ==, 1);
	g_assert_cmpuint(last(b)->pa, ==, 0x40);
	g_assert_cmpuint(last(b)->origin.pc, ==, 0x20);
}

static void test_flush_prevents(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x40);
	dma_write(b, 0x40, 8, 7);
	flush(b, 1, 0x40);
	load(b, 1, 0x40);
	expect(b, "");
}

static void test_flush_of_other_colour_does_not(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x40);
	dma_write(b, 0x40, 8, 7);
	flush(b, 0, 0x40);
	load(b, 1, 0x40);
	expect(b, "R");
}

static void test_flush_before_does_not(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x40);
	flush(b, 1, 0x40);
	load(b, 1, 0x44);
	dma_write(b, 0x40, 8, 7);
	load(b, 1, 0x40);
	expect(b, "R");
}

static void test_silent(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x40);
	dma_write(b, 0x40, 8, 0);
	load(b, 1, 0x40);
	expect(b, "(R)");
	g_assert_cmpuint(vf_model_counters(b->m)->silent, ==, 1);
	g_assert_cmpuint(vf_model_counters(b->m)->hazards[VF_HAZARD_R], ==, 0);
}

static void test_alias(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	store(b, 0, 0x80, 1);
	load(b, 1, 0x80);
	expect(b, "A");
	g_assert_cmpuint(last(b)->other, ==, 0);
	g_assert_cmpuint(last(b)->overtaken.pc, ==, 0x10);
	/* The line stays as it was filled, even when memory gets the store later. */
	flush(b, 0, 0x80);
	load(b, 1, 0x80);
	expect(b, "A A");
	flush(b, 1, 0x80);
	load(b, 1, 0x80);
	expect(b, "A A");
}

static void test_congruent_alias(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	store(b, 2, 0x80, 1);
	load(b, 2 + 4, 0x80);
	expect(b, "");
}

static void test_stale_through_other_colour(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x80);
	store(b, 0, 0x80, 9);
	load(b, 1, 0x80);
	expect(b, "R");
	g_assert_cmpuint(last(b)->cause, ==, VF_CAUSE_CPU);
}

static void test_write_back_destroys(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	store(b, 1, 0x100, 5);
	dma_write(b, 0x100, 4, 6);
	expect(b, "W-armed");
	g_assert_cmpuint(last(b)->bytes, ==, 4);
	flush(b, 1, 0x100);
	expect(b, "W-armed W");
	g_assert_cmpint(last(b)->expected, ==, 6);
	g_assert_cmpint(last(b)->found, ==, 5);
	load(b, 1, 0x100);
	expect(b, "W-armed W C");
	g_assert_cmpint(last(b)->found, ==, 5);
	/* A new value is a new start. */
	store(b, 1, 0x100, 8);
	load(b, 1, 0x100);
	expect(b, "W-armed W C");
}

/* Caches write whole lines back: a store beside the buffer is enough. */
static void test_shared_line(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	store(b, 1, 0x100 + LINE - 1, 5);
	dma_write(b, 0x100, 4, 6);
	flush(b, 1, 0x100);
	expect(b, "W-armed W");
	g_assert_cmpuint(last(b)->bytes, ==, 4);
}

static void test_purge_loses(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x100);
	store(b, 1, 0x100, 5);
	purge(b, 1, 0x100);
	expect(b, "P-armed");
	load(b, 1, 0x100);
	expect(b, "P-armed P");
	g_assert_cmpint(last(b)->expected, ==, 5);
	g_assert_cmpint(last(b)->found, ==, 0);
}

static void test_purge_of_overwritten(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x100);
	dma_write(b, 0x100, 4, 6);
	purge(b, 1, 0x100);
	load(b, 1, 0x100);
	expect(b, "");
}

static void test_uncached(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	store(b, 1, 0x100, 5);
	vf_model_uncached_load(b->m, 0x100, 1, &b->ram[0x100], by(0x50));
	expect(b, "U");
	vf_model_writeback(b->m, va_of(1, 0x100), 0x100, by(0x60));
	vf_model_uncached_load(b->m, 0x100, 1, &b->ram[0x100], by(0x50));
	expect(b, "U");
	b->ram[0x100] = 3;
	vf_model_uncached_store(b->m, 0x100, 1, by(0x50));
	load(b, 1, 0x100);
	expect(b, "U R");
	g_assert_cmpuint(last(b)->cause, ==, VF_CAUSE_UNCACHED);
}

static void test_device_reads(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	store(b, 1, 0x100, 5);
	vf_model_dma_read(b->m, 0x100, 4);
	expect(b, "D");
	g_assert_cmpuint(last(b)->origin.pc, ==, 0x10);
	vf_model_writeback(b->m, va_of(1, 0x100), 0x100, by(0x60));
	vf_model_dma_read(b->m, 0x100, 4);
	expect(b, "D");
}

static void test_whole_and_index(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	store(b, 1, 0x100, 5);
	vf_model_whole_flush(b->m, by(0x70));
	load(b, 0, 0x100);
	expect(b, "");
	store(b, 1, 0x100, 6);
	vf_model_index_flush(b->m, va_of(1, 0x120), by(0x70));
	load(b, 2, 0x100);
	expect(b, "A");
	vf_model_index_flush(b->m, va_of(1, 0x100), by(0x70));
	load(b, 3, 0x100);
	expect(b, "A");
	g_assert_cmpuint(vf_model_counters(b->m)->whole, ==, 1);
	for (guint64 va = 0; va < 4 * PAGE; va += LINE)
		vf_model_index_flush(b->m, va, by(0x70));
	g_assert_cmpuint(vf_model_counters(b->m)->whole, ==, 2);
}

/* An architected alias period of four pages, and a cache whose loop walks three. */
static void test_index_space(void)
{
	static const VfGeometry small = {.page = PAGE,
					 .line = LINE,
					 .colours = 4,
					 .index = 3 * PAGE};
	g_autoptr(Bench) b = bench_new(&small, &write_back);

	for (guint colour = 0; colour < 4; colour++)
		load(b, colour, 0x100);
	for (guint64 va = 0x100000; va < 0x100000 + 3 * PAGE; va += LINE)
		vf_model_index_flush(b->m, va, by(0x70));
	g_assert_cmpuint(vf_model_counters(b->m)->whole, ==, 1);
	g_assert_cmpuint(vf_model_counters(b->m)->hits, ==, 4);
	dma_write(b, 0x100, 1, 0x55);
	for (guint colour = 0; colour < 4; colour++)
		load(b, colour, 0x100);
	expect(b, "");
}

static void test_page(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x100);
	load(b, 2, 0x100);
	vf_model_page_purge(b->m, 0x140, by(0x70));
	store(b, 0, 0x100, 5);
	flush(b, 0, 0x100);
	load(b, 1, 0x100);
	load(b, 2, 0x100);
	expect(b, "");
}

static void test_write_through(void)
{
	const VfPolicy policy = {.write_through = TRUE, .snoop = VF_SNOOP_ALL};
	g_autoptr(Bench) b = bench_new(&infinite, &policy);

	store(b, 0, 0x100, 5);
	load(b, 1, 0x100);
	dma_write(b, 0x100, 4, 6);
	load(b, 1, 0x100);
	expect(b, "");
	g_assert_cmpuint(vf_model_counters(b->m)->fills, ==, 2);
	store(b, 1, 0x100, 7);
	load(b, 1, 0x100);
	expect(b, "");
	store(b, 0, 0x100, 8);
	load(b, 1, 0x100);
	expect(b, "R");
	load(b, 0, 0x100);
	expect(b, "R");
}

static void test_snoop_linear(void)
{
	const VfPolicy policy = {.snoop = VF_SNOOP_LINEAR};
	g_autoptr(Bench) b = bench_new(&infinite, &policy);
	guint64 pa = 2 * PAGE + 0x40;

	load(b, 2, pa);
	load(b, 3, pa);
	dma_write(b, pa, 4, 6);
	load(b, 2, pa);
	expect(b, "");
	load(b, 3, pa);
	expect(b, "R");
	store(b, 2, pa, 1);
	vf_model_dma_read(b->m, pa, 4);
	expect(b, "R");
}

static void test_coherent_never_fails(void)
{
	const VfGeometry geometry = {.page = PAGE, .line = LINE, .colours = 1};
	const VfPolicy policy = {.snoop = VF_SNOOP_ALL};
	g_autoptr(Bench) b = bench_new(&geometry, &policy);

	store(b, 0, 0x40, 1);
	load(b, 1, 0x40);
	vf_model_dma_read(b->m, 0x40, 4);
	dma_write(b, 0x40, 4, 9);
	load(b, 2, 0x40);
	b->ram[0x40] = 77; /* a device without an observer */
	load(b, 2, 0x40);
	vf_model_whole_flush(b->m, by(1));
	expect(b, "");
	g_assert_cmpuint(vf_model_counters(b->m)->unseen, ==, 1);
}

static void test_unseen(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	load(b, 1, 0x40);
	b->ram[0x40] = 77;
	load(b, 1, 0x40);
	expect(b, "R");
	g_assert_cmpuint(last(b)->cause, ==, VF_CAUSE_UNSEEN);
	store(b, 1, 0x80, 1);
	b->ram[0x88] = 78;
	flush(b, 1, 0x80);
	expect(b, "R W");
	g_assert_cmpuint(last(b)->cause, ==, VF_CAUSE_UNSEEN);
}

/* Addresses that no machine here has memory at, up to the last one. */
static void test_beyond(void)
{
	static const guint64 places[] = {1ull << VF_MODEL_PA_BITS, 1ull << 40,
					 G_MAXUINT64 & ~(guint64)(PAGE - 1)};
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);
	gsize memory = vf_model_memory(b->m);

	for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
		vf_model_dma_write(b->m, places[i], 4);
		vf_model_target(b->m, places[i]);
		vf_model_load(b->m, places[i], places[i], 1, b->ram, by(0x20));
	}
	g_assert_cmpuint(vf_model_memory(b->m), ==, memory);
	expect(b, "");
}

static void test_exact(void)
{
	const VfGeometry geometry = {.page = PAGE, .line = LINE, .colours = 4, .ways = 2};
	g_autoptr(Bench) b = bench_new(&geometry, &write_back);

	load(b, 1, 0x40);
	dma_write(b, 0x40, 4, 6);
	/* Two other lines of the set push it out, so the stale value is gone. */
	load(b, 1, PAGE + 0x40);
	load(b, 1, 2 * PAGE + 0x40);
	load(b, 1, 0x40);
	expect(b, "");
	g_assert_cmpuint(vf_model_counters(b->m)->evictions, ==, 2);
	/* The least recently used goes, not the first in. */
	load(b, 1, 2 * PAGE + 0x40);
	load(b, 1, 0x40);
	load(b, 1, PAGE + 0x40);
	dma_write(b, 0x40, 4, 7);
	load(b, 1, 0x40);
	expect(b, "R");
}

static void test_eviction_destroys(void)
{
	const VfGeometry geometry = {.page = PAGE, .line = LINE, .colours = 4, .ways = 1};
	g_autoptr(Bench) b = bench_new(&geometry, &write_back);

	store(b, 1, 0x40, 1);
	dma_write(b, 0x40, 4, 6);
	load(b, 1, PAGE + 0x40);
	expect(b, "W-armed W");
	g_assert_cmpuint(last(b)->cause, ==, VF_CAUSE_EVICTION);
}

static void test_move_in(void)
{
	const VfPolicy policy = {.move_in = TRUE};
	g_autoptr(Bench) b = bench_new(&infinite, &policy);

	load(b, 1, 0x40);
	flush(b, 1, 0x40);
	dma_write(b, 0x40, 4, 6); /* the CPU may have read ahead right before */
	load(b, 1, 0x40);
	expect(b, "R");
	flush(b, 1, 0x40);
	load(b, 1, 0x40);
	expect(b, "R");
}

static void test_access_over_lines(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);
	guint8 value[16] = {0};

	vf_model_load(b->m, va_of(1, 0x78), 0x78, 16, value, by(1));
	dma_write(b, 0x7f, 2, 3);
	memcpy(value, b->ram + 0x78, 16);
	vf_model_load(b->m, va_of(1, 0x78), 0x78, 16, value, by(1));
	expect(b, "R R");
	g_assert_cmpuint(last(b)->pa, ==, 0x80);
}

static void test_targets(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);
	VfTargets t;

	vf_model_target(b->m, 0x40);
	vf_model_target(b->m, PAGE);
	vf_model_target(b->m, 2 * PAGE);
	vf_model_target(b->m, RAM);
	load(b, 0, 0x40);
	load(b, 3, PAGE + 8);
	dma_write(b, 0x40, 40, 1);
	dma_write(b, 0x40, 40, 2);
	vf_model_targets(b->m, &t);
	g_assert_cmpuint(t.pages, ==, 3);
	g_assert_cmpuint(t.touched, ==, 2);
	g_assert_cmpuint(t.aliased, ==, 1);
	g_assert_cmpuint(t.dma_extent, ==, 40);
	g_assert_cmpuint(vf_model_counters(b->m)->target_dma_bytes, ==, 80);
	vf_model_epoch(b->m);
	vf_model_targets(b->m, &t);
	g_assert_cmpuint(t.pages, ==, 3);
	g_assert_cmpuint(t.touched + t.aliased + t.dma_extent, ==, 0);
}

static void test_forget(void)
{
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	vf_model_target(b->m, 0x40);
	store(b, 1, 0x40, 1);
	store(b, 1, PAGE + 0x40, 1);
	vf_model_forget_others(b->m);
	load(b, 2, PAGE + 0x40);
	expect(b, "");
	load(b, 2, 0x40);
	expect(b, "A");
}

static void test_limit(void)
{
	VfModelOps ops = {.ram = ram_at, .hazard = on_hazard};
	g_autoptr(Bench) b = bench_new(&infinite, &write_back);

	vf_model_free(b->m);
	ops.opaque = b;
	b->m = vf_model_new(&infinite, &write_back, &ops, 64 << 10, NULL);
	for (guint64 pa = 0; pa < RAM; pa += PAGE)
		store(b, pa / PAGE, pa, 1);
	g_assert_true(vf_model_overflowed(b->m));
	g_assert_cmpuint(vf_model_memory(b->m), <=, 64 << 10);
	vf_model_reset(b->m);
	g_assert_false(vf_model_overflowed(b->m));
}

static void test_geometry(void)
{
	static const VfGeometry wrong[] = {
		{.page = 4096, .line = 24, .colours = 1},
		{.page = 4096, .line = 128, .colours = 1},
		{.page = 2048, .line = 32, .colours = 1},
		{.page = 4096, .line = 32, .colours = 3},
		{.page = 4096, .line = 32, .colours = 0},
		{.page = 4096, .line = 32, .colours = 2, .index = 8240},
	};
	VfModelOps ops = {.ram = ram_at, .hazard = on_hazard};

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(vf_model_new(&wrong[i], &write_back, &ops, 1 << 20, &error));
		g_assert_nonnull(error);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *path;
		void (*test)(void);
	} tests[] = {
		{"/model/stale-hit", test_stale_hit},
		{"/model/flush-prevents", test_flush_prevents},
		{"/model/flush-of-other-colour", test_flush_of_other_colour_does_not},
		{"/model/flush-before", test_flush_before_does_not},
		{"/model/silent", test_silent},
		{"/model/alias", test_alias},
		{"/model/congruent", test_congruent_alias},
		{"/model/other-colour-stores", test_stale_through_other_colour},
		{"/model/write-back-destroys", test_write_back_destroys},
		{"/model/shared-line", test_shared_line},
		{"/model/purge-loses", test_purge_loses},
		{"/model/purge-of-overwritten", test_purge_of_overwritten},
		{"/model/uncached", test_uncached},
		{"/model/device-reads", test_device_reads},
		{"/model/whole-and-index", test_whole_and_index},
		{"/model/index-space", test_index_space},
		{"/model/page", test_page},
		{"/model/write-through", test_write_through},
		{"/model/snoop-linear", test_snoop_linear},
		{"/model/coherent", test_coherent_never_fails},
		{"/model/unseen", test_unseen},
		{"/model/beyond", test_beyond},
		{"/model/exact", test_exact},
		{"/model/eviction", test_eviction_destroys},
		{"/model/move-in", test_move_in},
		{"/model/over-lines", test_access_over_lines},
		{"/model/targets", test_targets},
		{"/model/forget", test_forget},
		{"/model/limit", test_limit},
		{"/model/geometry", test_geometry},
	};

	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add_func(tests[i].path, tests[i].test);
	return g_test_run();
}
