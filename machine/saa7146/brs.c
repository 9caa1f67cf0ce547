// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The BRS path: bytes from a port go unscaled through FIFO and DMA 3. On the
 * DVB cards that is the transport stream (budget-core.c, start_ts_capture());
 * on the analog ones the lines of the blanking interval (saa7146_vbi.c).
 */
#include <string.h>
#include "cards.h"
#include "parts.h"

#define TICK_NS 1000000ll
/* bytes: a late host makes the stream slower, not the ring overflow */
#define TICK_MAX  (24u << 10)
#define LINE_MAX  4096u
#define BIT_NS	  8000000000ull /* bit-nanoseconds a byte */
#define LATEST_NS 1000000000ll

static void fill_packet(SaaChip *chip)
{
	uint64_t n = chip->stream.packets;

	if (chip->packet_number == n)
		return;
	ts_fill(chip->packet, saa_fault_sequence(chip, n));
	ts_put32(chip->packet + TS_CRC, ts_crc32(chip->packet, TS_CRC));
	if (saa_fault_due(chip, SAA_FAULT_CORRUPT, n))
		chip->packet[100] ^= 1;
	chip->packet_number = n;
}

/* The next @len bytes of the source. */
static void take(SaaChip *chip, uint8_t *buf, uint32_t len)
{
	SaaStream *s = &chip->stream;

	while (len) {
		uint32_t n = TS_SIZE - s->in_packet;

		if (n > len)
			n = len;
		fill_packet(chip);
		memcpy(buf, chip->packet + s->in_packet, n);
		s->in_packet += n;
		if (s->in_packet == TS_SIZE) {
			s->in_packet = 0;
			s->packets++;
			chip->totals.packets++;
		}
		buf += n;
		len -= n;
	}
}

static uint32_t line_address(const SaaChip *chip)
{
	const SaaStream *s = &chip->stream;
	uint32_t base = saa_channel(chip, 2, s->field & 1 ? SAA_BASE_EVEN : SAA_BASE_ODD);

	return base + s->line * saa_channel(chip, 2, SAA_PITCH);
}

/* "At the end of a field" the other base address is next; the driver makes both the same. */
static void end_field(SaaChip *chip)
{
	chip->stream.line = 0;
	chip->stream.field ^= 1;
	if (saa_fault_due(chip, SAA_FAULT_PROT, chip->stream.wraps))
		saa_channel_overrun(chip, 2);
	chip->stream.wraps++;
	chip->totals.wraps++;
}

/* Up to @most bytes, at most to the end of the line. Returns what was taken from the source. */
static uint32_t advance(SaaChip *chip, uint32_t most, SaaPassed *passed)
{
	SaaStream *s = &chip->stream;
	uint32_t num = saa_channel(chip, 2, SAA_NUM), n;
	uint8_t buf[LINE_MAX];

	/* the registers may be smaller than where the stream stands */
	if (s->byte >= SAA_NUM_BYTES(num))
		s->byte = 0;
	n = SAA_NUM_BYTES(num) - s->byte;
	if (n > most)
		n = most;
	take(chip, buf, n);
	*passed |= saa_channel_write(chip, 2, line_address(chip) + s->byte, buf, n);
	s->byte += n;
	if (s->byte < SAA_NUM_BYTES(num))
		return n;
	s->byte = 0;
	s->line++;
	if (s->line >= SAA_NUM_LINES(num)) {
		end_field(chip);
		*passed |= SAA_PASSED_PROT;
	}
	return n;
}

/* Bytes that the source has sent since the last account. */
static uint32_t account(SaaChip *chip)
{
	SaaStream *s = &chip->stream;
	int64_t now = chip->bus->now(chip->opaque);
	int64_t elapsed = now - s->last;
	uint64_t bytes;

	s->last = now;
	if (elapsed < 0 || elapsed > LATEST_NS)
		elapsed = 0;
	s->credit += elapsed * (uint64_t)chip->config.ts_rate;
	bytes = s->credit / BIT_NS;
	s->credit %= BIT_NS;
	return bytes > TICK_MAX ? TICK_MAX : bytes;
}

