// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DEBI, the bus for a microcontroller on the card. No card here has one: a
 * short read finds the pulled-up lines, a short write ends nowhere, both are
 * done at once (budget-core.c, ttpci_budget_debiread()). Blocks are not modelled.
 */
#include "parts.h"

#define DEBI_COUNT(command) ((command) >> 17)
#define DEBI_READ	    (1u << 16)

void saa_debi_transfer(SaaChip *chip)
{
	uint32_t command = saa_active(chip, SAA_DEBI_COMMAND);

	chip->debi_failed = DEBI_COUNT(command) > 4;
	if (chip->debi_failed) {
		saa_unimplemented(chip, "DEBI block transfer", command);
		saa_irq_raise(chip, SAA_INT_DEBI_E);
		return;
	}
	if (command & DEBI_READ)
		chip->active[SAA_DEBI_AD / 4] = 0xffffffffu;
	saa_irq_raise(chip, SAA_INT_DEBI_S);
}
