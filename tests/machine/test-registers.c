// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers, I2C, RPS and DMA of both devices on each target binary, without a
 * kernel: the CPU does not run, every access comes over qtest.
 */
#include "../../machine/crc32.h"
#include "../../machine/saa7146/registers.h"
#include "qtest.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct Fixture {
	const Board *board;
	Qtest *q;
	char *out; /* file of the JSON lines */
} Fixture;

static guint32 reg(Fixture *f, guint offset)
{
	return qtest_read_le(f->q, f->board->mmio + offset);
}

static void set(Fixture *f, guint offset, guint32 value)
{
	qtest_write_le(f->q, f->board->mmio + offset, value);
}

static guint32 control(Fixture *f, guint offset)
{
	return qtest_read_le(f->q, f->board->mmio + 0x1000 + offset);
}

static void set_control(Fixture *f, guint offset, guint32 value)
{
	qtest_write_le(f->q, f->board->mmio + 0x1000 + offset, value);
}

/* The interrupt status bit of the PCI status register. */
static gboolean irq(Fixture *f)
{
	return f->board->config_read(f->q, f->board->bus, f->board->slot, 4) >> 19 & 1;
}

static void set_up(Fixture *f, gconstpointer data)
{
	const Board *b = data;
	g_autofree char *chip = g_strdup_printf("saa7146,addr=0x%x%s", b->slot, b->pci_bus);
	g_autofree char *port = g_strdup_printf("vifarm-ctl,addr=0x%x%s", b->slot - 1, b->pci_bus);
	const char *arguments[] = {"-S", "-accel", "tcg", "-device", chip, "-device", port, NULL};
	g_autofree char *options = NULL;
	int fd = g_file_open_tmp("vifarm-XXXXXX", &f->out, NULL);

	g_assert_cmpint(fd, >=, 0);
	close(fd);
	options = g_strconcat(",out=", f->out, NULL);
	f->board = b;
	f->q = qtest_start(b, options, arguments);
	if (!f->q) {
		g_test_skip("binary not installed");
		return;
	}
	b->enable(f->q);
	qtest_map(f->q, b, b->slot, b->mmio_pci);
	qtest_map(f->q, b, b->slot - 1, b->mmio_pci + 0x1000);
}

static void tear_down(Fixture *f, gconstpointer data)
{
	(void)data;
	g_clear_pointer(&f->q, qtest_stop);
	g_unlink(f->out);
	g_free(f->out);
}

static void test_identity(Fixture *f, gconstpointer data)
{
	const Board *b = data;

	if (!f->q)
		return;
	g_assert_cmphex(b->config_read(f->q, b->bus, b->slot, 0x00), ==, 0x71461131);
	g_assert_cmphex(b->config_read(f->q, b->bus, b->slot, 0x08), ==, 0x04800001);
	g_assert_cmphex(b->config_read(f->q, b->bus, b->slot, 0x2c), ==, 0x100413c2);
	b->config_write(f->q, b->bus, b->slot, 0x10, 0xffffffff);
	g_assert_cmphex(b->config_read(f->q, b->bus, b->slot, 0x10), ==, 0xfffffe00);
	g_assert_cmphex(b->config_read(f->q, b->bus, b->slot - 1, 0x00), ==, 0xf1461234);
}

static void test_masks(Fixture *f, gconstpointer data)
{
	(void)data;
	if (!f->q)
		return;
	set(f, SAA_MC1, 0x05000500);
	g_assert_cmphex(reg(f, SAA_MC1), ==, 0x0500);
	set(f, SAA_MC1, 0x0100ffff & 0x0100ffff);
	g_assert_cmphex(reg(f, SAA_MC1), ==, 0x0500);
	set(f, SAA_MC1, 0x01000000);
	g_assert_cmphex(reg(f, SAA_MC1), ==, 0x0400);
	set(f, SAA_MC2, 0xf800f800);
	g_assert_cmphex(reg(f, SAA_MC2), ==, 0xf800);
	set(f, SAA_MC1, 0x80000000); /* software reset */
	g_assert_cmphex(reg(f, SAA_MC1), ==, 0);
	g_assert_cmphex(reg(f, SAA_MC2), ==, 0);
}

