// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The clock of the video ports. Both carry the same picture. A field begins
 * with its sync edges, shows its blanking interval, then the picture:
 *
 *	0		1/10			9/10		1
 *	FID, VBI edges	blanking interval (BRS)	picture (HPS)	next field
 *
 * The picture is written late in its field, so a driver that reacts to the
 * sync edge has most of a field to set up the next buffer, as on hardware. A
 * late host makes the clock slower; it never makes fields overtake the guest.
 *
 * A camera waits for nobody, but timers that nobody needs cost host time: the
 * clock stops while nothing looks at it, and then makes up the missed fields.
 */
#include "cards.h"
#include "parts.h"

typedef enum { PHASE_SYNC, PHASE_BLANKING, PHASE_PICTURE, PHASES } Phase;

/* When a phase begins, in tenths of a field. */
static const unsigned int starts[PHASES] = {
	[PHASE_SYNC] = 10, [PHASE_BLANKING] = 1, [PHASE_PICTURE] = 9};

#define FIELDS_BEFORE_STOP 2

static bool needed(const SaaChip *chip)
{
	uint32_t mc1 = saa_reg(chip, SAA_MC1);

	if (mc1 & (SAA_MC1_RPS(0) | SAA_MC1_RPS(1)))
		return true;
	if (saa_reg(chip, SAA_IER) & (SAA_INT_FIDA | SAA_INT_FIDB))
		return true;
	return chip->config.card->source == SAA_SOURCE_PICTURE &&
	       mc1 & (SAA_MC1_TR(0) | SAA_MC1_TR(1) | SAA_MC1_TR(2));
}

static int64_t period(const SaaChip *chip)
{
	return 1000000000ll / chip->config.field_rate;
}

/* As if the clock had run since it was stopped. */
static void make_up(SaaChip *chip, int64_t now)
{
	int64_t fields = (now - chip->field_base) / period(chip), into;

	chip->frame += (fields + chip->odd) / 2;
	chip->odd ^= fields & 1;
	chip->field_base += fields * period(chip);
	into = (now - chip->field_base) * 10 / period(chip);
	chip->phase = into < 1 ? PHASE_BLANKING : into < 9 ? PHASE_PICTURE : PHASE_SYNC;
	chip->field_next = chip->field_base + starts[chip->phase] * period(chip) / 10;
}

void saa_field_update(SaaChip *chip)
{
	int64_t now = chip->bus->now(chip->opaque);

	if (!needed(chip))
		return;
	chip->idle = 0;
	if (chip->field_next >= 0)
		return;
	if (chip->field_base >= 0 && chip->field_base <= now) {
		make_up(chip, now);
	} else {
		chip->phase = PHASE_SYNC;
		chip->field_next = now + period(chip);
	}
	chip->bus->timer(chip->opaque, SAA_TIMER_FIELD, chip->field_next);
}

/* The camera runs, whether or not the decoder shows what it sends. */
static void count(SaaChip *chip)
{
	chip->odd = !chip->odd;
	if (!chip->odd)
		chip->frame++;
	chip->totals.fields++;
}

static void sync(SaaChip *chip)
{
	saa_irq_raise(chip, SAA_INT_FIDA | SAA_INT_FIDB);
	saa_rps_event(chip, SAA_EVENT_VBI_A | SAA_EVENT_VBI_B |
				    (chip->odd ? SAA_EVENT_O_FID_A | SAA_EVENT_O_FID_B
					       : SAA_EVENT_E_FID_A | SAA_EVENT_E_FID_B));
}

/* FIFO 3 belongs to the HPS while it produces a planar format, else to the BRS. */
static void blanking(SaaChip *chip)
{
	if (chip->config.card->source == SAA_SOURCE_PICTURE &&
	    saa_reg(chip, SAA_MC1) & SAA_MC1_TR(2) &&
	    !(saa_reg(chip, SAA_MC1) & SAA_MC1_TR(0) && saa_hps_planar(chip)))
		saa_vbi_field(chip);
	saa_rps_event(chip, SAA_EVENT_BRS_DONE);
}

static void picture(SaaChip *chip)
{
	if (chip->config.card->source == SAA_SOURCE_PICTURE &&
	    saa_reg(chip, SAA_MC1) & SAA_MC1_TR(0))
		saa_hps_field(chip);
}

/*
 * From the interrupt of a frame until its program runs again, a driver sets up
 * the next one, in its interrupt handler (video_irq_done(), vbi_irq_done()).
 */
static bool busy(const SaaChip *chip, int task)
{
	if (saa_reg(chip, SAA_ISR) & saa_reg(chip, SAA_IER) & SAA_INT_RPS(task))
		return true;
	return chip->rps[task].told && saa_reg(chip, SAA_IER) & SAA_INT_RPS(task) &&
	       !(saa_reg(chip, SAA_MC1) & SAA_MC1_RPS(task));
}

static bool held(const SaaChip *chip)
{
	return chip->config.hold && chip->irq_at < 0 && (busy(chip, 0) || busy(chip, 1));
}

void saa_field_tick(SaaChip *chip)
{
	static void (*const run[PHASES])(SaaChip *) = {
		[PHASE_SYNC] = sync, [PHASE_BLANKING] = blanking, [PHASE_PICTURE] = picture};
	int64_t now = chip->bus->now(chip->opaque);
	uint32_t phase = chip->phase;

	if (held(chip)) {
		chip->field_next = now + period(chip) / 10;
		chip->bus->timer(chip->opaque, SAA_TIMER_FIELD, chip->field_next);
		return;
	}
	if (phase == PHASE_SYNC) {
		if (!needed(chip) && ++chip->idle > FIELDS_BEFORE_STOP) {
			chip->field_next = -1;
			return;
		}
		/* A tenth late is as good as on time; later, and the clock has lost that time. */
		chip->field_base =
			now - chip->field_next > period(chip) / 10 ? now : chip->field_next;
	}
	if (phase == PHASE_SYNC)
		count(chip);
	if (saa_card_shows(chip))
		run[phase](chip);
	chip->phase = (phase + 1) % PHASES;
	chip->field_next = chip->field_base + starts[chip->phase] * period(chip) / 10;
	if (chip->field_next <= now)
		chip->field_next = now + period(chip) / 10;
	chip->bus->timer(chip->opaque, SAA_TIMER_FIELD, chip->field_next);
}
