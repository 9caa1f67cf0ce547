// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Progress for people. On a terminal each item that is under way has one live line at the bottom
 * and leaves one line above when it is done; in a log every change is a line of its own.
 */
#pragma once

#include <stdio.h>

#include "evidence/evidence.h"

typedef enum {
	VF_DISPLAY_AUTO,  /* live on a terminal, otherwise plain */
	VF_DISPLAY_PLAIN, /* one line a change */
	VF_DISPLAY_QUIET, /* nothing */
} VfDisplayMode;

typedef struct VfDisplay VfDisplay;

/* @total: tasks of the run, for "3/16". */
VfDisplay *vf_display_new(VfDisplayMode mode, FILE *out, guint total);
void vf_display_free(VfDisplay *display);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfDisplay, vf_display_free)

/*
 * @item is under way: "building", 0.43. @fraction < 0: unknown. @detail (escaped; may be NULL) is
 * for the live line alone; plain mode prints a change of @what, and each tenth of @fraction.
 */
void vf_display_progress(VfDisplay *display, const char *item, const char *what, const char *detail,
			 double fraction);

/* @item ends without a line. */
void vf_display_drop(VfDisplay *display, const char *item);

/* @item is done. @reason is escaped already. @counts: it was one of the total. */
void vf_display_done(VfDisplay *display, const char *item, VfStatus status, const char *reason,
		     double seconds, gboolean counts);

/* One of the total was done before; it gets no line. */
void vf_display_count(VfDisplay *display);

/* A line that stays. */
void vf_display_note(VfDisplay *display, const char *format, ...) G_GNUC_PRINTF(2, 3);