static void test_interrupts(Fixture *f, gconstpointer data)
{
	(void)data;
	if (!f->q)
		return;
	set(f, SAA_PSR, SAA_INT_RPS(0)); /* not enabled: the ISR stays empty */
	g_assert_cmphex(reg(f, SAA_ISR), ==, 0);
	set(f, SAA_IER, SAA_INT_RPS(0));
	set(f, SAA_PSR, SAA_INT_RPS(0) | SAA_INT_RPS(1));
	g_assert_cmphex(reg(f, SAA_ISR), ==, SAA_INT_RPS(0));
	g_assert_true(irq(f));
	set(f, SAA_ISR, SAA_INT_RPS(0));
	g_assert_cmphex(reg(f, SAA_ISR), ==, 0);
	g_assert_false(irq(f));
}

static guint32 i2c(Fixture *f, guint32 word)
{
	set(f, SAA_ISR, 0xffffffff);
	set(f, SAA_I2C_STATUS, 0x400);
	set(f, SAA_I2C_TRANSFER, word);
	set(f, SAA_MC2, 0x00010001);
	g_assert_cmphex(reg(f, SAA_MC2) & 1, ==, 1);
	return reg(f, SAA_I2C_TRANSFER);
}

/* Register @r of the VES1820 at 09. */
static guint8 demodulator(Fixture *f, guint8 r)
{
	i2c(f, 0x12u << 24 | 0u << 16 | r << 8 | 3 << 6 | 2 << 4 | 2 << 2);
	return i2c(f, 0x13u << 24 | 3 << 6 | 1 << 4) >> 16;
}

static void test_i2c(Fixture *f, gconstpointer data)
{
	(void)data;
	if (!f->q)
		return;
	set(f, SAA_IER, SAA_INT_IIC_S | SAA_INT_IIC_E);
	g_assert_cmphex(demodulator(f, 0x1a), ==, 0x70);
	g_assert_cmphex(reg(f, SAA_ISR), ==, SAA_INT_IIC_S);
	g_assert_cmphex(demodulator(f, 0x11), ==, 0x00);
	i2c(f, 0xc4u << 24 | 0x1a << 16 | 0x2b << 8 | 3 << 6 | 2 << 4 | 2 << 2);
	g_assert_cmphex(demodulator(f, 0x11), ==, 0x00);
	i2c(f, 0xc4u << 24 | 0x1a << 16 | 0x2b << 8 | 3 << 6 | 2 << 4 | 2 << 2);
	i2c(f, 0x85u << 24 | 0x84 << 16 | 2 << 6 | 1 << 4);
	g_assert_cmphex(demodulator(f, 0x11), ==, 0x0f); /* tuned: lock */

	i2c(f, 0x40u << 24 | 3 << 6); /* nobody there */
	g_assert_cmphex(reg(f, SAA_ISR), ==, SAA_INT_IIC_E);
	g_assert_cmphex(reg(f, SAA_I2C_STATUS), ==,
			0x400 | SAA_I2C_APERR | SAA_I2C_ERR | SAA_I2C_BUSY);
	g_assert_cmphex(reg(f, SAA_PSR) & SAA_INT_IIC_E, ==, SAA_INT_IIC_E);
	set(f, SAA_I2C_STATUS, 0x400); /* an error stays until it is uploaded away */
	g_assert_cmphex(reg(f, SAA_I2C_STATUS) & SAA_I2C_ERR, ==, SAA_I2C_ERR);
	set(f, SAA_I2C_STATUS, 0x400 | SAA_I2C_ABORT);
	set(f, SAA_MC2, 0x00010001);
	g_assert_cmphex(reg(f, SAA_I2C_STATUS), ==, 0x400);
}

/* Starts RPS task 0 with @words at the RAM of the tests and returns whether it is still on. */
static gboolean rps(Fixture *f, const guint32 *words, gsize n)
{
	guint32 program[32];

	g_assert_cmpuint(n, <=, G_N_ELEMENTS(program));
	for (gsize i = 0; i < n; i++)
		program[i] = GUINT32_TO_LE(words[i]);
	set(f, SAA_MC1, SAA_MC1_RPS(0) << 16);
	qtest_write(f->q, f->board->ram, program, n * 4);
	set(f, SAA_RPS_ADDR0, f->board->ram);
	set(f, SAA_MC1, SAA_MC1_RPS(0) << 16 | SAA_MC1_RPS(0));
	return reg(f, SAA_MC1) & SAA_MC1_RPS(0);
}

