// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libvirt's embedded driver puts each QEMU into the background, for the first process of the
 * machine to bury. That one is often a container's shell, which never does, or does so late; and
 * libvirt waits for it. So this process takes the orphans of its descendants and buries them.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#define VF_ADOPT_TICK_MS 20

/* From now on, as long as the default main loop runs. Later calls do nothing. */
void vf_adopt_begin(void);

/* How an adopted child ended: TRUE and *@status as waitpid(2) gives it. Known once per child. */
gboolean vf_adopt_status(pid_t pid, int *status);

/*
 * Calls @ended from the main loop when @pid was buried, at once when it is already; once. The
 * status is for vf_adopt_status().
 */
typedef void (*VfAdoptEnded)(gpointer data);
void vf_adopt_notify(pid_t pid, VfAdoptEnded ended, gpointer data);
void vf_adopt_forget(pid_t pid); /* never mind */

/* SIGKILL for a process that will be adopted, unless it is buried already. */
void vf_adopt_kill(pid_t pid);
