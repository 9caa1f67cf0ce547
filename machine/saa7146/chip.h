// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SAA7146A without QEMU: registers, I2C master, DMA channels, RPS, scaler
 * and sources as one plain structure that reaches the world through SaaBus.
 * device.c gives it a PCI slot; tests and the fuzzer give it an array.
 *
 * Sections and tables cited in the .c files are those of Philips' data sheet
 * "SAA7146A Multimedia bridge, high performance Scaler and PCI circuit (SPCI)",
 * 1998 Apr 09. Driver lines are those of Linux 6.12.
 *
 * Not thread-safe: every call is made under one lock (in QEMU the big lock).
 *
 * All that a guest writes is hostile. A call from within a callback of SaaBus
 * (a DMA access or an interrupt that leads back to the registers) changes
 * nothing, reset excepted; a call makes at most SAA_ACCESSES_MAX bus accesses.
 */
#ifndef SAA7146_CHIP_H
#define SAA7146_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "pattern.h"
#include "registers.h"

typedef enum {
	SAA_TIMER_STREAM, /* the next stretch of the transport stream */
	SAA_TIMER_FIELD,  /* the next phase of the field clock */
	SAA_TIMER_LATE,	  /* a delayed interrupt becomes visible */
	SAA_TIMERS
} SaaTimer;

/* The world around the chip. All callbacks are set; addresses are PCI bus addresses. */
typedef struct SaaBus {
	bool (*read)(void *opaque, uint32_t addr, void *buf, size_t len);
	bool (*write)(void *opaque, uint32_t addr, const void *buf, size_t len);
	void (*irq)(void *opaque, bool level);
	int64_t (*now)(void *opaque);				 /* nanoseconds, never backwards */
	void (*timer)(void *opaque, SaaTimer which, int64_t at); /* at < 0: cancel */
	/* A guest used something that the model does not have; @what is a constant string. */
	void (*unimplemented)(void *opaque, const char *what, uint32_t value);
	/* For the observers of captures: see VfEvents. @pages are bus addresses of 4 KiB pages. */
	void (*arm)(void *opaque);
	void (*targets)(void *opaque, const uint32_t *pages, size_t n);
	void (*disarm)(void *opaque);
} SaaBus;

/* Deliberate faults, so that each check of a capture job can be shown to fail. */
typedef enum {
	SAA_FAULT_DROP,	     /* each Nth packet or frame is not sent */
	SAA_FAULT_DUPLICATE, /* each Nth is sent twice */
	SAA_FAULT_REORDER,   /* each Nth changes places with the one before */
	SAA_FAULT_CORRUPT,   /* one byte of each Nth is wrong */
	SAA_FAULT_PROT,	     /* each Nth lap or frame ends in 64 bytes at the protection address */
	SAA_FAULT_PAGE,	     /* each Nth page table look-up gives the entry after */
	SAA_FAULT_LATE,	     /* interrupts of a capture become visible N ms late */
	SAA_FAULT_I2C,	     /* the I2C bus hangs from the Nth transfer on */
	SAA_FAULTS
} SaaFault;

/* Name of the device property, and the range of N; 0 is always allowed and means never. */
typedef struct SaaFaultKind {
	const char *name;
	uint32_t min, max;
} SaaFaultKind;

extern const SaaFaultKind saa_faults[SAA_FAULTS];

typedef struct SaaConfig {
	const struct SaaCard *card;
	uint32_t ts_rate;    /* bits per second */
	uint32_t field_rate; /* fields per second */
	/* The source waits for a guest that does not look at what it got, as no antenna and no
	 * camera does: for hosts that are too busy for real time. Hides a driver that is slow. */
	bool hold;
	uint32_t faults[SAA_FAULTS]; /* N of each; 0: never */
} SaaConfig;

#define SAA_SLAVES_MAX 8

