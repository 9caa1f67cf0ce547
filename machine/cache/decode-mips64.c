// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MIPS32/64 releases 2 and 6, both byte orders. Encodings: MIPS64 Architecture
 * For Programmers, volume II-A (CACHE, SYNCI); address map: volume III, chapter 4.
 */
#include "decode.h"

#define MMU_ERROR 3u /* QEMU's MMU index with Status.ERL set */
#define CKSEG0	  0xffffffff80000000ull
#define CKSEG1	  0xffffffffa0000000ull
#define CKSSEG	  0xffffffffc0000000ull
#define CACHE_D	  1u

/* Bits 4..2 of the operation. */
static const struct {
	gboolean known;
	VfInsnKind kind;
} operations[8] = {
	[0] = {TRUE, VF_INSN_INDEX_FLUSH},
	[2] = {TRUE, VF_INSN_INDEX_PURGE}, /* Index Store Tag; Linux stores only "invalid" */
	[4] = {TRUE, VF_INSN_PURGE},
	[5] = {TRUE, VF_INSN_FLUSH},
	[6] = {TRUE, VF_INSN_WRITEBACK},
};

static gboolean is_cache(guint32 word)
{
	return word >> 26 == 0x2f || (word & 0xfc00007f) == 0x7c000025;
}

static gboolean is_synci(guint32 word)
{
	return (word & 0xfc1f0000) == 0x041f0000;
}

static gboolean is_call(guint32 word)
{
	return word >> 26 == 0x03 ||				/* jal */
	       ((word & 0xfc00003f) == 9 && (word & 0xf800)) || /* jalr, linking */
	       (word & 0xfc1f0000) == 0x04110000;		/* bal, bgezal */
}

static gboolean decode(guint32 word, guint size, guint64 pc, VfInsn *insn)
{
	guint operation = (word >> 16) & 31;

	*insn = (VfInsn){.kind = VF_INSN_CALL, .word = word, .pc = pc};
	if (size != 4)
		return FALSE;
	if (is_synci(word)) {
		insn->kind = VF_INSN_WRITEBACK;
		return TRUE;
	}
	if (!is_cache(word))
		return is_call(word);
	insn->kind = operations[operation >> 2].kind;
	return (operation & 3) == CACHE_D && operations[operation >> 2].known;
}

static gboolean is_user(guint64 pc)
{
	return pc >> 62 == 0;
}

static guint64 gpr(VfReadRegister read, void *opaque, guint n)
{
	return n ? read(opaque, n) : 0;
}

/* Loads and stores, those of coprocessor 1, MSA and the special opcodes. */
static gboolean touches_memory(guint32 word)
{
	guint major = word >> 26;

	return major == 0x13 || major >= 0x1a;
}

static void resolve(const VfInsn *insn, const VfAddressing *a, VfReadRegister read, void *opaque,
		    VfCacheOp *op)
{
	guint base = (insn->word >> 21) & 31;
	gint64 offset = (gint16)insn->word;

	(void)a;
	if (insn->word >> 26 == 0x1f)
		offset = (gint16)insn->word >> 7;
	*op = (VfCacheOp){.va = gpr(read, opaque, base) + offset};
}

static void segment(const VfAddressing *a, guint64 va, guint mmu_index, VfSegment *s)
{
	guint coherency = (va >> 59) & 7;

	(void)a;
	*s = (VfSegment){.index = va};
	if (va >= CKSEG0 && va < CKSSEG) {
		s->direct = TRUE;
		s->pa = va & 0x1fffffff;
		s->access = va >= CKSEG1 ? VF_ACCESS_UNCACHED : VF_ACCESS_CACHED;
	} else if (va >> 62 == 2) {
		s->direct = TRUE;
		s->pa = va & ((1ull << 59) - 1);
		s->access =
			coherency == 2 || coherency == 7 ? VF_ACCESS_UNCACHED : VF_ACCESS_CACHED;
	} else if (va >> 62 == 0) {
		s->user = TRUE;
		s->direct = mmu_index == MMU_ERROR;
		s->pa = va;
		s->access = s->direct ? VF_ACCESS_UNCACHED : VF_ACCESS_CACHED;
	}
}

static gboolean plain_store(guint32 word, VfReadRegister read, void *opaque, guint64 *va)
{
	if (word >> 26 != 0x2b && word >> 26 != 0x3f) /* sw, sd */
		return FALSE;
	*va = gpr(read, opaque, (word >> 21) & 31) + (gint64)(gint16)word;
	return TRUE;
}

static const char *const symbols[] = {NULL};
static const VfHook hooks[] = {{0}};

const VfDecoder vf_decode_mips64 = {
	.name = "mips64",
	.big_endian = TRUE,
	.word = 8,
	.stack_pointer = 29,
	.symbols = symbols,
	.hooks = hooks,
	.decode = decode,
	.touches_memory = touches_memory,
	.is_user = is_user,
	.resolve = resolve,
	.segment = segment,
	.plain_store = plain_store,
};

const VfDecoder vf_decode_mips64el = {
	.name = "mips64el",
	.word = 8,
	.stack_pointer = 29,
	.symbols = symbols,
	.hooks = hooks,
	.decode = decode,
	.touches_memory = touches_memory,
	.is_user = is_user,
	.resolve = resolve,
	.segment = segment,
	.plain_store = plain_store,
};
