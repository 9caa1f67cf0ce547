// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"

#define PIECE_BYTES    65536
#define LINE_MAX_BYTES 4096

static int open_regular(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		vf_throw(error, VF_ERROR_IO, "%s: cannot open: %s", vf_dirs_shown(path),
			 g_strerror(errno));
	return fd;
}

/* -1 with @error; the size is only where to begin, for the file may grow. */
static goffset size_of(int fd, const char *path, GError **error)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return st.st_size;
	vf_throw(error, VF_ERROR_DATA, "%s: expected a regular file", vf_dirs_shown(path));
	return -1;
}

static gboolean too_large(const char *path, guint64 max, GError **error)
{
	const char *unit = max >> 20 ? "MiB" : "KiB";

	return vf_throw(error, VF_ERROR_DATA, "%s: expected at most %" G_GUINT64_FORMAT " %s",
			vf_dirs_shown(path), max >> 20 ? max >> 20 : max >> 10, unit);
}

/* As many bytes as there are, up to @size. -1 with @error. */
static gssize read_up_to(int fd, char *to, gsize size, const char *path, GError **error)
{
	gsize got = 0;
	gssize n;

	while (got < size && (n = read(fd, to + got, size - got)) != 0) {
		if (n < 0 && errno != EINTR) {
			vf_throw(error, VF_ERROR_IO, "%s: cannot read: %s", vf_dirs_shown(path),
				 g_strerror(errno));
			return -1;
		}
		got += (gsize)MAX(n, 0);
	}
	return (gssize)got;
}

/* At most the first @max bytes. */
static char *read_fd(int fd, const char *path, gsize max, gsize *length, GError **error)
{
	goffset expected = size_of(fd, path, error);
	/* one more, so that a file of the expected size ends in the first round */
	gsize room = MIN((gsize)MAX(expected, 0) + 1, max), size = 0;
	g_autofree char *text = NULL;

	if (expected < 0)
		return NULL;
	for (;; room = MIN(2 * room, max)) {
		gssize n;

		text = g_realloc(text, room + 1);
		n = read_up_to(fd, text + size, room - size, path, error);
		if (n < 0)
			return NULL;
		size += (gsize)n;
		if (size < room || room == max)
			break;
	}
	text[size] = '\0';
	*length = size;
	return g_steal_pointer(&text);
}

char *vf_read_bounded_fd(int fd, const char *path, gsize max, gsize *length, GError **error)
{
	gsize size = 0;
	g_autofree char *text = read_fd(fd, path, max + 1, &size, error);

	if (!text)
		return NULL;
	if (size > max) {
		too_large(path, max, error);
		return NULL;
	}
	if (length)
		*length = size;
	return g_steal_pointer(&text);
}

static char *read_path(const char *path, gsize max, gsize *length,
		       char *(*read)(int, const char *, gsize, gsize *, GError **), GError **error)
{
	int fd = open_regular(path, error);
	char *text;

	if (fd < 0)
		return NULL;
	text = read(fd, path, max, length, error);
	close(fd);
	return text;
}

char *vf_read_bounded(const char *path, gsize max, gsize *length, GError **error)
{
	return read_path(path, max, length, vf_read_bounded_fd, error);
}

char *vf_read_head(const char *path, gsize max, gsize *length, GError **error)
{
	return read_path(path, max, length, read_fd, error);
}

gboolean vf_read_line(const char **at, const char *end, VfLine *line)
{
	const char *newline;

	if (*at >= end)
		return FALSE;
	newline = memchr(*at, '\n', (gsize)(end - *at));
	line->text = *at;
	line->length = (gsize)((newline ? newline : end) - *at);
	*at = newline ? newline + 1 : end;
	return TRUE;
}

gboolean vf_line_skip(VfLine *line, const char *prefix)
{
	gsize length = strlen(prefix);

	if (line->length < length || memcmp(line->text, prefix, length))
		return FALSE;
	line->text += length;
	line->length -= length;
	return TRUE;
}

typedef struct Lines {
	GString *begun; /* the line that the last piece has cut */
	VfReadLine take;
	gpointer data;
} Lines;

static void begin_line(Lines *lines, VfLine line)
{
	gsize room = LINE_MAX_BYTES - lines->begun->len;

	g_string_append_len(lines->begun, line.text, (gssize)MIN(line.length, room));
}

static void end_line(Lines *lines)
{
	lines->take((VfLine){lines->begun->str, lines->begun->len}, lines->data);
	g_string_truncate(lines->begun, 0);
}

static void take_piece(Lines *lines, const char *at, const char *end)
{
	VfLine line;

	while (vf_read_line(&at, end, &line)) {
		begin_line(lines, line);
		if (line.text[line.length] == '\n')
			end_line(lines);
	}
}

static gboolean read_pieces(Lines *lines, int fd, const char *path, guint64 max, GError **error)
{
	g_autofree char *piece = g_malloc(PIECE_BYTES + 1);
	guint64 size = 0;
	gssize n;

	while ((n = read_up_to(fd, piece, PIECE_BYTES, path, error)) > 0) {
		size += (guint64)n;
		if (size > max)
			return too_large(path, max, error);
		piece[n] = '\0'; /* what follows a last line that lacks its newline */
		take_piece(lines, piece, piece + n);
	}
	if (n == 0 && lines->begun->len)
		end_line(lines);
	return n == 0;
}

gboolean vf_read_lines(const char *path, guint64 max, VfReadLine take, gpointer data,
		       GError **error)
{
	g_autoptr(GString) begun = g_string_sized_new(LINE_MAX_BYTES);
	Lines lines = {.begun = begun, .take = take, .data = data};
	int fd = open_regular(path, error);
	goffset size;
	gboolean ok;

	if (fd < 0)
		return FALSE;
	size = size_of(fd, path, error);
	ok = size >= 0 && ((guint64)size > max ? too_large(path, max, error)
					       : read_pieces(&lines, fd, path, max, error));
	close(fd);
	return ok;
}
