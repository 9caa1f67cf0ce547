// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Captures pictures through an analog SAA7146 card and checks every pixel of
 * both fields of every frame against the definition that the emulated camera
 * sends by.
 *
 *   VIFARM_FRAMES  frames of the first case, default 50
 *   VIFARM_VIDEO   number of the video device, default 0
 *
 * Which source pixel stands at an output pixel follows from the scaler
 * registers that saa7146_hlp.c computes; that arithmetic is repeated here.
 */
#define _GNU_SOURCE
#include "../machine/saa7146/pattern.h"
#include "ktap.h"
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUFFERS	 8
#define FRAME_MS 2000
/* Source window of all SAA7146 cards in PAL (struct saa7146_standard of their drivers). */
#define SOURCE_PIXELS 680u
#define SOURCE_LINES  288u
/* How far the camera may have run before the first frame that is captured. */
#define SEARCH_FIRST 20000u
/* Where a frame out of order is looked for, around the one that is due. */
#define SEARCH_BACK 20u
#define SEARCH_NEXT 70u

#define WIDTH_MAX 768u

/* How pixels lie in memory. Chroma planes, if any, follow the first plane at half the width. */
struct layout {
	uint32_t fourcc;
	uint32_t bytes; /* a pixel in the first plane */
	void (*put)(const PatternPixel *row, uint32_t x, uint8_t *out); /* pixel X of ROW */
	int undefined;	     /* index of the byte of a pixel that has no meaning, -1: none */
	uint32_t chroma_div; /* chroma rows are the height divided by this; 0: packed */
	bool v_first;
};

struct mode {
	const struct layout *layout;
	uint32_t width, height, count; /* pixels, lines, frames */
	bool by_read;
};

struct capture {
	struct mode mode;
	int fd;
	uint32_t size;		      /* bytes a frame */
	uint8_t *frames;	      /* mode.count of them, one after the other */
	uint32_t flagged;	      /* buffers that the driver marked as bad */
	uint32_t source_x[WIDTH_MAX]; /* for each pixel of a row */
	char reason[200];
};

__attribute__((format(printf, 2, 3))) static bool fail(struct capture *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->reason, sizeof c->reason, format, args);
	va_end(args);
	return false;
}

/* calculate_h_scale_registers() */
static void map_columns(struct capture *c)
{
	uint32_t width = c->mode.width, step;
	uint32_t prescale = SOURCE_PIXELS > width ? SOURCE_PIXELS / width : 1;

	if (prescale == 1 && SOURCE_PIXELS == width)
		step = 1024;
	else
		step = 1024 * SOURCE_PIXELS / (width * prescale) + prescale;
	for (uint32_t x = 0; x < width; x++)
		c->source_x[x] = x * prescale * step / 1024;
}

/* calculate_v_scale_registers() for two fields; LINE counts inside the field. */
static uint32_t source_line(const struct capture *c, uint32_t line)
{
	uint32_t in = 2 * SOURCE_LINES, height = c->mode.height;

	if (2 * height >= in) {
		uint32_t step = in > height ? 1024 * in / (height + 1) : 1024;

		return line * step / 1024;
	}
	return line * 1024 / (1024 - (10 * 1024 * (in - height - 1) / in + 9) / 10);
}

/* Pixels FROM..TO-1 of line LINE of a field, as the camera sent them in frame NUMBER. */
static void sent_row(const struct capture *c, uint32_t number, uint32_t field, uint32_t line,
		     uint32_t from, uint32_t to, PatternPixel *row)
{
	uint32_t key = picture_line(number, field, source_line(c, line));

	for (uint32_t x = from; x < to; x++)
		row[x] = picture_pixel(key, c->source_x[x]);
}

static void put_grey(const PatternPixel *row, uint32_t x, uint8_t *out)
{
	out[0] = row[x].y;
}

