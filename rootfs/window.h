// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Marks for the host what the guest is doing, through the control port of
 * vifarm.so (docs/control-port.md). No driver is needed.
 */
#ifndef VIFARM_ROOTFS_WINDOW_H
#define VIFARM_ROOTFS_WINDOW_H

#include <stdbool.h>

/* Finds and maps the port; false, with the reason in window_error(), when there is none. */
bool window_open(void);
const char *window_error(void);

/* A window begins; it ends the one before. NAME: at most 63 of A-Za-z0-9-_.:/+ */
void window_begin(const char *name);
void window_end(void);

#endif
