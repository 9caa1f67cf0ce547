// SPDX-License-Identifier: GPL-2.0-or-later
/* Video DMA channels and their MMU, sections 7.2.2 and 7.2.4, table 3. */
#include "parts.h"

#define PAGE_SIZE  4096u
#define TABLE_SIZE (4u << 20) /* "limits the linear address page to a size of 4 Mbytes" */

static bool may_access(SaaChip *chip)
{
	if (!chip->accesses)
		return false;
	chip->accesses--;
	return true;
}

bool saa_bus_read(SaaChip *chip, uint32_t addr, void *buf, size_t len)
{
	return may_access(chip) && chip->bus->read(chip->opaque, addr, buf, len);
}

bool saa_bus_write(SaaChip *chip, uint32_t addr, const void *buf, size_t len)
{
	return may_access(chip) && chip->bus->write(chip->opaque, addr, buf, len);
}

/* The page table is an array of little-endian words, one a 4 KiB page. */
static bool map(SaaChip *chip, int channel, uint32_t addr, uint32_t *bus)
{
	uint32_t page = saa_channel(chip, channel, SAA_PAGE);
	uint32_t index = addr / PAGE_SIZE;
	uint8_t entry[4];

	*bus = addr;
	if (!(page & SAA_PAGE_ME))
		return true;
	if (addr >= TABLE_SIZE)
		return false;
	if (saa_fault_due(chip, SAA_FAULT_PAGE, chip->lookups))
		index = (index + 1) % (TABLE_SIZE / PAGE_SIZE);
	chip->lookups++;
	if (!saa_bus_read(chip, (page & SAA_PAGE_TABLE) + 4 * index, entry, 4))
		return false;
	*bus = (entry[0] | entry[1] << 8 | entry[2] << 16 | (uint32_t)entry[3] << 24) &
	       ~(PAGE_SIZE - 1);
	*bus |= addr & (PAGE_SIZE - 1);
	return true;
}

static void copy(SaaChip *chip, int channel, uint32_t addr, const uint8_t *buf, size_t len)
{
	while (len) {
		size_t in_page = PAGE_SIZE - (addr & (PAGE_SIZE - 1));
		size_t n = len < in_page ? len : in_page;
		uint32_t bus;

		if (!map(chip, channel, addr, &bus) || !saa_bus_write(chip, bus, buf, n))
			chip->totals.faults++;
		addr += n;
		buf += n;
		len -= n;
	}
}

/*
 * Limit (bits 7:4 of the page register) "defines the size of the memory range
 * that raises an interrupt if its boundaries are passed". The legible copies
 * of the data sheet lack the table of sizes. 2^(Limit + 6) bytes makes the 9
 * that budget-core.c writes 32 KiB, about six interrupts a lap of its buffer.
 */
static bool passes_limit(const SaaChip *chip, int channel, uint32_t from, uint32_t to)
{
	uint32_t limit = SAA_PAGE_LIMIT(saa_channel(chip, channel, SAA_PAGE));

	return limit && from >> (limit + 6) != to >> (limit + 6);
}

SaaPassed saa_channel_write(SaaChip *chip, int channel, uint32_t addr, const void *buf, size_t len)
{
	uint32_t prot = saa_channel(chip, channel, SAA_PROT) & ~3u;
	bool downwards = (int32_t)saa_channel(chip, channel, SAA_PITCH) < 0;
	SaaPassed passed = SAA_PASSED_NOTHING;

	if (downwards ? addr < prot : addr >= prot)
		return SAA_PASSED_PROT;
	if (!downwards && len > prot - addr) {
		len = prot - addr;
		passed |= SAA_PASSED_PROT;
	}
	copy(chip, channel, addr, buf, len);
	chip->regs[SAA_VDP1 / 4 + channel] = addr + len;
	if (passes_limit(chip, channel, addr, addr + len))
		passed |= SAA_PASSED_LIMIT;
	return passed;
}

/* SAA_FAULT_PROT: what a chip would do that did not look at its protection address. */
void saa_channel_overrun(SaaChip *chip, int channel)
{
	static const uint8_t beyond[64] = {[0 ... 63] = 0xee};

	copy(chip, channel, saa_channel(chip, channel, SAA_PROT) & ~3u, beyond, sizeof(beyond));
}

/* The observers learn which pages the channel can reach before it reaches them. */
void saa_channel_started(SaaChip *chip, int channel)
{
	uint32_t prot = saa_channel(chip, channel, SAA_PROT) & ~3u;
	uint32_t pages[TABLE_SIZE / PAGE_SIZE];
	size_t n = 0;

	if (prot > TABLE_SIZE || !(saa_channel(chip, channel, SAA_PAGE) & SAA_PAGE_ME))
		return;
	if ((int32_t)saa_channel(chip, channel, SAA_PITCH) < 0)
		return; /* the upper end is not known to the channel */
	for (uint32_t addr = 0; addr < prot; addr += PAGE_SIZE)
		if (map(chip, channel, addr, &pages[n]))
			n++;
	if (n)
		chip->bus->targets(chip->opaque, pages, n);
}
