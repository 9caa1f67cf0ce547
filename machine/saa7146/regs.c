// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The register file. Most registers are a shadow: what is written takes effect
 * when its section is uploaded (section 7.3.1), by MC2 or by an RPS command.
 */
#include <string.h>
#include "cards.h"
#include "parts.h"

typedef enum {
	REG_STORED, /* shadow, or nothing to do: keeps what is written */
	REG_ACTIVE, /* shadow whose working copy is what the CPU reads */
	REG_IER,
	REG_MC1,
	REG_MC2,
	REG_ISR, /* write 1 to clear */
	REG_PSR,
	REG_READ_ONLY,
	REG_UNIMPLEMENTED, /* stored; anything but 0 is reported */
} Kind;

static const struct {
	uint16_t first, last;
	uint8_t kind;
	const char *name;
} map[] = {
	{0x00, 0x44, REG_STORED, "video DMA"},
	{SAA_PCI_BT_V, SAA_PCI_BT_A, REG_STORED, "PCI arbitration"},
	{SAA_DD1_INIT, SAA_DD1_STREAM, REG_STORED, "video ports"},
	{SAA_BRS_CTRL, SAA_CLIP_FORMAT, REG_STORED, "BRS and HPS"},
	{SAA_DEBI_CONFIG, SAA_DEBI_PAGE, REG_STORED, "DEBI"},
	{SAA_DEBI_AD, SAA_I2C_STATUS, REG_ACTIVE, "DEBI data and I2C"},
	{SAA_AUDIO_FIRST, SAA_AUDIO_LAST, REG_UNIMPLEMENTED, "audio DMA register"},
	{SAA_RPS_PAGE0, SAA_RPS_PAGE1, REG_STORED, "RPS page"},
	{SAA_RPS_THRESH0, SAA_RPS_TOV1, REG_UNIMPLEMENTED, "RPS threshold or time-out register"},
	{SAA_IER, SAA_IER, REG_IER, "IER"},
	{SAA_GPIO, SAA_GPIO, REG_STORED, "GPIO"},
	{SAA_EC1SSR, SAA_ECT2R, REG_UNIMPLEMENTED, "event counter register"},
	{SAA_ACON1, SAA_ACON2, REG_UNIMPLEMENTED, "audio control register"},
	{SAA_MC1, SAA_MC1, REG_MC1, "MC1"},
	{SAA_MC2, SAA_MC2, REG_MC2, "MC2"},
	{SAA_RPS_ADDR0, SAA_RPS_ADDR1, REG_STORED, "RPS address"},
	{SAA_ISR, SAA_ISR, REG_ISR, "ISR"},
	{SAA_PSR, SAA_PSR, REG_PSR, "PSR"},
	{SAA_SSR, SAA_DDP, REG_READ_ONLY, "status and pointers"},
	{SAA_LEVEL_REP, SAA_BAR_SIZE - 4, REG_UNIMPLEMENTED, "audio interface register"},
};

static const struct {
	uint32_t bit;
	uint16_t first, last;
} sections[] = {
	{1u << 1, SAA_DEBI_CONFIG, SAA_DEBI_AD},
	{1u << 2, 0x00, 0x14},
	{1u << 3, 0x18, 0x2c},
	{1u << 4, 0x30, 0x44},
	{1u << 5, SAA_HPS_CTRL, SAA_HPS_CTRL},
	{1u << 5, SAA_CHROMA_KEY, SAA_CLIP_FORMAT},
	{1u << 6, SAA_HPS_V_SCALE, SAA_BCS_CTRL},
	{1u << 8, SAA_BRS_CTRL, SAA_BRS_CTRL},
	{1u << 9, SAA_DD1_INIT, SAA_DD1_STREAM},
	{1u << 10, SAA_DD1_INIT, SAA_DD1_STREAM},
};

void saa_upload(SaaChip *chip, uint32_t bits)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (bits & sections[i].bit)
			memcpy(&chip->active[sections[i].first / 4],
			       &chip->regs[sections[i].first / 4],
			       sections[i].last - sections[i].first + 4);
	if (bits & SAA_MC2_DEBI)
		saa_debi_transfer(chip);
	if (bits & SAA_MC2_I2C)
		saa_i2c_transfer(chip);
	if (bits)
		saa_irq_raise(chip, SAA_INT_UPLD);
}

