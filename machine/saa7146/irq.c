// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interrupts, section 7.5.1: a condition sets its bit in the ISR only when the
 * IER enables it at that moment (interrupt_hw() in saa7146_core.c relies on it:
 * it disables every bit that it finds and does not know). INTA follows ISR & IER.
 */
#include "parts.h"

static void set_level(SaaChip *chip, bool level)
{
	if (level && !chip->irq_level)
		chip->totals.interrupts++;
	chip->irq_level = level;
	chip->bus->irq(chip->opaque, level);
}

/* What tells of a capture; SAA_FAULT_I2C is for the rest. */
#define LATE (SAA_INT_VPE | SAA_INT_RPS(0) | SAA_INT_RPS(1) | SAA_INT_FIDA | SAA_INT_FIDB)

void saa_irq_update(SaaChip *chip)
{
	uint32_t pending = saa_reg(chip, SAA_ISR) & saa_reg(chip, SAA_IER);
	bool want = pending;

	if (want && !(pending & ~LATE) && chip->config.faults[SAA_FAULT_LATE] && !chip->irq_level) {
		if (chip->irq_at >= 0)
			return;
		chip->irq_at = chip->bus->now(chip->opaque) +
			       chip->config.faults[SAA_FAULT_LATE] * 1000000ll;
		chip->bus->timer(chip->opaque, SAA_TIMER_LATE, chip->irq_at);
		return;
	}
	if (!want && chip->irq_at >= 0) {
		chip->irq_at = -1;
		chip->bus->timer(chip->opaque, SAA_TIMER_LATE, -1);
	}
	set_level(chip, want);
}

void saa_irq_late(SaaChip *chip)
{
	chip->irq_at = -1;
	set_level(chip, saa_reg(chip, SAA_ISR) & saa_reg(chip, SAA_IER));
}

void saa_irq_raise(SaaChip *chip, uint32_t bits)
{
	chip->regs[SAA_ISR / 4] |= bits & saa_reg(chip, SAA_IER);
	saa_irq_update(chip);
}