/*
 * Bus accesses of one call. The largest field has 4095 lines in three channels, each line in up to
 * three pages, each with its look-up.
 */
#define SAA_ACCESSES_MAX 100000u

typedef struct SaaSlave {
	uint8_t regs[256];
	uint8_t pointer;
	bool programmed;   /* the register that its driver sets last was written */
	uint32_t position; /* bytes since START */
} SaaSlave;

typedef struct SaaRps {
	uint32_t pc;	 /* bus address of the next command */
	uint32_t events; /* edges seen since the task began to wait */
	bool told;	 /* the program has raised its interrupt */
} SaaRps;

/* Where a DMA3 stream from the BRS stands. */
typedef struct SaaStream {
	uint64_t packets;    /* packets begun since the stream was switched on */
	uint32_t in_packet;  /* bytes of the current packet already written */
	uint32_t field;	     /* fields written; even: BaseOdd, odd: BaseEven */
	uint32_t line, byte; /* inside the field */
	uint64_t credit; /* bit-nanoseconds that the source has sent and the FIFO not yet taken */
	int64_t last;	 /* time of the last account */
	uint64_t wraps;
	uint32_t unread; /* bytes written since the CPU read the pointer, for .hold */
} SaaStream;

/* Totals for the record at the end; not part of the chip's state. */
typedef struct SaaTotals {
	uint64_t packets, frames, fields, interrupts, wraps, i2c_transfers, faults, rps_errors;
	uint64_t reentered; /* calls from within a call */
} SaaTotals;

typedef struct SaaChip {
	const SaaBus *bus;
	void *opaque;
	SaaConfig config;

	uint32_t regs[SAA_REGS];   /* what the CPU or an RPS task wrote: the shadow RAM */
	uint32_t active[SAA_REGS]; /* working registers, copied by an upload */
	uint8_t debi_failed;	   /* the last DEBI command was one that is not modelled */
	SaaRps rps[2];
	SaaSlave slaves[SAA_SLAVES_MAX];
	int32_t i2c_current; /* index of the addressed slave, -1: none */
	bool i2c_reading;
	uint32_t i2c_transfers;
	SaaStream stream;
	uint32_t frame;
	bool odd;
	uint32_t phase;	    /* SaaPhase of the field clock */
	uint32_t idle;	    /* fields since somebody needed the clock */
	int64_t field_next; /* when it is due, -1: stopped */
	int64_t field_base; /* sync edge of the present field, -1: none yet */
	uint32_t lookups;   /* of page tables, for SAA_FAULT_PAGE */
	int64_t irq_at;	    /* SAA_FAULT_LATE: when INTA rises, -1: nothing is pending */

	/* Below: derived or of one call, not part of the state that migrates. */
	SaaTotals totals;
	bool irq_level;
	bool entered;		/* a call is under way */
	uint32_t accesses;	/* that it may still make on the bus */
	bool rps_running;	/* keeps an RPS program from nesting */
	uint32_t rps_words;	/* that the program has fetched for this event */
	uint64_t packet_number; /* of .packet, UINT64_MAX: none */
	uint8_t packet[TS_SIZE];
} SaaChip;

/* @config is copied, its card must stay. Registers are as after PCI reset. */
void saa_init(SaaChip *chip, const SaaBus *bus, void *opaque, const SaaConfig *config);
void saa_reset(SaaChip *chip);

/*
 * The CPU's accesses. @offset is a multiple of 4 below SAA_BAR_SIZE; values in the CPU's byte
 * order. From within a call nothing is written and all bits are read as 1, as of a bus without an
 * answer.
 */
uint32_t saa_read(SaaChip *chip, uint32_t offset);
void saa_write(SaaChip *chip, uint32_t offset, uint32_t value);

void saa_timer(SaaChip *chip, SaaTimer which);

/* After a migration: false when the state cannot come from a chip. Restarts the timers. */
bool saa_loaded(SaaChip *chip);

#endif
