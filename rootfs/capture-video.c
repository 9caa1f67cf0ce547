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

#define BUFFERS	 4
#define FRAME_MS 2000
/* Source window of all SAA7146 cards in PAL (struct saa7146_standard of their drivers). */
#define SOURCE_PIXELS 680u
#define SOURCE_LINES  288u
/* How far the camera may have run before the first frame that is captured. */
#define SEARCH_FIRST 100000u
#define SEARCH_NEXT  50u

struct mode {
	const struct layout *layout;
	uint32_t width, height, count; /* pixels, lines, frames */
	bool by_read;
};

struct capture {
	struct mode mode;
	int fd;
	uint32_t size;	  /* bytes a frame */
	uint8_t *frames;  /* mode.count of them, one after the other */
	uint32_t flagged; /* buffers that the driver marked as bad */
	char reason[200];
};

/* Byte at AT of a frame, if frame NUMBER was captured. False: that byte is undefined. */
struct layout {
	uint32_t fourcc;
	uint32_t bits; /* a pixel over all planes */
	bool (*expect)(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte);
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
static uint32_t source_x(const struct mode *m, uint32_t x)
{
	uint32_t prescale = SOURCE_PIXELS > m->width ? SOURCE_PIXELS / m->width : 1, step;

	if (prescale == 1 && SOURCE_PIXELS == m->width)
		step = 1024;
	else
		step = 1024 * SOURCE_PIXELS / (m->width * prescale) + prescale;
	return x * prescale * step / 1024;
}

/* calculate_v_scale_registers() for two fields; LINE counts inside the field. */
static uint32_t source_line(const struct mode *m, uint32_t line)
{
	uint32_t in = 2 * SOURCE_LINES;

	if (2 * m->height >= in) {
		uint32_t step = in > m->height ? 1024 * in / (m->height + 1) : 1024;

		return line * step / 1024;
	}
	return line * 1024 / (1024 - (10 * 1024 * (in - m->height - 1) / in + 9) / 10);
}

/* Even lines are the top field, which comes first. */
static PatternPixel sent_pixel(const struct mode *m, uint32_t number, uint32_t field, uint32_t line,
			       uint32_t x)
{
	return picture_pixel(picture_line(number, field, source_line(m, line)), source_x(m, x));
}

static PatternPixel sent(const struct mode *m, uint32_t number, uint32_t x, uint32_t y)
{
	return sent_pixel(m, number, y & 1, y / 2, x);
}

static void sent_rgb(const struct mode *m, uint32_t number, uint32_t pixel, uint8_t rgb[3])
{
	picture_rgb(sent(m, number, pixel % m->width, pixel / m->width), rgb);
}

static bool expect_grey(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	*byte = sent(m, number, at % m->width, at / m->width).y;
	return true;
}

static bool expect_uyvy(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	uint32_t x = at / 2 % m->width, y = at / 2 / m->width;
	PatternPixel p = sent(m, number, at & 1 ? x : x & ~1u, y);

	*byte = at & 1 ? p.y : x & 1 ? p.cr : p.cb;
	return true;
}

static bool expect_rgb8(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	uint8_t rgb[3];

	sent_rgb(m, number, at, rgb);
	*byte = (rgb[0] & 0xe0) | (rgb[1] & 0xe0) >> 3 | rgb[2] >> 6;
	return true;
}

static bool expect_rgb16(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	uint8_t rgb[3];
	uint16_t word;

	sent_rgb(m, number, at / 2, rgb);
	word = (rgb[0] >> 3) << 11 | (rgb[1] >> 2) << 5 | rgb[2] >> 3;
	*byte = at & 1 ? word >> 8 : word & 0xff;
	return true;
}

static bool expect_bgr24(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	uint8_t rgb[3];

	sent_rgb(m, number, at / 3, rgb);
	*byte = rgb[2 - at % 3];
	return true;
}

/* The fourth byte is what the chip puts there; V4L2 leaves it undefined. */
static bool expect_bgr32(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	uint8_t rgb[3];

	if (at % 4 == 3)
		return false;
	sent_rgb(m, number, at / 4, rgb);
	*byte = rgb[2 - at % 4];
	return true;
}

static bool expect_rgb32(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	uint8_t rgb[3];

	if (at % 4 == 0)
		return false;
	sent_rgb(m, number, at / 4, rgb);
	*byte = rgb[at % 4 - 1];
	return true;
}

static bool expect_422p(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	uint32_t luma = m->width * m->height, half = m->width / 2;
	PatternPixel p;

	if (at < luma)
		return expect_grey(m, number, at, byte);
	at -= luma;
	p = sent(m, number, at % half * 2, at % (luma / 2) / half);
	*byte = at < luma / 2 ? p.cb : p.cr;
	return true;
}

/* Each field has chroma of its even lines: rows of the chroma plane belong to the fields in turn.
 */
static bool expect_420(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte,
		       bool v_first)
{
	uint32_t luma = m->width * m->height, half = m->width / 2, row;
	PatternPixel p;

	if (at < luma)
		return expect_grey(m, number, at, byte);
	at -= luma;
	row = at % (luma / 4) / half;
	p = sent_pixel(m, number, row & 1, row & ~1u, at % half * 2);
	*byte = (at < luma / 4) == v_first ? p.cr : p.cb;
	return true;
}

static bool expect_yuv420(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	return expect_420(m, number, at, byte, false);
}

static bool expect_yvu420(const struct mode *m, uint32_t number, uint32_t at, uint8_t *byte)
{
	return expect_420(m, number, at, byte, true);
}

static const struct layout uyvy = {V4L2_PIX_FMT_UYVY, 16, expect_uyvy};
static const struct layout grey = {V4L2_PIX_FMT_GREY, 8, expect_grey};
static const struct layout rgb8 = {V4L2_PIX_FMT_RGB332, 8, expect_rgb8};
static const struct layout rgb16 = {V4L2_PIX_FMT_RGB565, 16, expect_rgb16};
static const struct layout bgr24 = {V4L2_PIX_FMT_BGR24, 24, expect_bgr24};
static const struct layout bgr32 = {V4L2_PIX_FMT_BGR32, 32, expect_bgr32};
static const struct layout rgb32 = {V4L2_PIX_FMT_RGB32, 32, expect_rgb32};
static const struct layout yuv422p = {V4L2_PIX_FMT_YUV422P, 16, expect_422p};
static const struct layout yuv420 = {V4L2_PIX_FMT_YUV420, 12, expect_yuv420};
static const struct layout yvu420 = {V4L2_PIX_FMT_YVU420, 12, expect_yvu420};

/* Index of the first of the bytes FROM..TO-1 that frame NUMBER did not have there; TO: none. */
static uint32_t first_difference(const struct capture *c, const uint8_t *frame, uint32_t number,
				 uint32_t from, uint32_t to, uint8_t *expected)
{
	for (uint32_t at = from; at < to; at++)
		if (c->mode.layout->expect(&c->mode, number, at, expected) &&
		    frame[at] != *expected)
			return at;
	return to;
}

/* The number of the frame whose first line this is, searched upwards from FROM. */
static bool identify(const struct capture *c, const uint8_t *frame, uint32_t from, uint32_t range,
		     uint32_t *number)
{
	uint32_t probe = c->mode.width / 4;
	uint8_t expected;

	for (*number = from; *number - from < range; ++*number)
		if (first_difference(c, frame, *number, probe / 2, probe, &expected) == probe)
			return true;
	return false;
}

static bool check_frame(struct capture *c, uint32_t index, uint32_t *next)
{
	const uint8_t *frame = c->frames + (size_t)index * c->size;
	uint8_t expected = 0;
	uint32_t number, at;

	if (!identify(c, frame, index ? *next : 0, index ? SEARCH_NEXT : SEARCH_FIRST, &number))
		return fail(c,
			    "frame %" PRIu32 ": its first line is of no frame that the camera sent",
			    index);
	if (index && number != *next)
		return fail(c, "frame %" PRIu32 ": number %" PRIu32 " where %" PRIu32 " was due",
			    index, number, *next);
	at = first_difference(c, frame, number, 0, c->size, &expected);
	if (at != c->size)
		return fail(c,
			    "frame %" PRIu32 " (number %" PRIu32 "), byte %" PRIu32
			    ": 0x%02x, sent was 0x%02x",
			    index, number, at, frame[at], expected);
	*next = number + 1;
	return true;
}

static bool check_frames(struct capture *c)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < c->mode.count; i++)
		if (!check_frame(c, i, &next))
			return false;
	return true;
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
	c->size = c->mode.width * c->mode.height * c->mode.layout->bits / 8;
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
static bool stream_mapped(struct capture *c)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	uint8_t *map[BUFFERS];

	if (!map_buffers(c, map))
		return false;
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

