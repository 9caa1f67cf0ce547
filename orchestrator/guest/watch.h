// SPDX-License-Identifier: GPL-2.0-or-later
/* When a guest has had enough time. Times are g_get_monotonic_time(); 0: has not happened. */
#pragma once

#include "evidence/evidence.h"

#define VF_WATCH_TICK_MS     250
#define VF_WATCH_SPLAT_US    (2 * G_USEC_PER_SEC)  /* for the rest of a fatal message */
#define VF_WATCH_QUIET_US    (G_USEC_PER_SEC / 2)  /* or until nothing more comes */
#define VF_WATCH_POWEROFF_US (10 * G_USEC_PER_SEC) /* from the end marker to the end of QEMU */
#define VF_WATCH_QUIT_US     (2 * G_USEC_PER_SEC)  /* from QMP's quit to SIGKILL */

typedef struct VfWatch {
	gint64 started;
	gint64 last_byte;	/* of console or channel; @started at first */
	gint64 fatal;		/* a fatal message or pvpanic */
	gint64 ended;		/* the end marker */
	guint silence, timeout; /* seconds; 0: no limit */
} VfWatch;

typedef enum {
	VF_WATCH_GO_ON,
	VF_WATCH_PANIC,
	VF_WATCH_SILENCE,
	VF_WATCH_TIMEOUT,
	VF_WATCH_LINGER, /* the end marker came, but the guest did not end */
} VfWatchAction;

VfWatchAction vf_watch_look(const VfWatch *watch, gint64 now);
