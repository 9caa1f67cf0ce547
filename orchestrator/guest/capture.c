// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"

struct VfCapture {
	char *path;
	int fd;
	gsize head, tail; /* the file: @head bytes, then a ring of @tail bytes */
	guint64 total;
};

VfCapture *vf_capture_new(const char *path, gsize head, gsize tail, GError **error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	VfCapture *capture;

	if (fd < 0) {
		vf_throw_errno(error, "%s", path);
		return NULL;
	}
	capture = g_new0(VfCapture, 1);
	capture->path = g_strdup(path);
	capture->fd = fd;
	capture->head = head;
	capture->tail = tail;
	return capture;
}

void vf_capture_free(VfCapture *capture)
{
	close(capture->fd);
	g_free(capture->path);
	g_free(capture);
}

guint64 vf_capture_total(const VfCapture *capture)
{
	return capture->total;
}

gboolean vf_capture_cut(const VfCapture *capture)
{
	return capture->total > capture->head + capture->tail;
}

static gboolean put(VfCapture *capture, const char *bytes, gsize length, gsize offset,
		    GError **error)
{
	while (length) {
		ssize_t n = pwrite(capture->fd, bytes, length, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return vf_throw_errno(error, "%s", capture->path);
		bytes += n;
		length -= (gsize)n;
		offset += (gsize)n;
	}
	return TRUE;
}

gboolean vf_capture_write(VfCapture *capture, const char *bytes, gsize length, GError **error)
{
	while (length) {
		gsize offset = capture->total, room = capture->head - offset;

		if (capture->total >= capture->head) {
			gsize at = (capture->total - capture->head) % capture->tail;

			offset = capture->head + at;
			room = capture->tail - at;
		}
		room = MIN(room, length);
		if (!put(capture, bytes, room, offset, error))
			return FALSE;
		bytes += room;
		length -= room;
		capture->total += room;
	}
	return TRUE;
}

static gboolean get(VfCapture *capture, char *bytes, gsize length, GError **error)
{
	gsize done = 0;

	while (done < length) {
		ssize_t n = pread(capture->fd, bytes + done, length - done,
				  (off_t)(capture->head + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return vf_throw_errno(error, "%s", capture->path);
		done += (gsize)n;
	}
	return TRUE;
}

gboolean vf_capture_finish(VfCapture *capture, GError **error)
{
	g_autofree char *ring = NULL;
	g_autoptr(GString) text = NULL;
	gsize oldest;

	if (!vf_capture_cut(capture))
		return TRUE;
	ring = g_malloc(capture->tail);
	if (!get(capture, ring, capture->tail, error))
		return FALSE;
	oldest = (capture->total - capture->head) % capture->tail;
	text = g_string_new(NULL);
	g_string_printf(text, "\n[vifarm: %" G_GUINT64_FORMAT " bytes left out here]\n",
			capture->total - capture->head - capture->tail);
	return put(capture, text->str, text->len, capture->head, error) &&
	       put(capture, ring + oldest, capture->tail - oldest, capture->head + text->len,
		   error) &&
	       put(capture, ring, oldest, capture->head + text->len + capture->tail - oldest,
		   error);
}