static bool run(struct capture *c)
{
	if (!set_format(c))
		return false;
	c->frames = malloc((size_t)c->size * c->mode.count);
	if (!c->frames)
		return fail(c, "no memory for %" PRIu32 " frames", c->mode.count);
	if (!(c->mode.by_read ? stream_read(c) : stream_mapped(c)))
		return false;
	if (c->flagged)
		return fail(c, "the driver marked %" PRIu32 " buffers as bad", c->flagged);
	return check_frames(c);
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
	char path[32];
	bool good;

	snprintf(path, sizeof path, "/dev/video%" PRIu32, number_of("VIFARM_VIDEO", 0, 63));
	c.fd = open(path, O_RDWR | O_CLOEXEC);
	if (c.fd < 0)
		return ktap_fail(t, "%s: %s", path, strerror(errno));
	good = run(&c);
	close(c.fd);
	free(c.frames);
	if (!good)
		return ktap_fail(t, "%s", c.reason);
	ktap_note(t, "frames=%" PRIu32 " bytes=%" PRIu32 " wrong=0 gaps=0", mode.count,
		  mode.count * c.size);
	return KTAP_PASS;
}

#define CASE(name, ...)                                        \
	static enum ktap_status test_##name(struct ktap *t)    \
	{                                                      \
		return capture(t, (struct mode){__VA_ARGS__}); \
	}

