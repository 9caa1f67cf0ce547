// SPDX-License-Identifier: GPL-2.0-or-later
/* The parts of the chip one by one: what a driver relies on and no capture would tell apart. */
#include "fake-bus.h"
#include "../../machine/saa7146/formats.h"
#include "../../machine/saa7146/parts.h"

#define MS	(1000000ll)
#define FIELD	(20 * MS)
#define PROGRAM 0x2000u
#define MEMORY	0x100000u

#define START(addr, read) ((guint32)((addr) << 1 | (read)) << 24 | 3u << 6)
#define SECOND(byte)	  ((guint32)(byte) << 16 | 2u << 4)
#define THIRD(byte)	  ((guint32)(byte) << 8 | 2u << 2)

static guint32 get(FakeBus *f, guint32 offset)
{
	return saa_read(&f->chip, offset);
}

static void set(FakeBus *f, guint32 offset, guint32 value)
{
	saa_write(&f->chip, offset, value);
}

/* One byte read from @addr, after the register pointer was set. */
static guint8 i2c_read(FakeBus *f, guint8 addr, guint8 reg)
{
	fake_i2c_write(f, START(addr, 0) | SECOND(reg));
	fake_i2c_write(f, START(addr, 1) | SECOND(0));
	return get(f, SAA_I2C_TRANSFER) >> 16;
}

static void tune(FakeBus *f, guint8 addr)
{
	fake_i2c_write(f, START(addr, 0) | SECOND(0x1a) | THIRD(0x2b));
	fake_i2c_write(f, 0x85u << 24 | 0x84u << 16 | 2u << 6 | 1u << 4);
}

/* --- I2C slaves --- */

static void test_demodulators(void)
{
	g_autofree FakeBus *c = fake_new("nova-c", (SaaConfig){0});
	g_autofree FakeBus *s = fake_new("activy-s", (SaaConfig){0});

	fake_i2c_write(c, START(0x09, 0) | SECOND(0) | THIRD(0x1a));
	fake_i2c_write(c, START(0x09, 1) | SECOND(0) | THIRD(0));
	g_assert_cmphex(get(c, SAA_I2C_TRANSFER) >> 16 & 0xff, ==, 0x70);
	fake_i2c_write(c, START(0x09, 0) | SECOND(0) | THIRD(0x11));
	fake_i2c_write(c, START(0x09, 1) | SECOND(0));
	g_assert_cmphex(get(c, SAA_I2C_TRANSFER) >> 16 & 0xff, ==, 0);
	tune(c, 0x62);
	fake_i2c_write(c, START(0x09, 0) | SECOND(0) | THIRD(0x11));
	fake_i2c_write(c, START(0x09, 1) | SECOND(0));
	g_assert_cmphex(get(c, SAA_I2C_TRANSFER) >> 16 & 0xff, ==, 0x0f);

	g_assert_cmphex(i2c_read(s, 0x68, 0x00), ==, 0x05);
	g_assert_cmphex(i2c_read(s, 0x68, 0x02), ==, 0x80);
	g_assert_cmphex(i2c_read(s, 0x68, 0x01), ==, 0xff);
	g_assert_cmphex(i2c_read(s, 0x61, 0), ==, 0x00);
	tune(s, 0x61);
	g_assert_cmphex(i2c_read(s, 0x68, 0x02), ==, 0x9f);
	g_assert_cmphex(i2c_read(s, 0x68, 0x01), ==, 0x20);
	g_assert_cmphex(i2c_read(s, 0x61, 0), ==, 0x40);
}

/* saa711x_detect_chip() writes an index into register 0 and reads a character back. */
static void test_decoder_name(void)
{
	g_autofree FakeBus *f = fake_new("mxb", (SaaConfig){0});
	static const guint8 name[] = {0x10, 0xf, 7, 1, 1, 1, 0};

	for (guint i = 0; i < G_N_ELEMENTS(name); i++) {
		fake_i2c_write(f, START(0x24, 0) | SECOND(0) | THIRD(i));
		g_assert_cmphex(i2c_read(f, 0x24, 0), ==, name[i]);
	}
	fake_i2c_write(f, START(0x24, 0) | SECOND(5) | THIRD(0x77));
	g_assert_cmphex(i2c_read(f, 0x24, 5), ==, 0x77);
	g_assert_cmphex(i2c_read(f, 0x24, 6), ==, 0);
}

static void test_eeprom(void)
{
	g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){0});

	g_assert_cmphex(i2c_read(f, 0x50, 0xcc), ==, 0xff);
	fake_i2c_write(f, START(0x50, 0) | SECOND(0xcc) | THIRD(0x12)); /* write-protected */
	g_assert_cmphex(get(f, SAA_I2C_STATUS) & SAA_I2C_DTERR, ==, SAA_I2C_DTERR);
	g_assert_cmphex(i2c_read(f, 0x50, 0xcc), ==, 0xff);
}