static void channels_changed(SaaChip *chip, uint32_t mask, uint32_t old, uint32_t new)
{
	uint32_t all = SAA_MC1_TR(0) | SAA_MC1_TR(1) | SAA_MC1_TR(2);

	/* "DMA3 off" while it is off: budget-core.c clears the buffer next. */
	if (mask & ~old & ~new &(SAA_MC1_TR(0) | SAA_MC1_TR(2)))
		chip->bus->arm(chip->opaque);
	if (old & all && !(new &all))
		chip->bus->disarm(chip->opaque);
	for (int n = 0; n < 3; n++)
		if (new & ~old & SAA_MC1_TR(n))
			saa_channel_started(chip, n);
	if (new & ~old & SAA_MC1_TR(2))
		saa_stream_start(chip);
	if (old & ~new &SAA_MC1_TR(2))
		saa_stream_stop(chip);
}

static void write_mc1(SaaChip *chip, uint32_t value)
{
	uint32_t mask = value >> 16, old = saa_reg(chip, SAA_MC1);
	uint32_t new = (old & ~mask) | (value & mask & 0xffff);

	if (mask & ~value & SAA_MC1_NRESET) {
		saa_reset(chip);
		return;
	}
	if (new & ~old & SAA_MC1_AUDIO)
		saa_unimplemented(chip, "audio DMA", new &SAA_MC1_AUDIO);
	chip->regs[SAA_MC1 / 4] = new;
	for (int n = 0; n < 2; n++)
		if (new & ~old & SAA_MC1_RPS(n))
			saa_rps_start(chip, n);
	channels_changed(chip, mask, old, new);
	saa_field_update(chip);
	saa_rps_event(chip, 0);
}

/*
 * Upload bits read back as 1 once the upload is done, which is at once; the
 * drivers wait for that on I2C and DEBI (saa7146_core.c,
 * saa7146_wait_for_debi_done_busyloop()).
 */
static void write_mc2(SaaChip *chip, uint32_t value)
{
	uint32_t mask = value >> 16, old = saa_reg(chip, SAA_MC2);

	chip->regs[SAA_MC2 / 4] = (old & ~mask) | (value & mask & 0xffff);
	saa_upload(chip, value & mask & SAA_MC2_UPLOADS);
	saa_rps_event(chip, 0);
}

static size_t find(uint32_t offset)
{
	size_t i = 0;

	while (offset > map[i].last)
		i++;
	return i;
}

static uint32_t status(const SaaChip *chip)
{
	uint32_t i2c = saa_active(chip, SAA_I2C_STATUS);

	return (i2c & SAA_I2C_BUSY ? SAA_INT_IIC_S : 0) | (i2c & SAA_I2C_ERR ? SAA_INT_IIC_E : 0) |
	       (chip->debi_failed ? SAA_INT_DEBI_E : 0);
}

uint32_t saa_get(SaaChip *chip, uint32_t offset)
{
	if (offset == SAA_VDP1 + 8)
		chip->stream.unread = 0;
	switch (map[find(offset)].kind) {
	case REG_ACTIVE:
		return saa_active(chip, offset);
	case REG_PSR:
		return status(chip);
	default:
		return saa_reg(chip, offset);
	}
}

void saa_set(SaaChip *chip, uint32_t offset, uint32_t value)
{
	size_t i = find(offset);

	switch (map[i].kind) {
	case REG_UNIMPLEMENTED:
		if (value)
			saa_unimplemented(chip, map[i].name, value);
		chip->regs[offset / 4] = value;
		break;
	case REG_MC1:
		write_mc1(chip, value);
		break;
	case REG_MC2:
		write_mc2(chip, value);
		break;
	case REG_ISR:
		chip->regs[offset / 4] &= ~value;
		saa_irq_update(chip);
		break;
	case REG_IER:
		chip->regs[offset / 4] = value;
		saa_irq_update(chip);
		saa_field_update(chip);
		break;
	case REG_PSR: /* section 7.5.1: a 1 generates that interrupt if enabled */
		saa_irq_raise(chip, value);
		break;
	case REG_READ_ONLY:
		break;
	default:
		chip->regs[offset / 4] = value;
	}
}

