// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs on the bare machine: a few accesses and cache operations in each
 * window of the control port. test-guest.c knows which hazards each window
 * must have.
 */
#include "machine.h"

#define OFFSET 0x80
#define LENGTH 64

/* Each transfer has other bytes, so that none has the right value by chance. */
static void dma(u32 command, u32 offset)
{
	static u32 seed = 1;
	u64 address = dma_address(offset);

	ctl(CTL_ADDR_LO, address);
	ctl(CTL_ADDR_HI, address >> 32);
	ctl(CTL_LEN, LENGTH);
	ctl(CTL_SEED, seed += 0x1234567);
	ctl(CTL_CMD, command);
}

static void dma_write(void)
{
	dma(1, OFFSET);
}

static void dma_read(void)
{
	dma(2, OFFSET);
}

static void alias_unflushed(void)
{
	store_linear(OFFSET, 0x11111111);
	load_alias(OFFSET);
}

static void alias_flushed(void)
{
	store_linear(OFFSET, 0x22222222);
	flush_linear(OFFSET);
	load_alias(OFFSET);
}

static void stale_unflushed(void)
{
	load_alias(OFFSET);
	store_linear(OFFSET, 0x33333333);
	load_alias(OFFSET);
}

static void stale_flushed(void)
{
	load_alias(OFFSET);
	store_linear(OFFSET, 0x44444444);
	flush_linear(OFFSET);
	flush_alias(OFFSET);
	load_alias(OFFSET);
}

static void stale_wrong_line(void)
{
	load_alias(OFFSET);
	store_linear(OFFSET, 0x55555555);
	flush_linear(OFFSET);
	flush_alias(OFFSET + LENGTH);
	load_alias(OFFSET);
}

static void dma_in_unflushed(void)
{
	load_alias(OFFSET);
	dma_write();
	load_alias(OFFSET);
}

static void dma_in_flushed(void)
{
	load_alias(OFFSET);
	dma_write();
	flush_alias(OFFSET);
	load_alias(OFFSET);
}

static void dma_in_flushed_too_early(void)
{
	load_alias(OFFSET);
	flush_alias(OFFSET);
	load_alias(OFFSET);
	dma_write();
	load_alias(OFFSET);
}

static void dma_under_dirty(void)
{
	store_alias(OFFSET, 0x66666666);
	dma_write();
	flush_alias(OFFSET);
	load_alias(OFFSET);
}

static void dma_out_unflushed(void)
{
	store_alias(OFFSET, 0x77777777);
	dma_read();
}

static void dma_out_flushed(void)
{
	store_alias(OFFSET, 0x88888888);
	flush_alias(OFFSET);
	dma_read();
}

static void whole_cache(void)
{
	load_alias(OFFSET);
	store_linear(OFFSET, 0x99999999);
	whole();
	load_alias(OFFSET);
}

#ifdef HAS_PURGE
static void purge_dirty(void)
{
	load_alias(OFFSET);
	store_alias(OFFSET, 0xaaaaaaaa);
	purge_alias(OFFSET);
	load_alias(OFFSET);
}

static void purge_clean(void)
{
	load_alias(OFFSET);
	dma_write();
	purge_alias(OFFSET);
	load_alias(OFFSET);
}
#endif

#ifdef HAS_UNCACHED
static void uncached_unflushed(void)
{
	store_linear(OFFSET, 0xbbbbbbbb);
	load_uncached(OFFSET);
}

static void uncached_flushed(void)
{
	store_linear(OFFSET, 0xcccccccc);
	flush_linear(OFFSET);
	load_uncached(OFFSET);
}
#endif

#ifdef HAS_MAP
/* The last load meets the line of the first, not that of the page which was there in between. */
static void load_remapped(u32 flush)
{
	map_alias(OTHER);
	load_alias(OFFSET);
	store_linear(OTHER + OFFSET, 0xf1f1f1f1 + flush);
	flush_linear(OTHER + OFFSET);
	if (flush)
		flush_alias(OFFSET);
	map_alias(0);
	load_alias(OFFSET);
	load_alias(OFFSET);
	map_alias(OTHER);
	load_alias(OFFSET);
	flush_alias(OFFSET);
	map_alias(0);
}

static void remapped_unflushed(void)
{
	load_remapped(0);
}

static void remapped_flushed(void)
{
	load_remapped(1);
}

/* The last store makes a line of the other page dirty. */
static void remapped_store(void)
{
	store_alias(OFFSET, 0xf3f3f3f3);
	store_alias(OFFSET, 0xf4f4f4f4);
	map_alias(OTHER);
	store_alias(OFFSET, 0xf5f5f5f5);
	dma(2, OTHER + OFFSET);
	flush_alias(OFFSET);
	map_alias(0);
	flush_alias(OFFSET);
}
#endif

static void done(void)
{
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{"alias-unflushed", alias_unflushed},
	{"alias-flushed", alias_flushed},
	{"stale-unflushed", stale_unflushed},
	{"stale-flushed", stale_flushed},
	{"stale-wrong-line", stale_wrong_line},
	{"dma-in-unflushed", dma_in_unflushed},
	{"dma-in-flushed", dma_in_flushed},
	{"dma-in-flushed-too-early", dma_in_flushed_too_early},
	{"dma-under-dirty", dma_under_dirty},
	{"dma-out-unflushed", dma_out_unflushed},
	{"dma-out-flushed", dma_out_flushed},
	{"whole-cache", whole_cache},
#ifdef HAS_PURGE
	{"purge-dirty", purge_dirty},
	{"purge-clean", purge_clean},
#endif
#ifdef HAS_UNCACHED
	{"uncached-unflushed", uncached_unflushed},
	{"uncached-flushed", uncached_flushed},
#endif
#ifdef HAS_MAP
	{"remapped-unflushed", remapped_unflushed},
	{"remapped-flushed", remapped_flushed},
	{"remapped-store-dma-out", remapped_store},
#endif
#ifdef MACHINE_CASES
	MACHINE_CASES
#endif
	{"done", done},
};

void start(void);
void start(void)
{
	machine_init();
	for (u32 i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ctl(CTL_NAME, 0);
		for (const char *c = cases[i].name; *c; c++)
			ctl(CTL_NAME, *c);
		ctl(CTL_WINDOW, 1);
		cases[i].run();
		ctl(CTL_WINDOW, 0);
	}
	for (;;)
		;
}
