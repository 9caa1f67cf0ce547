// SPDX-License-Identifier: GPL-2.0-or-later
/* The chip without QEMU: streams, pictures, blanking interval, faults, saved state. */
#include "fake-bus.h"
#include "../../machine/saa7146/formats.h"
#include "../../machine/saa7146/parts.h"

#define MS	    1000000ll
#define FIELD	    (20 * MS)
#define TABLE	    0x1000u
#define PROGRAM	    0x2000u
#define RING_PAGES  47u
#define RING	    (RING_PAGES * 4096u)
#define LINE	    376u
#define DMA3_ON	    0x00100010u
#define DMA3_OFF    0x00100000u
#define DMA3_UPLOAD 0x00100010u

/* Pages of the ring lie apart and in falling order, so that a missed look-up shows. */
static guint32 ring_page(guint i)
{
	return 0x100000 + (2 * (RING_PAGES - i)) * 4096;
}

static guint8 *ring_byte(FakeBus *f, guint32 at)
{
	return f->memory + ring_page(at / 4096) + at % 4096;
}

/* What alps_tdbe2_tuner_set_params() and start_ts_capture() of the drivers do. */
static FakeBus *new_stream(SaaConfig config)
{
	FakeBus *f = fake_new("nova-c", config);
	SaaChip *c = &f->chip;

	fake_i2c_write(f, 0xc4u << 24 | 0x1a << 16 | 0x2b << 8 | 3 << 6 | 2 << 4 | 2 << 2);
	fake_i2c_write(f, 0x85u << 24 | 0x84 << 16 | 2 << 6 | 1 << 4);
	for (guint i = 0; i < 1024; i++)
		fake_put32(f, TABLE + 4 * i, ring_page(MIN(i, RING_PAGES - 1)));
	saa_write(c, SAA_MC1, DMA3_OFF);
	saa_write(c, 0x30, 0);
	saa_write(c, 0x34, 0);
	saa_write(c, 0x38, RING);
	saa_write(c, 0x3c, LINE);
	saa_write(c, 0x40, TABLE | SAA_PAGE_ME | 0x90);
	saa_write(c, 0x44, RING / LINE << 16 | LINE);
	saa_write(c, SAA_MC2, DMA3_UPLOAD);
	saa_write(c, SAA_IER, SAA_INT_VPE);
	saa_write(c, SAA_MC1, DMA3_ON);
	return f;
}

static guint32 packet_at(FakeBus *f, guint32 at, guint8 packet[TS_SIZE])
{
	for (guint i = 0; i < TS_SIZE; i++)
		packet[i] = *ring_byte(f, (at + i) % RING);
	return ts_get32(packet + 4);
}

static gboolean is_sent(const guint8 packet[TS_SIZE], guint32 sequence)
{
	guint8 sent[TS_SIZE];

	ts_fill(sent, sequence);
	ts_put32(sent + TS_CRC, ts_crc32(sent, TS_CRC));
	return memcmp(sent, packet, TS_SIZE) == 0;
}

/* All whole packets before the write pointer follow each other. Returns how many did not. */
static guint check_ring(FakeBus *f, guint32 *last)
{
	guint32 vdp = saa_read(&f->chip, SAA_VDP1 + 8), end = vdp - vdp % TS_SIZE, expected;
	guint8 packet[TS_SIZE];
	guint bad = 0;

	expected = packet_at(f, (end + TS_SIZE) % RING, packet);
	for (guint32 at = TS_SIZE; at < RING; at += TS_SIZE)
		bad += packet_at(f, (end + at) % RING, packet) != expected++ ||
		       !is_sent(packet, expected - 1);
	*last = expected - 1;
	return bad;
}

