// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/http-loop.h"

#include <glib-unix.h>

#include "base/error.h"
#include "output/post/http-transfer.h"

struct VfHttpLoop {
	CURLM *multi;
	guint timer;
};

typedef struct Call {
	GTask *task;
	VfHttpLoop *loop;
	VfHttpTransfer *transfer;
	GSource *cancel;
	gboolean sent;
} Call;

static void call_free(gpointer data)
{
	Call *call = data;

	if (call->cancel) {
		g_source_destroy(call->cancel);
		g_source_unref(call->cancel);
	}
	vf_http_transfer_free(call->transfer);
	g_free(call);
}

/* Takes the call from curl; the task keeps it until its result was fetched. */
static void detach(Call *call)
{
	curl_multi_remove_handle(call->loop->multi, vf_http_transfer_curl(call->transfer));
	if (call->cancel)
		g_source_destroy(call->cancel);
	call->sent = vf_http_transfer_sent(call->transfer);
}

static void finish(Call *call, CURLcode code)
{
	g_autoptr(GTask) task = call->task;
	VfHttpAnswer *answer;
	GError *error = NULL;

	detach(call);
	answer = vf_http_transfer_end(call->transfer, code, &error);
	if (answer)
		g_task_return_pointer(task, answer, (GDestroyNotify)vf_http_answer_free);
	else
		g_task_return_error(task, error);
}

static gboolean on_cancelled(G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
	Call *call = data;
	g_autoptr(GTask) task = call->task;

	detach(call);
	g_task_return_new_error(task, VF_ERROR, VF_ERROR_CANCELLED, "stopped by the user");
	return G_SOURCE_REMOVE;
}

static void collect(VfHttpLoop *loop)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(loop->multi, &left))) {
		CURLcode code = message->data.result;
		Call *call;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
		finish(call, code);
	}
}

static gboolean on_socket(int fd, GIOCondition condition, gpointer data)
{
	VfHttpLoop *loop = data;
	int running, what = (condition & G_IO_IN ? CURL_CSELECT_IN : 0) |
			    (condition & G_IO_OUT ? CURL_CSELECT_OUT : 0) |
			    (condition & (G_IO_ERR | G_IO_HUP) ? CURL_CSELECT_ERR : 0);

	curl_multi_socket_action(loop->multi, fd, what, &running);
	collect(loop);
	return G_SOURCE_CONTINUE;
}

/* curl tells which sockets to watch; @old is the source that watches it now. */
static int watch_socket(G_GNUC_UNUSED CURL *easy, curl_socket_t fd, int what, void *data, void *old)
{
	VfHttpLoop *loop = data;
	GIOCondition condition = (what & CURL_POLL_IN ? G_IO_IN : 0) |
				 (what & CURL_POLL_OUT ? G_IO_OUT : 0) | G_IO_ERR | G_IO_HUP;
	guint id = 0;

	if (old)
		g_source_remove(GPOINTER_TO_UINT(old));
	if (what != CURL_POLL_REMOVE)
		id = g_unix_fd_add(fd, condition, on_socket, loop);
	curl_multi_assign(loop->multi, fd, GUINT_TO_POINTER(id));
	return 0;
}

static gboolean on_timer(gpointer data)
{
	VfHttpLoop *loop = data;
	int running;

	loop->timer = 0;
	curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(loop);
	return G_SOURCE_REMOVE;
}

static int set_timer(G_GNUC_UNUSED CURLM *multi, long milliseconds, void *data)
{
	VfHttpLoop *loop = data;

	g_clear_handle_id(&loop->timer, g_source_remove);
	if (milliseconds >= 0)
		loop->timer = g_timeout_add((guint)milliseconds, on_timer, loop);
	return 0;
}

VfHttpLoop *vf_http_loop_new(guint connections)
{
	VfHttpLoop *loop = g_new0(VfHttpLoop, 1);

	loop->multi = curl_multi_init();
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)connections);
	curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)connections);
	return loop;
}

void vf_http_loop_free(VfHttpLoop *loop)
{
	if (!loop)
		return;
	curl_multi_cleanup(loop->multi);
	g_clear_handle_id(&loop->timer, g_source_remove);
	g_free(loop);
}

void vf_http_async(VfHttpLoop *loop, const VfHttpRequest *request, GCancellable *cancellable,
		   GAsyncReadyCallback done, gpointer data)
{
	GTask *task = g_task_new(NULL, cancellable, done, data);
	Call *call = g_new0(Call, 1);
	GError *error = NULL;

	g_task_set_check_cancellable(task, FALSE);
	g_task_set_task_data(task, call, call_free);
	call->task = task;
	call->loop = loop;
	call->transfer = vf_http_transfer_new(request, &error);
	if (!call->transfer) {
		g_task_return_error(task, error);
		g_object_unref(task);
		return;
	}
	if (cancellable) {
		call->cancel = g_cancellable_source_new(cancellable);
		g_source_set_callback(call->cancel, G_SOURCE_FUNC(on_cancelled), call, NULL);
		g_source_attach(call->cancel, NULL);
	}
	curl_easy_setopt(vf_http_transfer_curl(call->transfer), CURLOPT_PRIVATE, call);
	curl_multi_add_handle(loop->multi, vf_http_transfer_curl(call->transfer));
}

VfHttpAnswer *vf_http_finish(GAsyncResult *result, gboolean *sent, GError **error)
{
	const Call *call = g_task_get_task_data(G_TASK(result));

	if (sent)
		*sent = call->sent;
	return g_task_propagate_pointer(G_TASK(result), error);
}
