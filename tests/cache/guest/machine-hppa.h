// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * B160L. The program runs in real mode, where the index is the physical
 * address; only the accesses through the alias switch translation on, with one
 * TLB entry. The page's colour is 3 (bits 14..12), the alias' 0.
 */
#define PAGE_PA	   0x4003000u
#define ALIAS	   0x00900000u
#define TMPALIAS   0x0f800000u /* "to" window: two of 4 MiB below 0x10000000 */
#define DINO	   0xfff80000u
#define PCI_MEMORY 0xf1000000u /* the second of the windows of 8 MiB that Dino can open */
#define HAS_PURGE  1
#define HAS_MAP	   1

static u32 swap(u32 v)
{
	return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static volatile u32 *dino(u32 at)
{
	return (volatile u32 *)(DINO + at);
}

static u32 config_read(u32 slot, u32 at)
{
	*dino(0x64) = slot << 11 | at;
	return swap(*dino(0x68));
}

static void config_write(u32 slot, u32 at, u32 value)
{
	*dino(0x64) = slot << 11 | at;
	*dino(0x68) = swap(value);
}

static void machine_init(void)
{
	u32 slot = 0;

	*dino(0x38) = 0x80;   /* IO_CONTROL: PCI memory on */
	*dino(0x60) = 1 << 2; /* IO_ADDR_EN */
	while (slot < 31 && config_read(slot, 0) != 0xf1461234)
		slot++;
	config_write(slot, 0x10, PCI_MEMORY);
	config_write(slot, 4, 6);
}

static void ctl(u32 reg, u32 value)
{
	*(volatile u32 *)(PCI_MEMORY + reg) = swap(value);
}

static u64 dma_address(u32 offset)
{
	return PAGE_PA + offset;
}

/* With data translation on, and the alias mapped: nothing else may be touched in between. */
#define TRANSLATED(instruction)                 \
	"mtsp	%%r0, %%sr1\n\t"                  \
	"idtlba	%[page], (%%sr1, %[at])\n\t"    \
	"idtlbp	%[rights], (%%sr1, %[at])\n\t"  \
	"ssm	2, %%r0\n\t" instruction "\n\t" \
	"rsm	2, %%r0"
/* Physical page number in bits 5..; read and write at level 0, dirty. */
#define OPERANDS(address) \
	[page] "r"(behind >> 12 << 5), [rights] "r"(1u << 28 | 0x10u << 20), [at] "r"(address)

static u32 behind = PAGE_PA; /* the alias */

static void map_alias(u32 offset)
{
	behind = PAGE_PA + offset;
}

static u32 load_alias(u32 offset)
{
	u32 value;

	__asm__ volatile(TRANSLATED("ldw 0(%%sr1, %[at]), %[value]")
			 : [value] "=&r"(value)
			 : OPERANDS(ALIAS + offset)
			 : "memory");
	return value;
}

static void store_alias(u32 offset, u32 value)
{
	__asm__ volatile(TRANSLATED("stw %[value], 0(%%sr1, %[at])")
			 :
			 : [value] "r"(value), OPERANDS(ALIAS + offset)
			 : "memory");
}

static void flush_alias(u32 offset)
{
	__asm__ volatile(TRANSLATED("fdc %%r0(%%sr1, %[at])")
			 :
			 : OPERANDS(ALIAS + offset)
			 : "memory");
}

static void purge_alias(u32 offset)
{
	__asm__ volatile(TRANSLATED("pdc %%r0(%%sr1, %[at])")
			 :
			 : OPERANDS(ALIAS + offset)
			 : "memory");
}

/* The linear map of the kernel is at 0x10000000 and has the same colours. */
static void flush_linear(u32 offset)
{
	__asm__ volatile("fdc %%r0(%%sr0, %0)" : : "r"(0x10000000 + PAGE_PA + offset) : "memory");
}

static u32 load_linear(u32 offset)
{
	return *(volatile u32 *)(PAGE_PA + offset);
}

static void store_linear(u32 offset, u32 value)
{
	*(volatile u32 *)(PAGE_PA + offset) = value;
}

static void whole(void)
{
	for (u32 at = 0; at < 0x8000; at += 32)
		__asm__ volatile("fdce %%r0(%%sr1, %0)" : : "r"(at) : "memory");
}

/* pacache.S: the physical address is in r26, the colour in the address. */
static void flush_tmpalias(u32 at)
{
	register u32 pa __asm__("r26") = PAGE_PA;

	__asm__ volatile("fdc %%r0(%%sr0, %0)" : : "r"(at), "r"(pa) : "memory");
}

static void tmpalias(void)
{
	load_alias(0x80);
	store_linear(0x80, 0xdddddddd);
	flush_linear(0x80);
	flush_tmpalias(TMPALIAS + 0x80); /* colour 0, as the alias */
	load_alias(0x80);
}

static void tmpalias_wrong_colour(void)
{
	load_alias(0x80);
	store_linear(0x80, 0xeeeeeeee);
	flush_linear(0x80);
	flush_tmpalias(TMPALIAS + 0x1000 + 0x80);
	load_alias(0x80);
}

/* The flush in the delay slot is nullified because the branch is taken. */
static void nullified(void)
{
	store_linear(0x80, 0x12121212);
	__asm__ volatile("b,n	1f\n\t"
			 "fdc	%%r0(%%sr0, %0)\n"
			 "1:"
			 :
			 : "r"(0x10000000 + PAGE_PA + 0x80)
			 : "memory");
	load_alias(0x80);
}

#define MACHINE_CASES                                                             \
	{"tmpalias", tmpalias}, {"tmpalias-wrong-colour", tmpalias_wrong_colour}, \
		{"nullified", nullified},
