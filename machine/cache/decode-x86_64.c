// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * x86-64: caches are coherent with each other and with devices, so no
 * instruction matters to the model. It runs all the same, as the control that
 * must find nothing.
 */
#include "decode.h"

#define USER_END (1ull << 47)

static gboolean decode(guint32 word, guint size, guint64 pc, VfInsn *insn)
{
	(void)word;
	(void)size;
	(void)pc;
	(void)insn;
	return FALSE;
}

static void segment(const VfAddressing *a, guint64 va, guint mmu_index, VfSegment *s)
{
	(void)mmu_index;
	*s = (VfSegment){.index = va, .user = va < USER_END};
	if (!s->user)
		s->direct = vf_linear(a, va, &s->pa);
}

static const char *const symbols[] = {NULL};
static const VfHook hooks[] = {{0}};

const VfDecoder vf_decode_x86_64 = {
	.name = "x86_64",
	.word = 8,
	.symbols = symbols,
	.hooks = hooks,
	.decode = decode,
	.segment = segment,
};
