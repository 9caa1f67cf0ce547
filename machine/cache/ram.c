// SPDX-License-Identifier: GPL-2.0-or-later
#include "ram.h"

void vf_ram_add(VfRam *ram, guint64 start, guint64 end, guint64 limit)
{
	VfRange *last = ram->n ? &ram->ranges[ram->n - 1] : NULL;

	end = MIN(end, limit);
	if (start >= end || (last && start < last->end))
		return;
	if (last && start - last->end < VF_RAM_JOIN)
		last->end = end;
	else if (ram->n < VF_RAM_RANGES_MAX)
		ram->ranges[ram->n++] = (VfRange){start, end};
}

static guint64 pages_of(const VfRange *r, guint bits)
{
	return ((r->end - 1) >> bits) - (r->start >> bits) + 1;
}

guint64 vf_ram_pages(const VfRam *ram, guint bits)
{
	guint64 n = 0;

	for (guint i = 0; i < ram->n; i++)
		n += pages_of(&ram->ranges[i], bits);
	return n;
}

gboolean vf_ram_page(const VfRam *ram, guint64 pa, guint bits, guint64 *n)
{
	guint64 before = 0;

	for (guint i = 0; i < ram->n; i++) {
		const VfRange *r = &ram->ranges[i];

		if (pa >= r->start && pa < r->end) {
			*n = before + (pa >> bits) - (r->start >> bits);
			return TRUE;
		}
		before += pages_of(r, bits);
	}
	return FALSE;
}
