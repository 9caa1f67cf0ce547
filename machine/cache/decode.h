// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the model must know of an instruction set and of Linux on it. Nothing
 * here depends on QEMU: registers come through a function, addresses of the
 * running kernel through VfAddressing.
 *
 * A new architecture is one table of this type in decode-<name>.c and one line
 * in decode.c.
 */
#pragma once

#include "ram.h"

/* Where the kernel put things; from options, completed by VfDecoder.learn(). 0: not there. */
typedef struct VfAddressing {
	guint64 page;	     /* bytes */
	VfRam ram;	     /* not before the machine exists */
	guint64 page_offset; /* virtual address of physical 0 in the linear map */
	guint64 vmalloc, vmalloc_end;
	guint64 uncached, uncached_end; /* window of uncached mappings of RAM */
} VfAddressing;

typedef enum {
	VF_INSN_FLUSH,	     /* write back and invalidate the line at a virtual address */
	VF_INSN_WRITEBACK,   /* write it back, keep it */
	VF_INSN_PURGE,	     /* invalidate it */
	VF_INSN_INDEX_FLUSH, /* the set that an address selects */
	VF_INSN_INDEX_PURGE,
	VF_INSN_PAGE_FLUSH, /* every line of a physical page, whatever its colour */
	VF_INSN_PAGE_PURGE,
	VF_INSN_WHOLE_FLUSH,
	VF_INSN_CALL, /* no cache operation: a subroutine is called */
} VfInsnKind;

typedef struct VfInsn {
	VfInsnKind kind;
	guint32 word;
	guint64 pc;
	guint hook;	/* gdb number of the register with the address, for what hooks make */
	gboolean first; /* of its translation block: only there can the one before nullify it */
} VfInsn;

/* The value of the register with QEMU's gdb stub number @number, as the guest has it now. */
typedef guint64 (*VfReadRegister)(void *opaque, guint number);

/* One execution of a cache instruction. */
typedef struct VfCacheOp {
	gboolean none; /* it did nothing: nullified, or not a cache operation after all */
	gboolean nullified;
	gboolean tmpalias; /* @va is a temporary alias that no access goes through */
	guint64 va;	   /* decides the colour or the set */
	gboolean has_pa;   /* the guest told the physical address too */
	guint64 pa;
} VfCacheOp;

typedef enum {
	VF_ACCESS_CACHED,
	VF_ACCESS_UNCACHED,
	VF_ACCESS_PHYSICAL, /* bypasses the lines but stores update the one of the linear colour */
} VfAccess;

/* What a virtual address means. */
typedef struct VfSegment {
	VfAccess access;
	gboolean direct; /* @pa is its physical address, without a page table */
	gboolean user;	 /* mapped for user space */
	guint64 pa;
	guint64 index; /* the address that decides the colour */
} VfSegment;

/* Entering the function @symbol is the operation @kind on the linear address in register @number.
 */
typedef struct VfHook {
	const char *symbol;
	VfInsnKind kind;
	guint number;
} VfHook;

typedef struct VfDecoder {
	const char *name; /* QEMU's target name */
	gboolean big_endian;
	guint word;	     /* bytes of an address in memory */
	guint kernel_mmu;    /* QEMU's MMU index of the kernel's own accesses */
	guint stack_pointer; /* gdb number; 0: calls are not followed */
	gboolean stack_grows_up;
	const char *const *symbols; /* variables of the kernel that learn() wants; ends with NULL */
	const VfHook *hooks;	    /* ends with .symbol == NULL */

	/* False: neither a cache operation nor a call. @word in host order, @size bytes long. */
	gboolean (*decode)(guint32 word, guint size, guint64 pc, VfInsn *insn);
	/* Whether an instruction can load or store. NULL: any may. */
	gboolean (*touches_memory)(guint32 word);
	/* Whether code at @pc is a user program's, of which calls are not followed. NULL: not
	 * known. */
	gboolean (*is_user)(guint64 pc);
	/* Where it acts; for all kinds but CALL and WHOLE_FLUSH. */
	void (*resolve)(const VfInsn *insn, const VfAddressing *a, VfReadRegister read,
			void *opaque, VfCacheOp *op);
	void (*segment)(const VfAddressing *a, guint64 va, guint mmu_index, VfSegment *s);
	/* @values of @symbols (0: not known) are new. NULL: nothing to learn. */
	void (*learn)(VfAddressing *a, const guint64 *values);
	/*
	 * For the self-check of register numbers: true when @word is a plain store whose address
	 * follows from registers that it does not change. Compared in the low 32 bits. NULL: none.
	 */
	gboolean (*plain_store)(guint32 word, VfReadRegister read, void *opaque, guint64 *va);
} VfDecoder;

extern const VfDecoder vf_decode_hppa, vf_decode_sparc64, vf_decode_mips64, vf_decode_mips64el,
	vf_decode_x86_64;

/* NULL: no decoder of that name. */
const VfDecoder *vf_decoder_find(const char *name);
/* "hppa, mips64, ..." for messages; caller frees. */
char *vf_decoder_names(void);

/* Whether @va is in the linear map, and where it leads. */
static inline gboolean vf_linear(const VfAddressing *a, guint64 va, guint64 *pa)
{
	*pa = va - a->page_offset;
	return va >= a->page_offset && *pa < vf_ram_end(&a->ram);
}