static void test_stream(void)
{
	g_autofree FakeBus *f = new_stream((SaaConfig){0});
	guint32 last;

	g_assert_cmpuint(f->arms, ==, 1);
	g_assert_cmpuint(f->targets, ==, RING_PAGES);
	fake_run(f, 1000 * MS);
	g_assert_cmpuint(check_ring(f, &last), ==, 0);
	/* 40 Mbit/s for one second */
	g_assert_cmpuint(last, >, 26500);
	g_assert_cmpuint(last, <, 26600);
	g_assert_cmpuint(f->chip.totals.wraps, ==, 5000000 / RING);
	g_assert_cmpuint(f->outside, ==, 0);
	g_assert_true(f->irq);
	for (guint page = 0; page < FAKE_MEMORY / 4096; page++)
		g_assert_cmpint(f->touched[page], ==,
				page > 0x100 && page <= 0x100 + 2 * RING_PAGES && page % 2 == 0);

	saa_write(&f->chip, SAA_MC1, DMA3_OFF);
	g_assert_cmpuint(f->disarms, ==, 1);
	g_assert_cmpint(f->due[SAA_TIMER_STREAM], ==, FAKE_NEVER);
}

/* With hold=on a guest that does not read the pointer gets no more than half a buffer. */
static void test_hold(void)
{
	g_autofree FakeBus *f = new_stream((SaaConfig){.hold = true});

	fake_run(f, 500 * MS);
	g_assert_cmpuint(f->chip.totals.packets * TS_SIZE, <=, RING / 2);
	g_assert_cmpuint(f->chip.totals.packets * TS_SIZE, >, RING / 3);
	saa_read(&f->chip, SAA_VDP1 + 8);
	fake_run(f, 500 * MS);
	g_assert_cmpuint(f->chip.totals.packets * TS_SIZE, <=, RING);
	g_assert_cmpuint(f->chip.totals.packets * TS_SIZE, >, 2 * RING / 3);
}

static void test_no_lock_no_stream(void)
{
	g_autofree FakeBus *f = new_stream((SaaConfig){0});

	saa_write(&f->chip, SAA_MC1, 0x80000000); /* reset: the tuner forgets */
	f->chip.regs[SAA_MC1 / 4] = 0;
	saa_write(&f->chip, 0x44, 1 << 16 | LINE);
	saa_write(&f->chip, 0x38, RING);
	saa_write(&f->chip, SAA_MC2, DMA3_UPLOAD);
	saa_write(&f->chip, SAA_MC1, DMA3_ON);
	fake_run(f, 100 * MS);
	g_assert_cmpuint(f->chip.totals.packets, ==, 0);
}

static void test_interrupts_a_lap(void)
{
	g_autofree FakeBus *f = new_stream((SaaConfig){0});
	guint laps;

	for (guint ms = 0; ms < 500; ms++) {
		fake_run(f, MS);
		if (f->irq)
			saa_write(&f->chip, SAA_ISR, SAA_INT_VPE);
	}
	laps = f->chip.totals.wraps;
	/* boundaries at 32 .. 160 KiB, and the end of the field */
	g_assert_cmpuint(f->irqs, >=, 6 * laps);
	g_assert_cmpuint(f->irqs, <=, 6 * (laps + 1));
}

static void test_fault_sequences(void)
{
	static const struct {
		SaaFault fault;
		guint8 sequence[10];
	} rows[] = {
		{SAA_FAULT_DROP, {0, 1, 2, 4, 5, 6, 8, 9, 10, 12}},
		{SAA_FAULT_DUPLICATE, {0, 1, 2, 3, 3, 4, 5, 6, 7, 7}},
		{SAA_FAULT_REORDER, {0, 1, 3, 2, 4, 5, 7, 6, 8, 9}},
		{SAA_FAULT_CORRUPT, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
	};

	for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
		SaaChip chip = {0};

		chip.config.faults[rows[r].fault] = 4;

		for (guint n = 0; n < 10; n++)
			g_assert_cmpuint(saa_fault_sequence(&chip, n), ==, rows[r].sequence[n]);
	}
}

