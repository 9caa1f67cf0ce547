// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/submit.h"

#include <string.h>

#include "base/error.h"

/*
 * A server that was slow to answer may still be at it: a job that is not there is looked for again
 * after a while before it counts as not submitted.
 */
enum { LOOKS = 3, LOOK_PAUSE_MS = 2000, TRIES_MAX = 8 };

/* A lab whose answers are given up early is not waited for long. */
static guint look_pause(const VfLava *lava)
{
	return MIN(LOOK_PAUSE_MS, (guint)vf_lava_lab(lava)->timeout * 1000 / 4);
}

typedef struct Submit {
	VfLava *lava;
	char *name, *body;
	guint tries; /* POSTs */
	guint looks; /* since the last of them */
} Submit;

static void submit_free(gpointer data)
{
	Submit *s = data;

	g_free(s->name);
	g_free(s->body);
	g_free(s);
}

static void post(GTask *task);
static void look(GTask *task);

static gboolean on_pause(gpointer data)
{
	GTask *task = data;
	const Submit *s = g_task_get_task_data(task);

	if (s->looks)
		look(task);
	else if (g_task_return_error_if_cancelled(task))
		g_object_unref(task);
	else
		post(task);
	return G_SOURCE_REMOVE;
}

/* Takes @error, which is told when this was the last try. */
static void post_again(GTask *task, GError *error, guint milliseconds)
{
	Submit *s = g_task_get_task_data(task);

	s->looks = 0;
	if (s->tries < TRIES_MAX) {
		g_error_free(error);
		g_timeout_add(milliseconds, on_pause, task);
		return;
	}
	vf_prefix(&error, "after %u tries", s->tries);
	g_task_return_error(task, error);
	g_object_unref(task);
}

static void on_found(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	Submit *s = g_task_get_task_data(task);
	GError *error = NULL;
	char *id = vf_lava_submit_finish(result, &error);

	if (id || error) {
		if (error)
			g_task_return_error(task, error);
		else
			g_task_return_pointer(task, id, g_free);
		g_object_unref(task);
		return;
	}
	if (++s->looks <= LOOKS) {
		g_timeout_add(look_pause(s->lava), on_pause, task);
		return;
	}
	error = g_error_new(VF_ERROR, VF_ERROR_HARNESS,
			    "%s: the server took the job and does not have it",
			    vf_lava_lab(s->lava)->url);
	post_again(task, error, 0);
}

static void look(GTask *task)
{
	const Submit *s = g_task_get_task_data(task);

	vf_lava_find_async(s->lava, s->name, g_task_get_cancellable(task), on_found, task);
}

/* Nobody knows whether the server has acted on the request. */
static void uncertain(GTask *task, GError *error)
{
	Submit *s = g_task_get_task_data(task);

	g_clear_error(&error);
	s->looks = 1;
	g_timeout_add(look_pause(s->lava) / 4, on_pause, task);
}

static void accepted(GTask *task, const VfHttpAnswer *answer)
{
	GError *error = NULL;
	g_auto(GStrv) ids = vf_lava_ids_parse(answer->body->str, answer->body->len, &error);

	if (!ids)
		return uncertain(task, error);
	g_task_return_pointer(task, g_strdup(ids[0]), g_free);
	g_object_unref(task);
}

static void on_posted(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	const Submit *s = g_task_get_task_data(task);
	GError *error = NULL;
	gboolean sent;
	g_autoptr(VfHttpAnswer) answer = vf_lava_once_finish(result, &sent, &error);

	if (!answer)
		return sent ? uncertain(task, error)
			    : post_again(task, error, vf_lava_backoff(s->tries));
	if (answer->status == 429)
		return post_again(task, g_error_new(VF_ERROR, VF_ERROR_HARNESS, "status 429"),
				  MAX(answer->retry_after * 1000, vf_lava_backoff(s->tries)));
	if (vf_lava_passing(answer))
		return uncertain(task, NULL);
	if (vf_lava_accept(s->lava, answer, &error))
		return accepted(task, answer);
	g_task_return_error(task, error);
	g_object_unref(task);
}

static void post(GTask *task)
{
	Submit *s = g_task_get_task_data(task);

	s->tries++;
	/* whoever cancels wants to know what has been submitted until then */
	vf_lava_once_async(s->lava, "POST", "jobs/", s->body, NULL, on_posted, task);
}

void vf_lava_submit_async(VfLava *lava, const char *name, const char *definition,
			  GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	json_auto_t *body = json_pack("{s:s}", "definition", definition);
	Submit *s = g_new0(Submit, 1);

	g_task_set_check_cancellable(task, FALSE);
	s->lava = lava;
	s->name = g_strdup(name);
	s->body = json_dumps(body, JSON_COMPACT);
	g_task_set_task_data(task, s, submit_free);
	post(task);
}

static void on_list(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	const char *name = g_task_get_task_data(task);
	GError *error = NULL;
	json_auto_t *jobs = vf_lava_list_finish(result, &error);
	const json_t *member;
	gsize i;

	if (!jobs) {
		g_task_return_error(task, error);
		return;
	}
	/* a server that does not know the filter gives others as well */
	json_array_foreach (jobs, i, member) {
		g_autoptr(VfLavaJob) job = vf_lava_job_read(member, NULL);

		if (job && g_str_equal(job->name, name)) {
			g_task_return_pointer(task, g_steal_pointer(&job->id), g_free);
			return;
		}
	}
	g_task_return_pointer(task, NULL, NULL);
}

void vf_lava_find_async(VfLava *lava, const char *name, GCancellable *cancellable,
			GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
	g_autofree char *path =
		g_strdup_printf("jobs/?ordering=-id&limit=50&description=%s", escaped);

	g_task_set_check_cancellable(task, FALSE);
	g_task_set_task_data(task, g_strdup(name), g_free);
	vf_lava_list_async(lava, path, cancellable, on_list, task);
}

char *vf_lava_submit_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
