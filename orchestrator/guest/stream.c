// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/stream.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK	  (64 * 1024)
#define TURN_SIZE (1024 * 1024) /* bytes that one stream may take before others have their turn */

struct VfStream {
	int fd;
	VfStreamRead read;
	gpointer data;
	guint source; /* waiting for bytes or resting; 0: at the end */
};

static void watch(VfStream *stream);

/* FALSE: nothing more now. */
static gboolean read_chunk(VfStream *stream, gsize limit, gsize *taken)
{
	char bytes[CHUNK];
	ssize_t n;

	do
		n = read(stream->fd, bytes, MIN(limit, sizeof(bytes)));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return FALSE;
	if (n <= 0) {
		g_clear_handle_id(&stream->source, g_source_remove);
		close(stream->fd);
		stream->fd = -1;
		stream->read("", 0, stream->data);
		return FALSE;
	}
	*taken += (gsize)n;
	stream->read(bytes, (gsize)n, stream->data);
	return TRUE;
}

static gboolean on_rested(gpointer data)
{
	VfStream *stream = data;

	stream->source = 0;
	watch(stream);
	return G_SOURCE_REMOVE;
}

static gboolean on_readable(G_GNUC_UNUSED gint fd, G_GNUC_UNUSED GIOCondition condition,
			    gpointer data)
{
	VfStream *stream = data;

	vf_stream_drain(stream, TURN_SIZE);
	if (stream->fd < 0)
		return G_SOURCE_REMOVE;
	stream->source = g_timeout_add(VF_STREAM_REST_MS, on_rested, stream);
	return G_SOURCE_REMOVE;
}

static void watch(VfStream *stream)
{
	stream->source =
		g_unix_fd_add(stream->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, stream);
}

VfStream *vf_stream_new(int fd, VfStreamRead read_bytes, gpointer data)
{
	VfStream *stream = g_new0(VfStream, 1);

	g_unix_set_fd_nonblocking(fd, TRUE, NULL);
	stream->fd = fd;
	stream->read = read_bytes;
	stream->data = data;
	watch(stream);
	return stream;
}

void vf_stream_free(VfStream *stream)
{
	g_clear_handle_id(&stream->source, g_source_remove);
	if (stream->fd >= 0)
		close(stream->fd);
	g_free(stream);
}

gboolean vf_stream_ended(const VfStream *stream)
{
	return stream->fd < 0;
}

void vf_stream_drain(VfStream *stream, gsize limit)
{
	gsize taken = 0;

	while (stream->fd >= 0 && taken < limit && read_chunk(stream, limit - taken, &taken))
		;
}

gboolean vf_stream_write(VfStream *stream, const char *bytes, gsize length)
{
	return stream->fd >= 0 &&
	       send(stream->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}
