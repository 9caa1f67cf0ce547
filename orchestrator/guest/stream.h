// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads a descriptor in the main loop. A guest's UART delivers byte by byte; after each read the
 * stream rests for VF_STREAM_REST_MS, so that the bytes of that time cost one wake-up.
 */
#pragma once

#include <glib.h>

#define VF_STREAM_REST_MS 10

typedef struct VfStream VfStream;

/* @length 0: the other end has closed; no call follows. */
typedef void (*VfStreamRead)(const char *bytes, gsize length, gpointer data);

/* Takes @fd and makes it non-blocking. */
VfStream *vf_stream_new(int fd, VfStreamRead read, gpointer data);
void vf_stream_free(VfStream *stream); /* closes the descriptor */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfStream, vf_stream_free)

/* Delivers now what is there to read, at most @limit bytes. */
void vf_stream_drain(VfStream *stream, gsize limit);

/* Whether the end was read: all that could write has ended or closed it. */
gboolean vf_stream_ended(const VfStream *stream);

/* Writes a short message, as much of it as goes without blocking; FALSE when not all of it. */
gboolean vf_stream_write(VfStream *stream, const char *bytes, gsize length);
