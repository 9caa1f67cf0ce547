// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU as a child: two pipes (console and result channel) and a QMP socket are inherited as the
 * descriptors of guest/qemu-argv.h, so that nothing has a name that another user or run could meet.
 * The child dies with the orchestrator, has no terminal, leaves no core file, is limited in memory
 * and files, and carries in its environment who started it (guest/qemu-reap.h).
 */
#pragma once

#include <gio/gio.h>

#include "guest/guest.h"

typedef struct VfQemuWires {
	int console, result; /* read ends of pipes */
	int errors;	     /* the same, of stdout and stderr together */
	int monitor;	     /* a connected socket */
} VfQemuWires;

/*
 * Whether this host can give a guest the sandbox of strangers' builds: nothing but the files of its
 * command line, a user of its own where we are root, no network, no other process.
 */
gboolean vf_qemu_child_sandboxed(void);

/*
 * @argv is of vf_qemu_argv(@spec, VF_QEMU_RUN); the file of the model's report comes into being.
 * Where it is sandboxed, the status of a signal is 128 + its number. On success the caller owns the
 * descriptors of @wires. NULL with an error of GSpawn or VF_ERROR_IO.
 */
GSubprocess *vf_qemu_child(const VfGuestSpec *spec, char **argv, VfQemuWires *wires,
			   GError **error);

/* After its end: the report of the model is ours again; one that was not begun is none. */
void vf_qemu_child_ended(const VfGuestSpec *spec);
