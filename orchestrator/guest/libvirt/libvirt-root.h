// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The directory of an embedded libvirt driver (qemu:///embed?root=DIRECTORY). Two processes cannot
 * share one, so each orchestrator has its own, in a place whose name is short: the driver's sockets
 * are in it. What libvirt learns about the emulators is kept for the next below vf_dirs_cache().
 */
#pragma once

#include <glib.h>

#define VF_LIBVIRT_ROOT_MAX 50 /* bytes of the path */

/* Makes it, with settings that work without systemd, cgroups and security drivers. Caller frees. */
char *vf_libvirt_root_new(GError **error);

/* The same settings in a directory that the user named, unless it has a qemu.conf. */
gboolean vf_libvirt_root_set_up(const char *root, GError **error);

void vf_libvirt_root_remove(const char *root);

/* Removes those of orchestrators of this user that are gone; their guests have been ended before.
 */
void vf_libvirt_root_sweep(void);