/* ves1820.c writes {0, register, data}. */
static void test_demodulator_register(void)
{
	g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){0});

	fake_i2c_write(f, START(0x09, 0) | SECOND(0) | THIRD(0x20));
	fake_i2c_write(f, 0x5au << 24 | 1u << 6);
	fake_i2c_write(f, START(0x09, 0) | SECOND(0) | THIRD(0x20));
	fake_i2c_write(f, START(0x09, 1) | SECOND(0) | THIRD(0));
	g_assert_cmphex(get(f, SAA_I2C_TRANSFER) >> 8 & 0xffff, ==, 0x5a00);
}

/* A register pointer moves on; STOP ends the transfer; nobody answers after it. */
static void test_bus_protocol(void)
{
	g_autofree FakeBus *f = fake_new("hexium-gemini", (SaaConfig){0});

	fake_i2c_write(f, START(0x6c, 0) | SECOND(0x10) | THIRD(0xaa));
	fake_i2c_write(f, 0xbbu << 24 | 2u << 6 | 0xccu << 16 | 1u << 4);
	g_assert_cmphex(i2c_read(f, 0x6c, 0x10), ==, 0xaa);
	g_assert_cmphex(i2c_read(f, 0x6c, 0x11), ==, 0xbb);
	g_assert_cmphex(i2c_read(f, 0x6c, 0x12), ==, 0xcc);
	fake_i2c_write(f, START(0x6c, 0) | (guint32)0x10 << 16 | 1u << 4);
	fake_i2c_write(f, 0xddu << 24 | 2u << 6);
	g_assert_cmphex(get(f, SAA_I2C_STATUS), ==, SAA_I2C_DTERR | SAA_I2C_ERR | SAA_I2C_BUSY);
	g_assert_cmphex(get(f, SAA_PSR), ==, SAA_INT_IIC_S | SAA_INT_IIC_E);
	set(f, SAA_I2C_STATUS, 0x300 | SAA_I2C_ABORT);
	set(f, SAA_MC2, 0x00010001);
	g_assert_cmphex(get(f, SAA_I2C_STATUS), ==, 0x300);
	g_assert_cmphex(get(f, SAA_PSR), ==, 0);
	fake_i2c_write(f, START(0x6d, 0));
	g_assert_cmphex(get(f, SAA_I2C_STATUS) & SAA_I2C_APERR, ==, SAA_I2C_APERR);
	fake_i2c_write(f, START(0x6c, 0) | SECOND(0x20));
	set(f, SAA_I2C_STATUS, SAA_I2C_ABORT); /* ends the transfer without STOP */
	set(f, SAA_MC2, 0x00010001);
	fake_i2c_write(f, 0xeeu << 24 | 2u << 6);
	g_assert_cmphex(get(f, SAA_I2C_STATUS) & SAA_I2C_DTERR, ==, SAA_I2C_DTERR);
}

/* --- RPS --- */

static void load(FakeBus *f, int task, const guint32 *words, gsize n)
{
	guint32 enable = SAA_MC1_RPS(task);

	set(f, SAA_MC1, enable << 16);
	for (gsize i = 0; i < n; i++)
		fake_put32(f, PROGRAM + 4 * i, words[i]);
	set(f, SAA_RPS_ADDR0 + 4 * task, PROGRAM);
	set(f, SAA_MC1, enable << 16 | enable);
}

static gboolean runs(FakeBus *f, int task)
{
	return get(f, SAA_MC1) & SAA_MC1_RPS(task);
}

static void test_rps_signals(void)
{
	static const guint32 set_2[] = {0x10000000 | 1u << 23, 0x50000000};
	static const guint32 clear_2[] = {0x00000000 | 1u << 23, 0x50000000};
	g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){0});

	set(f, SAA_MC2, 0x80008000); /* SIG4 stays */
	load(f, 0, set_2, G_N_ELEMENTS(set_2));
	g_assert_cmphex(get(f, SAA_MC2), ==, 0x8000 | 1u << 13);
	load(f, 0, clear_2, G_N_ELEMENTS(clear_2));
	g_assert_cmphex(get(f, SAA_MC2), ==, 0x8000);
	g_assert_null(f->unimplemented);
}

/* JUMP with a condition, with an inverted one, and with one that is not met. */
static void test_rps_jump(void)
{
	static const struct {
		guint32 condition;
		gboolean jumps;
	} rows[] = {{1u << 21, TRUE},
		    {1u << 22, FALSE},
		    {1u << 26 | 1u << 21, FALSE},
		    {1u << 26 | 1u << 22, TRUE},
		    {3u << 21, FALSE},
		    {1u << 27 | 3u << 21, TRUE},
		    {0, TRUE}};
	guint32 words[] = {0x80000000, PROGRAM + 0x14, 0x90000100 | SAA_GPIO / 4,
			   1,	       0x50000000,     0x90000100 | SAA_GPIO / 4,
			   2,	       0x50000000};

	for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
		g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){0});

		set(f, SAA_MC2, 0x08000800); /* SIG0 */
		words[0] = 0x80000000 | rows[r].condition;
		load(f, 1, words, G_N_ELEMENTS(words));
		g_assert_cmphex(get(f, SAA_GPIO), ==, rows[r].jumps ? 2 : 1);
		g_assert_false(runs(f, 1));
	}
}

