// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest's console as LAVA's log has it, taken apart again: the kernel's messages, the records of
 * the result channel that came between them (vifarm.result=kmsg), and the records of the model,
 * which vifarm.so writes in the middle of whatever line the guest is at:
 *	CONSOLE~>
 *	~vm SEQ TYPE CRC PAYLOAD
 *	CONSOLE GOES ON
 * A record of the model is shaped as one of the channel; K is a piece of a line of the report, I
 * its last piece.
 */
#pragma once

#include <glib.h>

typedef void (*VfLavaBytes)(const char *bytes, gsize length, gpointer data);

typedef struct VfLavaConsoleCalls {
	VfLavaBytes console; /* whole lines with their newline */
	VfLavaBytes record;  /* likewise, "~vf ..." */
	VfLavaBytes model;   /* one line of the report, with its newline */
	gpointer data;
} VfLavaConsoleCalls;

typedef struct VfLavaConsole VfLavaConsole;

VfLavaConsole *vf_lava_console_new(const VfLavaConsoleCalls *calls);
void vf_lava_console_free(VfLavaConsole *console);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLavaConsole, vf_lava_console_free)

/* One line without its newline, as the log has it. */
void vf_lava_console_line(VfLavaConsole *console, const char *text, gsize length);

/* No more lines. */
void vf_lava_console_finish(VfLavaConsole *console);

/* First damage of the model's records, or NULL; valid after the end. */
const char *vf_lava_console_model_error(const VfLavaConsole *console);
