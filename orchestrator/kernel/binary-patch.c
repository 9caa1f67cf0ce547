// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/binary-patch.h"

#include <string.h>
#include <zlib.h>

#include "base/read.h"

#define LINE_BYTES   52 /* that one line of base85 can stand for */
#define HEAD_BYTES   20 /* of a delta: two numbers of seven bits a byte */
#define INFLATE_STEP 16384

typedef struct Scan {
	const char *at, *end;
	guint64 number; /* of the line before @at, from 1 */
	guint64 total;	/* bytes that the hunks so far make git allocate */
	char *problem;
} Scan;

typedef struct Hunk {
	gboolean delta;
	guint64 size;	  /* as stated */
	guint64 inflated; /* so far */
	guchar head[HEAD_BYTES];
	z_stream stream;
	gboolean ended; /* the stream has */
} Hunk;

G_GNUC_PRINTF(2, 3)
static gboolean refuse(Scan *scan, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	scan->problem = g_strdup_printf("line %" G_GUINT64_FORMAT ": %s", scan->number, what);
	return FALSE;
}

static gboolean next_line(Scan *scan, VfLine *line)
{
	scan->number++;
	if (!vf_read_line(&scan->at, scan->end, line))
		return FALSE;
	if (line->length && line->text[line->length - 1] == '\r')
		line->length--;
	return TRUE;
}

static gboolean add_bytes(Scan *scan, guint64 bytes)
{
	if (bytes > VF_BINARY_HUNK_MAX)
		return refuse(scan, "a binary hunk for more than %" G_GUINT64_FORMAT " MiB",
			      VF_BINARY_HUNK_MAX >> 20);
	scan->total += bytes;
	return scan->total <= VF_BINARY_PATCH_MAX ||
	       refuse(scan, "binary hunks for more than %" G_GUINT64_FORMAT " MiB together",
		      VF_BINARY_PATCH_MAX >> 20);
}

/* "literal N" or "delta N"; git reads N as strtoul(3) does, signs and blanks included. */
static gboolean read_size(Scan *scan, VfLine line, Hunk *hunk)
{
	gsize used = 0;

	while (used < line.length && g_ascii_isdigit(line.text[used]) &&
	       hunk->size <= VF_BINARY_HUNK_MAX)
		hunk->size = hunk->size * 10 + (guint64)(line.text[used++] - '0');
	if (!used || (used < line.length && hunk->size <= VF_BINARY_HUNK_MAX))
		return refuse(scan, "a binary hunk without a size");
	return add_bytes(scan, hunk->size);
}

static int digit_of(char c)
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"!#$%&()*+-;<=>?@^_`{|}~";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Five characters are four bytes, the highest first. */
static gboolean decode_group(const char *text, guchar *bytes)
{
	guint64 value = 0;

	for (guint i = 0; i < 5; i++) {
		int digit = digit_of(text[i]);

		if (digit < 0)
			return FALSE;
		value = value * 85 + (guint64)digit;
	}
	for (guint i = 0; i < 4; i++)
		bytes[i] = (guchar)(value >> (24 - 8 * i));
	return value <= G_MAXUINT32;
}

/* The first character says how many bytes follow: A to Z are 1 to 26, a to z 27 to 52. */
static gboolean decode_line(Scan *scan, VfLine line, guchar *bytes, gsize *length)
{
	char first = line.text[0];
	gsize count = g_ascii_isupper(first)   ? (gsize)(first - 'A') + 1
		      : g_ascii_islower(first) ? (gsize)(first - 'a') + 27
					       : 0;
	gsize groups = (count + 3) / 4;

	if (!count || line.length != 1 + groups * 5)
		return refuse(scan, "no line of a binary hunk");
	for (gsize i = 0; i < groups; i++)
		if (!decode_group(line.text + 1 + i * 5, bytes + i * 4))
			return refuse(scan, "no base85");
	*length = count;
	return TRUE;
}

static void keep_head(Hunk *hunk, const guchar *bytes, gsize length)
{
	if (hunk->inflated < HEAD_BYTES)
		memcpy(hunk->head + hunk->inflated, bytes,
		       MIN(length, HEAD_BYTES - (gsize)hunk->inflated));
}