/* Each fault of the stream must be seen by the check that the tests rely on. */
static void test_stream_faults(void)
{
	static const struct {
		SaaFault fault;
		guint number;
	} rows[] = {{SAA_FAULT_DROP, 100},    {SAA_FAULT_DUPLICATE, 100}, {SAA_FAULT_REORDER, 100},
		    {SAA_FAULT_CORRUPT, 100}, {SAA_FAULT_PROT, 1},	  {SAA_FAULT_PAGE, 30}};
	guint32 last;

	for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
		g_autofree FakeBus *f = NULL;
		SaaConfig config = {0};

		config.faults[rows[r].fault] = rows[r].number;
		f = new_stream(config);
		/* just behind a wrap: what an overrun destroyed is not yet written again */
		while (f->chip.totals.wraps < 3)
			fake_run(f, MS);
		g_assert_cmpuint(check_ring(f, &last), >, 0);
	}
}

static void test_late_interrupt(void)
{
	g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){.faults = {[SAA_FAULT_LATE] = 5}});

	saa_write(&f->chip, SAA_IER, SAA_INT_RPS(0));
	saa_write(&f->chip, SAA_PSR, SAA_INT_RPS(0));
	g_assert_false(f->irq);
	fake_run(f, 4 * MS);
	g_assert_false(f->irq);
	fake_run(f, 2 * MS);
	g_assert_true(f->irq);
	saa_write(&f->chip, SAA_ISR, SAA_INT_RPS(0));
	g_assert_false(f->irq);
}

static void test_stuck_i2c(void)
{
	g_autofree FakeBus *f = fake_new("nova-c", (SaaConfig){.faults = {[SAA_FAULT_I2C] = 2}});

	fake_i2c_write(f, 0x12u << 24 | 3 << 6);
	g_assert_cmphex(saa_read(&f->chip, SAA_I2C_STATUS), ==, 0);
	fake_i2c_write(f, 0x12u << 24 | 3 << 6);
	g_assert_cmphex(saa_read(&f->chip, SAA_I2C_STATUS), ==, SAA_I2C_BUSY);
}

/* Saved in the middle of a packet, the stream goes on in another chip as if nothing had been. */
static void test_saved_stream(void)
{
	g_autofree FakeBus *f = new_stream((SaaConfig){0}), *g = NULL;
	guint32 last;

	fake_run(f, 100 * MS + MS / 3);
	g = g_memdup2(f, sizeof(*f));
	g->chip.opaque = g;
	memset(g->chip.packet, 0xff, sizeof(g->chip.packet));
	for (int i = 0; i < SAA_TIMERS; i++)
		g->due[i] = FAKE_NEVER;
	g_assert_true(saa_loaded(&g->chip));
	fake_run(f, 100 * MS);
	fake_run(g, 100 * MS);
	g_assert_cmpuint(check_ring(f, &last), ==, 0);
	g_assert_cmpuint(check_ring(g, &last), ==, 0);
}

static void test_bad_saved_state(void)
{
	g_autofree FakeBus *f = new_stream((SaaConfig){0});
	SaaChip good = f->chip;

	f->chip.stream.in_packet = TS_SIZE;
	g_assert_false(saa_loaded(&f->chip));
	f->chip = good;
	f->chip.i2c_current = SAA_SLAVES_MAX;
	g_assert_false(saa_loaded(&f->chip));
	f->chip = good;
	f->chip.i2c_current = 7; /* no such slave on this card */
	g_assert_false(saa_loaded(&f->chip));
	f->chip = good;
	f->chip.phase = 3;
	g_assert_false(saa_loaded(&f->chip));
	f->chip = good;
	g_assert_true(saa_loaded(&f->chip));
}

/* A picture at 1:1, without page tables: DMA 1 at @base, pitch of both fields together. */
static FakeBus *new_picture(guint32 clip, guint32 base, guint32 pitch, guint32 prot)
{
	FakeBus *f = fake_new("hexium-gemini", (SaaConfig){0});
	SaaChip *c = &f->chip;

	fake_program_decoder(f);
	saa_write(c, SAA_BASE_EVEN, base);
	saa_write(c, SAA_BASE_ODD, base + pitch / 2);
	saa_write(c, SAA_PROT, prot);
	saa_write(c, SAA_PITCH, pitch);
	saa_write(c, SAA_NUM, 16 << 16 | 64);
	saa_write(c, SAA_HPS_H_SCALE, 1u << 31 | 0x400 << 12);
	saa_write(c, SAA_HPS_V_SCALE, 0);
	saa_write(c, SAA_BCS_CTRL, 0x80400040);
	saa_write(c, SAA_CLIP_FORMAT, clip);
	saa_write(c, SAA_MC2, 0x00640064);
	return f;
}

