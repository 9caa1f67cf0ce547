// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One board for each target binary. Windows and registers are those of the
 * host bridges after reset, as QEMU models them (hw/pci-host).
 */
#include "qtest.h"

static guint32 config_address(guint bus, guint slot, guint reg)
{
	return 0x80000000u | bus << 16 | slot << 11 | reg;
}

static guint32 pc_read(Qtest *q, guint bus, guint slot, guint reg)
{
	qtest_port_out(q, 0xcf8, config_address(bus, slot, reg));
	return qtest_port_in(q, 0xcfc);
}

static void pc_write(Qtest *q, guint bus, guint slot, guint reg, guint32 value)
{
	qtest_port_out(q, 0xcf8, config_address(bus, slot, reg));
	qtest_port_out(q, 0xcfc, value);
}

/* Sabre maps configuration space; the slots are behind the second Simba bridge. */
#define SABRE_CONFIG 0x1fe01000000ull

static guint32 sun4u_read(Qtest *q, guint bus, guint slot, guint reg)
{
	return qtest_read_le(q, SABRE_CONFIG | bus << 16 | slot << 11 | reg);
}

static void sun4u_write(Qtest *q, guint bus, guint slot, guint reg, guint32 value)
{
	qtest_write_le(q, SABRE_CONFIG | bus << 16 | slot << 11 | reg, value);
}

static void sun4u_enable(Qtest *q)
{
	sun4u_write(q, 0, 1, 0x18, 0x00020200); /* buses behind the bridge: 2 to 2 */
	sun4u_write(q, 0, 1, 0x20, 0x60006000); /* its memory window */
	sun4u_write(q, 0, 1, 0x04, 7);
}

#define DINO 0xfff80000u

static guint32 dino_read(Qtest *q, guint bus, guint slot, guint reg)
{
	qtest_write_be(q, DINO + 0x64, config_address(bus, slot, reg));
	return qtest_read_le(q, DINO + 0x68);
}

static void dino_write(Qtest *q, guint bus, guint slot, guint reg, guint32 value)
{
	qtest_write_be(q, DINO + 0x64, config_address(bus, slot, reg));
	qtest_write_le(q, DINO + 0x68, value);
}

static void dino_enable(Qtest *q)
{
	qtest_write_be(q, DINO + 0x38, 1u << 7);  /* IO_CONTROL: forward to PCI */
	qtest_write_be(q, DINO + 0x60, 1u << 16); /* IO_ADDR_EN: 0xf8000000, 8 MiB */
}

#define GT64120 0x14000000u

/* Out of reset the bridge swaps the bytes of the data port for a big-endian CPU. */
static guint32 malta_read(Qtest *q, guint bus, guint slot, guint reg)
{
	qtest_write_le(q, GT64120 + 0xcf8, config_address(bus, slot, reg));
	return GUINT32_SWAP_LE_BE(qtest_read_le(q, GT64120 + 0xcfc));
}

static void malta_write(Qtest *q, guint bus, guint slot, guint reg, guint32 value)
{
	qtest_write_le(q, GT64120 + 0xcf8, config_address(bus, slot, reg));
	qtest_write_be(q, GT64120 + 0xcfc, value);
}

#define SH_PCIC 0xfe200000u

static guint32 r2d_read(Qtest *q, guint bus, guint slot, guint reg)
{
	qtest_write_le(q, SH_PCIC + 0x1c0, config_address(bus, slot, reg));
	return qtest_read_le(q, SH_PCIC + 0x220);
}

static void r2d_write(Qtest *q, guint bus, guint slot, guint reg, guint32 value)
{
	qtest_write_le(q, SH_PCIC + 0x1c0, config_address(bus, slot, reg));
	qtest_write_le(q, SH_PCIC + 0x220, value);
}

#define VIRT_ECAM 0x3f000000u

static guint32 virt_read(Qtest *q, guint bus, guint slot, guint reg)
{
	return qtest_read_le(q, VIRT_ECAM | bus << 20 | slot << 15 | reg);
}

static void virt_write(Qtest *q, guint bus, guint slot, guint reg, guint32 value)
{
	qtest_write_le(q, VIRT_ECAM | bus << 20 | slot << 15 | reg, value);
}

static void nothing(Qtest *q)
{
	(void)q;
}

const Board boards[] = {
	{"x86_64", "qemu-system-x86_64", "-machine pc -m 64", "", 0, 5, 0x100000, 0xe0000000,
	 0xe0000000, nothing, pc_read, pc_write},
	{"sparc64", "qemu-system-sparc64", "-machine sun4u -m 64", ",bus=pciB", 2, 3, 0x100000,
	 0x1ff60000000, 0x60000000, sun4u_enable, sun4u_read, sun4u_write},
	{"hppa", "qemu-system-hppa", "-machine B160L -m 64 -global diva-gsp.disable=on", "", 0, 5,
	 0x100000, 0xf8000000, 0xf8000000, dino_enable, dino_read, dino_write},
	{"mips64", "qemu-system-mips64", "-machine malta -m 64", "", 0, 18, 0x100000, 0x12000000,
	 0x12000000, nothing, malta_read, malta_write},
	{"sh4", "qemu-system-sh4", "-machine r2d", "", 0, 2, 0x0c100000, 0xfd000000, 0xfd000000,
	 nothing, r2d_read, r2d_write},
	{"arm", "qemu-system-arm", "-machine virt,highmem=off -m 64", "", 0, 5, 0x40100000,
	 0x10000000, 0x10000000, nothing, virt_read, virt_write},
};

const guint n_boards = G_N_ELEMENTS(boards);
