// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A LAVA server, over its REST interface (v0.2). Everything that only asks is tried again while the
 * server is out of reach, overloaded or answers nonsense, with growing pauses and jitter, for as
 * long as the lab's patience lasts; what it refuses is final. Runs on the default main context.
 */
#pragma once

#include <gio/gio.h>

#include "guest/lava/answers.h"
#include "guest/lava/lab.h"
#include "output/post/http-loop.h"

/* Bytes of one answer: objects and pages; a piece of a log. */
enum { VF_LAVA_ANSWER_MAX = 1024 * 1024, VF_LAVA_LOG_MAX = 4 * 1024 * 1024 };
enum { VF_LAVA_CONNECTIONS = 6 };

typedef struct VfLava VfLava;

/* @lab must outlive it. Reads the token; errors of vf_lab_token(). */
VfLava *vf_lava_new(const VfLab *lab, GError **error);
void vf_lava_free(VfLava *lava); /* when nothing is under way */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLava, vf_lava_free)

const VfLab *vf_lava_lab(const VfLava *lava);

/* Jobs that are followed, as lava/follow.c counts them: the more, the seldomer each is asked for.
 */
guint *vf_lava_followed(VfLava *lava);
VfHttpLoop *vf_lava_loop(const VfLava *lava);

/*
 * Milliseconds to wait before try number @tries + 1 (@tries from 1): doubles from 500 ms to 30 s,
 * of which a random half is taken off.
 */
guint vf_lava_backoff(guint tries);

/*
 * GET of @path relative to /api/v0.2/ ("jobs/17/"), or of an absolute URL of this server. @max:
 * bytes, 0: VF_LAVA_ANSWER_MAX. An answer is 200 or 404; other statuses are VF_ERROR_HARNESS with
 * the server's reason, as is a server that stays out of reach. An answer larger than @max is
 * VF_ERROR_PROTOCOL.
 */
void vf_lava_get_async(VfLava *lava, const char *path, gsize max, GCancellable *cancellable,
		       GAsyncReadyCallback done, gpointer data);
VfHttpAnswer *vf_lava_get_finish(GAsyncResult *result, GError **error);

/* All pages of a list; array of its members. New reference. */
void vf_lava_list_async(VfLava *lava, const char *path, GCancellable *cancellable,
			GAsyncReadyCallback done, gpointer data);
json_t *vf_lava_list_finish(GAsyncResult *result, GError **error);

/* One try of a POST with a JSON body, or of a GET with an effect; any status is an answer. */
void vf_lava_once_async(VfLava *lava, const char *method, const char *path, const char *body,
			GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
VfHttpAnswer *vf_lava_once_finish(GAsyncResult *result, gboolean *sent, GError **error);

/* NULL, or what is wrong with an answer that should be one of the interface. VF_ERROR_HARNESS. */
gboolean vf_lava_accept(const VfLava *lava, const VfHttpAnswer *answer, GError **error);

/* Whether another try may have another answer. */
gboolean vf_lava_passing(const VfHttpAnswer *answer);
