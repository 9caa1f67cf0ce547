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

/* The window of a field that a card scales: struct saa7146_standard of its driver. */
struct standard {
	v4l2_std_id id;
	const char *card; /* as VIDIOC_QUERYCAP names it, NULL: any other */
	uint32_t pixels, lines;
};

static const struct standard standards[] = {
	{V4L2_STD_PAL_BG, NULL, 680, 288},
	{V4L2_STD_NTSC_M, "Multimedia eXtension Board", 708, 240},
	{V4L2_STD_NTSC_M, NULL, 640, 240},
};

/* Controls of the driver; all 0 stands for its defaults. */
struct picture {
	int32_t brightness, contrast, saturation;
};

struct mode {
	const struct layout *layout;
	uint32_t width, height, count; /* pixels, lines, frames */
	bool by_read;
	bool hflip, vflip;
	uint32_t field; /* enum v4l2_field; 0: both, interlaced */
	struct picture picture;
	v4l2_std_id standard; /* 0: PAL */
};

struct capture {
	struct mode mode;
	uint32_t type;	 /* enum v4l2_buf_type */
	uint32_t settle; /* frames in front that may be bad */
	int fd;
	uint32_t size;	 /* bytes a frame */
	uint8_t *frames; /* mode.count of them, one after the other */
	const struct standard *standard;
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
	uint32_t in = c->standard->pixels, width = c->mode.width, step;
	uint32_t prescale = in > width ? in / width : 1;

	while (in / prescale >= (c->mode.hflip ? 384 : 768))
		prescale++;
	if (prescale == 1 && in == width)
		step = 1024;
	else
		step = 1024 * in / (width * prescale) + prescale;
	for (uint32_t x = 0; x < width; x++)
		c->source_x[c->mode.hflip ? width - 1 - x : x] = x * prescale * step / 1024;
}

/* calculate_v_scale_registers(); LINE counts inside the field. */
static uint32_t source_line(const struct capture *c, uint32_t line)
{
	uint32_t in = 2 * c->standard->lines;
	uint32_t height = c->mode.field ? 2 * c->mode.height : c->mode.height;

	if (2 * height >= in) {
		uint32_t step = in > height ? 1024 * in / (height + 1) : 1024;

		return line * step / 1024;
	}
	return line * 1024 / (1024 - (10 * 1024 * (in - height - 1) / in + 9) / 10);
}

/* Which line of which field stands in row Y of the frame. */
static void locate(const struct capture *c, uint32_t y, uint32_t *field, uint32_t *line)
{
	if (c->mode.field) {
		*field = c->mode.field == V4L2_FIELD_BOTTOM;
		*line = y;
		return;
	}
	*field = y & 1;
	*line = c->mode.vflip ? (c->mode.height - 2 - (y & 1) - y) / 2 : y / 2;
}

static uint8_t clamp(int32_t v)
{
	return v < 0 ? 0 : v > 255 ? 255 : v;
}

static PatternPixel adjusted(const struct picture *p, PatternPixel in)
{
	if (!p->brightness && !p->contrast && !p->saturation)
		return in;
	return (PatternPixel){clamp((in.y - 128) * p->contrast / 64 + p->brightness),
			      clamp((in.cb - 128) * p->saturation / 64 + 128),
			      clamp((in.cr - 128) * p->saturation / 64 + 128)};
}

