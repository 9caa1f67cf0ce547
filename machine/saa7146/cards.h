// SPDX-License-Identifier: GPL-2.0-or-later
/* Cards are data: PCI identity, what is connected to the ports, who answers on the I2C bus. */
#ifndef SAA7146_CARDS_H
#define SAA7146_CARDS_H

#include "chip.h"

typedef enum {
	SAA_SOURCE_STREAM,  /* a transport stream, once the demodulator has lock */
	SAA_SOURCE_PICTURE, /* pictures and their blanking interval */
} SaaSource;

/*
 * A kind of I2C slave. It acknowledges its address; write() gets each byte
 * after that (true: acknowledge), read() gives the next byte.
 */
typedef struct SaaSlaveKind {
	/* Of a video decoder: the register that its driver sets last. Before that it shows nothing.
	 */
	uint8_t last_register;
	void (*reset)(SaaSlave *slave);
	bool (*write)(SaaChip *chip, SaaSlave *slave, uint8_t byte);
	uint8_t (*read)(SaaChip *chip, SaaSlave *slave);
} SaaSlaveKind;

typedef struct SaaCard {
	const char *name;  /* value of the property "card" */
	const char *title; /* as the driver calls it */
	uint16_t subvendor, subdevice;
	SaaSource source;
	struct {
		uint8_t addr; /* 7 bits; 0 ends the list */
		const SaaSlaveKind *kind;
	} slaves[SAA_SLAVES_MAX];
} SaaCard;

/* NULL: no such card. */
const SaaCard *saa_card_find(const char *name);
/* Names of all cards, comma-separated, for messages. To be freed with g_free(). */
char *saa_card_names(void);

/* slaves.c */
extern const SaaSlaveKind saa_slave_plain;   /* register pointer, then data */
extern const SaaSlaveKind saa_slave_ves1820; /* DVB-C demodulator */
extern const SaaSlaveKind saa_slave_tda8083; /* DVB-S demodulator */
extern const SaaSlaveKind saa_slave_pll;     /* tuner: four bytes tune it */
#define SAA_PLL_TUNED 4			     /* its register that says so */
extern const SaaSlaveKind saa_slave_eeprom;  /* blank */
extern const SaaSlaveKind saa_slave_ks0127;  /* video decoders */
extern const SaaSlaveKind saa_slave_saa7110;
extern const SaaSlaveKind saa_slave_saa7111; /* the one with a version register */

/* True once the card's demodulator reports lock; always true on a card without one. */
bool saa_card_locked(const SaaChip *chip);

/* True once the card's video decoder was set up; always true on a card without one. */
bool saa_card_shows(const SaaChip *chip);

#endif
