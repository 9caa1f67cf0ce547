// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "scratch.h"

static void test_modes(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;
	VfLock *one = vf_lock_try("lock", VF_LOCK_SHARED, &error);
	VfLock *two = vf_lock_try("lock", VF_LOCK_SHARED, &error);

	g_assert_nonnull(one);
	g_assert_nonnull(two);
	g_assert_null(vf_lock_try("lock", VF_LOCK_EXCLUSIVE, &error));
	g_assert_no_error(error);
	vf_lock_free(one);
	vf_lock_free(two);
	one = vf_lock_try("lock", VF_LOCK_EXCLUSIVE, &error);
	g_assert_nonnull(one);
	g_assert_null(vf_lock_try("lock", VF_LOCK_SHARED, &error));
	g_assert_no_error(error);
	vf_lock_free(one);
	g_assert_true(g_file_test("lock", G_FILE_TEST_EXISTS));
}

static void test_errors(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;

	g_assert_null(vf_lock_try("missing/lock", VF_LOCK_SHARED, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_cmpstr(error->message, ==,
			"cannot open the lock file missing/lock: No such file or directory");
	g_clear_error(&error);
	g_assert_cmpint(symlink("elsewhere", "link"), ==, 0);
	g_assert_null(vf_lock_try("link", VF_LOCK_SHARED, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_false(g_file_test("elsewhere", G_FILE_TEST_EXISTS));
}

/* A holder that is killed leaves no lock behind. */
static void test_killed_holder(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;
	VfLock *lock;
	char byte;
	int ready[2];
	pid_t child;

	g_assert_cmpint(pipe(ready), ==, 0);
	child = fork();
	if (child == 0) {
		if (vf_lock_try("lock", VF_LOCK_EXCLUSIVE, NULL) && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	g_assert_cmpint(child, >, 0);
	g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
	g_assert_null(vf_lock_try("lock", VF_LOCK_EXCLUSIVE, &error));
	g_assert_no_error(error);
	kill(child, SIGKILL);
	g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
	lock = vf_lock_try("lock", VF_LOCK_EXCLUSIVE, &error);
	g_assert_nonnull(lock);
	vf_lock_free(lock);
	close(ready[0]);
	close(ready[1]);
}

typedef struct Waiter {
	guint waited;
	gboolean done;
	VfLock *lock;
	GError *error;
} Waiter;

static void on_waiting(gpointer data)
{
	Waiter *waiter = data;

	waiter->waited++;
}

static void on_done(GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
	Waiter *waiter = data;

	waiter->lock = vf_lock_finish(result, &waiter->error);
	waiter->done = TRUE;
}

static gboolean release(gpointer data)
{
	g_clear_pointer((VfLock **)data, vf_lock_free);
	return G_SOURCE_REMOVE;
}

static gboolean cancel(gpointer data)
{
	g_cancellable_cancel(data);
	return G_SOURCE_REMOVE;
}

static void wait_for(Waiter *waiter)
{
	while (!waiter->done)
		g_main_context_iteration(NULL, TRUE);
}

static void test_async_at_once(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	Waiter waiter = {0};

	vf_lock_async("lock", VF_LOCK_EXCLUSIVE, NULL, on_waiting, on_done, &waiter);
	g_assert_false(waiter.done);
	wait_for(&waiter);
	g_assert_no_error(waiter.error);
	g_assert_nonnull(waiter.lock);
	g_assert_cmpuint(waiter.waited, ==, 0);
	vf_lock_free(waiter.lock);
}

static void test_async_waits(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	VfLock *held = vf_lock_try("lock", VF_LOCK_EXCLUSIVE, NULL);
	Waiter waiter = {0};

	g_assert_nonnull(held);
	vf_lock_async("lock", VF_LOCK_SHARED, NULL, on_waiting, on_done, &waiter);
	g_timeout_add(250, release, &held);
	wait_for(&waiter);
	g_assert_null(held);
	g_assert_no_error(waiter.error);
	g_assert_nonnull(waiter.lock);
	g_assert_cmpuint(waiter.waited, ==, 1);
	vf_lock_free(waiter.lock);
}

static void test_async_cancelled(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	VfLock *held = vf_lock_try("lock", VF_LOCK_EXCLUSIVE, NULL);
	Waiter waiter = {0};

	vf_lock_async("lock", VF_LOCK_EXCLUSIVE, cancellable, NULL, on_done, &waiter);
	g_timeout_add(50, cancel, cancellable);
	wait_for(&waiter);
	g_assert_null(waiter.lock);
	g_assert_error(waiter.error, VF_ERROR, VF_ERROR_CANCELLED);
	g_assert_cmpstr(waiter.error->message, ==, "cancelled while waiting for the lock lock");
	g_clear_error(&waiter.error);
	vf_lock_free(held);
}

static void test_async_error(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	Waiter waiter = {0};

	vf_lock_async("missing/lock", VF_LOCK_EXCLUSIVE, NULL, on_waiting, on_done, &waiter);
	wait_for(&waiter);
	g_assert_null(waiter.lock);
	g_assert_error(waiter.error, VF_ERROR, VF_ERROR_IO);
	g_clear_error(&waiter.error);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lock/modes", test_modes);
	g_test_add_func("/lock/errors", test_errors);
	g_test_add_func("/lock/killed-holder", test_killed_holder);
	g_test_add_func("/lock/async/at-once", test_async_at_once);
	g_test_add_func("/lock/async/waits", test_async_waits);
	g_test_add_func("/lock/async/cancelled", test_async_cancelled);
	g_test_add_func("/lock/async/error", test_async_error);
	return g_test_run();
}
