// SPDX-License-Identifier: GPL-2.0-or-later
/* 32-bit protected mode without paging: virtual is physical, and there is one colour. */
#define PAGE_PA 0x4003000u
#define ALIAS	PAGE_PA

static volatile u32 *port;

static inline void outl(unsigned short at, u32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(at));
}

static inline u32 inl(unsigned short at)
{
	u32 value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(at));
	return value;
}

static u32 config(u32 slot, u32 at)
{
	outl(0xcf8, 0x80000000u | slot << 11 | at);
	return inl(0xcfc);
}

/* The firmware gave it an address. */
static void machine_init(void)
{
	u32 slot = 0;

	while (slot < 31 && config(slot, 0) != 0xf1461234)
		slot++;
	port = (volatile u32 *)(config(slot, 0x10) & ~15u);
	config(slot, 4);
	outl(0xcfc, 6);
}

static void ctl(u32 reg, u32 value)
{
	port[reg / 4] = value;
}

static u64 dma_address(u32 offset)
{
	return PAGE_PA + offset;
}

static u32 load_linear(u32 offset)
{
	return *(volatile u32 *)(PAGE_PA + offset);
}

static void store_linear(u32 offset, u32 value)
{
	*(volatile u32 *)(PAGE_PA + offset) = value;
}

static void flush_linear(u32 offset)
{
	__asm__ volatile("clflush (%0)" : : "r"(PAGE_PA + offset) : "memory");
}

static void whole(void)
{
	__asm__ volatile("wbinvd" : : : "memory");
}

#define load_alias  load_linear
#define store_alias store_linear
#define flush_alias flush_linear