static void put_uyvy(const PatternPixel *row, uint32_t x, uint8_t *out)
{
	out[0] = x & 1 ? row[x - 1].cr : row[x].cb;
	out[1] = row[x].y;
}

static void put_rgb8(const PatternPixel *row, uint32_t x, uint8_t *out)
{
	uint8_t rgb[3];

	picture_rgb(row[x], rgb);
	out[0] = rgb[0] >> 5 << 5 | rgb[1] >> 5 << 2 | rgb[2] >> 6;
}

static void put_rgb16(const PatternPixel *row, uint32_t x, uint8_t *out)
{
	uint8_t rgb[3];
	uint16_t word;

	picture_rgb(row[x], rgb);
	word = rgb[0] >> 3 << 11 | rgb[1] >> 2 << 5 | rgb[2] >> 3;
	out[0] = word & 0xff;
	out[1] = word >> 8;
}

/* Blue first; a fourth byte is undefined in V4L2. */
static void put_bgr(const PatternPixel *row, uint32_t x, uint8_t *out)
{
	uint8_t rgb[3];

	picture_rgb(row[x], rgb);
	out[0] = rgb[2];
	out[1] = rgb[1];
	out[2] = rgb[0];
}

static void put_xrgb(const PatternPixel *row, uint32_t x, uint8_t *out)
{
	picture_rgb(row[x], out + 1);
}

static const struct layout uyvy = {V4L2_PIX_FMT_UYVY, 2, put_uyvy, -1, 0, false};
static const struct layout grey = {V4L2_PIX_FMT_GREY, 1, put_grey, -1, 0, false};
static const struct layout rgb8 = {V4L2_PIX_FMT_RGB332, 1, put_rgb8, -1, 0, false};
static const struct layout rgb16 = {V4L2_PIX_FMT_RGB565, 2, put_rgb16, -1, 0, false};
static const struct layout bgr24 = {V4L2_PIX_FMT_BGR24, 3, put_bgr, -1, 0, false};
static const struct layout bgr32 = {V4L2_PIX_FMT_BGR32, 4, put_bgr, 3, 0, false};
static const struct layout rgb32 = {V4L2_PIX_FMT_RGB32, 4, put_xrgb, 0, 0, false};
static const struct layout yuv422p = {V4L2_PIX_FMT_YUV422P, 1, put_grey, -1, 1, false};
static const struct layout yuv420 = {V4L2_PIX_FMT_YUV420, 1, put_grey, -1, 2, false};
static const struct layout yvu420 = {V4L2_PIX_FMT_YVU420, 1, put_grey, -1, 2, true};

/* A part of a frame that came otherwise than it was sent. */
struct difference {
	uint32_t at; /* byte of the frame */
	uint8_t came, sent;
};

static bool compare(const uint8_t *frame, uint32_t at, const uint8_t *sent, uint32_t n,
		    struct difference *d)
{
	uint32_t i = 0;

	if (memcmp(frame + at, sent, n) == 0)
		return true;
	while (frame[at + i] == sent[i])
		i++;
	*d = (struct difference){at + i, frame[at + i], sent[i]};
	return false;
}

/* Pixels FROM..TO-1 of row Y of the first plane; FROM is even. */
static bool compare_row(const struct capture *c, const uint8_t *frame, uint32_t number, uint32_t y,
			uint32_t from, uint32_t to, struct difference *d)
{
	const struct layout *layout = c->mode.layout;
	uint32_t start = (y * c->mode.width + from) * layout->bytes;
	uint8_t sent[WIDTH_MAX * 4];
	PatternPixel row[WIDTH_MAX];

	sent_row(c, number, y & 1, y / 2, from, to, row);
	for (uint32_t x = from; x < to; x++) {
		uint8_t *out = sent + (x - from) * layout->bytes;

		layout->put(row, x, out);
		if (layout->undefined >= 0)
			out[layout->undefined] =
				frame[start + (x - from) * layout->bytes + layout->undefined];
	}
	return compare(frame, start, sent, (to - from) * layout->bytes, d);
}

