// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The interface cancels by a GET, which must not be repeated blindly: the signal is given again
 * only when the state shows that the one before was not heard.
 */
#include "guest/lava/follow.h"

#include "base/error.h"

enum { LOOK_MS = 1000, LOOKS_A_SIGNAL = 10 };

typedef struct Cancel {
	VfLava *lava;
	char *id;
	GCancellable *limit; /* ends a question to a server that is out of reach */
	guint looks;
} Cancel;

static void cancel_free(gpointer data)
{
	Cancel *c = data;

	g_object_unref(c->limit);
	g_free(c->id);
	g_free(c);
}

static void give_signal(GTask *task);

static void not_ended(GTask *task)
{
	const Cancel *c = g_task_get_task_data(task);

	g_task_return_new_error(task, VF_ERROR, VF_ERROR_HARNESS,
				"%s: job %s was told to end and has not within %d s",
				vf_lava_lab(c->lava)->url, c->id, VF_LAVA_CANCEL_S);
	g_object_unref(task);
}

static void look(GTask *task);

static gboolean on_pause(gpointer data)
{
	GTask *task = data;
	Cancel *c = g_task_get_task_data(task);

	c->looks++;
	if (g_cancellable_is_cancelled(c->limit))
		not_ended(task);
	else if (c->looks % LOOKS_A_SIGNAL == 0)
		give_signal(task);
	else
		look(task);
	return G_SOURCE_REMOVE;
}

static void on_job(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	g_autoptr(VfHttpAnswer) answer = vf_lava_get_finish(result, NULL);
	g_autoptr(VfLavaJob) job =
		answer ? vf_lava_job_parse(answer->body->str, answer->body->len, NULL) : NULL;

	if (!job || job->state != VF_LAVA_FINISHED) {
		g_timeout_add(LOOK_MS, on_pause, task);
		return;
	}
	g_task_return_boolean(task, TRUE);
	g_object_unref(task);
}

static void look(GTask *task)
{
	const Cancel *c = g_task_get_task_data(task);
	g_autofree char *path = g_strdup_printf("jobs/%s/", c->id);

	vf_lava_get_async(c->lava, path, 0, c->limit, on_job, task);
}

static void on_signal(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	const Cancel *c = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_lava_once_finish(result, NULL, &error);

	if (answer && !vf_lava_passing(answer) && !vf_lava_accept(c->lava, answer, &error)) {
		g_task_return_error(task, error);
		g_object_unref(task);
		return;
	}
	g_clear_error(&error);
	look(task);
}

static void give_signal(GTask *task)
{
	const Cancel *c = g_task_get_task_data(task);
	g_autofree char *path = g_strdup_printf("jobs/%s/cancel/", c->id);

	vf_lava_once_async(c->lava, "GET", path, NULL, c->limit, on_signal, task);
}

static gboolean on_limit(gpointer cancellable)
{
	g_cancellable_cancel(cancellable);
	return G_SOURCE_REMOVE;
}

void vf_lava_cancel_async(VfLava *lava, const char *id, GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, NULL, done, data);
	Cancel *c = g_new0(Cancel, 1);

	c->lava = lava;
	c->id = g_strdup(id);
	c->limit = g_cancellable_new();
	g_task_set_task_data(task, c, cancel_free);
	g_timeout_add_seconds_full(G_PRIORITY_DEFAULT, VF_LAVA_CANCEL_S, on_limit,
				   g_object_ref(c->limit), g_object_unref);
	give_signal(task);
}

gboolean vf_lava_cancel_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_boolean(G_TASK(result), error);
}
