// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers, RPS programs, page tables and saved states from hostile bytes, on
 * a bus that leads back to the chip. Input: one byte chooses the card, then
 * operations of one code byte and its operands. The fake bus asserts that no
 * access crosses a page; here, that no operation makes more accesses than its
 * calls of the chip may.
 */
#include "fake-bus.h"

#define OPERATIONS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Input {
	const uint8_t *data;
	size_t left;
} Input;

static guint32 take(Input *in, guint bytes)
{
	guint32 value = 0;

	for (; bytes && in->left; bytes--, in->left--)
		value = value << 8 | *in->data++;
	return value;
}

#define FIELD(name)                                                   \
	{                                                             \
		offsetof(SaaChip, name), sizeof(((SaaChip *)0)->name) \
	}

/* A saved state that a stranger wrote: one number of it is anything. */
static void load(FakeBus *f, Input *in)
{
	static const struct {
		gsize offset, size;
	} fields[] = {
		FIELD(i2c_current),    FIELD(i2c_transfers),
		FIELD(rps[0].pc),      FIELD(rps[1].pc),
		FIELD(stream.packets), FIELD(stream.in_packet),
		FIELD(stream.field),   FIELD(stream.line),
		FIELD(stream.byte),    FIELD(stream.credit),
		FIELD(stream.last),    FIELD(stream.unread),
		FIELD(frame),	       FIELD(phase),
		FIELD(idle),	       FIELD(field_next),
		FIELD(field_base),     FIELD(lookups),
		FIELD(irq_at),	       FIELD(slaves[0].position),
		FIELD(stream.wraps),
	};
	guint n = take(in, 1) % G_N_ELEMENTS(fields);
	guint64 value = (guint64)take(in, 4) << 32;

	value |= take(in, 4);
	memcpy((guint8 *)&f->chip + fields[n].offset, &value, fields[n].size);
	if (!saa_loaded(&f->chip))
		saa_reset(&f->chip);
}

static void come_back(FakeBus *f, Input *in)
{
	f->n_back = take(in, 1) % (FAKE_WRITES + 1);
	for (guint i = 0; i < f->n_back; i++) {
		f->back[i].offset = take(in, 1) * 4 % SAA_BAR_SIZE;
		f->back[i].value = take(in, 4);
	}
	f->reset_in = take(in, 1);
}

static void operate(FakeBus *f, Input *in)
{
	guint32 offset;

	switch (take(in, 1) % 10) {
	case 0:
	case 1:
		offset = take(in, 1) * 4 % SAA_BAR_SIZE;
		saa_write(&f->chip, offset, take(in, 4));
		break;
	case 2:
		saa_read(&f->chip, take(in, 1) * 4 % SAA_BAR_SIZE);
		break;
	case 3: /* memory: programs and page tables in the first 64 KiB */
		offset = take(in, 2) & ~3u;
		fake_put32(f, offset, take(in, 4));
		break;
	case 4:
		fake_run(f, take(in, 2) * 1000ll);
		break;
	case 5: /* what every driver does: upload all, start what the operand says */
		saa_write(&f->chip, SAA_MC2, 0x07fc07fc);
		saa_write(&f->chip, SAA_MC1, take(in, 2) * 0x10001u & 0x7fff7fff);
		break;
	case 6:
		saa_timer(&f->chip, take(in, 1) % SAA_TIMERS);
		break;
	case 7:
		saa_write(&f->chip, SAA_RPS_ADDR0 + (take(in, 1) & 4), take(in, 2));
		break;
	case 8:
		come_back(f, in);
		break;
	default:
		load(f, in);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"nova-c", "hexium-gemini", "mxb", "activy-s"};
	Input in = {data, size};
	g_autofree FakeBus *f =
		fake_new(names[take(&in, 1) % G_N_ELEMENTS(names)], (SaaConfig){.field_rate = 200});

	fake_program_decoder(f);
	for (guint i = 0; in.left && i < OPERATIONS; i++) {
		f->accesses = 0;
		operate(f, &in);
		/* operation 4 lets at most 66 ticks of the stream, and 3 phases of 14 fields, pass
		 */
		g_assert_cmpuint(f->accesses, <=, SAA_ACCESSES_MAX * (66 + 3 * 14));
	}
	g_assert_true(saa_loaded(&f->chip));
	return 0;
}
