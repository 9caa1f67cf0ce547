// SPDX-License-Identifier: GPL-2.0-or-later
/* One guest on one libvirt host, from its description to its evidence. */
#pragma once

#include "guest/guest.h"
#include "guest/libvirt/libvirt-host.h"

/*
 * Takes one of @host's slots until the end; the result is for vf_boot_finish(). @host NULL: there
 * is none for the task any more, because of @why.
 */
void vf_libvirt_guest_run(VfHost *host, const GError *why, const VfGuestSpec *spec,
			  GCancellable *cancellable, VfGuestProgress progress,
			  gpointer progress_data, GAsyncReadyCallback done, gpointer data);