/*
 * Row Y of both chroma planes. With a row for every two lines, a field has
 * chroma of its even lines, and the rows of the plane belong to the fields in
 * turn.
 */
static bool compare_chroma(const struct capture *c, const uint8_t *frame, uint32_t number,
			   uint32_t y, struct difference *d)
{
	uint32_t half = c->mode.width / 2, luma = c->mode.width * c->mode.height;
	uint32_t plane = half * c->mode.height / c->mode.layout->chroma_div;
	uint32_t first = luma + y * half, second = first + plane;
	uint8_t u[WIDTH_MAX / 2], v[WIDTH_MAX / 2];
	PatternPixel row[WIDTH_MAX];

	sent_row(c, number, y & 1, c->mode.layout->chroma_div == 2 ? y & ~1u : y / 2, 0,
		 c->mode.width, row);
	for (uint32_t x = 0; x < half; x++) {
		u[x] = row[2 * x].cb;
		v[x] = row[2 * x].cr;
	}
	return compare(frame, first, c->mode.layout->v_first ? v : u, half, d) &&
	       compare(frame, second, c->mode.layout->v_first ? u : v, half, d);
}

static bool compare_frame(const struct capture *c, const uint8_t *frame, uint32_t number,
			  struct difference *d)
{
	uint32_t div = c->mode.layout->chroma_div;

	for (uint32_t y = 0; y < c->mode.height; y++)
		if (!compare_row(c, frame, number, y, 0, c->mode.width, d))
			return false;
	for (uint32_t y = 0; div && y < c->mode.height / div; y++)
		if (!compare_chroma(c, frame, number, y, d))
			return false;
	return true;
}

/* The number of the frame whose first line this is, searched upwards from FROM. */
static bool identify(const struct capture *c, const uint8_t *frame, uint32_t from, uint32_t range,
		     uint32_t *number)
{
	uint32_t probe = c->mode.width / 4;
	struct difference d;

	for (*number = from; *number - from < range; ++*number)
		if (compare_row(c, frame, *number, 0, probe, probe + 8, &d) &&
		    compare_row(c, frame, *number, 0, probe, 2 * probe, &d))
			return true;
	return false;
}

/* @next: number that is due, 0: any; set to the one after. */
static bool check_frame(struct capture *c, uint32_t index, uint32_t *next)
{
	const uint8_t *frame = c->frames + (size_t)index * c->size;
	struct difference d;
	uint32_t number, from = *next > SEARCH_BACK ? *next - SEARCH_BACK : 0;

	if (!identify(c, frame, from, *next ? SEARCH_NEXT : SEARCH_FIRST, &number))
		return fail(c,
			    "frame %" PRIu32 ": its first line is of no frame that the camera sent",
			    index);
	if (*next && number != *next)
		return fail(c, "frame %" PRIu32 ": number %" PRIu32 " where %" PRIu32 " was due",
			    index, number, *next);
	if (!compare_frame(c, frame, number, &d))
		return fail(c,
			    "frame %" PRIu32 " (number %" PRIu32 "), byte %" PRIu32
			    ": 0x%02x, sent was 0x%02x",
			    index, number, d.at, d.came, d.sent);
	*next = number + 1;
	return true;
}

/*
 * The first frame is looked at but not judged. vb2 queues the buffers before
 * it starts the stream, so saa7146_video.c starts its RPS program before
 * video_begin() clears the flag by which that program finds the first field: in
 * all captures but the first after loading, the first frame may lack a field.
 */
static bool check_frames(struct capture *c, bool *first_whole)
{
	uint32_t next = 0;

	*first_whole = check_frame(c, 0, &next);
	next = 0;
	for (uint32_t i = 1; i < c->mode.count; i++)
		if (!check_frame(c, i, &next))
			return false;
	return true;
}