/* A block of registers, a store of one, a masked write to a register and to MC1. */
static void test_rps_registers(void)
{
	static const guint32 block[] = {0x90000300 | SAA_HPS_CTRL / 4,
					0x11,
					0x22,
					0x33,
					0xc0000000 | SAA_HPS_CTRL / 4,
					0x0000000f,
					0x78,
					0xc0000000 | SAA_MC1 / 4,
					0x00400040,
					0xffffffff,
					0xa0000000 | SAA_HPS_V_SCALE / 4,
					0x3010,
					0x40000000 | 1u << 5,
					0x50000000};
	g_autofree FakeBus *f = fake_new("hexium-gemini", (SaaConfig){0});

	set(f, SAA_IER, SAA_INT_UPLD);
	set(f, SAA_RPS_PAGE0, 0x3000);
	load(f, 0, block, G_N_ELEMENTS(block));
	g_assert_cmphex(get(f, SAA_HPS_CTRL), ==, 0x18);
	g_assert_cmphex(get(f, SAA_HPS_V_SCALE), ==, 0x22);
	g_assert_cmphex(get(f, SAA_HPS_V_GAIN), ==, 0x33);
	g_assert_cmphex(get(f, SAA_MC1), ==, 0x40);
	g_assert_cmphex(f->memory[0x3010], ==, 0x22);
	g_assert_cmphex(f->chip.active[SAA_HPS_CTRL / 4], ==, 0x18);
	g_assert_cmphex(f->chip.active[SAA_HPS_V_SCALE / 4], ==, 0);
	g_assert_cmphex(get(f, SAA_ISR), ==, SAA_INT_UPLD);
	g_assert_cmphex(get(f, SAA_RPS_ADDR0), ==, PROGRAM + sizeof(block));
}

/* Each event passes the PAUSE for it, at its time in the field, and no other. */
static void test_rps_events(void)
{
	static const struct {
		guint32 event;
		gint64 odd, even; /* ms after the first sync edge; -1: not in that field */
	} rows[] = {{SAA_EVENT_O_FID_A, 20, -1}, {SAA_EVENT_E_FID_A, 0, 40},
		    {SAA_EVENT_O_FID_B, 20, -1}, {SAA_EVENT_E_FID_B, 0, 40},
		    {SAA_EVENT_VBI_A, 0, 20},	 {SAA_EVENT_VBI_B, 0, 20},
		    {SAA_EVENT_BRS_DONE, 2, 22}};

	for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
		guint32 words[] = {0x20000000 | rows[r].event, 0x50000000};
		gint64 first = rows[r].even < 0 ? rows[r].odd : MIN(rows[r].odd, rows[r].even);
		g_autofree FakeBus *f = fake_new("hexium-gemini", (SaaConfig){0});

		fake_program_decoder(f);
		load(f, 0, words, G_N_ELEMENTS(words)); /* the first edge is one field later */
		fake_run(f, FIELD + first * MS - MS / 2);
		g_assert_true(runs(f, 0));
		fake_run(f, MS);
		g_assert_false(runs(f, 0));
		g_assert_null(f->unimplemented);
	}
}

/* Of a condition on two edges the first is remembered; an edge before the PAUSE does not count. */
static void test_rps_remembers(void)
{
	static const guint32 both[] = {0x20000000 | SAA_EVENT_E_FID_A | SAA_EVENT_O_FID_A,
				       0x50000000};
	static const guint32 turn[] = {0x20000000 | SAA_EVENT_E_FID_A,
				       0x20000000 | SAA_EVENT_E_FID_A, 0x50000000};
	g_autofree FakeBus *f = fake_new("hexium-gemini", (SaaConfig){0});
	g_autofree FakeBus *g = fake_new("hexium-gemini", (SaaConfig){0});

	fake_program_decoder(f);
	fake_program_decoder(g);
	load(f, 0, both, G_N_ELEMENTS(both));
	fake_run(f, FIELD + MS);
	g_assert_true(runs(f, 0));
	fake_run(f, FIELD);
	g_assert_false(runs(f, 0));
	load(g, 0, turn, G_N_ELEMENTS(turn));
	fake_run(g, 2 * FIELD + MS);
	g_assert_true(runs(g, 0));
	fake_run(g, FIELD);
	g_assert_false(runs(g, 0));
}

static void test_rps_unknown_event(void)
{
	static const guint32 words[] = {0x20000000 | 1u << 15, 0x50000000};
	g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){0});

	load(f, 0, words, G_N_ELEMENTS(words));
	g_assert_true(runs(f, 0));
	g_assert_cmpstr(f->unimplemented, ==, "RPS event");
}

/* A command that is none, or cannot be fetched, ends the task with its error interrupt. */
static void test_rps_errors(void)
{
	static const guint32 words[] = {0xf0000000};
	g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){0});

	set(f, SAA_IER, SAA_INT_RPS_E(1));
	load(f, 1, words, G_N_ELEMENTS(words));
	g_assert_false(runs(f, 1));
	g_assert_cmphex(get(f, SAA_ISR), ==, SAA_INT_RPS_E(1));
	g_assert_cmpuint(f->chip.totals.rps_errors, ==, 1);
	set(f, SAA_RPS_ADDR1, 0xf0000000);
	set(f, SAA_MC1, SAA_MC1_RPS(1) << 16 | SAA_MC1_RPS(1));
	g_assert_false(runs(f, 1));
	g_assert_cmpuint(f->chip.totals.rps_errors, ==, 2);
}

