// SPDX-License-Identifier: GPL-2.0-or-later
/* malta, big endian. The page's colour is 1 (bit 12), the alias' 0. */
#define PAGE_PA	     0x4003000ull
#define LINEAR	     (0x9800000000000000ull + PAGE_PA) /* xkphys, cached */
#define UNCACHED     (0x9000000000000000ull + PAGE_PA)
#define ALIAS	     0xffffffffc0010000ull
#define GT64120	     0x900000001be00000ull /* where QEMU's boot loader moves it, as YAMON does */
#define PCI_MEMORY   0x10000000u
#define WAY	     8192u
#define HAS_PURGE    1
#define HAS_UNCACHED 1
#define HAS_MAP	     1

static u32 swap(u32 v)
{
	return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static volatile u32 *gt(u32 at)
{
	return (volatile u32 *)(GT64120 + at);
}

/* After reset the GT-64120's address register is little-endian and its data register is not. */
static void config_write(u32 slot, u32 at, u32 value)
{
	*gt(0xcf8) = swap(0x80000000u | slot << 11 | at);
	*gt(0xcfc) = value;
}

static u32 config_read(u32 slot, u32 at)
{
	*gt(0xcf8) = swap(0x80000000u | slot << 11 | at);
	return *gt(0xcfc);
}

#define mtc0(value, reg) __asm__ volatile("dmtc0 %0, $" #reg "\n\tehb" : : "r"((u64)(value)))

/* One TLB entry: the even page is the alias of the tested page, the odd one is not valid. */
static void map_alias(u32 offset)
{
	mtc0(0, 0);	 /* Index */
	mtc0(0, 5);	 /* PageMask: 4 KiB */
	mtc0(ALIAS, 10); /* EntryHi */
	/* EntryLo0: cacheable, dirty, valid, global */
	mtc0((PAGE_PA + offset) >> 12 << 6 | 3 << 3 | 7, 2);
	mtc0(1, 3); /* EntryLo1: global */
	__asm__ volatile("tlbwi\n\tehb");
}

static void machine_init(void)
{
	u32 slot = 0;

	map_alias(0);
	while (slot < 31 && config_read(slot, 0) != 0xf1461234)
		slot++;
	config_write(slot, 0x10, PCI_MEMORY);
	config_write(slot, 4, 6);
}

static void ctl(u32 reg, u32 value)
{
	*(volatile u32 *)(0x9000000000000000ull + PCI_MEMORY + reg) = swap(value);
}

static u64 dma_address(u32 offset)
{
	return PAGE_PA + offset;
}

static u32 load(u64 at)
{
	return *(volatile u32 *)at;
}

static void store(u64 at, u32 value)
{
	*(volatile u32 *)at = value;
}

#define cache(operation, at) \
	__asm__ volatile("cache " #operation ", 0(%0)" : : "r"((u64)(at)) : "memory")

#define load_linear(offset)	    load(LINEAR + (offset))
#define load_alias(offset)	    load(ALIAS + (offset))
#define load_uncached(offset)	    load(UNCACHED + (offset))
#define store_linear(offset, value) store(LINEAR + (offset), value)
#define store_alias(offset, value)  store(ALIAS + (offset), value)
#define flush_linear(offset)	    cache(0x15, LINEAR + (offset))
#define flush_alias(offset)	    cache(0x15, ALIAS + (offset))
#define purge_alias(offset)	    cache(0x11, ALIAS + (offset))

static void whole(void)
{
	for (u32 way = 0; way < 4; way++)
		for (u32 at = 0; at < WAY; at += 32)
			cache(0x01, 0xffffffff80000000ull + way * WAY + at);
}
