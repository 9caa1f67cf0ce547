// SPDX-License-Identifier: GPL-2.0-or-later
/* Any instruction word, address and register contents: first a decoder number, then 64-bit words.
 */
#include "decode.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Input {
	const uint8_t *data;
	size_t size;
} Input;

static guint64 next(Input *in)
{
	guint64 value = 0;
	size_t n = MIN(in->size, sizeof(value));

	if (n)
		memcpy(&value, in->data, n);
	in->data += n;
	in->size -= n;
	return value;
}

static guint64 read_register(void *opaque, guint number)
{
	g_assert_cmpuint(number, <, 128);
	return next(opaque);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const VfDecoder *const decoders[] = {&vf_decode_hppa, &vf_decode_sparc64,
						    &vf_decode_mips64, &vf_decode_x86_64};
	const VfAddressing a = {.page = 4096,
				.ram = {.ranges = {{0, 1u << 28}}, .n = 1},
				.page_offset = 0x10000000};
	Input in = {data, size};
	const VfDecoder *d = decoders[next(&in) % G_N_ELEMENTS(decoders)];
	VfInsn insn;
	VfCacheOp op;
	VfSegment s;
	guint64 va;

	if (d->decode(next(&in), next(&in) % 5, next(&in), &insn) && insn.kind != VF_INSN_CALL)
		d->resolve(&insn, &a, read_register, &in, &op);
	va = next(&in);
	d->segment(&a, va, next(&in) & 15, &s);
	if (d->plain_store)
		d->plain_store(next(&in), read_register, &in, &va);
	return 0;
}