/*
 * Half a buffer that nobody looked at: what comes next could overtake the
 * reader. Who does not know yet is not waited for: SAA_FAULT_LATE shows.
 */
static bool held(const SaaChip *chip, uint32_t bytes)
{
	return chip->config.hold && chip->irq_at < 0 &&
	       chip->stream.unread + bytes > saa_channel(chip, 2, SAA_PROT) / 2;
}

static bool runs(const SaaChip *chip)
{
	return chip->config.card->source == SAA_SOURCE_STREAM &&
	       saa_reg(chip, SAA_MC1) & SAA_MC1_TR(2);
}

void saa_stream_start(SaaChip *chip)
{
	if (!runs(chip))
		return;
	/* The sequence goes on where the antenna was: only the position in memory starts anew. */
	chip->stream.in_packet = 0;
	chip->stream.field = chip->stream.line = chip->stream.byte = 0;
	chip->stream.credit = 0;
	chip->stream.unread = 0;
	chip->stream.last = chip->bus->now(chip->opaque);
	chip->bus->timer(chip->opaque, SAA_TIMER_STREAM, chip->stream.last + TICK_NS);
}

void saa_stream_stop(SaaChip *chip)
{
	chip->bus->timer(chip->opaque, SAA_TIMER_STREAM, -1);
}

void saa_stream_run(SaaChip *chip)
{
	uint32_t num = saa_channel(chip, 2, SAA_NUM);
	SaaPassed passed = SAA_PASSED_NOTHING;
	uint32_t bytes;

	if (!runs(chip))
		return;
	bytes = account(chip);
	if (saa_channel(chip, 2, SAA_PAGE) & SAA_PAGE_READ) {
		saa_unimplemented(chip, "video DMA 3 from memory", saa_channel(chip, 2, SAA_PAGE));
	} else if (SAA_NUM_BYTES(num) && SAA_NUM_LINES(num) && saa_card_locked(chip)) {
		if (held(chip, bytes))
			bytes = 0;
		chip->stream.unread += bytes;
		while (bytes && SAA_NUM_BYTES(saa_channel(chip, 2, SAA_NUM)))
			bytes -= advance(chip, bytes, &passed);
		chip->regs[SAA_VDP1 / 4 + 2] = line_address(chip) + chip->stream.byte;
	}
	if (passed)
		saa_irq_raise(chip, SAA_INT_VPE);
	chip->bus->timer(chip->opaque, SAA_TIMER_STREAM, chip->bus->now(chip->opaque) + TICK_NS);
}

/* NumLines lines of NumBytes bytes of the blanking interval of the present field. */
void saa_vbi_field(SaaChip *chip)
{
	uint32_t num = saa_channel(chip, 2, SAA_NUM);
	uint32_t base = saa_channel(chip, 2, chip->odd ? SAA_BASE_ODD : SAA_BASE_EVEN);
	uint32_t frame = saa_fault_sequence(chip, chip->frame);
	SaaPassed passed = SAA_PASSED_NOTHING;
	uint8_t buf[LINE_MAX];

	for (uint32_t line = 0; line < SAA_NUM_LINES(num); line++) {
		for (uint32_t x = 0; x < SAA_NUM_BYTES(num); x++)
			buf[x] = vbi_byte(frame, chip->odd, line, x);
		if (line == 0 && !chip->odd && saa_fault_due(chip, SAA_FAULT_CORRUPT, chip->frame))
			buf[7] ^= 0x10;
		passed |= saa_channel_write(chip, 2, base + line * saa_channel(chip, 2, SAA_PITCH),
					    buf, SAA_NUM_BYTES(num));
		if (passed & SAA_PASSED_PROT)
			break;
	}
	if (chip->odd && saa_fault_due(chip, SAA_FAULT_PROT, chip->frame))
		saa_channel_overrun(chip, 2);
	if (passed)
		saa_irq_raise(chip, SAA_INT_VPE);
}
