// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A libvirt host for a test: a session daemon with a home, sockets and a storage pool of its own,
 * so that it meets nothing of the machine's. A test of root runs it as nobody, who sees as little
 * of the farm's files as another machine would.
 */
#pragma once

#include <gio/gio.h>

typedef struct Libvirtd {
	char *directory;
	char *uri; /* qemu+unix:///session?socket=... */
	GSubprocess *daemon;
} Libvirtd;

/* @pool: whether it has the storage pool that the farm needs. */
Libvirtd *libvirtd_start(gboolean pool);

/* The machine crashes: the daemon and all that it runs are gone at once. */
void libvirtd_crash(Libvirtd *host);

void libvirtd_stop(Libvirtd *host); /* and removes its directory */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Libvirtd, libvirtd_stop)
