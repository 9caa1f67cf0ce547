// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control port and the chip beside it in a QEMU: registers and DMA from hostile bytes, with
 * addresses in memory, in the BARs and nowhere. Input: operations of a code byte, the number of a
 * register and four bytes of value. QEMU has to answer each (qtest.c ends the test when it does not).
 */
#include <stdint.h>

#include "qtest.h"

#define OPERATIONS 64
#define PORT	   0x1000u
#define LENGTH	   0x28u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Qtest *q;

static gboolean start(void)
{
	static const char *const arguments[] = {"-S",	   "-device",		"saa7146,addr=5",
						"-device", "vifarm-ctl,addr=4", NULL};
	const Board *b = &boards[0];

	if (!q) {
		q = qtest_start(b, ",model=infinite,line=64,way=8192,colours=2,out=/dev/null",
				arguments);
		if (!q)
			return FALSE;
		qtest_map(q, b, 5, b->mmio_pci);
		qtest_map(q, b, 4, b->mmio_pci + PORT);
	}
	return TRUE;
}

static void operate(const uint8_t *op)
{
	guint32 value = (guint32)op[2] << 24 | op[3] << 16 | op[4] << 8 | op[5];
	guint64 chip = boards[0].mmio, port = chip + PORT;
	guint offset = op[1] * 4u % 512;

	switch (op[0] % 3) {
	case 0: /* long commands are correct, and slow */
		offset %= 0x40;
		qtest_write_le(q, port + offset, offset == LENGTH ? value % 0x4000 : value);
		break;
	case 1:
		qtest_write_le(q, chip + offset, value);
		break;
	default:
		qtest_read_le(q, (op[0] & 4 ? chip : port) + offset);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!start())
		return 0;
	for (guint i = 0; size >= 6 && i < OPERATIONS; i++, data += 6, size -= 6)
		operate(data);
	return 0;
}