static PatternPixel pixel(guint32 frame, guint y, guint x)
{
	return picture_pixel(picture_line(frame, y & 1, y / 2), x);
}

static void test_picture(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0x100000, 2 * 64, 0x100000 + 32 * 64);

	saa_write(&f->chip, SAA_MC1, 0x00400040);
	fake_run(f, 3 * FIELD); /* to the first sync edge, then both fields of frame 1 */
	for (guint y = 0; y < 32; y++)
		for (guint x = 0; x < 64; x++)
			g_assert_cmphex(f->memory[0x100000 + 64 * y + x], ==, pixel(1, y, x).y);
	g_assert_cmphex(f->memory[0x100000 + 32 * 64], ==, 0);
	g_assert_null(f->unimplemented);
}

static void test_picture_protected(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0x100000, 2 * 64, 0x100000 + 5 * 64 + 12);

	saa_write(&f->chip, SAA_MC1, 0x00400040);
	fake_run(f, 5 * FIELD);
	g_assert_cmphex(f->memory[0x100000 + 4 * 64], ==, pixel(2, 4, 0).y);
	for (guint i = 5 * 64 + 12; i < 4096; i++)
		g_assert_cmphex(f->memory[0x100000 + i], ==, 0);
}

/* Section 7.2.2: with a negative pitch the first line is at base + pitch. */
static void test_picture_upside_down(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0x100000, -64, 0x100000 - 16 * 64);

	saa_write(&f->chip, SAA_BASE_ODD, 0x100000);
	saa_write(&f->chip, SAA_MC2, 0x00040004);
	saa_write(&f->chip, SAA_MC1, 0x00400040);
	fake_run(f, 2 * FIELD);
	for (guint y = 0; y < 16; y++)
		g_assert_cmphex(f->memory[0x100000 - 64 * (y + 1) + 3], ==, pixel(1, 2 * y, 3).y);
	g_assert_cmphex(f->memory[0x100000 + 3], ==, 0);
}

static void test_scaler(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0x100000, 32, 0x100000 + 4096);
	guint8 *line;

	/* half the width by prescaling, a third of the lines by accumulation, mirrored */
	saa_write(&f->chip, SAA_HPS_H_PRESCALE, 1 << 18);
	saa_write(&f->chip, SAA_HPS_V_SCALE, 1u << 31 | 683 << 21);
	saa_write(&f->chip, SAA_HPS_CTRL, SAA_HPS_MIRROR);
	saa_write(&f->chip, SAA_MC2, 0x00600060);
	saa_write(&f->chip, SAA_MC1, 0x00400040);
	fake_run(f, 2 * FIELD);
	line = f->memory + 0x100000 + 32; /* second line: source line 1024 / 341 = 3 */
	for (guint x = 0; x < 32; x++)
		g_assert_cmphex(line[31 - x], ==, pixel(1, 2 * 3, 2 * x).y);
	g_assert_cmphex(f->memory[0x100000 + 6 * 32], ==, 0); /* 16 lines give six at most */
	g_assert_cmpstr(f->unimplemented, ==, "HPS vertical filter");
}

static void test_formats(void)
{
	const PatternPixel two[] = {{81, 90, 240}, {145, 54, 34}}; /* red, green of BT.601 */
	static const struct {
		guint32 clip;
		guint8 bytes[8];
	} rows[] = {
		{0x00000000, {90, 81, 240, 145}},	    /* UYVY */
		{0x80000000, {0x00, 0xf8, 0xe0, 0x07}},	    /* RGB 5:6:5 */
		{0x81000000, {0, 0, 255, 1, 255, 0}},	    /* B G R */
		{0x82000000, {0, 0, 255, 0, 1, 255, 0, 0}}, /* B G R 0 */
		{0x06000000, {81, 145}},		    /* Y */
		{0x87000000, {0xe0, 0x1c}},		    /* RGB 3:3:2 */
	};
	guint8 out[8];

	for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
		const SaaFormat *format = saa_format(rows[r].clip);

		memset(out, 0, sizeof(out));
		g_assert_nonnull(format);
		format->pack(two, 2, out);
		g_assert_cmpmem(out, sizeof(out), rows[r].bytes, sizeof(rows[r].bytes));
	}
	g_assert_null(saa_format(0x04000000));
	g_assert_null(saa_format(0xc0000000));
}

