// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UltraSPARC I/II. Encodings: The SPARC Architecture Manual, Version 9,
 * appendix A; address spaces: UltraSPARC-I User's Manual, appendix A.
 */
#include "decode.h"

#define ASI_DCACHE_TAG 0x47u
#define CCR_ASI_PSTATE 82u /* gdb number of CCR << 32 | ASI << 24 | PSTATE << 8 | CWP */
#define O0	       8u
#define O6	       14u
#define O7	       15u
#define MMU_SECONDARY  1u /* QEMU's MMU indices: 0 and 1 are user space, 5 physical */
#define MMU_KERNEL     2u
#define MMU_PHYSICAL   5u

static gboolean decode(guint32 word, guint size, guint64 pc, VfInsn *insn)
{
	guint op3 = (word >> 19) & 0x3f;
	gboolean i = (word >> 13) & 1;

	*insn = (VfInsn){.kind = VF_INSN_CALL, .word = word, .pc = pc};
	if (size != 4)
		return FALSE;
	switch (word >> 30) {
	case 1: /* call */
		return TRUE;
	case 2: /* jmpl to %o7 */
		return op3 == 0x38 && ((word >> 25) & 31) == O7;
	case 3:
		insn->kind = VF_INSN_INDEX_PURGE;
		/* stxa; with i its space is in %asi, which resolve() looks at */
		return op3 == 0x1e && (i || ((word >> 5) & 0xff) == ASI_DCACHE_TAG);
	default:
		return FALSE;
	}
}

static guint64 address(guint32 word, VfReadRegister read, void *opaque)
{
	guint rs1 = (word >> 14) & 31, rs2 = word & 31;
	gint64 simm13 = (gint64)(word & 0x1fff) - (word & 0x1000 ? 0x2000 : 0);
	guint64 base = rs1 ? read(opaque, rs1) : 0;

	if (word & 0x2000)
		return base + simm13;
	return base + (rs2 ? read(opaque, rs2) : 0);
}

static gboolean touches_memory(guint32 word)
{
	return word >> 30 == 3;
}

static void resolve(const VfInsn *insn, const VfAddressing *a, VfReadRegister read, void *opaque,
		    VfCacheOp *op)
{
	*op = (VfCacheOp){0};
	if (insn->hook) {
		op->va = read(opaque, insn->hook);
		op->has_pa = TRUE;
		op->none = !vf_linear(a, op->va, &op->pa);
		return;
	}
	op->none = (insn->word & 0x2000) &&
		   ((read(opaque, CCR_ASI_PSTATE) >> 24) & 0xff) != ASI_DCACHE_TAG;
	op->va = address(insn->word, read, opaque);
}

static void segment(const VfAddressing *a, guint64 va, guint mmu_index, VfSegment *s)
{
	*s = (VfSegment){.index = va, .user = mmu_index <= MMU_SECONDARY};
	if (mmu_index == MMU_PHYSICAL) {
		s->access = VF_ACCESS_PHYSICAL;
		s->direct = TRUE;
		s->pa = va;
	} else if (!s->user) {
		s->direct = vf_linear(a, va, &s->pa);
	}
}

/* mm/init_64.c setup_page_offset() chooses both by the CPU type. */
static void learn(VfAddressing *a, const guint64 *values)
{
	if (values[0])
		a->page_offset = values[0];
	if (values[1])
		a->vmalloc_end = values[1];
}

static gboolean plain_store(guint32 word, VfReadRegister read, void *opaque, guint64 *va)
{
	guint op3 = (word >> 19) & 0x3f;

	if (word >> 30 != 3 || (op3 != 0x04 && op3 != 0x0e)) /* stw, stx */
		return FALSE;
	*va = address(word, read, opaque);
	return TRUE;
}

static const char *const symbols[] = {"PAGE_OFFSET", "VMALLOC_END", NULL};

/*
 * It invalidates the lines whose tag is the page's; QEMU has no tags, so the
 * invalidating stores are never reached (mm/ultra.S).
 */
static const VfHook hooks[] = {{"__flush_dcache_page", VF_INSN_PAGE_PURGE, O0}, {0}};

const VfDecoder vf_decode_sparc64 = {
	.name = "sparc64",
	.big_endian = TRUE,
	.word = 8,
	.kernel_mmu = MMU_KERNEL,
	.stack_pointer = O6,
	.symbols = symbols,
	.hooks = hooks,
	.decode = decode,
	.touches_memory = touches_memory,
	.resolve = resolve,
	.segment = segment,
	.learn = learn,
	.plain_store = plain_store,
};
