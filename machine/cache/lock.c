// SPDX-License-Identifier: GPL-2.0-or-later
#include "lock.h"

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

__thread gboolean vf_lock_owner;
static gint claimed;

static long membarrier(int command)
{
	return syscall(SYS_membarrier, command, 0, 0);
}

void vf_lock_init(VfLock *l)
{
	*l = (VfLock){.fence = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) != 0};
	g_mutex_init(&l->others);
}

void vf_lock_claim(void)
{
	if (g_atomic_int_compare_and_exchange(&claimed, FALSE, TRUE))
		vf_lock_owner = TRUE;
}

/* After this, either the owner has seen that the lock is wanted, or we see it inside. */
static void meet_owner(const VfLock *l)
{
	if (l->fence)
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	else
		membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

void vf_lock_take_slowly(VfLock *l)
{
	if (vf_lock_owner)
		__atomic_store_n(&l->busy, FALSE, __ATOMIC_RELEASE);
	g_mutex_lock(&l->others);
	if (vf_lock_owner) {
		/* @wanted is only set by who holds the mutex, and gone before it is let go */
		__atomic_store_n(&l->busy, TRUE, __ATOMIC_RELAXED);
		g_mutex_unlock(&l->others);
		return;
	}
	__atomic_store_n(&l->wanted, TRUE, __ATOMIC_RELAXED);
	meet_owner(l);
	while (__atomic_load_n(&l->busy, __ATOMIC_ACQUIRE))
		sched_yield();
}

void vf_lock_leave_slowly(VfLock *l)
{
	__atomic_store_n(&l->wanted, FALSE, __ATOMIC_RELEASE);
	g_mutex_unlock(&l->others);
}
