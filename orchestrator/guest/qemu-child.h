// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU as a child: two pipes (console and result channel) and a QMP socket are inherited as the
 * descriptors of guest/qemu-argv.h, so that nothing has a name that another user or run could meet.
 * The child dies with the orchestrator, is not in the terminal's process group, leaves no core
 * file, and carries in its environment who started it (guest/qemu-reap.h).
 */
#pragma once

#include <gio/gio.h>

typedef struct VfQemuWires {
	int console, result; /* read ends of pipes */
	int errors;	     /* the same, of stdout and stderr together */
	int monitor;	     /* a connected socket */
} VfQemuWires;

/* On success the caller owns the descriptors of @wires. NULL with an error of GSpawn or
 * VF_ERROR_IO. */
GSubprocess *vf_qemu_child(char **argv, const char *run_id, VfQemuWires *wires, GError **error);
