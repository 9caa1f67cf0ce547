// SPDX-License-Identifier: GPL-2.0-or-later
/* What the parts of the chip call of each other. */
#ifndef SAA7146_PARTS_H
#define SAA7146_PARTS_H

#include "chip.h"

static inline uint32_t saa_reg(const SaaChip *chip, uint32_t offset)
{
	return chip->regs[offset / 4];
}

static inline uint32_t saa_active(const SaaChip *chip, uint32_t offset)
{
	return chip->active[offset / 4];
}

static inline void saa_unimplemented(SaaChip *chip, const char *what, uint32_t value)
{
	chip->bus->unimplemented(chip->opaque, what, value);
}

/* DMA. False: a bus error, or the call has used up its accesses. */
bool saa_bus_read(SaaChip *chip, uint32_t addr, void *buf, size_t len);
bool saa_bus_write(SaaChip *chip, uint32_t addr, const void *buf, size_t len);

/* regs.c: saa_read() and saa_write() for the chip's own use. */
uint32_t saa_get(SaaChip *chip, uint32_t offset);
void saa_set(SaaChip *chip, uint32_t offset, uint32_t value);

/* irq.c: an interrupt condition occurred (bits of the PSR). */
void saa_irq_raise(SaaChip *chip, uint32_t bits);
void saa_irq_update(SaaChip *chip);
void saa_irq_late(SaaChip *chip);

/* regs.c: section bits of MC2 and of the RPS command UPLOAD. */
void saa_upload(SaaChip *chip, uint32_t sections);

/* i2c.c, debi.c: the upload of their section starts a transfer. */
void saa_i2c_transfer(SaaChip *chip);
void saa_debi_transfer(SaaChip *chip);

/* rps.c: @events are edges (SAA_EVENT_*), 0: only look at the signals again. */
void saa_rps_start(SaaChip *chip, int task);
void saa_rps_event(SaaChip *chip, uint32_t events);

/*
 * channel.c. Addresses inside a channel are logical: through the page table
 * when mapping is enabled, else they are bus addresses.
 *
 * saa_channel_write() copies what lies below the protection address, sets the
 * video pointer behind it, and says what was passed on the way.
 */
typedef enum {
	SAA_PASSED_NOTHING = 0,
	SAA_PASSED_LIMIT = 1, /* a boundary of the Limit range */
	SAA_PASSED_PROT = 2,  /* the protection address: nothing or not all was written */
} SaaPassed;

SaaPassed saa_channel_write(SaaChip *chip, int channel, uint32_t addr, const void *buf, size_t len);
void saa_channel_overrun(SaaChip *chip, int channel);
void saa_channel_started(SaaChip *chip, int channel);
static inline uint32_t saa_channel(const SaaChip *chip, int channel, uint32_t reg)
{
	return saa_active(chip, SAA_CHANNEL * channel + reg);
}

/* brs.c: the transport stream or the blanking interval, through DMA3. */
void saa_stream_start(SaaChip *chip);
void saa_stream_stop(SaaChip *chip);
void saa_stream_run(SaaChip *chip);
void saa_vbi_field(SaaChip *chip);

/* hps.c: one field of the picture through DMA1, planar formats through 2 and 3. */
void saa_hps_field(SaaChip *chip);
bool saa_hps_planar(const SaaChip *chip);

/* field.c: starts or stops the field clock after a change of MC1 or IER. */
void saa_field_update(SaaChip *chip);
void saa_field_tick(SaaChip *chip);

/* faults.c */
bool saa_fault_due(const SaaChip *chip, SaaFault fault, uint64_t n);
uint64_t saa_fault_sequence(const SaaChip *chip, uint64_t n);

#endif
