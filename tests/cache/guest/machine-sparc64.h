// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sun4u under OpenBIOS. Two TLB entries for the tested page: at LINEAR with
 * its own colour (bit 13: 1), at ALIAS with the other.
 */
#define PAGE_PA	  0x4002000ull
#define LINEAR	  (0xfffff80000000000ull + PAGE_PA)
#define ALIAS	  0x70000000ull
#define CONFIG	  0x1fe01000000ull /* sabre: configuration space */
#define PCI_SPACE 0x1ff00000000ull /* and PCI memory space */
#define HAS_MAP	  1

static u64 port;

#define ASI_DMMU	 0x58
#define ASI_DTLB_DATA_IN 0x5c
#define ASI_DMMU_DEMAP	 0x5f
#define ASI_PHYS_LITTLE	 0x1d /* physical, not cached, little endian */
#define ASI_DCACHE_TAG	 0x47

#define stxa(value, at, asi)                                           \
	__asm__ volatile("stxa %0, [%1] %2\n\tmembar #Sync"            \
			 :                                             \
			 : "r"((u64)(value)), "r"((u64)(at)), "i"(asi) \
			 : "memory")

static u32 read_little(u64 pa)
{
	u32 value;

	__asm__ volatile("lduwa [%1] %2, %0" : "=r"(value) : "r"(pa), "i"(ASI_PHYS_LITTLE));
	return value;
}

static void write_little(u64 pa, u32 value)
{
	__asm__ volatile("stwa %0, [%1] %2"
			 :
			 : "r"(value), "r"(pa), "i"(ASI_PHYS_LITTLE)
			 : "memory");
}

/* Valid, cacheable in both caches, privileged, writable; 8 KiB, locked so that it stays. */
static void map(u64 va, u64 pa)
{
	stxa(va, 0x30, ASI_DMMU);
	stxa(1ull << 63 | pa | 1 << 6 | 1 << 5 | 1 << 4 | 1 << 2 | 1 << 1, 0, ASI_DTLB_DATA_IN);
}

static void map_alias(u32 offset)
{
	stxa(0, ALIAS | 2 << 4, ASI_DMMU_DEMAP); /* of the nucleus context */
	map(ALIAS, PAGE_PA + offset);
}

/* The port is behind the second bridge; the firmware gave it an address. */
static void machine_init(void)
{
	map(LINEAR, PAGE_PA);
	map(LINEAR + OTHER, PAGE_PA + OTHER);
	map(ALIAS, PAGE_PA);
	for (u64 at = CONFIG; at < CONFIG + (4 << 16); at += 1 << 11) {
		if (read_little(at) != 0xf1461234)
			continue;
		port = PCI_SPACE + (read_little(at + 0x10) & ~15u);
		write_little(at + 4, 6);
		return;
	}
}

static void ctl(u32 reg, u32 value)
{
	write_little(port + reg, value);
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

/* By index; what is in the line does not matter. */
static void invalidate(u64 at)
{
	stxa(0, at & 0x3fe0, ASI_DCACHE_TAG);
}

#define load_linear(offset)	    load(LINEAR + (offset))
#define load_alias(offset)	    load(ALIAS + (offset))
#define store_linear(offset, value) store(LINEAR + (offset), value)
#define store_alias(offset, value)  store(ALIAS + (offset), value)
#define flush_linear(offset)	    invalidate(LINEAR + (offset))
#define flush_alias(offset)	    invalidate(ALIAS + (offset))

static void whole(void)
{
	for (u32 at = 0; at < 0x4000; at += 32)
		invalidate(at);
}

/* The model takes entering this function as the flush of the page, as it does in the kernel. */
void __flush_dcache_page(u64 linear);
__attribute__((noipa, section(".flush"))) void __flush_dcache_page(u64 linear)
{
	__asm__ volatile("" : : "r"(linear) : "memory");
}

static void page_hook(void)
{
	load_alias(0x80);
	store_linear(0x80, 0xdddddddd);
	__flush_dcache_page(LINEAR);
	load_alias(0x80);
}

/* The address space in %asi instead of the instruction. */
static void index_asi(void)
{
	load_alias(0x80);
	store_linear(0x80, 0xeeeeeeee);
	__asm__ volatile("wr %%g0, %1, %%asi\n\t"
			 "stxa %%g0, [%0] %%asi\n\t"
			 "membar #Sync"
			 :
			 : "r"((ALIAS & 0x3fe0) | 0x80), "i"(ASI_DCACHE_TAG)
			 : "memory");
	load_alias(0x80);
}

#define MACHINE_CASES {"page-hook", page_hook}, {"index-asi", index_asi},
