// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/client.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "guest/lava/token.h"
#include "output/post/origin.h"

#define API "api/v0.2/"

enum { BACKOFF_FIRST_MS = 500, BACKOFF_MAX_MS = 30000, PAGES_MAX = 1000 };
enum { MEMBERS_MAX = 200000 }; /* of a list, on all its pages */

struct VfLava {
	const VfLab *lab;
	char *authorization; /* header, or NULL */
	VfHttpLoop *loop;
	guint followed;
};

VfLava *vf_lava_new(const VfLab *lab, GError **error)
{
	GError *local = NULL;
	g_autofree char *token = vf_lab_token(lab, &lab->token, "token", &local);
	VfLava *lava;

	if (local) {
		g_propagate_error(error, local);
		return NULL;
	}
	lava = g_new0(VfLava, 1);
	lava->lab = lab;
	lava->authorization = token ? g_strdup_printf("Authorization: Token %s", token) : NULL;
	lava->loop = vf_http_loop_new(VF_LAVA_CONNECTIONS);
	return lava;
}

void vf_lava_free(VfLava *lava)
{
	if (!lava)
		return;
	vf_http_loop_free(lava->loop);
	g_free(lava->authorization);
	g_free(lava);
}

const VfLab *vf_lava_lab(const VfLava *lava)
{
	return lava->lab;
}

guint *vf_lava_followed(VfLava *lava)
{
	return &lava->followed;
}

VfHttpLoop *vf_lava_loop(const VfLava *lava)
{
	return lava->loop;
}

guint vf_lava_backoff(guint tries)
{
	guint full = BACKOFF_FIRST_MS << MIN(tries - 1, 10);

	full = MIN(full, BACKOFF_MAX_MS);
	return full / 2 + g_random_int_range(0, (gint32)full / 2 + 1);
}

static void request(VfLava *lava, const char *method, const char *path, const char *body, gsize max,
		    GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	const char *headers[] = {lava->authorization, NULL};
	/* with the token, nothing leaves the lab's own server */
	g_autofree char *url = vf_origin_same(path, lava->lab->url)
				       ? g_strdup(path)
				       : g_strconcat(lava->lab->url, API, path, NULL);
	const VfHttpRequest http = {
		.method = method,
		.url = url,
		.content_type = body ? "application/json" : NULL,
		.body = body,
		.headers = headers,
		.timeout = (guint)lava->lab->timeout,
		.max = max,
		.ca = lava->lab->ca,
		.unverified = !lava->lab->verify,
	};

	vf_http_async(lava->loop, &http, cancellable, done, data);
}

static gboolean is_page(const VfHttpAnswer *answer)
{
	return strstr(answer->content_type, "html") != NULL;
}

gboolean vf_lava_passing(const VfHttpAnswer *answer)
{
	return answer->status >= 500 || answer->status == 429 || answer->status == 408 ||
	       (answer->status / 100 == 2 && is_page(answer));
}

gboolean vf_lava_accept(const VfLava *lava, const VfHttpAnswer *answer, GError **error)
{
	g_autofree char *why = NULL;

	if (answer->status / 100 == 2 && !is_page(answer))
		return TRUE;
	if (answer->status / 100 == 3) {
		why = vf_text_escape(answer->location ?: "?", -1, 200);
		return vf_throw(error, VF_ERROR_HARNESS,
				"%s: the server redirects to %s; correct the lab's url",
				lava->lab->url, why);
	}
	why = is_page(answer) ? g_strdup("an HTML page")
			      : vf_lava_refusal(answer->body->str, answer->body->len);
	if (answer->status == 401 || answer->status == 403)
		return vf_throw(error, VF_ERROR_HARNESS,
				"%s: the server does not accept the lab's token: %s (status %u)",
				lava->lab->url, why, answer->status);
	return vf_throw(error, VF_ERROR_HARNESS, "%s: status %u: %s", lava->lab->url,
			answer->status, why);
}

/* A question that is repeated until it is answered. */
typedef struct Ask {
	VfLava *lava;
	char *path;
	gsize max;
	guint tries;
	gint64 since; /* the first try that failed; 0: none did */
	guint timer;
	GSource *cancel;
} Ask;

static void ask_free(gpointer data)
{
	Ask *ask = data;

	g_free(ask->path);
	g_free(ask);
}

static void ask(GTask *task);

static void end_pause(Ask *a)
{
	g_clear_handle_id(&a->timer, g_source_remove);
	if (a->cancel) {
		g_source_destroy(a->cancel);
		g_source_unref(a->cancel);
		a->cancel = NULL;
	}
}

static gboolean on_pause_over(gpointer task)
{
	Ask *a = g_task_get_task_data(task);

	a->timer = 0;
	end_pause(a);
	ask(task);
	return G_SOURCE_REMOVE;
}

static gboolean on_pause_cancelled(G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
	g_autoptr(GTask) task = data;

	end_pause(g_task_get_task_data(task));
	g_task_return_new_error(task, VF_ERROR, VF_ERROR_CANCELLED, "stopped by the user");
	return G_SOURCE_REMOVE;
}