/* --- Registers --- */

static void test_sections(void)
{
	static const struct {
		guint32 bit, offset;
	} rows[] = {{2, 0x00}, {2, 0x14}, {3, 0x18}, {3, 0x2c},	 {4, 0x30}, {4, 0x44},
		    {5, 0x5c}, {5, 0x74}, {5, 0x78}, {6, 0x60},	 {6, 0x6c}, {6, 0x70},
		    {8, 0x58}, {9, 0x50}, {9, 0x54}, {10, 0x50}, {1, 0x7c}, {1, 0x84}};

	for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
		g_autofree FakeBus *f = fake_new("hexium-gemini", (SaaConfig){0});
		guint32 all = 0x7fe & ~(1u << rows[r].bit);

		if (rows[r].offset == 0x50)
			all &= ~(3u << 9); /* both ports' sections have it */
		if (rows[r].offset == 0x54)
			all &= ~(3u << 9);
		set(f, rows[r].offset, 0x12345678);
		set(f, SAA_MC2, all << 16 | all);
		g_assert_cmphex(f->chip.active[rows[r].offset / 4], ==, 0);
		set(f, SAA_MC2, 1u << (16 + rows[r].bit) | 1u << rows[r].bit);
		g_assert_cmphex(f->chip.active[rows[r].offset / 4], ==, 0x12345678);
	}
}

static void test_unimplemented(void)
{
	static const struct {
		guint32 offset;
		const char *what;
	} rows[] = {{0x94, "audio DMA register"},
		    {0xc0, "audio DMA register"},
		    {0xcc, "RPS threshold or time-out register"},
		    {0xd8, "RPS threshold or time-out register"},
		    {0xe4, "event counter register"},
		    {0xf0, "event counter register"},
		    {0xf4, "audio control register"},
		    {0x140, "audio interface register"},
		    {0x1fc, "audio interface register"}};

	for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
		g_autofree FakeBus *f = fake_new("mxb", (SaaConfig){0});

		set(f, rows[r].offset, 0);
		g_assert_null(f->unimplemented);
		set(f, rows[r].offset, 1);
		g_assert_cmpstr(f->unimplemented, ==, rows[r].what);
	}
}

static void test_reset(void)
{
	g_autofree FakeBus *f = fake_new("hexium-gemini", (SaaConfig){0});

	fake_program_decoder(f);
	set(f, SAA_IER, SAA_INT_RPS(0));
	set(f, SAA_PSR, SAA_INT_RPS(0));
	set(f, SAA_GPIO, 5);
	set(f, SAA_MC1, SAA_MC1_TR(0) << 16 | SAA_MC1_TR(0));
	g_assert_true(f->irq);
	set(f, SAA_MC1, SAA_MC1_NRESET << 16);
	g_assert_false(f->irq);
	g_assert_cmphex(get(f, SAA_GPIO) | get(f, SAA_IER) | get(f, SAA_MC1), ==, 0);
	g_assert_cmpint(f->due[SAA_TIMER_FIELD], ==, FAKE_NEVER);
	g_assert_false(saa_card_shows(&f->chip));
}

/* I2C and DEBI are not delayed by SAA_FAULT_LATE; the frame's interrupt is. */
static void test_late_is_of_captures(void)
{
	g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){.faults = {[SAA_FAULT_LATE] = 5}});

	set(f, SAA_IER, SAA_INT_IIC_S | SAA_INT_VPE);
	fake_i2c_write(f, START(0x09, 0));
	g_assert_true(f->irq);
	set(f, SAA_ISR, SAA_INT_IIC_S);
	g_assert_false(f->irq);
	set(f, SAA_PSR, SAA_INT_VPE);
	g_assert_false(f->irq);
	set(f, SAA_IER, 0); /* nobody wants it any more */
	fake_run(f, 10 * MS);
	g_assert_false(f->irq);
	set(f, SAA_IER, SAA_INT_VPE);
	fake_run(f, 6 * MS);
	g_assert_true(f->irq);
}

static void test_reset_forgets(void)
{
	g_autofree FakeBus *f =
		fake_new("nova-c",
			 (SaaConfig){.faults = {[SAA_FAULT_LATE] = 5, [SAA_FAULT_I2C] = 3}});

	set(f, SAA_IER, SAA_INT_VPE);
	set(f, SAA_PSR, SAA_INT_VPE);
	fake_i2c_write(f, START(0x09, 0));
	fake_i2c_write(f, START(0x09, 0));
	set(f, SAA_MC1, SAA_MC1_NRESET << 16);
	fake_run(f, 10 * MS);
	g_assert_false(f->irq);
	fake_i2c_write(f, START(0x09, 0));
	g_assert_cmphex(get(f, SAA_I2C_STATUS), ==, 0);
	set(f, SAA_IER, SAA_INT_VPE);
	set(f, SAA_PSR, SAA_INT_VPE);
	fake_run(f, 6 * MS);
	g_assert_true(f->irq);
}