static uint32_t frame_size(const struct mode *m)
{
	uint32_t pixels = m->width * m->height;

	return pixels * m->layout->bytes +
	       (m->layout->chroma_div ? pixels / m->layout->chroma_div : 0);
}

static bool set_format(struct capture *c)
{
	struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};

	f.fmt.pix.width = c->mode.width;
	f.fmt.pix.height = c->mode.height;
	f.fmt.pix.pixelformat = c->mode.layout->fourcc;
	f.fmt.pix.field = V4L2_FIELD_INTERLACED;
	if (ioctl(c->fd, VIDIOC_S_FMT, &f) < 0)
		return fail(c, "cannot set the format: %s", strerror(errno));
	c->size = frame_size(&c->mode);
	if (f.fmt.pix.width != c->mode.width || f.fmt.pix.height != c->mode.height ||
	    f.fmt.pix.sizeimage < c->size)
		return fail(c, "the driver offers %" PRIu32 "x%" PRIu32 ", %" PRIu32 " bytes",
			    f.fmt.pix.width, f.fmt.pix.height, f.fmt.pix.sizeimage);
	return true;
}

static bool wait_frame(struct capture *c, uint32_t index)
{
	struct pollfd fd = {.fd = c->fd, .events = POLLIN};

	if (poll(&fd, 1, FRAME_MS) <= 0)
		return fail(c, "frame %" PRIu32 " did not come in %d ms", index, FRAME_MS);
	return true;
}

static bool queue(struct capture *c, struct v4l2_buffer *b)
{
	return ioctl(c->fd, VIDIOC_QBUF, b) == 0 || fail(c, "cannot queue: %s", strerror(errno));
}

/* While a buffer is mapped the driver keeps all of them, and with them the format. */
static void unmap_buffers(const struct capture *c, uint8_t *map[BUFFERS])
{
	for (uint32_t i = 0; i < BUFFERS; i++)
		if (map[i] && map[i] != MAP_FAILED)
			munmap(map[i], c->size);
}

static bool map_buffers(struct capture *c, uint8_t *map[BUFFERS])
{
	struct v4l2_requestbuffers request = {.count = BUFFERS,
					      .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
					      .memory = V4L2_MEMORY_MMAP};

	if (ioctl(c->fd, VIDIOC_REQBUFS, &request) < 0 || request.count != BUFFERS)
		return fail(c, "cannot get %d buffers: %s", BUFFERS, strerror(errno));
	for (uint32_t i = 0; i < BUFFERS; i++) {
		struct v4l2_buffer b = {.index = i,
					.type = request.type,
					.memory = V4L2_MEMORY_MMAP};

		if (ioctl(c->fd, VIDIOC_QUERYBUF, &b) < 0 || b.length < c->size)
			return fail(c, "cannot query buffer %" PRIu32, i);
		map[i] =
			mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, b.m.offset);
		if (map[i] == MAP_FAILED)
			return fail(c, "cannot map buffer %" PRIu32 ": %s", i, strerror(errno));
		if (!queue(c, &b))
			return false;
	}
	return true;
}

/* Frames are copied at once and checked later: checking takes longer than a frame. */
static bool take_mapped(struct capture *c, uint8_t *map[BUFFERS])
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (ioctl(c->fd, VIDIOC_STREAMON, &type) < 0)
		return fail(c, "cannot start: %s", strerror(errno));
	for (uint32_t i = 0; i < c->mode.count; i++) {
		struct v4l2_buffer b = {.type = type, .memory = V4L2_MEMORY_MMAP};

		if (!wait_frame(c, i))
			return false;
		if (ioctl(c->fd, VIDIOC_DQBUF, &b) < 0 || b.index >= BUFFERS)
			return fail(c, "cannot dequeue: %s", strerror(errno));
		c->flagged += !!(b.flags & V4L2_BUF_FLAG_ERROR);
		memcpy(c->frames + (size_t)i * c->size, map[b.index], c->size);
		if (!queue(c, &b))
			return false;
	}
	return ioctl(c->fd, VIDIOC_STREAMOFF, &type) == 0 ||
	       fail(c, "cannot stop: %s", strerror(errno));
}

