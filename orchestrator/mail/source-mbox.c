// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An mbox, read as a stream: memory for one mail, whatever the size of the file. The cursor is the
 * offset behind the last mail and a hash of the file's beginning; a file that was replaced or cut
 * is read from its beginning again.
 */
#include "mail/source-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/dirs.h"
#include "mail/message.h"

#define BUFFER_BYTES (256 * 1024)
#define HEAD_BYTES   256
#define LOCK_TRIES   100
#define LOCK_WAIT_US 100000
#define FROM_MAX     512

typedef struct Reader {
	VfMailSource *source;
	const VfMailSink *sink;
	const char *path;
	int fd;
	char *buffer;
	gsize start, end;
	gint64 offset;	      /* in the file, of buffer[start] */
	gboolean line_begins; /* buffer[start] is the first byte of a line */
	gboolean blank;	      /* the line before was empty, or there is none */
	GString *mail;
	guint64 bytes;	   /* of the current mail, also those that are not kept */
	gint64 mail_start; /* -1: between mails */
} Reader;

/* The line that begins a mail: "From ADDRESS Thu Jan  1 00:00:00 1970". */
static gboolean is_from_line(const char *line, gsize length)
{
	const char *end = line + length, *colon;

	if (length < 10 || length > FROM_MAX || memcmp(line, "From ", 5))
		return FALSE;
	while (end > line && g_ascii_isspace(end[-1]))
		end--;
	for (colon = end; colon > line && colon[-1] != ':'; colon--)
		;
	return colon - line > 2 && g_ascii_isdigit(colon[-2]) && colon < end &&
	       g_ascii_isdigit(*colon);
}

/* One ">" in front of ">From " and "From " is the mbox's. */
static gsize quote_of(const char *line, gsize length)
{
	gsize depth = 0;

	while (depth < length && line[depth] == '>')
		depth++;
	return depth && length - depth >= 5 && !memcmp(line + depth, "From ", 5) ? 1 : 0;
}

static gboolean end_mail(Reader *reader, gint64 end, GError **error)
{
	g_autofree char *where = NULL;
	gboolean ok = TRUE;

	if (reader->mail_start < 0)
		return TRUE;
	/* the empty line in front of the next "From " is the mbox's */
	if (g_str_has_suffix(reader->mail->str, "\n\n"))
		g_string_truncate(reader->mail, reader->mail->len - 1);
	where = g_strdup_printf("%s: mail at byte %" G_GINT64_FORMAT, reader->path,
				reader->mail_start);
	vf_mail_cursor_set_number(reader->source, "offset", end);
	if (reader->bytes > VF_MESSAGE_BYTES_MAX)
		vf_mail_skip_large(reader->sink, where, reader->bytes);
	else
		ok = reader->sink->take(reader->source, reader->mail->str, reader->mail->len, where,
					reader->sink->data, error);
	reader->mail_start = -1;
	return ok;
}

static void begin_mail(Reader *reader, gint64 at)
{
	reader->mail_start = at;
	reader->bytes = 0;
	/* does not keep the memory of a mail that was too large */
	if (reader->mail->allocated_len > VF_MESSAGE_BYTES_MAX / 4) {
		g_string_free(reader->mail, TRUE);
		reader->mail = g_string_new(NULL);
	}
	g_string_truncate(reader->mail, 0);
}

static void add_to_mail(Reader *reader, const char *piece, gsize length)
{
	gsize quote = reader->line_begins ? quote_of(piece, length) : 0;

	reader->bytes += length - quote;
	if (reader->bytes <= VF_MESSAGE_BYTES_MAX)
		g_string_append_len(reader->mail, piece + quote, (gssize)(length - quote));
}

/* Reads on; *more is FALSE at the end of the file. */
static gboolean fill(Reader *reader, gboolean *more, GError **error)
{
	gssize got;

	memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
	reader->end -= reader->start;
	reader->start = 0;
	do
		got = read(reader->fd, reader->buffer + reader->end, BUFFER_BYTES - reader->end);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return vf_throw_errno(error, "%s: cannot read", reader->path);
	reader->end += (gsize)got;
	*more = got > 0;
	return TRUE;
}

/* A line, or what of it fits into the buffer. */
static gboolean take_piece(Reader *reader, gsize length, GError **error)
{
	const char *piece = reader->buffer + reader->start;

	if (reader->line_begins && (reader->blank || reader->mail_start < 0) &&
	    is_from_line(piece, length)) {
		if (!end_mail(reader, reader->offset, error))
			return FALSE;
		begin_mail(reader, reader->offset);
	} else if (reader->mail_start >= 0) {
		add_to_mail(reader, piece, length);
	}
	reader->blank = reader->line_begins &&
			(*piece == '\n' || (*piece == '\r' && length == 2 && piece[1] == '\n'));
	reader->line_begins = piece[length - 1] == '\n';
	reader->start += length;
	reader->offset += (gint64)length;
	return TRUE;
}