/* What was saved in any phase comes back, with its interrupt and its timers. */
static void test_loaded(void)
{
	g_autofree FakeBus *f = fake_new("hexium-gemini", (SaaConfig){0});

	fake_program_decoder(f);
	set(f, SAA_IER, SAA_INT_FIDA);
	fake_run(f, FIELD + FIELD / 2);
	g_assert_cmpuint(f->chip.phase, ==, 2);
	g_assert_true(f->irq);
	f->irq = FALSE;
	f->due[SAA_TIMER_FIELD] = FAKE_NEVER;
	g_assert_true(saa_loaded(&f->chip));
	g_assert_true(f->irq);
	g_assert_cmpint(f->due[SAA_TIMER_FIELD], ==, f->chip.field_next);
}

/* --- Pictures --- */

static FakeBus *new_picture(guint32 clip, guint32 page)
{
	FakeBus *f = fake_new("hexium-gemini", (SaaConfig){0});

	fake_program_decoder(f);
	set(f, SAA_BASE_EVEN, MEMORY);
	set(f, SAA_BASE_ODD, MEMORY + 0x8000);
	set(f, SAA_PROT, MEMORY + 0x10000);
	set(f, SAA_PITCH, 256);
	set(f, SAA_PAGE, page);
	set(f, SAA_NUM, 8 << 16 | 64);
	set(f, SAA_HPS_H_SCALE, 1u << 31 | 0x400 << 12);
	set(f, SAA_BCS_CTRL, 0x80400040);
	set(f, SAA_CLIP_FORMAT, clip);
	set(f, SAA_MC2, 0x00640064);
	return f;
}

static void run_picture(FakeBus *f)
{
	set(f, SAA_MC2, 0x00640064);
	set(f, SAA_MC1, 0x00400040);
	fake_run(f, 2 * FIELD);
}

static PatternPixel pixel(guint odd, guint line, guint x)
{
	return picture_pixel(picture_line(1, odd, line), x);
}

/* Nothing behind the last line; the pointer stands where the field ended; no fault was counted. */
static void test_extent(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0);

	run_picture(f);
	g_assert_cmphex(f->memory[MEMORY + 7 * 256 + 63], ==, pixel(0, 7, 63).y);
	g_assert_cmphex(f->memory[MEMORY + 7 * 256 + 64], ==, 0);
	g_assert_cmphex(f->memory[MEMORY + 8 * 256], ==, 0);
	g_assert_cmphex(get(f, SAA_VDP1), ==, MEMORY + 7 * 256 + 64);
	g_assert_cmpuint(f->chip.totals.faults, ==, 0);
}

static void test_corrupt_picture(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0);
	guint8 right = pixel(0, 0, 7).y;

	f->chip.config.faults[SAA_FAULT_CORRUPT] = 1;
	run_picture(f);
	g_assert_cmphex(f->memory[MEMORY + 7], ==, right ^ 0x10);
	g_assert_cmphex(f->memory[MEMORY + 256 + 7], ==, pixel(0, 1, 7).y);
	fake_run(f, FIELD);
	g_assert_cmphex(f->memory[MEMORY + 0x8000 + 7], ==, pixel(1, 0, 7).y);
}

/* The blanking interval has the faults of the picture. */
static void test_blanking_faults(void)
{
	g_autofree FakeBus *f =
		fake_new("mxb",
			 (SaaConfig){.faults = {[SAA_FAULT_CORRUPT] = 1, [SAA_FAULT_PROT] = 1}});

	fake_program_decoder(f);
	set(f, 0x34, MEMORY);
	set(f, 0x30, MEMORY + 0x8000);
	set(f, 0x38, MEMORY + 0x10000);
	set(f, 0x3c, 1440);
	set(f, 0x44, 2 << 16 | 1440);
	set(f, SAA_MC2, 0x00100010);
	set(f, SAA_MC1, 0x00100010);
	fake_run(f, 2 * FIELD);
	g_assert_cmphex(f->memory[MEMORY + 7], ==, vbi_byte(1, 0, 0, 7) ^ 0x10);
	g_assert_cmphex(f->memory[MEMORY + 1440 + 7], ==, vbi_byte(1, 0, 1, 7));
	g_assert_cmphex(f->memory[MEMORY + 0x10000], ==, 0);
	fake_run(f, FIELD);
	g_assert_cmphex(f->memory[MEMORY + 0x8000 + 7], ==, vbi_byte(1, 1, 0, 7));
	g_assert_cmphex(f->memory[MEMORY + 0x10000], ==, 0xee);
}

static void test_controls(void)
{
	g_autofree FakeBus *f = new_picture(0x00000000, 0);

	set(f, SAA_BCS_CTRL, 150u << 24 | 90u << 16 | 30u);
	run_picture(f);
	for (guint x = 0; x < 64; x += 2) {
		PatternPixel p = pixel(0, 3, x);
		const guint8 *out = f->memory + MEMORY + 3 * 256 + 2 * x;

		g_assert_cmphex(out[0], ==, CLAMP((p.cb - 128) * 30 / 64 + 128, 0, 255));
		g_assert_cmphex(out[1], ==, CLAMP((p.y - 128) * 90 / 64 + 150, 0, 255));
		g_assert_cmphex(out[2], ==, CLAMP((p.cr - 128) * 30 / 64 + 128, 0, 255));
	}
}

