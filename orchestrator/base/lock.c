// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"

#define POLL_MS 100

struct VfLock {
	int fd;
};

void vf_lock_free(VfLock *lock)
{
	if (!lock)
		return;
	close(lock->fd);
	g_free(lock);
}

VfLock *vf_lock_try(const char *path, VfLockMode mode, GError **error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	int operation = mode == VF_LOCK_SHARED ? LOCK_SH : LOCK_EX;
	VfLock *lock;

	if (fd < 0) {
		vf_throw_errno(error, "cannot open the lock file %s", path);
		return NULL;
	}
	if (flock(fd, operation | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			vf_throw_errno(error, "cannot lock %s", path);
		close(fd);
		return NULL;
	}
	lock = g_new0(VfLock, 1);
	lock->fd = fd;
	return lock;
}

int vf_lock_fd(const VfLock *lock)
{
	return lock->fd;
}

typedef struct Wait {
	char *path;
	VfLockMode mode;
} Wait;

static void wait_free(gpointer data)
{
	Wait *wait = data;

	g_free(wait->path);
	g_free(wait);
}

/* Ends @task and returns TRUE unless the lock is still held by another process. */
static gboolean wait_step(GTask *task)
{
	Wait *wait = g_task_get_task_data(task);
	GError *error = NULL;
	VfLock *lock;

	if (g_cancellable_is_cancelled(g_task_get_cancellable(task))) {
		vf_throw(&error, VF_ERROR_CANCELLED, "cancelled while waiting for the lock %s",
			 wait->path);
		g_task_return_error(task, error);
		return TRUE;
	}
	lock = vf_lock_try(wait->path, wait->mode, &error);
	if (lock)
		g_task_return_pointer(task, lock, (GDestroyNotify)vf_lock_free);
	else if (error)
		g_task_return_error(task, error);
	return lock || error;
}

static gboolean wait_poll(gpointer data)
{
	return wait_step(data) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

void vf_lock_async(const char *path, VfLockMode mode, GCancellable *cancellable,
		   void (*waiting)(gpointer), GAsyncReadyCallback done, gpointer data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, done, data);
	g_autoptr(GSource) source = NULL;
	Wait *wait = g_new0(Wait, 1);

	wait->path = g_strdup(path);
	wait->mode = mode;
	g_task_set_source_tag(task, vf_lock_async);
	g_task_set_task_data(task, wait, wait_free);
	g_task_set_check_cancellable(task, FALSE);
	if (wait_step(task))
		return;
	if (waiting)
		waiting(data);
	source = g_timeout_source_new(POLL_MS);
	g_source_set_callback(source, wait_poll, g_object_ref(task), g_object_unref);
	g_source_attach(source, g_task_get_context(task));
}

VfLock *vf_lock_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