/* False: the call comes from within another. Else leave() ends it. */
static bool enter(SaaChip *chip)
{
	if (chip->entered) {
		chip->totals.reentered++;
		return false;
	}
	chip->entered = true;
	chip->accesses = SAA_ACCESSES_MAX;
	return true;
}

static void leave(SaaChip *chip)
{
	chip->entered = false;
}

uint32_t saa_read(SaaChip *chip, uint32_t offset)
{
	uint32_t value;

	if (!enter(chip))
		return UINT32_MAX;
	value = saa_get(chip, offset);
	leave(chip);
	return value;
}

void saa_write(SaaChip *chip, uint32_t offset, uint32_t value)
{
	if (!enter(chip))
		return;
	saa_set(chip, offset, value);
	leave(chip);
}

void saa_timer(SaaChip *chip, SaaTimer which)
{
	if (!enter(chip))
		return;
	switch (which) {
	case SAA_TIMER_STREAM:
		saa_stream_run(chip);
		break;
	case SAA_TIMER_FIELD:
		saa_field_tick(chip);
		break;
	default:
		saa_irq_late(chip);
	}
	leave(chip);
}

void saa_reset(SaaChip *chip)
{
	const SaaCard *card = chip->config.card;

	memset(chip->regs, 0, sizeof(chip->regs));
	memset(chip->active, 0, sizeof(chip->active));
	memset(chip->rps, 0, sizeof(chip->rps));
	memset(&chip->stream, 0, sizeof(chip->stream));
	for (int i = 0; i < SAA_SLAVES_MAX && card->slaves[i].addr; i++)
		card->slaves[i].kind->reset(&chip->slaves[i]);
	chip->debi_failed = 0;
	chip->i2c_current = -1;
	chip->i2c_reading = false;
	chip->i2c_transfers = 0;
	chip->frame = 0;
	chip->odd = true; /* the first field is the even one of frame 1 */
	chip->phase = 0;
	chip->idle = 0;
	chip->field_next = -1;
	chip->field_base = -1;
	chip->lookups = 0;
	chip->irq_at = -1;
	chip->packet_number = UINT64_MAX;
	for (int i = 0; i < SAA_TIMERS; i++)
		chip->bus->timer(chip->opaque, i, -1);
	saa_irq_update(chip);
}

void saa_init(SaaChip *chip, const SaaBus *bus, void *opaque, const SaaConfig *config)
{
	memset(chip, 0, sizeof(*chip));
	chip->bus = bus;
	chip->opaque = opaque;
	chip->config = *config;
	saa_reset(chip);
}

/* Times of a chip: sums of two of them do not overflow. -1 stands for never. */
static bool is_time(int64_t t)
{
	return t >= -1 && t <= INT64_MAX / 4;
}

/* Whatever indexes an array, counts down or is a time; all other values are those of registers. */
static bool is_possible(const SaaChip *chip)
{
	const SaaStream *s = &chip->stream;

	if (chip->i2c_current < -1 || chip->i2c_current >= SAA_SLAVES_MAX || chip->phase > 2 ||
	    s->in_packet >= TS_SIZE || s->byte > 4095 || s->line > 4095 ||
	    s->credit >= 8000000000ull || s->field > 1)
		return false;
	if (chip->i2c_current >= 0 && !chip->config.card->slaves[chip->i2c_current].addr)
		return false;
	if (chip->rps[0].pc & 3 || chip->rps[1].pc & 3)
		return false;
	return is_time(chip->field_next) && is_time(chip->field_base) && is_time(chip->irq_at) &&
	       is_time(s->last);
}

bool saa_loaded(SaaChip *chip)
{
	int64_t now = chip->bus->now(chip->opaque);

	if (!is_possible(chip))
		return false;
	chip->packet_number = UINT64_MAX;
	if (chip->config.card->source == SAA_SOURCE_STREAM &&
	    saa_reg(chip, SAA_MC1) & SAA_MC1_TR(2))
		chip->bus->timer(chip->opaque, SAA_TIMER_STREAM, now);
	if (chip->field_next >= 0)
		chip->bus->timer(chip->opaque, SAA_TIMER_FIELD, chip->field_next);
	if (chip->irq_at >= 0)
		chip->bus->timer(chip->opaque, SAA_TIMER_LATE, chip->irq_at);
	saa_irq_update(chip);
	return true;
}
