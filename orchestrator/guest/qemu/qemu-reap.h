// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests carry in their environment who started them, so that strays can be told from others. */
#pragma once

#include <sys/types.h>
#include <glib.h>

#define VF_QEMU_ENV_RUN	  "VIFARM_RUN"	 /* run id */
#define VF_QEMU_ENV_PID	  "VIFARM_PID"	 /* of the orchestrator */
#define VF_QEMU_ENV_START "VIFARM_START" /* its start time: process ids are used again */

/* Field "starttime" of /proc/@pid/stat (clock ticks since boot), or 0 when there is none. */
guint64 vf_qemu_start_time(pid_t pid);

/*
 * Whether @environment (@length bytes, entries ended by NUL) is that of a guest whose orchestrator
 * is gone.
 */
gboolean vf_qemu_is_stray(const char *environment, gsize length);
