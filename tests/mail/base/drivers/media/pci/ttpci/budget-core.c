// SPDX-License-Identifier: GPL-2.0-or-later
/* Written by Jürgen Groß, Łukasz Żak and 山田太郎. */
#include "budget.h"

static void vpeirq(struct work_struct *work)
{
	struct budget *budget = container_of(work, struct budget, vpe_work);
	u8 *mem = budget->grabbing;
	u32 olddma = budget->ttbp;
	u32 newdma = saa7146_read(budget->dev, PCI_VDP3);

	vflush(mem, budget->buffer_size);

	if (newdma > olddma)
		dvb_dmx_swfilter(&budget->demux, mem + olddma, newdma - olddma);
	budget->ttbp = newdma;
}