static gboolean inflate_line(Scan *scan, Hunk *hunk, guchar *bytes, gsize length)
{
	guchar out[INFLATE_STEP];
	int status = Z_OK;

	hunk->stream.next_in = bytes;
	hunk->stream.avail_in = (uInt)length;
	do {
		hunk->stream.next_out = out;
		hunk->stream.avail_out = sizeof(out);
		status = inflate(&hunk->stream, Z_NO_FLUSH);
		keep_head(hunk, out, sizeof(out) - hunk->stream.avail_out);
		hunk->inflated += sizeof(out) - hunk->stream.avail_out;
		if (hunk->inflated > hunk->size)
			return refuse(scan, "a binary hunk that is larger than it states");
	} while (status == Z_OK && !hunk->stream.avail_out);
	hunk->ended = status == Z_STREAM_END;
	return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR ||
	       refuse(scan, "a binary hunk that cannot be inflated");
}

/* Seven bits a byte, the lowest first, the highest bit set in all but the last. */
static gboolean read_number(const Hunk *hunk, gsize *at, guint64 *value)
{
	*value = 0;
	for (guint shift = 0; *at < MIN(HEAD_BYTES, hunk->inflated) && shift < 63; shift += 7) {
		guchar byte = hunk->head[(*at)++];

		*value |= (guint64)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return TRUE;
	}
	return FALSE;
}

/* A delta makes of a file of the first size one of the second, which its own size does not bound. */
static gboolean check_delta(Scan *scan, const Hunk *hunk)
{
	guint64 source, target;
	gsize at = 0;

	if (!read_number(hunk, &at, &source) || !read_number(hunk, &at, &target))
		return refuse(scan, "a binary delta without sizes");
	return add_bytes(scan, target);
}

static gboolean check_end(Scan *scan, const Hunk *hunk)
{
	if (!hunk->ended || hunk->inflated != hunk->size)
		return refuse(scan, "a binary hunk that is smaller than it states");
	return !hunk->delta || check_delta(scan, hunk);
}

/* The lines behind "literal N" up to the empty one. */
static gboolean read_lines(Scan *scan, Hunk *hunk)
{
	guchar bytes[LINE_BYTES];
	gsize length = 0;
	VfLine line;

	while (next_line(scan, &line) && line.length) {
		if (hunk->ended)
			return refuse(scan, "a binary hunk that goes on behind its end");
		if (!decode_line(scan, line, bytes, &length) ||
		    !inflate_line(scan, hunk, bytes, length))
			return FALSE;
	}
	return check_end(scan, hunk);
}

static gboolean read_hunk(Scan *scan, VfLine line, gboolean delta)
{
	Hunk hunk = {.delta = delta};
	gboolean ok;

	if (!read_size(scan, line, &hunk))
		return FALSE;
	if (inflateInit(&hunk.stream) != Z_OK)
		return refuse(scan, "zlib has no memory");
	ok = read_lines(scan, &hunk);
	inflateEnd(&hunk.stream);
	return ok;
}

/* What leads there and, optionally, what leads back. */
static gboolean read_hunks(Scan *scan)
{
	for (;;) {
		Scan before = *scan;
		VfLine line;
		gboolean delta;

		if (!next_line(scan, &line))
			return TRUE;
		delta = vf_line_skip(&line, "delta ");
		if (!delta && !vf_line_skip(&line, "literal ")) {
			/* the next header, or another binary patch */
			*scan = before;
			return TRUE;
		}
		if (!read_hunk(scan, line, delta))
			return FALSE;
	}
}

char *vf_binary_patch_problem(const char *text, gsize length)
{
	static const char begin[] = "GIT binary patch";
	Scan scan = {.at = text, .end = text + length};
	VfLine line;

	while (next_line(&scan, &line))
		if (line.length == strlen(begin) && !memcmp(line.text, begin, line.length) &&
		    !read_hunks(&scan))
			break;
	return scan.problem;
}
