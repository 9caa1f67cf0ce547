// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The register programming sequencer, section 7.4: two tasks that fetch
 * commands from memory and wait for events of the video ports.
 *
 * Events of the ports are edges: they satisfy a PAUSE that waits while they
 * occur, not a later one ("wait for o_fid_a/b / e_fid_a/b toggle",
 * saa7146_hlp.c, program_capture_engine()). The five signals are levels.
 */
#include "parts.h"

/*
 * A task that jumps in a circle goes on with the next event instead of holding the machine. Words
 * and not commands are counted, because one command writes up to 255 registers.
 */
#define WORDS_PER_EVENT 512

enum {
	OP_CLEAR_SIGNAL = 0x0,
	OP_SET_SIGNAL = 0x1,
	OP_PAUSE = 0x2,
	OP_UPLOAD = 0x4,
	OP_STOP = 0x5,
	OP_INTERRUPT = 0x6,
	OP_JUMP = 0x8,
	OP_WRITE = 0x9,
	OP_READ = 0xa,
	OP_WRITE_MASKED = 0xc,
};

#define COND_OR	    (1u << 27)
#define COND_INVERT (1u << 26)
#define COND_EVENTS 0x03ffffffu
#define COND_KNOWN                                                                    \
	(SAA_EVENT_BRS_DONE | SAA_EVENT_VBI_A | SAA_EVENT_VBI_B | SAA_EVENT_E_FID_A | \
	 SAA_EVENT_O_FID_A | SAA_EVENT_E_FID_B | SAA_EVENT_O_FID_B | SAA_EVENT_SIGNALS(31u))

typedef enum { NEXT, WAIT, END, ERROR } Outcome;

static bool fetch(SaaChip *chip, SaaRps *task, uint32_t *word)
{
	uint8_t b[4];

	chip->rps_words++;
	if (!saa_bus_read(chip, task->pc, b, 4))
		return false;
	*word = b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24;
	task->pc += 4;
	return true;
}

static bool condition(SaaChip *chip, const SaaRps *task, uint32_t command)
{
	uint32_t have = task->events | SAA_EVENT_SIGNALS(SAA_MC2_SIGNALS(saa_reg(chip, SAA_MC2)));
	uint32_t want = command & COND_EVENTS;
	bool met = command & COND_OR ? have & want : (have & want) == want;

	if (want & ~COND_KNOWN)
		saa_unimplemented(chip, "RPS event", want & ~COND_KNOWN);
	return command & COND_INVERT ? !met : met;
}

static Outcome do_pause(SaaChip *chip, SaaRps *task, uint32_t command)
{
	if (!condition(chip, task, command)) {
		/* Of a condition on several edges the first ones are remembered. */
		task->events &= command & COND_EVENTS;
		task->pc -= 4;
		return WAIT;
	}
	task->events &= ~(command & COND_EVENTS);
	return NEXT;
}

static Outcome do_jump(SaaChip *chip, SaaRps *task, uint32_t command)
{
	uint32_t target;

	if (!fetch(chip, task, &target))
		return ERROR;
	if (!(command & COND_EVENTS) || condition(chip, task, command))
		task->pc = target & ~3u;
	return NEXT;
}

static Outcome do_signals(SaaChip *chip, uint32_t command, bool set)
{
	uint32_t bits = command >> 21 & 31;

	if (command & COND_EVENTS & ~SAA_EVENT_SIGNALS(31u))
		saa_unimplemented(chip, "RPS signal other than SIG0 to SIG4", command);
	saa_set(chip, SAA_MC2, bits << 27 | (set ? bits << 11 : 0));
	return NEXT;
}

static uint32_t register_offset(uint32_t command)
{
	return (command & 0x7f) * 4;
}

/* Bits 15:8 count the registers of a block, 0 stands for one. */
static Outcome do_write(SaaChip *chip, SaaRps *task, uint32_t command)
{
	uint32_t offset = register_offset(command), n = command >> 8 & 0xff, value;

	for (n = n ? n : 1; n; n--, offset += 4) {
		if (!fetch(chip, task, &value))
			return ERROR;
		saa_set(chip, offset % SAA_BAR_SIZE, value);
	}
	return NEXT;
}