static void test_swapped(void)
{
	g_autofree FakeBus *f = new_picture(0x82000000, 2);
	guint8 rgb[3];

	run_picture(f);
	for (guint x = 0; x < 64; x++) {
		const guint8 *out = f->memory + MEMORY + 4 * x;

		picture_rgb(pixel(0, 0, x), rgb);
		g_assert_cmpmem(out + 1, 3, rgb, 3);
		g_assert_cmphex(out[0], ==, 0);
	}
}

/* A channel that is off gets nothing; the odd field has its own base. */
static void test_planes(void)
{
	g_autofree FakeBus *f = new_picture(0x09000000, 0);

	for (guint n = 1; n < 3; n++) {
		set(f, SAA_CHANNEL * n + SAA_BASE_EVEN, MEMORY + n * 0x20000);
		set(f, SAA_CHANNEL * n + SAA_BASE_ODD, MEMORY + n * 0x20000 + 0x8000);
		set(f, SAA_CHANNEL * n + SAA_PITCH, 128);
		set(f, SAA_CHANNEL * n + SAA_PROT, MEMORY + n * 0x20000 + 0x10000);
	}
	set(f, SAA_MC2, 0x007c007c);
	set(f, SAA_MC1, 0x00600060); /* 1 and 2 */
	fake_run(f, 3 * FIELD);
	for (guint line = 0; line < 8; line++)
		for (guint x = 0; x < 32; x++) {
			guint32 at = MEMORY + 0x20000 + 128 * line + x;

			g_assert_cmphex(f->memory[at], ==, pixel(0, line, 2 * x).cb);
			g_assert_cmphex(f->memory[at + 0x8000], ==, pixel(1, line, 2 * x).cb);
			g_assert_cmphex(f->memory[at + 0x20000], ==, 0);
		}
}

/* 64 pixels become 48: 1024 * 64 / 48 is 1365 and a third; the driver writes one more. */
static void test_fine_scale(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0);

	set(f, SAA_HPS_H_SCALE, 1366 << 12);
	set(f, SAA_HPS_V_SCALE, 512 << 21); /* linear phase: 1.5 lines a line */
	run_picture(f);
	for (guint y = 0; y < 5; y++)
		for (guint x = 0; x < 48; x++)
			g_assert_cmphex(f->memory[MEMORY + 256 * y + x], ==,
					pixel(0, y * 1536 / 1024, x * 1366 / 1024).y);
	g_assert_cmphex(f->memory[MEMORY + 48], ==, 0);
	g_assert_cmphex(f->memory[MEMORY + 6 * 256], ==, 0);
}

static void test_unmodelled_picture(void)
{
	static const struct {
		guint32 reg, value;
		const char *what;
	} rows[] = {{SAA_CLIP_FORMAT, 0x06000001, "HPS clipping"},
		    {SAA_CLIP_FORMAT, 0x06010000, "HPS dithering"},
		    {SAA_CLIP_FORMAT, 0x05000000, "HPS output format"},
		    {SAA_HPS_H_PRESCALE, 0x00000100, "HPS horizontal filter"},
		    {SAA_HPS_V_SCALE, 1u << 31, "HPS vertical filter"},
		    {SAA_NUM, 8u << 16 | 4095, "HPS line longer than 2048 pixels"}};

	for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
		g_autofree FakeBus *f = new_picture(0x06000000, 0);

		set(f, rows[r].reg, rows[r].value);
		run_picture(f);
		g_assert_cmpstr(f->unimplemented, ==, rows[r].what);
	}
}

/* The picture's end at the protection address is told, its overrun written behind it. */
static void test_picture_ends(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0);
	g_autofree FakeBus *g = NULL;

	set(f, SAA_IER, SAA_INT_VPE);
	run_picture(f);
	g_assert_cmphex(get(f, SAA_ISR), ==, 0);
	set(f, SAA_PROT, MEMORY + 2 * 256);
	set(f, SAA_MC2, 0x00040004);
	fake_run(f, FIELD);
	g_assert_cmphex(get(f, SAA_ISR), ==, SAA_INT_VPE);

	g = new_picture(0x06000000, 0);
	g->chip.config.faults[SAA_FAULT_PROT] = 3; /* the frame before the first was 0 */
	run_picture(g);
	fake_run(g, FIELD);
	g_assert_cmphex(g->memory[MEMORY + 0x10000], ==, 0); /* frame 1 */
	fake_run(g, 2 * FIELD);
	g_assert_cmphex(g->memory[MEMORY + 0x10000], ==, 0xee); /* frame 2 */
	g_assert_cmphex(g->memory[MEMORY + 0x1003f], ==, 0xee);
	g_assert_cmphex(g->memory[MEMORY + 0x10040], ==, 0);
}

