// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/frame.h"

#include <string.h>
#include <zlib.h>

#include "base/text.h"

#define MAGIC	     "~vf "
#define MAGIC_LENGTH 4
/* magic, 20 digits, " K ", 8 digits of the CRC, " ", payload */
#define LINE_MAX_LENGTH (MAGIC_LENGTH + 20 + 3 + 8 + 1 + VF_FRAME_PAYLOAD_MAX)
#define SHOWN		80 /* bytes of a bad record in an error */

struct VfFrame {
	VfFrameRecord record;
	gpointer data;
	GString *line; /* what came since the last newline, at most LINE_MAX_LENGTH + 1 */
	guint64 next;  /* number of the next record */
	guint64 records;
	guint64 noise;
	gboolean ended;
	char *error;
};

typedef struct Fields {
	guint64 seq;
	char type;
	guint32 crc;
	const char *head; /* "<seq> <type> " */
	gsize head_length;
	const char *payload;
	gsize payload_length;
} Fields;

VfFrame *vf_frame_new(VfFrameRecord record, gpointer data)
{
	VfFrame *frame = g_new0(VfFrame, 1);

	frame->record = record;
	frame->data = data;
	frame->line = g_string_sized_new(LINE_MAX_LENGTH + 2);
	return frame;
}

void vf_frame_free(VfFrame *frame)
{
	g_string_free(frame->line, TRUE);
	g_free(frame->error);
	g_free(frame);
}

const char *vf_frame_error(const VfFrame *frame)
{
	return frame->error;
}

guint64 vf_frame_records(const VfFrame *frame)
{
	return frame->records;
}

gboolean vf_frame_ended(const VfFrame *frame)
{
	return frame->ended && !frame->error;
}

guint64 vf_frame_noise(const VfFrame *frame)
{
	return frame->noise;
}

static void fail(VfFrame *frame, const char *what, const char *bytes, gsize length)
{
	g_autofree char *shown = NULL;

	if (frame->error)
		return;
	shown = vf_text_escape(bytes, (gssize)length, SHOWN);
	frame->error = g_strdup_printf("result channel, record %" G_GUINT64_FORMAT ": %s: \"%s\"",
				       frame->next, what, shown);
}

/* Decimal without leading zeros, ended by a space. */
static gboolean take_number(const char **at, const char *end, guint64 *value)
{
	const char *p = *at;
	guint64 v = 0;

	while (p < end && g_ascii_isdigit(*p)) {
		if (!g_uint64_checked_mul(&v, v, 10) ||
		    !g_uint64_checked_add(&v, v, (guint64)(*p - '0')))
			return FALSE;
		p++;
	}
	if (p == *at || (**at == '0' && p - *at > 1) || p == end || *p != ' ')
		return FALSE;
	*value = v;
	*at = p + 1;
	return TRUE;
}

static gboolean take_crc(const char **at, const char *end, guint32 *value)
{
	const char *p = *at;
	guint32 v = 0;

	if (end - p < 9 || p[8] != ' ')
		return FALSE;
	for (int i = 0; i < 8; i++) {
		if (!g_ascii_isxdigit(p[i]) || g_ascii_isupper(p[i]))
			return FALSE;
		v = v << 4 | (guint32)g_ascii_xdigit_value(p[i]);
	}
	*value = v;
	*at = p + 9;
	return TRUE;
}

/* @line after the magic. */
static gboolean split(const char *line, gsize length, Fields *f)
{
	const char *at = line, *end = line + length;

	f->head = line;
	if (!take_number(&at, end, &f->seq) || end - at < 2 || at[1] != ' ')
		return FALSE;
	f->type = at[0];
	at += 2;
	f->head_length = (gsize)(at - line);
	if (!take_crc(&at, end, &f->crc))
		return FALSE;
	f->payload = at;
	f->payload_length = (gsize)(end - at);
	return f->payload_length <= VF_FRAME_PAYLOAD_MAX;
}

static gboolean crc_is_right(const Fields *f)
{
	uLong crc = crc32(0, (const Bytef *)f->head, (uInt)f->head_length);

	return crc32(crc, (const Bytef *)f->payload, (uInt)f->payload_length) == f->crc;
}