static bool stream_mapped(struct capture *c)
{
	uint8_t *map[BUFFERS] = {NULL};
	bool good = map_buffers(c, map) && take_mapped(c, map);

	unmap_buffers(c, map);
	return good;
}

static bool stream_read(struct capture *c)
{
	for (uint32_t i = 0; i < c->mode.count; i++) {
		ssize_t n;

		if (!wait_frame(c, i))
			return false;
		n = read(c->fd, c->frames + (size_t)i * c->size, c->size);
		if (n < 0 || (size_t)n != c->size)
			return fail(c, "read of frame %" PRIu32 " gave %zd of %" PRIu32 " bytes", i,
				    n, c->size);
	}
	return true;
}

static bool run(struct capture *c, bool *first_whole)
{
	if (!set_format(c))
		return false;
	map_columns(c);
	c->frames = malloc((size_t)c->size * c->mode.count);
	if (!c->frames)
		return fail(c, "no memory for %" PRIu32 " frames", c->mode.count);
	if (!(c->mode.by_read ? stream_read(c) : stream_mapped(c)))
		return false;
	if (c->flagged)
		return fail(c, "the driver marked %" PRIu32 " buffers as bad", c->flagged);
	return check_frames(c, first_whole);
}

static uint32_t number_of(const char *name, uint32_t fallback, uint32_t max)
{
	const char *text = getenv(name);
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	return n > 0 && n <= max ? n : fallback;
}

static enum ktap_status capture(struct ktap *t, struct mode mode)
{
	struct capture c = {.mode = mode};
	bool good, first_whole = false;
	char path[32], window[64];

	c.mode.count++;
	snprintf(path, sizeof path, "/dev/video%" PRIu32, number_of("VIFARM_VIDEO", 0, 63));
	c.fd = open(path, O_RDWR | O_CLOEXEC);
	if (c.fd < 0)
		return ktap_fail(t, "%s: %s", path, strerror(errno));
	snprintf(window, sizeof window, "capture-video/%s", t->name);
	window_begin(window);
	good = run(&c, &first_whole);
	close(c.fd);
	window_end();
	free(c.frames);
	if (!good)
		return ktap_fail(t, "%s", c.reason);
	ktap_note(t, "frames=%" PRIu32 " bytes=%" PRIu32 " wrong=0 gaps=0 first_frame_whole=%d",
		  mode.count, mode.count * c.size, first_whole);
	return KTAP_PASS;
}

#define CASE(name, ...)                                        \
	static enum ktap_status test_##name(struct ktap *t)    \
	{                                                      \
		return capture(t, (struct mode){__VA_ARGS__}); \
	}

CASE(mmap_packed, &uyvy, 384, 288, number_of("VIFARM_FRAMES", 50, 1000), false)
CASE(read_packed, &uyvy, 384, 288, 20, true)
/*
 * An odd number of pages of 4 and of 8 KiB, and more than the kernel maps as a block: where the
 * cache has two colours, every second buffer has another one than its pages.
 */
CASE(mmap_large, &uyvy, 720, 570, 16, false)
CASE(read_large, &uyvy, 720, 570, 8, true)
CASE(mmap_grey, &grey, 320, 240, 8, false)
CASE(mmap_422p, &yuv422p, 384, 288, 15, false)
CASE(mmap_yuv420, &yuv420, 384, 288, 10, false)
CASE(mmap_yvu420, &yvu420, 768, 576, 5, false)
CASE(mmap_rgb8, &rgb8, 192, 144, 5, false)
CASE(mmap_rgb16, &rgb16, 384, 288, 5, false)
CASE(mmap_bgr24, &bgr24, 384, 288, 5, false)
CASE(mmap_bgr32, &bgr32, 192, 144, 5, false)
CASE(mmap_rgb32, &rgb32, 192, 144, 5, false)

