// SPDX-License-Identifier: GPL-2.0-or-later
/* A world for the chip: an array of memory, a clock that is turned by hand, counters. */
#ifndef TESTS_FAKE_BUS_H
#define TESTS_FAKE_BUS_H

#include "../../machine/saa7146/cards.h"

#include <glib.h>
#include <string.h>

#define FAKE_MEMORY (2u << 20)
#define FAKE_NEVER  G_MAXINT64
#define FAKE_BAR    0x10000000u /* where the chip's own registers are on the bus */
#define FAKE_WRITES 4u

typedef struct FakeBus {
	guint8 memory[FAKE_MEMORY];
	gboolean touched[FAKE_MEMORY / 4096]; /* pages written by the chip */
	gint64 now;
	gint64 due[SAA_TIMERS];
	gboolean irq;
	guint irqs, arms, disarms, targets, accesses, outside;
	const char *unimplemented; /* the last */
	/* What a bus does whose accesses and interrupts lead back to the chip: these registers are
	 * written at each of them, reads count down to a reset. */
	struct {
		uint32_t offset, value;
	} back[FAKE_WRITES];
	guint n_back, reset_in;
	SaaChip chip;
} FakeBus;

static void fake_come_back(FakeBus *f)
{
	for (guint i = 0; i < f->n_back; i++)
		saa_write(&f->chip, f->back[i].offset, f->back[i].value);
	if (f->reset_in && !--f->reset_in)
		saa_reset(&f->chip);
}

static bool fake_inside(FakeBus *f, uint32_t addr, size_t len)
{
	f->accesses++;
	g_assert_cmpuint(len, >, 0);
	g_assert_cmpuint((addr & 4095) + len, <=, 4096);
	fake_come_back(f);
	if (addr < FAKE_MEMORY && len <= FAKE_MEMORY - addr)
		return true;
	f->outside++;
	return false;
}

static bool fake_is_bar(uint32_t addr, size_t len)
{
	return addr >= FAKE_BAR && addr % 4 == 0 && addr - FAKE_BAR + len <= SAA_BAR_SIZE;
}

static bool fake_read(void *opaque, uint32_t addr, void *buf, size_t len)
{
	FakeBus *f = opaque;

	for (size_t i = 0; fake_is_bar(addr, len) && i + 4 <= len; i += 4) {
		uint32_t value = saa_read(&f->chip, addr - FAKE_BAR + i);

		memcpy((guint8 *)buf + i, &value, 4);
	}
	if (!fake_inside(f, addr, len))
		return fake_is_bar(addr, len);
	memcpy(buf, f->memory + addr, len);
	return true;
}

static bool fake_write(void *opaque, uint32_t addr, const void *buf, size_t len)
{
	FakeBus *f = opaque;

	for (size_t i = 0; fake_is_bar(addr, len) && i + 4 <= len; i += 4) {
		uint32_t value;

		memcpy(&value, (const guint8 *)buf + i, 4);
		saa_write(&f->chip, addr - FAKE_BAR + i, value);
	}
	if (!fake_inside(f, addr, len))
		return fake_is_bar(addr, len);
	memcpy(f->memory + addr, buf, len);
	f->touched[addr / 4096] = TRUE;
	return true;
}

static void fake_irq(void *opaque, bool level)
{
	FakeBus *f = opaque;

	f->irqs += level && !f->irq;
	f->irq = level;
	fake_come_back(f);
}

static int64_t fake_now(void *opaque)
{
	return ((FakeBus *)opaque)->now;
}

static void fake_timer(void *opaque, SaaTimer which, int64_t at)
{
	((FakeBus *)opaque)->due[which] = at < 0 ? FAKE_NEVER : at;
}

static void fake_unimplemented(void *opaque, const char *what, uint32_t value)
{
	(void)value;
	((FakeBus *)opaque)->unimplemented = what;
}

static void fake_arm(void *opaque)
{
	((FakeBus *)opaque)->arms++;
}

static void fake_targets(void *opaque, const uint32_t *pages, size_t n)
{
	(void)pages;
	((FakeBus *)opaque)->targets = n;
}

static void fake_disarm(void *opaque)
{
	((FakeBus *)opaque)->disarms++;
}

static const SaaBus fake_bus = {
	.read = fake_read,
	.write = fake_write,
	.irq = fake_irq,
	.now = fake_now,
	.timer = fake_timer,
	.unimplemented = fake_unimplemented,
	.arm = fake_arm,
	.targets = fake_targets,
	.disarm = fake_disarm,
};

static inline FakeBus *fake_new(const char *card, SaaConfig config)
{
	FakeBus *f = g_new0(FakeBus, 1);

	config.card = saa_card_find(card);
	g_assert_nonnull(config.card);
	if (!config.ts_rate)
		config.ts_rate = 40000000;
	if (!config.field_rate)
		config.field_rate = 50;
	f->now = 1000;
	saa_init(&f->chip, &fake_bus, f, &config);
	return f;
}

/* Lets @ns pass, with every timer at its time. */
static inline void fake_run(FakeBus *f, gint64 ns)
{
	gint64 end = f->now + ns;

	for (;;) {
		int first = 0;

		for (int i = 1; i < SAA_TIMERS; i++)
			if (f->due[i] < f->due[first])
				first = i;
		if (f->due[first] > end)
			break;
		f->now = MAX(f->now, f->due[first]);
		f->due[first] = FAKE_NEVER;
		saa_timer(&f->chip, first);
	}
	f->now = end;
}

static inline void fake_i2c_write(FakeBus *f, guint32 word)
{
	saa_write(&f->chip, SAA_I2C_STATUS, 0);
	saa_write(&f->chip, SAA_I2C_TRANSFER, word);
	saa_write(&f->chip, SAA_MC2, 0x00010001);
}

/* Sets the last register of each video decoder, as its driver does. */
static inline void fake_program_decoder(FakeBus *f)
{
	const SaaCard *card = f->chip.config.card;

	for (guint i = 0; i < SAA_SLAVES_MAX && card->slaves[i].addr; i++)
		if (card->slaves[i].kind->last_register)
			fake_i2c_write(f, (guint32)card->slaves[i].addr << 25 |
						  card->slaves[i].kind->last_register << 16 |
						  3 << 6 | 2 << 4 | 1 << 2);
}

static inline void fake_put32(FakeBus *f, guint32 addr, guint32 value)
{
	value = GUINT32_TO_LE(value);
	memcpy(f->memory + addr, &value, 4);
}

#endif