/* NULL: a byte that must be escaped is not, or an escape is malformed. */
static GString *unescape(const char *p, gsize length)
{
	g_autoptr(GString) out = g_string_sized_new(length + 1);
	const char *end = p + length;

	for (; p < end; p++) {
		if (*p < 0x20 || *p > 0x7e)
			return NULL;
		if (*p != '\\') {
			g_string_append_c(out, *p);
			continue;
		}
		if (end - p < 4 || p[1] != 'x' || !g_ascii_isxdigit(p[2]) ||
		    !g_ascii_isxdigit(p[3]))
			return NULL;
		g_string_append_c(out, (char)(g_ascii_xdigit_value(p[2]) << 4 |
					      g_ascii_xdigit_value(p[3])));
		p += 3;
	}
	return g_steal_pointer(&out);
}

static void deliver(VfFrame *frame, const Fields *f, const char *line, gsize length)
{
	g_autoptr(GString) payload = unescape(f->payload, f->payload_length);
	g_autofree char *gap = NULL;
	g_autofree char *count = NULL;

	if (!payload)
		return fail(frame, "malformed payload", line, length);
	if (!strchr("KIE", f->type) || !f->type)
		return fail(frame, "unknown type", line, length);
	if (frame->ended)
		return fail(frame, "comes after the end marker", line, length);
	if (f->seq != frame->next) {
		gap = g_strdup_printf("out of sequence, has number %" G_GUINT64_FORMAT, f->seq);
		fail(frame, gap, line, length);
	}
	frame->next = f->seq == G_MAXUINT64 ? f->seq : f->seq + 1;
	count = g_strdup_printf("%" G_GUINT64_FORMAT, f->seq);
	if (f->type == 'E' && !g_str_equal(payload->str, count))
		return fail(frame, "the end marker's count is wrong", line, length);
	frame->records++;
	frame->ended = f->type == 'E';
	frame->record(f->type, payload->str, payload->len, frame->data);
}

static void take_record(VfFrame *frame, const char *line, gsize length)
{
	Fields f;

	if (!split(line + MAGIC_LENGTH, length - MAGIC_LENGTH, &f))
		return fail(frame, "malformed", line, length);
	if (!crc_is_right(&f))
		return fail(frame, "wrong checksum", line, length);
	deliver(frame, &f, line, length);
}

static void take_line(VfFrame *frame, gboolean whole)
{
	const char *line = frame->line->str;
	gsize length = frame->line->len;
	gboolean quiet = frame->next == 0 || frame->ended;
	const char *magic;

	if (length && line[length - 1] == '\r')
		length--;
	if (!length)
		return;
	magic = memmem(line, length, MAGIC, MAGIC_LENGTH);
	if (!magic && quiet) {
		frame->noise += length;
		return;
	}
	if (!magic || (magic > line && !quiet))
		return fail(frame, "bytes that are not a record", line, length);
	frame->noise += (guint64)(magic - line);
	length -= (gsize)(magic - line);
	if (length > LINE_MAX_LENGTH)
		return fail(frame, "too long", magic, length);
	if (!whole)
		return fail(frame, "cut off", magic, length);
	take_record(frame, magic, length);
}

/* Noise without newlines must not push the first record out of the buffer. */
static gboolean forget_noise(VfFrame *frame)
{
	gsize keep = MAGIC_LENGTH - 1;

	if (frame->next || memmem(frame->line->str, frame->line->len, MAGIC, MAGIC_LENGTH))
		return FALSE;
	frame->noise += frame->line->len - keep;
	g_string_erase(frame->line, 0, (gssize)(frame->line->len - keep));
	return TRUE;
}

/* Of a line that is too long, the beginning is kept, and that it was too long. */
static void append(VfFrame *frame, const char *bytes, gsize length)
{
	while (length) {
		gsize n = MIN(length, LINE_MAX_LENGTH + 2 - frame->line->len);

		g_string_append_len(frame->line, bytes, (gssize)n);
		bytes += n;
		length -= n;
		if (length && !forget_noise(frame))
			return;
	}
}

void vf_frame_feed(VfFrame *frame, const char *bytes, gsize length)
{
	while (length) {
		const char *newline = memchr(bytes, '\n', length);
		gsize n = newline ? (gsize)(newline - bytes) : length;

		append(frame, bytes, n);
		if (!newline)
			return;
		take_line(frame, TRUE);
		g_string_truncate(frame->line, 0);
		bytes += n + 1;
		length -= n + 1;
	}
}

void vf_frame_finish(VfFrame *frame)
{
	take_line(frame, FALSE);
	g_string_truncate(frame->line, 0);
}
