// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Locks between processes, as flock(2) on a file that is never removed. A lock dies with its
 * holder, so a killed orchestrator leaves none behind.
 */
#pragma once

#include <gio/gio.h>

typedef enum { VF_LOCK_SHARED, VF_LOCK_EXCLUSIVE } VfLockMode;

typedef struct VfLock VfLock;

void vf_lock_free(VfLock *lock); /* unlocks */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLock, vf_lock_free)

/*
 * The lock's descriptor, close-on-exec. A process that inherits it holds the lock as well: others
 * get it when both have ended or closed it.
 */
int vf_lock_fd(const VfLock *lock);

/* NULL with VF_ERROR_IO, or NULL without error when another process holds it. */
VfLock *vf_lock_try(const char *path, VfLockMode mode, GError **error);

/*
 * Polls every 100 ms in the main loop until the lock is had or @cancellable fires; @waiting, if
 * given, is called once when the first try did not succeed.
 */
void vf_lock_async(const char *path, VfLockMode mode, GCancellable *cancellable,
		   void (*waiting)(gpointer), GAsyncReadyCallback done, gpointer data);
VfLock *vf_lock_finish(GAsyncResult *result, GError **error);