static Outcome do_write_masked(SaaChip *chip, SaaRps *task, uint32_t command)
{
	uint32_t offset = register_offset(command), mask, value;

	if (!fetch(chip, task, &mask) || !fetch(chip, task, &value))
		return ERROR;
	/* The main control registers carry a mask of their own in the upper half. */
	if (offset == SAA_MC1 || offset == SAA_MC2)
		value &= mask;
	else
		value = (saa_reg(chip, offset) & ~mask) | (value & mask);
	saa_set(chip, offset, value);
	return NEXT;
}

/* A task may write inside the 4 KiB page that RPS_PAGE names (section 7.4.6). */
static Outcome do_read(SaaChip *chip, SaaRps *task, uint32_t command, int number)
{
	uint32_t page = saa_reg(chip, number ? SAA_RPS_PAGE1 : SAA_RPS_PAGE0) & ~4095u;
	uint32_t value = saa_get(chip, register_offset(command)), target;
	uint8_t b[4] = {value, value >> 8, value >> 16, value >> 24};

	if (!fetch(chip, task, &target) || (target & ~4095u) != page)
		return ERROR;
	return saa_bus_write(chip, target & ~3u, b, 4) ? NEXT : ERROR;
}

static Outcome step(SaaChip *chip, int number)
{
	SaaRps *task = &chip->rps[number];
	uint32_t command;

	if (!fetch(chip, task, &command))
		return ERROR;
	switch (command >> 28) {
	case OP_CLEAR_SIGNAL:
		return do_signals(chip, command, false);
	case OP_SET_SIGNAL:
		return do_signals(chip, command, true);
	case OP_PAUSE:
		return do_pause(chip, task, command);
	case OP_UPLOAD:
		saa_upload(chip, command & SAA_MC2_UPLOADS);
		return NEXT;
	case OP_STOP:
		return END;
	case OP_INTERRUPT:
		task->told = saa_reg(chip, SAA_IER) & SAA_INT_RPS(number);
		saa_irq_raise(chip, SAA_INT_RPS(number));
		return NEXT;
	case OP_JUMP:
		return do_jump(chip, task, command);
	case OP_WRITE:
		return do_write(chip, task, command);
	case OP_READ:
		return do_read(chip, task, command, number);
	case OP_WRITE_MASKED:
		return do_write_masked(chip, task, command);
	default:
		saa_unimplemented(chip, "RPS command", command);
		return ERROR;
	}
}

static bool enabled(const SaaChip *chip, int number)
{
	return saa_reg(chip, SAA_MC1) & SAA_MC1_RPS(number);
}

static void run(SaaChip *chip, int number)
{
	Outcome outcome = NEXT;

	chip->rps_words = 0;
	while (outcome == NEXT && chip->rps_words < WORDS_PER_EVENT && enabled(chip, number))
		outcome = step(chip, number);
	chip->regs[SAA_RPS_ADDR0 / 4 + number] = chip->rps[number].pc;
	if (outcome == WAIT)
		return;
	chip->rps[number].events = 0;
	if (outcome == END || outcome == ERROR)
		chip->regs[SAA_MC1 / 4] &= ~SAA_MC1_RPS(number);
	if (outcome == ERROR) {
		chip->totals.rps_errors++;
		saa_irq_raise(chip, SAA_INT_RPS_E(number));
	}
}

void saa_rps_start(SaaChip *chip, int number)
{
	chip->rps[number].pc = saa_reg(chip, SAA_RPS_ADDR0 + 4 * number) & ~3u;
	chip->rps[number].events = 0;
	chip->rps[number].told = false;
}

/* A program writes registers, and these may come back here: the outermost call does the work. */
void saa_rps_event(SaaChip *chip, uint32_t events)
{
	if (chip->rps_running)
		return;
	chip->rps_running = true;
	for (int number = 0; number < 2; number++) {
		if (!enabled(chip, number))
			continue;
		chip->rps[number].events |= events;
		run(chip, number);
	}
	chip->rps_running = false;
}