/* A decoder that nobody has set up shows nothing, though the camera runs. */
static void test_no_decoder_no_picture(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0);

	f->chip.slaves[0].programmed = false;
	set(f, SAA_IER, SAA_INT_FIDA);
	set(f, SAA_MC1, 0x00400040);
	fake_run(f, 4 * FIELD);
	g_assert_cmphex(get(f, SAA_ISR), ==, 0);
	g_assert_cmphex(f->memory[MEMORY], ==, 0);
	g_assert_cmpuint(f->chip.frame, ==, 2);
	fake_program_decoder(f);
	fake_run(f, 2 * FIELD);
	g_assert_cmphex(get(f, SAA_ISR), ==, SAA_INT_FIDA);
	g_assert_cmphex(f->memory[MEMORY], ==, picture_pixel(picture_line(3, 0, 0), 0).y);
}

/* With hold=on the camera waits for a driver that has a frame to handle. */
static void test_camera_holds(void)
{
	g_autofree FakeBus *f = fake_new("hexium-gemini", (SaaConfig){.hold = true});
	guint32 frame;

	fake_program_decoder(f);
	set(f, SAA_IER, SAA_INT_RPS(0) | SAA_INT_FIDA);
	fake_run(f, 4 * FIELD);
	set(f, SAA_PSR, SAA_INT_RPS(0));
	frame = f->chip.frame;
	fake_run(f, 20 * FIELD);
	g_assert_cmpuint(f->chip.frame, ==, frame);
	set(f, SAA_ISR, SAA_INT_RPS(0));
	fake_run(f, 4 * FIELD);
	g_assert_cmpuint(f->chip.frame, >, frame);
}

/* Nor does it go on between the acknowledgement and the program for the next frame. */
static void test_camera_holds_for_program(void)
{
	static const guint32 words[] = {0x20000000 | SAA_EVENT_E_FID_A, 0x60000000, 0x50000000};
	g_autofree FakeBus *f = fake_new("hexium-gemini", (SaaConfig){.hold = true});
	guint32 frame;

	fake_program_decoder(f);
	set(f, SAA_IER, SAA_INT_RPS(0) | SAA_INT_FIDA);
	load(f, 0, words, G_N_ELEMENTS(words));
	fake_run(f, 3 * FIELD);
	g_assert_cmphex(get(f, SAA_ISR) & SAA_INT_RPS(0), ==, SAA_INT_RPS(0));
	set(f, SAA_ISR, SAA_INT_RPS(0));
	frame = f->chip.frame;
	fake_run(f, 20 * FIELD);
	g_assert_cmpuint(f->chip.frame, ==, frame);
	load(f, 0, words, G_N_ELEMENTS(words));
	fake_run(f, 3 * FIELD);
	g_assert_cmpuint(f->chip.frame, ==, frame + 1);
	set(f, SAA_ISR, SAA_INT_RPS(0));
	set(f, SAA_IER, SAA_INT_FIDA); /* the driver has ended its stream */
	fake_run(f, 4 * FIELD);
	g_assert_cmpuint(f->chip.frame, >, frame + 1);
}

/* --- Channels --- */

static FakeBus *new_stream(guint32 even)
{
	FakeBus *f = fake_new("nova-c", (SaaConfig){0});

	tune(f, 0x62);
	set(f, 0x30, MEMORY);
	set(f, 0x34, even);
	set(f, 0x38, MEMORY + 0x40000);
	set(f, 0x3c, 376);
	set(f, 0x44, 100 << 16 | 376);
	set(f, SAA_MC2, 0x00100010);
	set(f, SAA_MC1, 0x00100010);
	return f;
}

static guint32 sequence_at(FakeBus *f, guint32 at)
{
	return ts_get32(f->memory + at + 4);
}

/* The two bases take turns: 200 packets there, 200 here. */
static void test_two_buffers(void)
{
	g_autofree FakeBus *f = new_stream(MEMORY + 0x20000);

	fake_run(f, 30 * MS); /* 797 packets */
	g_assert_cmpuint(sequence_at(f, MEMORY), ==, 400);
	g_assert_cmpuint(sequence_at(f, MEMORY + 0x20000), ==, 600);
	g_assert_cmpuint(sequence_at(f, MEMORY + 0x20000 + 199 * 188), ==, 399);
	g_assert_cmphex(get(f, SAA_VDP1 + 8), >, MEMORY + 0x20000);
}

/* Beyond the 4 MiB of a table, or with nothing behind an address, nothing is written. */
static void test_bad_addresses(void)
{
	g_autofree FakeBus *f = new_stream(MEMORY);

	set(f, 0x40, 0x1000 | SAA_PAGE_ME);
	set(f, 0x30, 0x400000);
	set(f, 0x34, 0x400000);
	set(f, 0x38, 0x500000);
	set(f, SAA_MC2, 0x00100010);
	f->accesses = 0;
	fake_run(f, 10 * MS);
	g_assert_cmpuint(f->accesses, ==, 0);
	g_assert_cmpuint(f->chip.totals.faults, >, 0);
	set(f, 0x40, 0);
	set(f, 0x30, 0xf0000000);
	set(f, 0x34, 0xf0000000);
	set(f, 0x38, 0xffffffff);
	set(f, SAA_MC2, 0x00100010);
	fake_run(f, 10 * MS);
	g_assert_cmpuint(f->outside, >, 0);
}

