// SPDX-License-Identifier: GPL-2.0-or-later
/* The small I2C devices on the cards, as far as the drivers look at them. */
#include <string.h>
#include "cards.h"

static void reset_zero(SaaSlave *slave)
{
	memset(slave, 0, sizeof(*slave));
}

static uint8_t read_next(SaaChip *chip, SaaSlave *slave)
{
	(void)chip;
	return slave->regs[slave->pointer++];
}

/* One register pointer in front, data after it: the most common protocol. */
static bool write_pointer_data(SaaChip *chip, SaaSlave *slave, uint8_t byte)
{
	(void)chip;
	if (slave->position == 0)
		slave->pointer = byte;
	else
		slave->regs[slave->pointer++] = byte;
	return true;
}

const SaaSlaveKind saa_slave_plain = {
	.reset = reset_zero,
	.write = write_pointer_data,
	.read = read_next,
};

/* hexium_gemini.c, hexium_ks0127b[]: registers 00 to ff in this order. */
const SaaSlaveKind saa_slave_ks0127 = {
	.last_register = 0xff,
	.reset = reset_zero,
	.write = write_pointer_data,
	.read = read_next,
};

/* hexium_orion.c, hexium_saa7110[]: registers 00 to 34. */
const SaaSlaveKind saa_slave_saa7110 = {
	.last_register = 0x34,
	.reset = reset_zero,
	.write = write_pointer_data,
	.read = read_next,
};

static void eeprom_reset(SaaSlave *slave)
{
	reset_zero(slave);
	memset(slave->regs, 0xff, sizeof(slave->regs));
}

static bool eeprom_write(SaaChip *chip, SaaSlave *slave, uint8_t byte)
{
	(void)chip;
	if (slave->position == 0)
		slave->pointer = byte;
	return slave->position == 0; /* write-protected */
}

const SaaSlaveKind saa_slave_eeprom = {
	.reset = eeprom_reset,
	.write = eeprom_write,
	.read = read_next,
};

/* ves1820.c: {0, register, data...}; register 1a is the identity, 11 the synchronisation state. */
static bool ves1820_write(SaaChip *chip, SaaSlave *slave, uint8_t byte)
{
	(void)chip;
	if (slave->position == 1)
		slave->pointer = byte;
	else if (slave->position > 1)
		slave->regs[slave->pointer++] = byte;
	return true;
}

static uint8_t ves1820_read(SaaChip *chip, SaaSlave *slave)
{
	uint8_t reg = slave->pointer++;

	switch (reg) {
	case 0x1a:
		return 0x70;
	case 0x11:
		return saa_card_locked(chip) ? 0x0f : 0;
	default:
		return slave->regs[reg];
	}
}

const SaaSlaveKind saa_slave_ves1820 = {
	.reset = reset_zero,
	.write = ves1820_write,
	.read = ves1820_read,
};

/* tda8083.c: register 00 is the identity, 01 the inverted signal, 02 the synchronisation state. */
static uint8_t tda8083_read(SaaChip *chip, SaaSlave *slave)
{
	uint8_t reg = slave->pointer++;

	switch (reg) {
	case 0x00:
		return 0x05;
	case 0x01:
		return saa_card_locked(chip) ? 0x20 : 0xff;
	case 0x02:
		return saa_card_locked(chip) ? 0x9f : 0x80; /* 80: the DiSEqC FIFO is empty */
	default:
		return slave->regs[reg];
	}
}

const SaaSlaveKind saa_slave_tda8083 = {
	.reset = reset_zero,
	.write = write_pointer_data,
	.read = tda8083_read,
};

/* SP5659, TSA5522 and the like take four bytes: divider and band. */
static bool pll_write(SaaChip *chip, SaaSlave *slave, uint8_t byte)
{
	(void)chip;
	slave->regs[slave->position & 3] = byte;
	if (slave->position == 3)
		slave->regs[SAA_PLL_TUNED] = 1;
	return true;
}

static uint8_t pll_read(SaaChip *chip, SaaSlave *slave)
{
	(void)chip;
	return slave->regs[SAA_PLL_TUNED] ? 0x40 : 0; /* FL: in lock */
}

const SaaSlaveKind saa_slave_pll = {
	.reset = reset_zero,
	.write = pll_write,
	.read = pll_read,
};

/* saa7115.c, saa711x_detect_chip(): register 0 gives one character of the name per index. */
static uint8_t saa7111_read(SaaChip *chip, SaaSlave *slave)
{
	static const uint8_t name[16] = {0x10, 0xf, 7, 1, 1, 1};
	uint8_t reg = slave->pointer++;

	(void)chip;
	return reg == 0 ? name[slave->regs[0] & 15] : slave->regs[reg];
}

/* saa7115.c, saa7111_init[]: registers 01 to 17. */
const SaaSlaveKind saa_slave_saa7111 = {
	.last_register = 0x17,
	.reset = reset_zero,
	.write = write_pointer_data,
	.read = saa7111_read,
};
