// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a machine has memory: boards put devices between its parts, so it is a
 * list of ranges of physical addresses. Depends on nothing of QEMU.
 */
#pragma once

#include <glib.h>

#define VF_RAM_RANGES_MAX 16u
#define VF_RAM_JOIN	  (1u << 20) /* a hole of less, like that of a PC below 1 MiB, is no hole */

/* [@start, @end). */
typedef struct VfRange {
	guint64 start, end;
} VfRange;

/* In ascending order, apart from each other. All 0: no memory is known. */
typedef struct VfRam {
	VfRange ranges[VF_RAM_RANGES_MAX];
	guint n;
} VfRam;

/*
 * In ascending order of calls. What has no place any more, or lies at or above @limit, is left out:
 * the accesses to it are then counted as outside.
 */
void vf_ram_add(VfRam *ram, guint64 start, guint64 end, guint64 limit);

/* Pages of 1 << @bits bytes in all ranges. */
guint64 vf_ram_pages(const VfRam *ram, guint bits);

/* Which of these pages holds @pa, from 0. FALSE: none. */
gboolean vf_ram_page(const VfRam *ram, guint64 pa, guint bits, guint64 *n);

static inline gboolean vf_ram_has(const VfRam *ram, guint64 pa)
{
	for (guint i = 0; i < ram->n; i++)
		if (pa - ram->ranges[i].start < ram->ranges[i].end - ram->ranges[i].start)
			return TRUE;
	return FALSE;
}

/* The end of the last range. */
static inline guint64 vf_ram_end(const VfRam *ram)
{
	return ram->n ? ram->ranges[ram->n - 1].end : 0;
}