static void test_swap(void)
{
	guint8 buf[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

	saa_swap(buf, 9, 1);
	g_assert_cmpmem(buf, 9, ((guint8[]){2, 1, 4, 3, 6, 5, 8, 7, 9}), 9);
	saa_swap(buf, 9, 1);
	saa_swap(buf, 9, 2);
	g_assert_cmpmem(buf, 9, ((guint8[]){4, 3, 2, 1, 8, 7, 6, 5, 9}), 9);
}

/* 4:2:0 as calc_planar_420() of saa7146_hlp.c sets it up: rows of chroma belong to the fields in
 * turn. */
static void test_planar(void)
{
	g_autofree FakeBus *f = new_picture(0x0a000000, 0x100000, 2 * 64, 0x100000 + 32 * 64);

	for (guint n = 1; n < 3; n++) {
		guint32 base = 0x110000 + n * 0x10000;

		saa_write(&f->chip, SAA_CHANNEL * n + SAA_BASE_EVEN, base);
		saa_write(&f->chip, SAA_CHANNEL * n + SAA_BASE_ODD, base + 32);
		saa_write(&f->chip, SAA_CHANNEL * n + SAA_PITCH, 32);
		saa_write(&f->chip, SAA_CHANNEL * n + SAA_PROT, base + 16 * 32);
	}
	saa_write(&f->chip, SAA_MC2, 0x001c001c);
	saa_write(&f->chip, SAA_MC1, 0x00700070);
	fake_run(f, 3 * FIELD);
	for (guint row = 0; row < 16; row++)
		for (guint x = 0; x < 32; x++) {
			PatternPixel p = picture_pixel(picture_line(1, row & 1, row & ~1u), 2 * x);

			g_assert_cmphex(f->memory[0x120000 + 32 * row + x], ==, p.cb);
			g_assert_cmphex(f->memory[0x130000 + 32 * row + x], ==, p.cr);
		}
}

/* The clock stops when nobody looks, and comes back where a running one would be. */
static void test_clock_makes_up(void)
{
	g_autofree FakeBus *f = new_picture(0x06000000, 0x100000, 2 * 64, 0x100000 + 32 * 64);

	saa_write(&f->chip, SAA_MC1, 0x00400040);
	fake_run(f, 10 * FIELD); /* frames 1 to 5 */
	saa_write(&f->chip, SAA_MC1, 0x00400000);
	fake_run(f, 5 * FIELD);
	g_assert_cmpint(f->due[SAA_TIMER_FIELD], ==, FAKE_NEVER);
	fake_run(f, 985 * FIELD + FIELD / 2);
	saa_write(&f->chip, SAA_MC1, 0x00400040);
	fake_run(f, 2 * FIELD);
	g_assert_cmpuint(f->chip.frame, ==, 501);
	g_assert_cmphex(f->memory[0x100000], ==, pixel(501, 0, 0).y);
}

static void program(FakeBus *f, const guint32 *words, gsize n)
{
	for (gsize i = 0; i < n; i++)
		fake_put32(f, PROGRAM + 4 * i, words[i]);
	saa_write(&f->chip, SAA_RPS_ADDR1, PROGRAM);
	saa_write(&f->chip, SAA_MC1, SAA_MC1_RPS(1) << 16 | SAA_MC1_RPS(1));
}

/* saa7146_vbi.c: vbi_workaround(), then a buffer of 16 lines a field. */
static void test_vbi(void)
{
	static const guint32 workaround[] = {
		0x90000116, 0xc000008c, 0x20000400, 0x40000100, 0x90000116, 0x00089000,
		0x20000100, 0x40000100, 0x90000111, 0x000205a0, 0x90000116, 0x00290e00,
		0x20000100, 0x40000110, 0x9000013f, 0x00100010, 0x60000000, 0x50000000,
	};
	static const guint32 capture[] = {0x90000140, 0x10001000, 0xc000003f,
					  0x00100010, 0x00100010, 0x20001000,
					  0x20000800, 0x60000000, 0x50000000};
	g_autofree FakeBus *f = fake_new("mxb", (SaaConfig){0});
	guint32 frame;

	fake_program_decoder(f);
	saa_write(&f->chip, SAA_IER, SAA_INT_RPS(1));
	saa_write(&f->chip, 0x30, 0x100000 + 1440);
	saa_write(&f->chip, 0x34, 0x100000);
	saa_write(&f->chip, 0x38, 0x101000);
	saa_write(&f->chip, 0x3c, 1440);
	program(f, workaround, G_N_ELEMENTS(workaround));
	fake_run(f, 5 * FIELD);
	g_assert_cmphex(saa_read(&f->chip, SAA_ISR), ==, SAA_INT_RPS(1));
	saa_write(&f->chip, SAA_ISR, SAA_INT_RPS(1));
	saa_write(&f->chip, SAA_MC1, DMA3_OFF);

	saa_write(&f->chip, 0x30, 0x110000 + 16 * 1440);
	saa_write(&f->chip, 0x34, 0x110000);
	saa_write(&f->chip, 0x38, 0x110000 + 32 * 1440);
	saa_write(&f->chip, 0x44, 16 << 16 | 1440);
	saa_write(&f->chip, SAA_MC2, DMA3_UPLOAD);
	program(f, capture, G_N_ELEMENTS(capture));
	fake_run(f, 5 * FIELD);
	g_assert_cmphex(saa_read(&f->chip, SAA_ISR), ==, SAA_INT_RPS(1));
	frame = f->chip.frame;
	while (frame && f->memory[0x110000] != vbi_byte(frame, 0, 0, 0))
		frame--;
	g_assert_cmpuint(frame, >, 0);
	for (guint line = 0; line < 16; line++)
		for (guint x = 0; x < 1440; x++)
			g_assert_cmphex(f->memory[0x110000 + 1440 * line + x], ==,
					vbi_byte(frame, 0, line, x));
}

static void test_cards(void)
{
	g_autofree char *known = saa_card_names();
	g_auto(GStrv) names = g_strsplit(known, ", ", -1);

	g_assert_cmpuint(g_strv_length(names), ==, 5);
	for (char **name = names; *name; name++) {
		g_autofree FakeBus *f = fake_new(*name, (SaaConfig){0});

		g_assert_cmphex(saa_read(&f->chip, SAA_MC1), ==, 0);
	}
	g_assert_null(saa_card_find("none"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/chip/cards", test_cards);
	g_test_add_func("/chip/stream", test_stream);
	g_test_add_func("/chip/hold", test_hold);
	g_test_add_func("/chip/no-lock-no-stream", test_no_lock_no_stream);
	g_test_add_func("/chip/interrupts-a-lap", test_interrupts_a_lap);
	g_test_add_func("/chip/fault-sequences", test_fault_sequences);
	g_test_add_func("/chip/stream-faults", test_stream_faults);
	g_test_add_func("/chip/late-interrupt", test_late_interrupt);
	g_test_add_func("/chip/stuck-i2c", test_stuck_i2c);
	g_test_add_func("/chip/saved-stream", test_saved_stream);
	g_test_add_func("/chip/bad-saved-state", test_bad_saved_state);
	g_test_add_func("/chip/picture", test_picture);
	g_test_add_func("/chip/picture-protected", test_picture_protected);
	g_test_add_func("/chip/picture-upside-down", test_picture_upside_down);
	g_test_add_func("/chip/scaler", test_scaler);
	g_test_add_func("/chip/formats", test_formats);
	g_test_add_func("/chip/swap", test_swap);
	g_test_add_func("/chip/planar", test_planar);
	g_test_add_func("/chip/clock-makes-up", test_clock_makes_up);
	g_test_add_func("/chip/vbi", test_vbi);
	return g_test_run();
}
