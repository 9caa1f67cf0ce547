// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that leads the chip's own accesses back to its registers: DMA into the BAR, interrupts
 * that an interrupt controller sends there. Nothing of that may change what is under way, and no
 * program makes one call of the chip long.
 */
#include "fake-bus.h"

#define MS	   1000000ll
#define LINE	   4000u
#define RPS_ON	   (SAA_MC1_RPS(0) << 16 | SAA_MC1_RPS(0))
#define DMA3_ON	   0x00100010u
#define DMA3_BOARD 0x00100010u /* MC2: upload of the registers of DMA 3 */

/* A tuned card whose stream goes to the bus address @base, without a page table. */
static FakeBus *new_stream(guint32 base)
{
	FakeBus *f = fake_new("nova-c", (SaaConfig){.ts_rate = 200000000});
	SaaChip *c = &f->chip;

	fake_i2c_write(f, 0xc4u << 24 | 0x1a << 16 | 0x2b << 8 | 3 << 6 | 2 << 4 | 2 << 2);
	fake_i2c_write(f, 0x85u << 24 | 0x84 << 16 | 2 << 6 | 1 << 4);
	saa_write(c, 0x30, base);
	saa_write(c, 0x34, base);
	saa_write(c, 0x38, 0xfffffffc);
	saa_write(c, 0x3c, 0);
	saa_write(c, 0x44, 1000u << 16 | LINE);
	saa_write(c, SAA_MC2, DMA3_BOARD);
	saa_write(c, SAA_IER, SAA_INT_VPE);
	saa_write(c, SAA_MC1, DMA3_ON);
	return f;
}

static void come_back(FakeBus *f, guint32 offset, guint32 value)
{
	f->back[f->n_back].offset = offset;
	f->back[f->n_back++].value = value;
}

static void test_own_registers(void)
{
	g_autofree FakeBus *f = new_stream(FAKE_BAR);
	guint32 before[SAA_REGS];

	saa_write(&f->chip, 0x44, 1000u << 16 | SAA_BAR_SIZE);
	saa_write(&f->chip, SAA_MC2, DMA3_BOARD);
	memcpy(before, f->chip.regs, sizeof(before));
	fake_run(f, 3 * MS);
	g_assert_cmpuint(f->chip.totals.reentered, >, 0);
	g_assert_cmpmem(f->chip.regs, SAA_ISR, before, SAA_ISR);
}

/* The line becomes shorter than what of it was written: the rest of it is no negative number. */
static void test_line_shrinks(void)
{
	g_autofree FakeBus *f = new_stream(0);

	come_back(f, 0x44, 1000u << 16 | 8);
	come_back(f, SAA_MC2, DMA3_BOARD);
	fake_run(f, 5 * MS);
	g_assert_cmpuint(saa_read(&f->chip, 0x44), ==, 1000u << 16 | LINE);
	g_assert_cmpuint(f->chip.stream.byte, <, LINE);
}

/* The line becomes empty: the loop over what is to be written ends. */
static void test_line_vanishes(void)
{
	g_autofree FakeBus *f = new_stream(0);

	come_back(f, 0x44, 0);
	come_back(f, SAA_MC2, DMA3_BOARD);
	fake_run(f, 5 * MS);
	g_assert_cmpuint(f->chip.totals.packets, >, 0);
}

/* Reset, which no guard keeps out: it comes at each of the first accesses of a tick. */
static void test_reset_inside(void)
{
	for (guint n = 1; n < 10; n++) {
		g_autofree FakeBus *f = new_stream(0);

		f->reset_in = n;
		fake_run(f, 5 * MS);
		g_assert_cmpuint(f->reset_in, ==, 0);
		g_assert_cmphex(saa_read(&f->chip, SAA_MC1), ==, 0);
	}
}

/* An interrupt whose message is a register: it does not start what it belongs to again. */
static void test_interrupt(void)
{
	g_autofree FakeBus *f = new_stream(0);

	come_back(f, SAA_PSR, SAA_INT_VPE);
	saa_write(&f->chip, SAA_PSR, SAA_INT_VPE);
	g_assert_cmpuint(f->chip.totals.reentered, ==, 1);
	g_assert_true(f->irq);
}

static guint program(FakeBus *f, guint at, guint32 command, guint32 operand)
{
	fake_put32(f, at, command);
	fake_put32(f, at + 4, operand);
	return at + 8;
}

/* A channel that starts reads its page table: a program that starts it for ever is cut short. */
static void test_expensive_program(void)
{
	const guint32 write_mc1 = 0x90000000u | 1 << 8 | SAA_MC1 / 4;
	g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){0});
	guint at = 0x1000;

	saa_write(&f->chip, 0x38, 4u << 20);
	saa_write(&f->chip, 0x40, SAA_PAGE_ME);
	saa_write(&f->chip, SAA_MC2, DMA3_BOARD);
	for (guint i = 0; i < 10000; i++) {
		at = program(f, at, write_mc1, DMA3_ON);
		at = program(f, at, write_mc1, 0x00100000);
	}
	f->accesses = 0;
	saa_write(&f->chip, SAA_RPS_ADDR0, 0x1000);
	saa_write(&f->chip, SAA_MC1, RPS_ON);
	g_assert_cmpuint(f->accesses, >, 1000);
	g_assert_cmpuint(f->accesses, <=, SAA_ACCESSES_MAX);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/reentry/own-registers", test_own_registers);
	g_test_add_func("/reentry/line-shrinks", test_line_shrinks);
	g_test_add_func("/reentry/line-vanishes", test_line_vanishes);
	g_test_add_func("/reentry/reset-inside", test_reset_inside);
	g_test_add_func("/reentry/interrupt", test_interrupt);
	g_test_add_func("/reentry/expensive-program", test_expensive_program);
	return g_test_run();
}
