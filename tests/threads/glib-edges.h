// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What ThreadSanitizer cannot see in a GLib that was not built with it: a task's thread begins after
 * g_task_run_in_thread(), its callback runs after g_task_return_boolean(), and its data are freed
 * after both, in whichever thread. The linker puts these in the place of GLib's (--wrap).
 */
#pragma once

#include <gio/gio.h>
#include <sanitizer/tsan_interface.h>

/* The data of a task, with what belongs to them. Edges meet at its address. */
typedef struct Edge {
	gpointer data;
	GDestroyNotify destroy;
	GTaskThreadFunc func;
} Edge;

typedef struct Callback {
	GAsyncReadyCallback done;
	gpointer data;
} Callback;

GTask *__real_g_task_new(gpointer source, GCancellable *cancellable, GAsyncReadyCallback done,
			 gpointer data);
GTask *__wrap_g_task_new(gpointer source, GCancellable *cancellable, GAsyncReadyCallback done,
			 gpointer data);
void __real_g_task_set_task_data(GTask *task, gpointer data, GDestroyNotify destroy);
void __wrap_g_task_set_task_data(GTask *task, gpointer data, GDestroyNotify destroy);
gpointer __real_g_task_get_task_data(GTask *task);
gpointer __wrap_g_task_get_task_data(GTask *task);
void __real_g_task_run_in_thread(GTask *task, GTaskThreadFunc func);
void __wrap_g_task_run_in_thread(GTask *task, GTaskThreadFunc func);
void __real_g_task_return_boolean(GTask *task, gboolean result);
void __wrap_g_task_return_boolean(GTask *task, gboolean result);

static void edge_done(GObject *source, GAsyncResult *result, gpointer data)
{
	Callback *callback = data;
	Edge *edge = __real_g_task_get_task_data(G_TASK(result));

	if (edge)
		__tsan_acquire(edge);
	callback->done(source, result, callback->data);
	if (edge)
		__tsan_release(edge);
	g_free(callback);
}

GTask *__wrap_g_task_new(gpointer source, GCancellable *cancellable, GAsyncReadyCallback done,
			 gpointer data)
{
	Callback *callback = g_new(Callback, 1);

	*callback = (Callback){done, data};
	return __real_g_task_new(source, cancellable, edge_done, callback);
}

static void edge_free(gpointer data)
{
	Edge *edge = data;

	__tsan_acquire(edge);
	if (edge->destroy)
		edge->destroy(edge->data);
	g_free(edge);
}

void __wrap_g_task_set_task_data(GTask *task, gpointer data, GDestroyNotify destroy)
{
	Edge *edge = g_new0(Edge, 1);

	edge->data = data;
	edge->destroy = destroy;
	__real_g_task_set_task_data(task, edge, edge_free);
}

gpointer __wrap_g_task_get_task_data(GTask *task)
{
	Edge *edge = __real_g_task_get_task_data(task);

	return edge ? edge->data : NULL;
}

static void edge_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
	Edge *edge = data;

	__tsan_acquire(edge);
	edge->func(task, source, edge->data, cancellable);
}

void __wrap_g_task_run_in_thread(GTask *task, GTaskThreadFunc func)
{
	Edge *edge = __real_g_task_get_task_data(task);

	edge->func = func;
	__tsan_release(edge);
	__real_g_task_run_in_thread(task, edge_thread);
}

void __wrap_g_task_return_boolean(GTask *task, gboolean result)
{
	Edge *edge = __real_g_task_get_task_data(task);

	if (edge)
		__tsan_release(edge);
	__real_g_task_return_boolean(task, result);
}
