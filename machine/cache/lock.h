// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A lock for one thread that takes it for every access of the guest, hundreds of millions of times,
 * and others that take it now and then. The owner pays no atomic instruction: the others make its
 * stores visible with membarrier(2), and wait. Where the kernel has none, the owner pays a fence.
 */
#pragma once

#include <glib.h>

typedef struct VfLock {
	gint busy;   /* the owner is inside */
	gint wanted; /* another one is inside, or waits for the owner */
	gboolean fence;
	GMutex others; /* held by the one of them */
} VfLock;

/* Whether this thread is the owner; there is one such thread in a program. */
extern __thread gboolean vf_lock_owner;

void vf_lock_init(VfLock *l);
/* The first thread that calls this is the owner from now on. */
void vf_lock_claim(void);

void vf_lock_take_slowly(VfLock *l);
void vf_lock_leave_slowly(VfLock *l);

static inline void vf_lock_take(VfLock *l)
{
	if (!vf_lock_owner)
		return vf_lock_take_slowly(l);
	__atomic_store_n(&l->busy, TRUE, __ATOMIC_RELAXED);
	if (l->fence)
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&l->wanted, __ATOMIC_ACQUIRE))
		vf_lock_take_slowly(l);
}

static inline void vf_lock_leave(VfLock *l)
{
	if (!vf_lock_owner)
		return vf_lock_leave_slowly(l);
	__atomic_store_n(&l->busy, FALSE, __ATOMIC_RELEASE);
}