static void pause_and_ask(GTask *task, guint milliseconds)
{
	Ask *a = g_task_get_task_data(task);
	GCancellable *cancellable = g_task_get_cancellable(task);

	a->timer = g_timeout_add(milliseconds, on_pause_over, task);
	if (!cancellable)
		return;
	a->cancel = g_cancellable_source_new(cancellable);
	g_source_set_callback(a->cancel, G_SOURCE_FUNC(on_pause_cancelled), task, NULL);
	g_source_attach(a->cancel, NULL);
}

/* Once more, or the end of the patience. Takes @error. */
static void try_again(GTask *task, GError *error, guint retry_after)
{
	Ask *a = g_task_get_task_data(task);
	gint64 now = g_get_monotonic_time();

	a->tries++;
	if (!a->since)
		a->since = now;
	if (now - a->since >= (gint64)a->lava->lab->patience * G_USEC_PER_SEC) {
		vf_prefix(&error, "after %u tries in %" G_GUINT64_FORMAT " s", a->tries,
			  a->lava->lab->patience);
		g_task_return_error(task, error);
		g_object_unref(task);
		return;
	}
	g_error_free(error);
	pause_and_ask(task, MAX(vf_lava_backoff(a->tries), MIN(retry_after, 300) * 1000));
}

static void on_answer(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	GTask *task = data;
	Ask *a = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_http_finish(result, NULL, &error);

	if (!answer && g_error_matches(error, VF_ERROR, VF_ERROR_HARNESS))
		return try_again(task, error, 0);
	if (answer && vf_lava_passing(answer)) {
		vf_lava_accept(a->lava, answer, &error);
		return try_again(task, error, answer->retry_after);
	}
	if (answer && answer->status != 404)
		vf_lava_accept(a->lava, answer, &error);
	if (error)
		g_task_return_error(task, error);
	else
		g_task_return_pointer(task, g_steal_pointer(&answer),
				      (GDestroyNotify)vf_http_answer_free);
	g_object_unref(task);
}

static void ask(GTask *task)
{
	Ask *a = g_task_get_task_data(task);

	request(a->lava, "GET", a->path, NULL, a->max, g_task_get_cancellable(task), on_answer,
		task);
}

void vf_lava_get_async(VfLava *lava, const char *path, gsize max, GCancellable *cancellable,
		       GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Ask *a = g_new0(Ask, 1);

	g_task_set_check_cancellable(task, FALSE);
	a->lava = lava;
	a->path = g_strdup(path);
	a->max = max ? max : VF_LAVA_ANSWER_MAX;
	g_task_set_task_data(task, a, ask_free);
	ask(task);
}

VfHttpAnswer *vf_lava_get_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

typedef struct List {
	VfLava *lava;
	json_t *members;
	guint pages;
} List;

static void list_free(gpointer data)
{
	List *list = data;

	json_decref(list->members);
	g_free(list);
}

static gboolean take_page(List *list, const VfHttpAnswer *answer, char **next, GError **error)
{
	g_autoptr(VfLavaPage) page = NULL;

	if (answer->status == 404)
		return vf_throw(error, VF_ERROR_HARNESS, "%s: no such list", list->lava->lab->url);
	page = vf_lava_page_parse(answer->body->str, answer->body->len, error);
	if (!page)
		return vf_prefix(error, "%s", list->lava->lab->url);
	json_array_extend(list->members, page->results);
	if (page->next && !vf_origin_same(page->next, list->lava->lab->url)) {
		g_autofree char *shown = vf_text_escape(page->next, -1, 200);

		return vf_throw(error, VF_ERROR_PROTOCOL, "%s: the next page is elsewhere: %s",
				list->lava->lab->url, shown);
	}
	if ((page->next && ++list->pages == PAGES_MAX) ||
	    json_array_size(list->members) > MEMBERS_MAX)
		return vf_throw(error, VF_ERROR_PROTOCOL, "%s: a list without end",
				list->lava->lab->url);
	*next = g_steal_pointer(&page->next);
	return TRUE;
}

static void on_page(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	List *list = g_task_get_task_data(task);
	GError *error = NULL;
	g_autoptr(VfHttpAnswer) answer = vf_lava_get_finish(result, &error);
	g_autofree char *next = NULL;

	if (!answer || !take_page(list, answer, &next, &error))
		g_task_return_error(task, error);
	else if (next)
		vf_lava_get_async(list->lava, next, 0, g_task_get_cancellable(task), on_page,
				  g_object_ref(task));
	else
		g_task_return_pointer(task, json_incref(list->members),
				      (GDestroyNotify)json_decref);
}

void vf_lava_list_async(VfLava *lava, const char *path, GCancellable *cancellable,
			GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	List *list = g_new0(List, 1);

	g_task_set_check_cancellable(task, FALSE);
	list->lava = lava;
	list->members = json_array();
	g_task_set_task_data(task, list, list_free);
	vf_lava_get_async(lava, path, 0, cancellable, on_page, task);
}

json_t *vf_lava_list_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

void vf_lava_once_async(VfLava *lava, const char *method, const char *path, const char *body,
			GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
	request(lava, method, path, body, VF_LAVA_ANSWER_MAX, cancellable, done, data);
}

VfHttpAnswer *vf_lava_once_finish(GAsyncResult *result, gboolean *sent, GError **error)
{
	return vf_http_finish(result, sent, error);
}
