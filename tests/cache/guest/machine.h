// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each machine-ARCH.h gives to the bare-metal program in main.c. The
 * tested page has the physical address PAGE_PA; the "linear" address has its
 * colour, the "alias" another one. Nothing here uses a library.
 */
#ifndef GUEST_MACHINE_H
#define GUEST_MACHINE_H

#define OTHER 0x100000 /* bytes from the tested page to another one */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

/* Registers of the control port, docs/control-port.md. */
enum {
	CTL_WINDOW = 0x08,
	CTL_NAME = 0x0c,
	CTL_ADDR_LO = 0x20,
	CTL_ADDR_HI = 0x24,
	CTL_LEN = 0x28,
	CTL_SEED = 0x2c,
	CTL_CMD = 0x30
};

/*
 * machine_init()             maps the alias and finds the control port
 * ctl(reg, value)            writes a register of it
 * dma_address(offset)        bus address of a byte of the page
 * load_linear(offset), load_alias(offset)            32 bits
 * store_linear(offset, value), store_alias(offset, value)
 * flush_linear(offset), flush_alias(offset)          by address, write back and invalidate
 * purge_alias(offset)                                by address, invalidate
 * whole()                                            every line of the cache
 * load_uncached(offset)
 * map_alias(offset)          OTHER: the alias leads to another page of the same colour; 0: back
 *
 * HAS_PURGE, HAS_UNCACHED, HAS_MAP: the machine has the operation. Cases of its own:
 * MACHINE_CASES.
 */
#if defined(__hppa__)
#include "machine-hppa.h"
#elif defined(__mips__)
#include "machine-mips64.h"
#elif defined(__sparc__)
#include "machine-sparc64.h"
#else
#include "machine-x86_64.h"
#endif

#endif