CASE(mmap_packed, &uyvy, 384, 288, number_of("VIFARM_FRAMES", 50, 1000), false)
CASE(read_packed, &uyvy, 384, 288, 20, true)
CASE(mmap_large, &uyvy, 768, 576, 8, false)
CASE(mmap_grey, &grey, 320, 240, 8, false)
CASE(mmap_422p, &yuv422p, 384, 288, 15, false)
CASE(mmap_yuv420, &yuv420, 384, 288, 10, false)
CASE(mmap_yvu420, &yvu420, 768, 576, 5, false)
CASE(mmap_rgb8, &rgb8, 192, 144, 5, false)
CASE(mmap_rgb16, &rgb16, 384, 288, 5, false)
CASE(mmap_bgr24, &bgr24, 384, 288, 5, false)
CASE(mmap_bgr32, &bgr32, 192, 144, 5, false)
CASE(mmap_rgb32, &rgb32, 192, 144, 5, false)

static const struct ktap_case cases[] = {
	{"mmap_packed", test_mmap_packed}, {"read_packed", test_read_packed},
	{"mmap_large", test_mmap_large},   {"mmap_grey", test_mmap_grey},
	{"mmap_422p", test_mmap_422p},	   {"mmap_yuv420", test_mmap_yuv420},
	{"mmap_yvu420", test_mmap_yvu420}, {"mmap_rgb8", test_mmap_rgb8},
	{"mmap_rgb16", test_mmap_rgb16},   {"mmap_bgr24", test_mmap_bgr24},
	{"mmap_bgr32", test_mmap_bgr32},   {"mmap_rgb32", test_mmap_rgb32},
};

int main(void)
{
	return ktap_main(KTAP_CASES(cases));
}
