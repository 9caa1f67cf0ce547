// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PA-RISC 1.1 and 2.0 in 32-bit mode. Encodings: PA-RISC 1.1 Architecture and
 * Instruction Set Reference Manual, chapter 5; fdc with a displacement: PA-RISC
 * 2.0 Architecture, chapter 7. Kernel side: arch/parisc/kernel/pacache.S and
 * arch/parisc/include/asm/fixmap.h.
 */
#include "decode.h"

#define PSW	     0u /* gdb number; GRn has number n */
#define PSW_N	     0x00200000u
#define GR_TO	     26u	/* pacache.S: physical address behind a "to" temporary alias */
#define GR_FROM	     23u	/* and behind a "from" one */
#define TMPALIAS     (8u << 20) /* two windows of 4 MiB below the linear map */
#define PCXL_DMA_MAP (8u << 20) /* PCXL_DMA_MAP_SIZE, fixmap.h */
#define MMU_REAL_W   6u		/* QEMU's MMU indices of real mode */
#define MMU_REAL     7u
#define MMU_KERNEL   8u

static const struct {
	guint extension; /* bits 13..6 */
	VfInsnKind kind;
} cache_insns[] = {
	{0x4a, VF_INSN_FLUSH},	     /* fdc x(b) */
	{0xca, VF_INSN_FLUSH},	     /* fdc d(b) */
	{0x4b, VF_INSN_INDEX_FLUSH}, /* fdce x(b) */
	{0x4e, VF_INSN_PURGE},	     /* pdc x(b) */
};

static gboolean is_call(guint32 word)
{
	guint sub = (word >> 13) & 7;

	switch (word >> 26) {
	case 0x39: /* be,l: links in r31 */
		return TRUE;
	case 0x3a: /* b,l with 17 and 22 bits, blr; bve,l */
		return sub == 5 || ((sub == 0 || sub == 2) && ((word >> 21) & 31)) || sub == 7;
	default:
		return FALSE;
	}
}

static gboolean decode(guint32 word, guint size, guint64 pc, VfInsn *insn)
{
	*insn = (VfInsn){.kind = VF_INSN_CALL, .word = word, .pc = pc};
	if (size != 4)
		return FALSE;
	if (word >> 26 != 1)
		return is_call(word);
	for (guint i = 0; i < G_N_ELEMENTS(cache_insns); i++) {
		if (((word >> 6) & 0xff) == cache_insns[i].extension) {
			insn->kind = cache_insns[i].kind;
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean touches_memory(guint32 word)
{
	guint major = word >> 26;

	/* indexed and short, of the coprocessors, and with a displacement */
	return major == 0x03 || major == 0x09 || major == 0x0b || (major >= 0x10 && major <= 0x1f);
}

static guint64 gr(VfReadRegister read, void *opaque, guint n)
{
	return n ? read(opaque, n) & G_MAXUINT32 : 0;
}

static gboolean is_user(guint64 pc)
{
	return pc >> 32;
}

/*
 * The space of an address: named by the instruction, or chosen by the base's upper bits. The
 * kernel runs with 0 in all that can be chosen (SR4..SR7, entry.S), which saves the reading.
 */
static guint64 space(const VfInsn *insn, guint64 base, VfReadRegister read, void *opaque)
{
	static const guint8 number[8] = {44, 45, 46, 47, 43, 48, 49, 50}; /* SR0..SR7 */
	guint s = (insn->word >> 14) & 3;

	if (!s && !is_user(insn->pc))
		return 0;
	return read(opaque, number[s ? s : 4 + (base >> 30)]);
}

static void resolve(const VfInsn *insn, const VfAddressing *a, VfReadRegister read, void *opaque,
		    VfCacheOp *op)
{
	guint b = (insn->word >> 21) & 31, x = (insn->word >> 16) & 31;
	gboolean displacement = ((insn->word >> 6) & 0xff) == 0xca;
	gboolean modify =
		(insn->word >> 5) & 1; /* then GR[b] changes after its use, x is not added */
	guint64 base = gr(read, opaque, b), alias;

	*op = (VfCacheOp){.nullified = insn->first && (read(opaque, PSW) & PSW_N)};
	op->none = op->nullified;
	op->va = base;
	if (displacement)
		op->va += (x >> 1 & 15) - (x & 1 ? 16 : 0);
	else if (!modify)
		op->va += gr(read, opaque, x);
	op->va &= G_MAXUINT32;
	if (insn->kind == VF_INSN_INDEX_FLUSH)
		return;
	alias = op->va - (a->page_offset - TMPALIAS);
	op->tmpalias = alias < TMPALIAS;
	op->has_pa = op->tmpalias;
	if (op->tmpalias)
		op->pa = (gr(read, opaque, alias < TMPALIAS / 2 ? GR_TO : GR_FROM) &
			  ~(a->page - 1)) |
			 (op->va & (a->page - 1));
	else
		op->va |= space(insn, base, read, opaque) << 32;
}

static void segment(const VfAddressing *a, guint64 va, guint mmu_index, VfSegment *s)
{
	*s = (VfSegment){.index = va};
	if (mmu_index == MMU_REAL || mmu_index == MMU_REAL_W) {
		s->direct = TRUE;
		s->pa = s->index = va & G_MAXUINT32;
	} else if (va >> 32) {
		s->user = TRUE;
	} else if (vf_linear(a, va, &s->pa)) {
		s->direct = TRUE;
	} else if (va >= a->uncached && va < a->uncached_end) {
		s->access = VF_ACCESS_UNCACHED;
	}
}

/* mm/init.c pagetable_init(): CPUs without coherent DMA get a window of uncached pages. */
static void learn(VfAddressing *a, const guint64 *values)
{
	if (values[0]) {
		a->uncached = values[0];
		a->uncached_end = values[0] + PCXL_DMA_MAP;
	}
	if (values[1])
		a->vmalloc = values[1];
}

static gboolean plain_store(guint32 word, VfReadRegister read, void *opaque, guint64 *va)
{
	guint64 displacement = (word & 0x3fff) >> 1;

	if (word >> 26 != 0x1a) /* stw d(b) */
		return FALSE;
	if (word & 1)
		displacement -= 0x2000;
	*va = gr(read, opaque, (word >> 21) & 31) + displacement;
	return TRUE;
}

static const char *const symbols[] = {"pcxl_dma_start", "parisc_vmalloc_start", NULL};
static const VfHook hooks[] = {{0}};

const VfDecoder vf_decode_hppa = {
	.name = "hppa",
	.big_endian = TRUE,
	.word = 4,
	.kernel_mmu = MMU_KERNEL,
	.stack_pointer = 30,
	.stack_grows_up = TRUE,
	.symbols = symbols,
	.hooks = hooks,
	.decode = decode,
	.touches_memory = touches_memory,
	.is_user = is_user,
	.resolve = resolve,
	.segment = segment,
	.learn = learn,
	.plain_store = plain_store,
};
