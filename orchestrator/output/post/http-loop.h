// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many HTTP requests at once on the default main context: curl's multi interface as GLib sources.
 * Connections are kept and used again.
 */
#pragma once

#include <gio/gio.h>

#include "output/post/http.h"

typedef struct VfHttpLoop VfHttpLoop;

/* @connections: at once; what is more waits its turn. To be freed when nothing is under way. */
VfHttpLoop *vf_http_loop_new(guint connections);
void vf_http_loop_free(VfHttpLoop *loop);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfHttpLoop, vf_http_loop_free)

/* As vf_http(). @request is copied. */
void vf_http_async(VfHttpLoop *loop, const VfHttpRequest *request, GCancellable *cancellable,
		   GAsyncReadyCallback done, gpointer data);

/*
 * *sent (may be NULL): bytes of the request may have reached the server, also when there is no
 * answer. Besides the errors of vf_http() there are VF_ERROR_IO (a file to upload) and
 * VF_ERROR_CANCELLED.
 */
VfHttpAnswer *vf_http_finish(GAsyncResult *result, gboolean *sent, GError **error);