static void test_rps(Fixture *f, gconstpointer data)
{
	guint32 ram = f->board->ram;
	const guint32 write[] = {0x90000100 | SAA_GPIO / 4,
				 0x12345678, /* WR_REG */
				 0xc0000000 | SAA_GPIO / 4,
				 0xff00ff00,
				 0xaaaaaaaa,
				 0x80000000,
				 ram + 0x20, /* JUMP over an unknown command */
				 0xf0000000,
				 0x60000000,
				 0x50000000};
	const guint32 store[] = {0xa0000000 | SAA_GPIO / 4, ram + 0x1010, 0x50000000};
	const guint32 unknown[] = {0xf0000000};

	(void)data;
	if (!f->q)
		return;
	set(f, SAA_IER, SAA_INT_RPS(0) | SAA_INT_RPS_E(0));
	g_assert_false(rps(f, write, G_N_ELEMENTS(write)));
	g_assert_cmphex(reg(f, SAA_GPIO), ==, 0xaa34aa78);
	g_assert_cmphex(reg(f, SAA_ISR), ==, SAA_INT_RPS(0));
	g_assert_true(irq(f));

	set(f, SAA_ISR, 0xffffffff);
	g_assert_false(rps(f, store, G_N_ELEMENTS(store))); /* outside its page: an error */
	g_assert_cmphex(reg(f, SAA_ISR), ==, SAA_INT_RPS_E(0));
	g_assert_cmphex(qtest_read_le(f->q, ram + 0x1010), ==, 0);
	set(f, SAA_RPS_PAGE0, ram + 0x1000);
	g_assert_false(rps(f, store, G_N_ELEMENTS(store)));
	g_assert_cmphex(qtest_read_le(f->q, ram + 0x1010), ==, 0xaa34aa78);

	set(f, SAA_ISR, 0xffffffff);
	g_assert_false(rps(f, unknown, G_N_ELEMENTS(unknown)));
	g_assert_cmphex(reg(f, SAA_ISR), ==, SAA_INT_RPS_E(0));
}

/* A program that jumps to itself holds nobody; one that waits for a signal gets it. */
static void test_rps_waits(Fixture *f, gconstpointer data)
{
	const guint32 circle[] = {0x80000000, f->board->ram};
	const guint32 wait[] = {0x20000000 | 1u << 21, 0x60000000, 0x50000000};

	(void)data;
	if (!f->q)
		return;
	set(f, SAA_IER, SAA_INT_RPS(0));
	g_assert_true(rps(f, circle, G_N_ELEMENTS(circle)));
	g_assert_true(rps(f, wait, G_N_ELEMENTS(wait)));
	g_assert_cmphex(reg(f, SAA_ISR), ==, 0);
	set(f, SAA_MC2, 0x08000800); /* SIG0 */
	g_assert_cmphex(reg(f, SAA_ISR), ==, SAA_INT_RPS(0));
	g_assert_cmphex(reg(f, SAA_MC1) & SAA_MC1_RPS(0), ==, 0);
}

static void test_debi(Fixture *f, gconstpointer data)
{
	(void)data;
	if (!f->q)
		return;
	set(f, SAA_IER, SAA_INT_DEBI_S | SAA_INT_DEBI_E);
	set(f, SAA_DEBI_COMMAND, 2u << 17 | 0x10000 | 0x1234);
	set(f, SAA_MC2, 0x00020002);
	g_assert_cmphex(reg(f, SAA_MC2) & 2, ==, 2);
	g_assert_cmphex(reg(f, SAA_PSR) & SAA_INT_DEBI_S, ==, 0);
	g_assert_cmphex(reg(f, SAA_DEBI_AD), ==, 0xffffffff);
	g_assert_cmphex(reg(f, SAA_ISR), ==, SAA_INT_DEBI_S);
	set(f, SAA_ISR, 0xffffffff);
	set(f, SAA_DEBI_COMMAND, 512u << 17 | 0x10000);
	set(f, SAA_MC2, 0x00020002);
	g_assert_cmphex(reg(f, SAA_ISR), ==, SAA_INT_DEBI_E);
}