static gboolean read_mails(Reader *reader, GError **error)
{
	gboolean more = TRUE;

	while (more || reader->start < reader->end) {
		const char *piece = reader->buffer + reader->start;
		gsize left = reader->end - reader->start;
		const char *newline = memchr(piece, '\n', left);

		if (!newline && more && left < BUFFER_BYTES) {
			if (!fill(reader, &more, error))
				return FALSE;
			continue;
		}
		if (!take_piece(reader, newline ? (gsize)(newline - piece) + 1 : left, error))
			return FALSE;
	}
	return end_mail(reader, reader->offset, error);
}

/* Hash of the first bytes, by which a replaced file is told; "" for an empty one. */
static char *head_of(int fd)
{
	guchar bytes[HEAD_BYTES];
	gssize got = pread(fd, bytes, sizeof(bytes), 0);
	const guchar *newline = got > 0 ? memchr(bytes, '\n', (gsize)got) : NULL;

	if (got <= 0)
		return g_strdup("");
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes,
					   newline ? (gsize)(newline - bytes) : (gsize)got);
}

/* Whether a mail begins at @offset, or the file ends there. */
static gboolean at_mail(int fd, gint64 offset)
{
	char bytes[5];
	gssize got = pread(fd, bytes, sizeof(bytes), offset);

	return got == 0 || (got == sizeof(bytes) && !memcmp(bytes, "From ", sizeof(bytes)));
}

/* Whoever delivers into an mbox locks it. */
static gboolean lock(int fd, const char *path, GError **error)
{
	struct flock shared = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	for (guint i = 0; i < LOCK_TRIES; i++) {
		if (fcntl(fd, F_OFD_SETLK, &shared) == 0 || errno == ENOLCK || errno == EINVAL)
			return TRUE;
		if (errno != EAGAIN && errno != EACCES)
			break;
		g_usleep(LOCK_WAIT_US);
	}
	return vf_throw_errno(error, "%s: cannot lock", path);
}

static gboolean seek(Reader *reader, GError **error)
{
	g_autofree char *head = head_of(reader->fd);
	const char *before = vf_mail_cursor_text(reader->source, "head");
	gint64 offset = vf_mail_cursor_number(reader->source, "offset");
	struct stat status;

	if (fstat(reader->fd, &status) != 0)
		return vf_throw_errno(error, "%s: cannot stat", reader->path);
	if (!S_ISREG(status.st_mode))
		return vf_throw(error, VF_ERROR_DATA, "%s: not a regular file, as an mbox is",
				reader->path);
	if (offset < 0 || offset > status.st_size || g_strcmp0(before, head) ||
	    !at_mail(reader->fd, offset))
		offset = 0;
	vf_mail_cursor_set_number(reader->source, "offset", offset);
	vf_mail_cursor_set_text(reader->source, "head", head);
	if (lseek(reader->fd, offset, SEEK_SET) < 0)
		return vf_throw_errno(error, "%s: cannot seek", reader->path);
	reader->offset = offset;
	return TRUE;
}

static gboolean read_mbox(VfMailSource *source, const VfMailSink *sink, GError **error)
{
	const char *path = source->config->path;
	g_autofree char *buffer = g_malloc(BUFFER_BYTES);
	Reader reader = {.source = source,
			 .sink = sink,
			 .path = vf_dirs_shown(path),
			 .buffer = buffer,
			 .line_begins = TRUE,
			 .blank = TRUE,
			 .mail_start = -1};
	gint64 before;
	gboolean ok;

	reader.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (reader.fd < 0)
		return vf_throw_errno(error, "%s: cannot open the mbox", reader.path);
	reader.mail = g_string_new(NULL);
	ok = lock(reader.fd, reader.path, error) && seek(&reader, error);
	before = reader.offset;
	ok = ok && read_mails(&reader, error);
	if (ok && reader.offset > before && !vf_mail_cursor_number(source, "offset"))
		ok = vf_throw(error, VF_ERROR_DATA,
			      "%s: not an mbox: no line \"From ADDRESS DATE\" begins a mail",
			      reader.path);
	g_string_free(reader.mail, TRUE);
	close(reader.fd);
	return ok;
}

const VfMailSourceType vf_mail_source_mbox = {
	.name = "mbox",
	.read = read_mbox,
};
