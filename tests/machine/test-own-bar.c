// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DMA of either device that is aimed at the registers of a device, on each target binary: it is a
 * bus error, and nothing is written. The stream needs a clock that runs: on x86_64, with a firmware
 * that halts.
 */
#include "../../machine/saa7146/registers.h"
#include "qtest.h"

#include <glib/gstdio.h>

#define PORT	    0x1000u /* of the control port, behind the chip's registers */
#define DMA_DONE    1u
#define DMA_REFUSED 2u

typedef struct Fixture {
	const Board *board;
	Qtest *q;
	char *directory, *bios; /* a firmware that halts; NULL: the CPU does not run */
} Fixture;

static guint32 reg(Fixture *f, guint offset)
{
	return qtest_read_le(f->q, f->board->mmio + offset);
}

static void set(Fixture *f, guint offset, guint32 value)
{
	qtest_write_le(f->q, f->board->mmio + offset, value);
}

static void set_up(Fixture *f, gconstpointer data)
{
	const Board *b = data;
	g_autofree char *chip = g_strdup_printf("saa7146,addr=0x%x%s", b->slot, b->pci_bus);
	g_autofree char *port = g_strdup_printf("vifarm-ctl,addr=0x%x%s", b->slot - 1, b->pci_bus);
	const char *arguments[] = {"-accel", "tcg",   "-device", chip, "-device",
				   port,     "-bios", f->bios,	 NULL, NULL};

	f->board = b;
	if (!f->bios)
		arguments[6] = "-S";
	f->q = qtest_start(b, "", arguments);
	if (!f->q) {
		g_test_skip("binary not installed");
		return;
	}
	b->enable(f->q);
	qtest_map(f->q, b, b->slot, b->mmio_pci);
	qtest_map(f->q, b, b->slot - 1, b->mmio_pci + PORT);
}

static void set_up_running(Fixture *f, gconstpointer data)
{
	f->directory = g_dir_make_tmp("vifarm-XXXXXX", NULL);
	f->bios = g_build_filename(f->directory, "halt.bin", NULL);
	qtest_write_halting_bios(f->bios);
	set_up(f, data);
}

static void tear_down(Fixture *f, gconstpointer data)
{
	(void)data;
	g_clear_pointer(&f->q, qtest_stop);
	if (f->bios)
		g_unlink(f->bios);
	if (f->directory)
		g_rmdir(f->directory);
	g_free(f->bios);
	g_free(f->directory);
}

static void i2c(Fixture *f, guint32 word)
{
	set(f, SAA_I2C_TRANSFER, word);
	set(f, SAA_MC2, 0x00010001);
}

/* A tuned card whose stream goes to the bus address @base in lines of the size of the BAR. */
static void start_stream(Fixture *f, guint32 base)
{
	i2c(f, 0xc4u << 24 | 0x1a << 16 | 0x2b << 8 | 3 << 6 | 2 << 4 | 2 << 2);
	i2c(f, 0x85u << 24 | 0x84 << 16 | 2 << 6 | 1 << 4);
	set(f, 0x30, base);
	set(f, 0x34, base);
	set(f, 0x38, 0xfffffffc);
	set(f, 0x3c, 0);
	set(f, 0x44, 1000u << 16 | SAA_BAR_SIZE);
	set(f, SAA_MC2, 0x00100010);
	set(f, SAA_MC1, 0x00100010);
}

/* The timer of the chip: the one way into it that QEMU's own guard does not know. */
static void test_stream(Fixture *f, gconstpointer data)
{
	static const guint stays[] = {0x30, 0x34, 0x38, 0x3c, 0x44, SAA_IER, SAA_GPIO};
	guint32 before[G_N_ELEMENTS(stays)];

	(void)data;
	if (!f->q)
		return;
	start_stream(f, f->board->mmio_pci);
	for (guint i = 0; i < G_N_ELEMENTS(stays); i++)
		before[i] = reg(f, stays[i]);
	g_usleep(50000); /* dozens of ticks */
	for (guint i = 0; i < G_N_ELEMENTS(stays); i++)
		g_assert_cmphex(reg(f, stays[i]), ==, before[i]);
}

/* The same stream into memory arrives: the bus works, and only registers are out of its reach. */
static void test_memory(Fixture *f, gconstpointer data)
{
	(void)data;
	if (!f->q)
		return;
	qtest_write_le(f->q, f->board->ram, 0xdeadbeef);
	start_stream(f, f->board->ram);
	g_usleep(50000); /* dozens of ticks */
	g_assert_cmphex(qtest_read_le(f->q, f->board->ram), !=, 0xdeadbeef);
}

static guint32 command(Fixture *f, guint32 address, guint32 number)
{
	set(f, PORT + 0x20, address);
	set(f, PORT + 0x24, 0);
	set(f, PORT + 0x28, 16);
	set(f, PORT + 0x30, number);
	return reg(f, PORT + 0x34);
}

static void test_control_port(Fixture *f, gconstpointer data)
{
	(void)data;
	if (!f->q)
		return;
	set(f, SAA_GPIO, 0x12345678);
	g_assert_cmpuint(command(f, f->board->ram, 1), ==, DMA_DONE);
	g_assert_cmpuint(command(f, f->board->mmio_pci + SAA_GPIO, 1), ==, DMA_REFUSED);
	g_assert_cmpuint(command(f, f->board->mmio_pci + SAA_GPIO, 2), ==, DMA_REFUSED);
	g_assert_cmpuint(command(f, f->board->mmio_pci + PORT + 0x20, 1), ==, DMA_REFUSED);
	g_assert_cmphex(reg(f, SAA_GPIO), ==, 0x12345678);
	g_assert_cmphex(reg(f, PORT + 0x28), ==, 16);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint b = 0; b < n_boards; b++) {
		g_autofree char *path = g_strconcat("/own-bar/control-port/", boards[b].name, NULL);

		g_test_add(path, Fixture, &boards[b], set_up, test_control_port, tear_down);
	}
	g_test_add("/own-bar/stream", Fixture, &boards[0], set_up_running, test_stream, tear_down);
	g_test_add("/own-bar/memory", Fixture, &boards[0], set_up_running, test_memory, tear_down);
	return g_test_run();
}