/* A page table that cannot be read leads nowhere. */
static void test_no_table(void)
{
	g_autofree FakeBus *f = new_stream(MEMORY);

	set(f, 0x40, 0xf0000000 | SAA_PAGE_ME);
	set(f, 0x30, 0);
	set(f, 0x34, 0);
	set(f, 0x38, 0x10000);
	set(f, SAA_MC2, 0x00100010);
	memset(f->touched, 0, sizeof(f->touched));
	fake_run(f, 5 * MS);
	for (guint page = 0; page < G_N_ELEMENTS(f->touched); page++)
		g_assert_false(f->touched[page]);
	g_assert_cmpuint(f->chip.totals.faults, >, 0);
}

/* Each start begins at the front; the antenna goes on where it was. */
static void test_restart(void)
{
	g_autofree FakeBus *f = new_stream(MEMORY + 0x20000);

	fake_run(f, 10 * MS); /* 265 packets: in the second field */
	set(f, SAA_MC1, 0x00100000);
	set(f, SAA_MC1, 0x00100010);
	fake_run(f, 2 * MS);
	g_assert_cmpuint(sequence_at(f, MEMORY), ==, 265);
	g_assert_cmpuint(f->chip.totals.faults, ==, 0);
}

static void test_memory_to_chip(void)
{
	g_autofree FakeBus *f = new_stream(MEMORY);

	set(f, 0x40, SAA_PAGE_READ);
	set(f, SAA_MC2, 0x00100010);
	fake_run(f, 2 * MS);
	g_assert_cmpstr(f->unimplemented, ==, "video DMA 3 from memory");
}

/* Each second lap ends in an overrun. */
static void test_overrun_of_laps(void)
{
	g_autofree FakeBus *f = new_stream(MEMORY);

	f->chip.config.faults[SAA_FAULT_PROT] = 2;
	while (f->chip.totals.wraps < 1)
		fake_run(f, MS);
	g_assert_cmphex(f->memory[MEMORY + 0x40000], ==, 0);
	while (f->chip.totals.wraps < 2)
		fake_run(f, MS);
	g_assert_cmphex(f->memory[MEMORY + 0x40000], ==, 0xee);
}

/* A host that comes late makes the stream slower: at most 24 KiB at once. */
static void test_late_host(void)
{
	g_autofree FakeBus *f = new_stream(MEMORY);
	guint64 before;

	fake_run(f, MS);
	before = f->chip.totals.packets;
	f->now += 500 * MS;
	fake_run(f, 0);
	g_assert_cmpuint((f->chip.totals.packets - before) * TS_SIZE, <, (24 << 10) + TS_SIZE);
	g_assert_cmpuint((f->chip.totals.packets - before) * TS_SIZE, >, 23 << 10);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/parts/demodulators", test_demodulators);
	g_test_add_func("/parts/decoder-name", test_decoder_name);
	g_test_add_func("/parts/eeprom", test_eeprom);
	g_test_add_func("/parts/demodulator-register", test_demodulator_register);
	g_test_add_func("/parts/bus-protocol", test_bus_protocol);
	g_test_add_func("/parts/rps-signals", test_rps_signals);
	g_test_add_func("/parts/rps-jump", test_rps_jump);
	g_test_add_func("/parts/rps-registers", test_rps_registers);
	g_test_add_func("/parts/rps-events", test_rps_events);
	g_test_add_func("/parts/rps-remembers", test_rps_remembers);
	g_test_add_func("/parts/rps-unknown-event", test_rps_unknown_event);
	g_test_add_func("/parts/rps-errors", test_rps_errors);
	g_test_add_func("/parts/sections", test_sections);
	g_test_add_func("/parts/unimplemented", test_unimplemented);
	g_test_add_func("/parts/reset", test_reset);
	g_test_add_func("/parts/reset-forgets", test_reset_forgets);
	g_test_add_func("/parts/loaded", test_loaded);
	g_test_add_func("/parts/late-is-of-captures", test_late_is_of_captures);
	g_test_add_func("/parts/extent", test_extent);
	g_test_add_func("/parts/corrupt-picture", test_corrupt_picture);
	g_test_add_func("/parts/blanking-faults", test_blanking_faults);
	g_test_add_func("/parts/controls", test_controls);
	g_test_add_func("/parts/swapped", test_swapped);
	g_test_add_func("/parts/planes", test_planes);
	g_test_add_func("/parts/fine-scale", test_fine_scale);
	g_test_add_func("/parts/unmodelled-picture", test_unmodelled_picture);
	g_test_add_func("/parts/picture-ends", test_picture_ends);
	g_test_add_func("/parts/no-decoder-no-picture", test_no_decoder_no_picture);
	g_test_add_func("/parts/camera-holds", test_camera_holds);
	g_test_add_func("/parts/camera-holds-for-program", test_camera_holds_for_program);
	g_test_add_func("/parts/two-buffers", test_two_buffers);
	g_test_add_func("/parts/bad-addresses", test_bad_addresses);
	g_test_add_func("/parts/no-table", test_no_table);
	g_test_add_func("/parts/restart", test_restart);
	g_test_add_func("/parts/memory-to-chip", test_memory_to_chip);
	g_test_add_func("/parts/overrun-of-laps", test_overrun_of_laps);
	g_test_add_func("/parts/late-host", test_late_host);
	return g_test_run();
}