static void test_unimplemented_is_reported(Fixture *f, gconstpointer data)
{
	g_autofree char *text = NULL;

	(void)data;
	if (!f->q)
		return;
	set(f, SAA_ACON1, 1);
	set(f, SAA_ACON1, 2); /* once is enough */
	g_clear_pointer(&f->q, qtest_stop);
	g_assert_true(g_file_get_contents(f->out, &text, NULL, NULL));
	g_assert_cmpstr(g_strstr_len(text, -1, "\"what\":\"audio control register\""), !=, NULL);
	g_assert_cmpstr(g_strrstr(text, "audio control"), ==,
			g_strstr_len(text, -1, "audio control"));
	g_assert_true(g_str_has_prefix(text, "{\"type\":\"start\""));
	g_assert_cmpstr(g_strrstr(text, "{\"type\":\"end\""), !=, NULL);
}

static guint8 pattern(guint32 seed, guint32 i)
{
	return (seed * 2654435761u + i * 40503u) >> 7;
}

static void test_control_dma(Fixture *f, gconstpointer data)
{
	guint32 addr = f->board->ram + 0x2ff0; /* over a page boundary */
	guint8 memory[600];
	guint32 sum;

	(void)data;
	if (!f->q)
		return;
	g_assert_cmphex(control(f, 0x00), ==, 0x56464d31);
	g_assert_cmpuint(control(f, 0x04), ==, 1);
	set_control(f, 0x20, addr);
	set_control(f, 0x28, sizeof(memory));
	set_control(f, 0x2c, 7);
	set_control(f, 0x30, 1);
	g_assert_cmpuint(control(f, 0x34), ==, 1);
	qtest_read(f->q, addr, memory, sizeof(memory));
	for (guint i = 0; i < sizeof(memory); i++)
		g_assert_cmphex(memory[i], ==, pattern(7, i));
	sum = vf_crc32(0, memory, sizeof(memory));
	g_assert_cmphex(control(f, 0x38), ==, sum);

	memory[599] ^= 1;
	qtest_write(f->q, addr, memory, sizeof(memory));
	set_control(f, 0x30, 2);
	g_assert_cmphex(control(f, 0x38), ==, vf_crc32(0, memory, sizeof(memory)));
	g_assert_cmphex(control(f, 0x38), !=, sum);

	set_control(f, 0x30, 3);
	g_assert_cmpuint(control(f, 0x34), ==, 3);
	set_control(f, 0x28, (16u << 20) + 1);
	set_control(f, 0x30, 1);
	g_assert_cmpuint(control(f, 0x34), ==, 3);
}

static void test_control_window(Fixture *f, gconstpointer data)
{
	g_autofree char *text = NULL;

	(void)data;
	if (!f->q)
		return;
	set_control(f, 0x0c, 0);
	for (const char *p = "a/b \"c"; *p; p++)
		set_control(f, 0x0c, *p);
	for (int i = 0; i < 100; i++)
		set_control(f, 0x0c, 'x');
	set_control(f, 0x08, 1);
	set_control(f, 0x08, 0);
	g_clear_pointer(&f->q, qtest_stop);
	g_assert_true(g_file_get_contents(f->out, &text, NULL, NULL));
	g_assert_cmpstr(g_strstr_len(text, -1, "\"edge\":\"begin\",\"name\":\"a/b??cx"), !=, NULL);
	g_assert_cmpstr(g_strstr_len(text, -1, "\"edge\":\"end\",\"name\":\"a/b??cx"), !=, NULL);
}

static const struct {
	const char *name;
	void (*run)(Fixture *f, gconstpointer data);
} tests[] = {
	{"identity", test_identity},
	{"masks", test_masks},
	{"interrupts", test_interrupts},
	{"i2c", test_i2c},
	{"rps", test_rps},
	{"rps-waits", test_rps_waits},
	{"debi", test_debi},
	{"unimplemented", test_unimplemented_is_reported},
	{"control-dma", test_control_dma},
	{"control-window", test_control_window},
};

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint b = 0; b < n_boards; b++)
		for (guint t = 0; t < G_N_ELEMENTS(tests); t++) {
			g_autofree char *path =
				g_strdup_printf("/%s/%s", boards[b].name, tests[t].name);

			g_test_add(path, Fixture, &boards[b], set_up, tests[t].run, tear_down);
		}
	return g_test_run();
}
