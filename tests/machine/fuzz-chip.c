// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers, RPS programs and page tables from hostile bytes. Input: one byte
 * chooses the card, then operations of one code byte and its operands. The
 * fake bus asserts that no access crosses a page; here, that no operation
 * makes more accesses than a field of the largest picture needs.
 */
#include "fake-bus.h"

#define ACCESSES_MAX 100000u
#define OPERATIONS   64

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

static void operate(FakeBus *f, Input *in)
{
	guint32 offset;

	switch (take(in, 1) & 7) {
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
	default:
		saa_write(&f->chip, SAA_RPS_ADDR0 + (take(in, 1) & 4), take(in, 2));
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
		/* operation 4 lets at most 14 fields pass */
		g_assert_cmpuint(f->accesses, <, ACCESSES_MAX * 14);
	}
	g_assert_true(saa_loaded(&f->chip));
	return 0;
}