/* Pixels FROM..TO-1 of line LINE of a field, as the camera sent them in frame NUMBER. */
static void sent_row(const struct capture *c, uint32_t number, uint32_t field, uint32_t line,
		     uint32_t from, uint32_t to, PatternPixel *row)
{
	uint32_t key = picture_line(number, field, source_line(c, line));

	for (uint32_t x = from; x < to; x++)
		row[x] = adjusted(&c->mode.picture, picture_pixel(key, c->source_x[x]));
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
	uint32_t field, line;

	locate(c, y, &field, &line);
	sent_row(c, number, field, line, from, to, row);
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

/*
 * Upside down, saa7146_hlp.c starts the odd field one line above the even one
 * instead of below: its last line falls out of the buffer, and the bottom row
 * is nobody's.
 */
static bool compare_frame(const struct capture *c, const uint8_t *frame, uint32_t number,
			  struct difference *d)
{
	uint32_t div = c->mode.layout->chroma_div;

	for (uint32_t y = 0; y < c->mode.height - c->mode.vflip; y++)
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

/*
 * @next: number that is due, 0: any; set to the one after. Upside down each
 * second frame is missing: the protection address is then 0, by which
 * saa7146_set_capture() knows a stream that begins, and waits for a new frame.
 */
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
	*next = number + 1 + c->mode.vflip;
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

static bool set_control(struct capture *c, uint32_t id, int32_t value)
{
	struct v4l2_control control = {.id = id, .value = value};

	return ioctl(c->fd, VIDIOC_S_CTRL, &control) == 0 ||
	       fail(c, "cannot set control 0x%08" PRIx32 " to %" PRId32 ": %s", id, value,
		    strerror(errno));
}

static bool set_standard(struct capture *c)
{
	v4l2_std_id id = c->mode.standard ? c->mode.standard : V4L2_STD_PAL_BG;
	const struct standard *s = standards;
	struct v4l2_capability card;

	if (ioctl(c->fd, VIDIOC_QUERYCAP, &card) < 0 || ioctl(c->fd, VIDIOC_S_STD, &id) < 0)
		return fail(c, "cannot set the standard: %s", strerror(errno));
	while (s->id != id || (s->card && strcmp(s->card, (const char *)card.card) != 0))
		s++;
	c->standard = s;
	return true;
}

/* The driver keeps what an earlier case has set. */
static bool set_controls(struct capture *c)
{
	const struct picture *p = &c->mode.picture;
	bool plain = !p->brightness && !p->contrast && !p->saturation;

	return set_control(c, V4L2_CID_BRIGHTNESS, plain ? 128 : p->brightness) &&
	       set_control(c, V4L2_CID_CONTRAST, plain ? 64 : p->contrast) &&
	       set_control(c, V4L2_CID_SATURATION, plain ? 64 : p->saturation) &&
	       set_control(c, V4L2_CID_HFLIP, c->mode.hflip) &&
	       set_control(c, V4L2_CID_VFLIP, c->mode.vflip);
}

static bool set_format(struct capture *c)
{
	struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};

	f.fmt.pix.width = c->mode.width;
	f.fmt.pix.height = c->mode.height;
	f.fmt.pix.pixelformat = c->mode.layout->fourcc;
	f.fmt.pix.field = c->mode.field ? c->mode.field : V4L2_FIELD_INTERLACED;
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
					      .type = c->type,
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

/* vb2 gives whole pages, cleared; what lies behind the frame is not the card's to write. */
static bool check_slack(struct capture *c, uint32_t index, const uint8_t *buffer)
{
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);

	for (uint32_t i = c->size; i % page; i++)
		if (buffer[i])
			return fail(c,
				    "frame %" PRIu32 ": byte %" PRIu32
				    " behind its end was overwritten with 0x%02x",
				    index, i - c->size, buffer[i]);
	return true;
}

/* Frames are copied at once and checked later: checking takes longer than a frame. */
static bool take_mapped(struct capture *c, uint8_t *map[BUFFERS])
{
	uint32_t type = c->type;

	if (ioctl(c->fd, VIDIOC_STREAMON, &type) < 0)
		return fail(c, "cannot start: %s", strerror(errno));
	for (uint32_t i = 0; i < c->mode.count; i++) {
		struct v4l2_buffer b = {.type = type, .memory = V4L2_MEMORY_MMAP};

		if (!wait_frame(c, i))
			return false;
		if (ioctl(c->fd, VIDIOC_DQBUF, &b) < 0 || b.index >= BUFFERS)
			return fail(c, "cannot dequeue: %s", strerror(errno));
		if (b.flags & V4L2_BUF_FLAG_ERROR && i >= c->settle)
			return fail(c, "frame %" PRIu32 ": the driver waited for it in vain", i);
		memcpy(c->frames + (size_t)i * c->size, map[b.index], c->size);
		if (!check_slack(c, i, map[b.index]) || !queue(c, &b))
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
	if (!set_standard(c) || !set_controls(c) || !set_format(c))
		return false;
	map_columns(c);
	c->frames = malloc((size_t)c->size * c->mode.count);
	if (!c->frames)
		return fail(c, "no memory for %" PRIu32 " frames", c->mode.count);
	if (!(c->mode.by_read ? stream_read(c) : stream_mapped(c)))
		return false;
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
	struct capture c = {.mode = mode, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
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

#define CASE(name, pixels, columns, rows, frames, ...)               \
	static enum ktap_status test_##name(struct ktap *t)          \
	{                                                            \
		return capture(t, (struct mode){.layout = &(pixels), \
						.width = (columns),  \
						.height = (rows),    \
						.count = (frames),   \
						__VA_ARGS__});       \
	}

CASE(mmap_packed, uyvy, 384, 288, number_of("VIFARM_FRAMES", 50, 1000), )
CASE(read_packed, uyvy, 384, 288, 20, .by_read = true)
/*
 * An odd number of pages of 4 and of 8 KiB, and more than the kernel maps as a block: where the
 * cache has two colours, every second buffer has another one than its pages.
 */
CASE(mmap_large, uyvy, 720, 570, 16, )
CASE(read_large, uyvy, 720, 570, 8, .by_read = true)
CASE(mmap_grey, grey, 320, 240, 8, )
CASE(mmap_422p, yuv422p, 384, 288, 15, )
CASE(mmap_yuv420, yuv420, 384, 288, 10, )
CASE(mmap_yvu420, yvu420, 768, 576, 5, )
CASE(mmap_rgb8, rgb8, 192, 144, 5, )
CASE(mmap_rgb16, rgb16, 384, 288, 5, )
CASE(mmap_bgr24, bgr24, 384, 288, 5, )
CASE(mmap_bgr32, bgr32, 192, 144, 5, )
CASE(mmap_rgb32, rgb32, 192, 144, 5, )
CASE(mmap_hflip, uyvy, 384, 288, 5, .hflip = true)
CASE(mmap_vflip, uyvy, 384, 288, 5, .vflip = true)
CASE(mmap_controls, uyvy, 384, 288, 5, .picture = {150, 90, 30})
CASE(mmap_top, grey, 320, 200, 5, .field = V4L2_FIELD_TOP)
CASE(mmap_bottom, uyvy, 384, 288, 5, .field = V4L2_FIELD_BOTTOM)
CASE(mmap_ntsc, uyvy, 640, 480, 5, .standard = V4L2_STD_NTSC_M)

/*
 * saa7146_vbi.c: 16 lines of 1440 bytes a field, the even field first. The
 * first two buffers are not judged: vb2 queues them before vbi_begin() runs its
 * workaround on the channel that is already theirs, and the first comes back
 * bad or empty. All are queued before one is looked at, for the driver would start a
 * buffer that comes late in the middle of a frame.
 */
#define VBI_LINES  16u
#define VBI_BYTES  1440u
#define VBI_SIZE   (2 * VBI_LINES * VBI_BYTES)
#define VBI_SETTLE 2u

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

/* COUNT buffers, one after the other. */
static bool check_vbi(struct capture *c, const uint8_t *buffers, uint32_t count)
{
	uint32_t before = 0;

	for (uint32_t i = VBI_SETTLE; i < count; i++) {
		const uint8_t *buffer = buffers + i * VBI_SIZE;
		uint32_t even = identify_vbi(buffer, 0);
		uint32_t odd = identify_vbi(buffer + VBI_SIZE / 2, 1);

		if (!even || odd != even || (before && even != before + 1))
			return fail(c,
				    "buffer %" PRIu32 ": even field of frame %" PRIu32
				    ", odd of %" PRIu32 ", the one before of %" PRIu32,
				    i, even, odd, before);
		before = even;
	}
	return true;
}

static bool read_vbi(struct capture *c)
{
	for (uint32_t i = 0; i < c->mode.count; i++) {
		ssize_t n = read(c->fd, c->frames + i * VBI_SIZE, VBI_SIZE);

		if (n != VBI_SIZE)
			return fail(c, "read %" PRIu32 " gave %zd bytes: %s", i, n,
				    strerror(errno));
	}
	return true;
}

static enum ktap_status capture_vbi(struct ktap *t, bool by_read)
{
	/* as many as are queued at once: none comes late */
	struct capture c = {.mode = {.count = by_read ? 3 : BUFFERS, .by_read = by_read},
			    .type = V4L2_BUF_TYPE_VBI_CAPTURE,
			    .settle = VBI_SETTLE,
			    .size = VBI_SIZE};
	bool good;

	c.fd = open("/dev/vbi0", O_RDWR | O_CLOEXEC);
	if (c.fd < 0)
		return ktap_skip(t, "the card has no /dev/vbi0");
	c.frames = calloc(c.mode.count, VBI_SIZE);
	good = c.frames && (by_read ? read_vbi(&c) : stream_mapped(&c)) &&
	       check_vbi(&c, c.frames, c.mode.count);
	close(c.fd);
	free(c.frames);
	if (!good)
		return ktap_fail(t, "%s", c.reason);
	ktap_note(t, "buffers=%" PRIu32 " bytes=%" PRIu32 " wrong=0", c.mode.count - VBI_SETTLE,
		  (c.mode.count - VBI_SETTLE) * VBI_SIZE);
	return KTAP_PASS;
}

static enum ktap_status test_vbi_mmap(struct ktap *t)
{
	return capture_vbi(t, false);
}

static enum ktap_status test_vbi_read(struct ktap *t)
{
	return capture_vbi(t, true);
}

static const struct ktap_case cases[] = {
	{"mmap_packed", test_mmap_packed}, {"read_packed", test_read_packed},
	{"mmap_large", test_mmap_large},   {"read_large", test_read_large},
	{"mmap_grey", test_mmap_grey},	   {"mmap_422p", test_mmap_422p},
	{"mmap_yuv420", test_mmap_yuv420}, {"mmap_yvu420", test_mmap_yvu420},
	{"mmap_rgb8", test_mmap_rgb8},	   {"mmap_rgb16", test_mmap_rgb16},
	{"mmap_bgr24", test_mmap_bgr24},   {"mmap_bgr32", test_mmap_bgr32},
	{"mmap_rgb32", test_mmap_rgb32},   {"mmap_hflip", test_mmap_hflip},
	{"mmap_vflip", test_mmap_vflip},   {"mmap_controls", test_mmap_controls},
	{"mmap_top", test_mmap_top},	   {"mmap_bottom", test_mmap_bottom},
	{"mmap_ntsc", test_mmap_ntsc},	   {"vbi_mmap", test_vbi_mmap},
	{"vbi_read", test_vbi_read},
};

int main(void)
{
	/* Where no model watches there is no port, and nobody misses the windows. */
	window_open();
	return ktap_main(KTAP_CASES(cases));
}
