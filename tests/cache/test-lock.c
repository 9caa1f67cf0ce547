// SPDX-License-Identifier: GPL-2.0-or-later
#include "lock.h"

#define OTHERS 3u
#define TURNS  300000u

static VfLock lock;
static gboolean inside, over;
static guint64 turns; /* no atomic: only the lock keeps it right */

static void turn(void)
{
	vf_lock_take(&lock);
	g_assert_false(inside);
	inside = TRUE;
	turns++;
	inside = FALSE;
	vf_lock_leave(&lock);
}

static gpointer other(G_GNUC_UNUSED gpointer data)
{
	gsize n = 0;

	for (; !g_atomic_int_get(&over); n++)
		turn();
	return GSIZE_TO_POINTER(n);
}

static void contend(void)
{
	GThread *threads[OTHERS];
	guint64 expected = TURNS;

	turns = 0;
	g_atomic_int_set(&over, FALSE);
	for (guint i = 0; i < OTHERS; i++)
		threads[i] = g_thread_new("other", other, NULL);
	for (guint i = 0; i < TURNS; i++)
		turn();
	g_atomic_int_set(&over, TRUE);
	for (guint i = 0; i < OTHERS; i++)
		expected += GPOINTER_TO_SIZE(g_thread_join(threads[i]));
	g_assert_cmpuint(turns, ==, expected);
}

/* Nobody claims it before the first vCPU runs. */
static void test_unclaimed(void)
{
	vf_lock_init(&lock);
	g_assert_false(vf_lock_owner);
	contend();
}

static void test_owner(void)
{
	vf_lock_init(&lock);
	vf_lock_claim();
	vf_lock_claim();
	g_assert_true(vf_lock_owner);
	contend();
}

/* As where the kernel has no membarrier(2). */
static void test_fence(void)
{
	vf_lock_init(&lock);
	lock.fence = TRUE;
	contend();
}

static gpointer claim(G_GNUC_UNUSED gpointer data)
{
	vf_lock_claim();
	return GINT_TO_POINTER(vf_lock_owner);
}

static void test_second_claim(void)
{
	g_assert_null(g_thread_join(g_thread_new("second", claim, NULL)));
	g_assert_true(vf_lock_owner);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lock/unclaimed", test_unclaimed);
	g_test_add_func("/lock/owner", test_owner);
	g_test_add_func("/lock/fence", test_fence);
	g_test_add_func("/lock/second-claim", test_second_claim);
	return g_test_run();
}
