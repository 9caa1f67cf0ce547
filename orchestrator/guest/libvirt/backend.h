// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests that libvirt runs, on this machine or on others. */
#pragma once

#include "guest/guest.h"

typedef struct VfLibvirt VfLibvirt;

/*
 * @uris: NULL or NULL-terminated; none means the embedded driver. With @fall_back, tasks that no
 * host can run go to the back end qemu on this machine. VF_ERROR_USAGE when a URI is none.
 */
VfLibvirt *vf_libvirt_new(const char *const *uris, gboolean fall_back, GError **error);
void vf_libvirt_free(VfLibvirt *libvirt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLibvirt, vf_libvirt_free)

typedef void (*VfLibvirtNote)(const char *text, gpointer data);

/*
 * Connects to all hosts at once and asks what they can do for @plan; runs the default main loop
 * meanwhile. @note, also later, is told what becomes different from what was asked for: a host that
 * does not answer, a task that falls back. Call vf_guest_qemu_reap() before.
 */
void vf_libvirt_open(VfLibvirt *libvirt, const VfPlan *plan, VfLibvirtNote note, gpointer data);

/* Guests that fit on all hosts together. */
guint vf_libvirt_slots(const VfLibvirt *libvirt);

/* Lives as long as @libvirt. */
const VfGuestBackend *vf_libvirt_backend(VfLibvirt *libvirt);
