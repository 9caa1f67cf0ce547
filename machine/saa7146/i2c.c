// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The I2C master. An upload of its section (MC2 bit 0) takes the transfer
 * register with up to three bytes, each with a two-bit attribute, and finishes
 * at once: no driver depends on the time that a real bus takes. What was read
 * stands in the working copy of the transfer register, which is what the CPU
 * reads back (saa7146_i2c.c, saa7146_i2c_writeout()).
 */
#include "cards.h"
#include "parts.h"

enum { ATTR_NOP, ATTR_STOP, ATTR_CONT, ATTR_START };

static void start_condition(SaaChip *chip, uint8_t byte)
{
	const SaaCard *card = chip->config.card;

	chip->i2c_reading = byte & 1;
	chip->i2c_current = -1;
	for (int i = 0; i < SAA_SLAVES_MAX && card->slaves[i].addr; i++)
		if (card->slaves[i].addr == byte >> 1) {
			chip->i2c_current = i;
			chip->slaves[i].position = 0;
		}
}

static uint32_t write_byte(SaaChip *chip, const SaaSlaveKind *kind, SaaSlave *slave, uint8_t byte)
{
	uint8_t reg = slave->pointer;

	if (!kind->write(chip, slave, byte))
		return SAA_I2C_DTERR;
	/* the first byte was the register pointer */
	if (kind->last_register && slave->position > 0 && reg == kind->last_register)
		slave->programmed = true;
	return 0;
}

/* One byte on the bus; returns the error bits of the status register. */
static uint32_t transfer_byte(SaaChip *chip, uint8_t attribute, uint8_t *byte)
{
	const SaaSlaveKind *kind;
	SaaSlave *slave;
	uint32_t error = 0;

	if (attribute == ATTR_START) {
		start_condition(chip, *byte);
		return chip->i2c_current < 0 ? SAA_I2C_APERR : 0;
	}
	if (chip->i2c_current < 0)
		return SAA_I2C_DTERR;

	kind = chip->config.card->slaves[chip->i2c_current].kind;
	slave = &chip->slaves[chip->i2c_current];
	if (chip->i2c_reading)
		*byte = kind->read(chip, slave);
	else
		error = write_byte(chip, kind, slave, *byte);
	slave->position++;
	if (attribute == ATTR_STOP)
		chip->i2c_current = -1;
	return error;
}

static uint32_t run(SaaChip *chip)
{
	uint32_t *word = &chip->active[SAA_I2C_TRANSFER / 4];
	uint32_t error = 0;

	for (int i = 0; i < 3 && !error; i++) {
		uint8_t attribute = *word >> (6 - 2 * i) & 3;
		unsigned int shift = 24 - 8 * i;
		uint8_t byte = *word >> shift;

		if (attribute == ATTR_NOP)
			continue;
		error = transfer_byte(chip, attribute, &byte);
		*word = (*word & ~(0xffu << shift)) | (uint32_t)byte << shift;
	}
	return error;
}

void saa_i2c_transfer(SaaChip *chip)
{
	uint32_t command = saa_reg(chip, SAA_I2C_STATUS);
	uint32_t *status = &chip->active[SAA_I2C_STATUS / 4];
	uint32_t error;

	/* An upload with ABORT, or with nothing to transfer, clears the errors. */
	*status = command & SAA_I2C_RATE;
	if (command & SAA_I2C_ABORT)
		chip->i2c_current = -1;
	chip->active[SAA_I2C_TRANSFER / 4] = saa_reg(chip, SAA_I2C_TRANSFER);
	if (command & SAA_I2C_ABORT || !(saa_reg(chip, SAA_I2C_TRANSFER) & 0xfc))
		return;

	chip->totals.i2c_transfers++;
	if (chip->i2c_transfers < UINT32_MAX)
		chip->i2c_transfers++;
	if (chip->config.faults[SAA_FAULT_I2C] &&
	    chip->i2c_transfers >= chip->config.faults[SAA_FAULT_I2C]) {
		*status |= SAA_I2C_BUSY;
		return;
	}
	error = run(chip);
	if (error) {
		/* IIC_S of the PSR stays set while "halted by an error" (table 38). */
		*status |= error | SAA_I2C_ERR | SAA_I2C_BUSY;
		saa_irq_raise(chip, SAA_INT_IIC_E);
		return;
	}
	saa_irq_raise(chip, SAA_INT_IIC_S);
}
