// SPDX-License-Identifier: GPL-2.0-or-later
#include <glib.h>
#include <string.h>
#include "cards.h"

/*
 * Who is on the I2C bus is what the drivers address: budget.c (frontend_init,
 * alps_tdbe2_*, grundig_29504_451_*), ttpci-eeprom (0x50), hexium_gemini.c,
 * hexium_orion.c, mxb.c (I2C_* at its top).
 */
static const SaaCard cards[] = {
	{
		.name = "nova-c",
		.title = "TT-Budget/WinTV-NOVA-C",
		.subvendor = 0x13c2,
		.subdevice = 0x1004,
		.source = SAA_SOURCE_STREAM,
		.slaves = {{0x09, &saa_slave_ves1820},
			   {0x62, &saa_slave_pll},
			   {0x50, &saa_slave_eeprom}},
	},
	{
		.name = "activy-s",
		.title = "Fujitsu Siemens Activy Budget-S (Grundig)",
		.subvendor = 0x1131,
		.subdevice = 0x4f61,
		.source = SAA_SOURCE_STREAM,
		.slaves = {{0x68, &saa_slave_tda8083},
			   {0x61, &saa_slave_pll},
			   {0x50, &saa_slave_eeprom}},
	},
	{
		.name = "hexium-gemini",
		.title = "Hexium Gemini",
		.subvendor = 0x17c8,
		.subdevice = 0x2401,
		.source = SAA_SOURCE_PICTURE,
		.slaves = {{0x6c, &saa_slave_ks0127}},
	},
	{
		.name = "hexium-orion",
		.title = "Hexium Orion",
		.subvendor = 0x17c8,
		.subdevice = 0x0101,
		.source = SAA_SOURCE_PICTURE,
		.slaves = {{0x4e, &saa_slave_saa7110}},
	},
	{
		.name = "mxb",
		.title = "Multimedia eXtension Board",
		.source = SAA_SOURCE_PICTURE,
		.slaves = {{0x24, &saa_slave_saa7111},
			   {0x4c, &saa_slave_plain}, /* TEA6420 */
			   {0x4d, &saa_slave_plain}, /* TEA6420 */
			   {0x43, &saa_slave_plain}, /* TEA6415C */
			   {0x42, &saa_slave_plain}, /* TDA9840 */
			   {0x60, &saa_slave_pll}},
	},
};

const SaaCard *saa_card_find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cards); i++)
		if (strcmp(cards[i].name, name) == 0)
			return &cards[i];
	return NULL;
}

char *saa_card_names(void)
{
	GString *names = g_string_new(cards[0].name);

	for (size_t i = 1; i < G_N_ELEMENTS(cards); i++)
		g_string_append_printf(names, ", %s", cards[i].name);
	return g_string_free(names, FALSE);
}

bool saa_card_locked(const SaaChip *chip)
{
	const SaaCard *card = chip->config.card;

	for (int i = 0; i < SAA_SLAVES_MAX && card->slaves[i].addr; i++)
		if (card->slaves[i].kind == &saa_slave_pll)
			return chip->slaves[i].regs[SAA_PLL_TUNED];
	return true;
}

bool saa_card_shows(const SaaChip *chip)
{
	const SaaCard *card = chip->config.card;

	for (int i = 0; i < SAA_SLAVES_MAX && card->slaves[i].addr; i++)
		if (card->slaves[i].kind->last_register && !chip->slaves[i].programmed)
			return false;
	return true;
}