/* saa7146_vbi.c: 16 lines of 1440 bytes a field, the even field first. */
#define VBI_LINES  16u
#define VBI_BYTES  1440u
#define VBI_SETTLE 2
#define VBI_FRAMES 5

static bool is_vbi_field(const uint8_t *field, uint32_t number, int odd, uint32_t lines)
{
	for (uint32_t line = 0; line < lines; line++)
		for (uint32_t x = 0; x < VBI_BYTES; x++)
			if (field[line * VBI_BYTES + x] != vbi_byte(number, odd, line, x))
				return false;
	return true;
}

/* Number of the frame that this field is of, 0: of none. */
static uint32_t identify_vbi(const uint8_t *field, int odd)
{
	for (uint32_t number = 1; number < SEARCH_FIRST; number++)
		if (is_vbi_field(field, number, odd, 1))
			return is_vbi_field(field, number, odd, VBI_LINES) ? number : 0;
	return 0;
}

/*
 * All buffers are read before one is looked at: the driver starts a buffer that
 * comes late in the middle of a frame. So it does with the first two, which are
 * not judged: vb2 queues them before vbi_begin() runs its workaround on the
 * channel that is already theirs, and the first comes back empty.
 */
static enum ktap_status check_vbi(struct ktap *t, int fd)
{
	static uint8_t buffers[VBI_SETTLE + VBI_FRAMES][2 * VBI_LINES * VBI_BYTES];
	uint32_t before = 0, even, odd;

	for (int i = 0; i < VBI_SETTLE + VBI_FRAMES; i++) {
		ssize_t n = read(fd, buffers[i], sizeof buffers[i]);

		if (n != sizeof buffers[i])
			return ktap_fail(t, "read %d gave %zd bytes: %s", i, n, strerror(errno));
	}
	for (int i = VBI_SETTLE; i < VBI_SETTLE + VBI_FRAMES; i++) {
		even = identify_vbi(buffers[i], 0);
		odd = identify_vbi(buffers[i] + VBI_LINES * VBI_BYTES, 1);
		if (!even || odd != even || even <= before)
			return ktap_fail(t,
					 "buffer %d: even field of frame %" PRIu32
					 ", odd of %" PRIu32 ", the one before of %" PRIu32,
					 i, even, odd, before);
		before = even;
	}
	ktap_note(t, "frames=%d bytes=%zu wrong=0", VBI_FRAMES, VBI_FRAMES * sizeof buffers[0]);
	return KTAP_PASS;
}

static enum ktap_status test_vbi(struct ktap *t)
{
	int fd = open("/dev/vbi0", O_RDWR | O_CLOEXEC);
	enum ktap_status status;

	if (fd < 0)
		return ktap_skip(t, "the card has no /dev/vbi0");
	status = check_vbi(t, fd);
	close(fd);
	return status;
}

static const struct ktap_case cases[] = {
	{"mmap_packed", test_mmap_packed}, {"read_packed", test_read_packed},
	{"mmap_large", test_mmap_large},   {"read_large", test_read_large},
	{"mmap_grey", test_mmap_grey},	   {"mmap_422p", test_mmap_422p},
	{"mmap_yuv420", test_mmap_yuv420}, {"mmap_yvu420", test_mmap_yvu420},
	{"mmap_rgb8", test_mmap_rgb8},	   {"mmap_rgb16", test_mmap_rgb16},
	{"mmap_bgr24", test_mmap_bgr24},   {"mmap_bgr32", test_mmap_bgr32},
	{"mmap_rgb32", test_mmap_rgb32},   {"vbi", test_vbi},
};

int main(void)
{
	/* Where no model watches there is no port, and nobody misses the windows. */
	window_open();
	return ktap_main(KTAP_CASES(cases));
}
