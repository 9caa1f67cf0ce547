// SPDX-License-Identifier: GPL-2.0-or-later
#include "formats.h"
#include "registers.h"

static void pack_rgb8(const PatternPixel *line, size_t n, uint8_t *out)
{
	uint8_t c[3];

	for (size_t i = 0; i < n; i++) {
		picture_rgb(line[i], c);
		*out++ = (c[0] & 0xe0) | (c[1] & 0xe0) >> 3 | c[2] >> 6;
	}
}

static void pack_rgb16(const PatternPixel *line, size_t n, uint8_t *out)
{
	uint8_t c[3];

	for (size_t i = 0; i < n; i++) {
		picture_rgb(line[i], c);
		*out++ = (c[1] << 3 & 0xe0) | c[2] >> 3;
		*out++ = (c[0] & 0xf8) | c[1] >> 5;
	}
}

static void pack_rgb24(const PatternPixel *line, size_t n, uint8_t *out)
{
	uint8_t c[3];

	for (size_t i = 0; i < n; i++) {
		picture_rgb(line[i], c);
		*out++ = c[2];
		*out++ = c[1];
		*out++ = c[0];
	}
}

static void pack_rgb32(const PatternPixel *line, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++, out += 4) {
		pack_rgb24(line + i, 1, out);
		out[3] = 0;
	}
}

static void pack_y8(const PatternPixel *line, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = line[i].y;
}

/* Chroma is co-sited with the first of two pixels. */
static void pack_uyvy(const PatternPixel *line, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		*out++ = i & 1 ? line[i - 1].cr : line[i].cb;
		*out++ = line[i].y;
	}
}

static const SaaFormat formats[] = {
	{.name = "UYVY", .code = 0x0, .bytes = 2, .pack = pack_uyvy},
	{.name = "RGB16", .code = 0x0, .rgb = true, .bytes = 2, .pack = pack_rgb16},
	{.name = "RGB24", .code = 0x1, .rgb = true, .bytes = 3, .pack = pack_rgb24},
	{.name = "RGB32", .code = 0x2, .rgb = true, .bytes = 4, .pack = pack_rgb32},
	{.name = "Y8", .code = 0x6, .bytes = 1, .pack = pack_y8},
	{.name = "RGB8", .code = 0x7, .rgb = true, .bytes = 1, .pack = pack_rgb8},
	{.name = "YUV422P", .code = 0x9, .bytes = 1, .planar = true, .pack = pack_y8},
	{.name = "YUV420P",
	 .code = 0xa,
	 .bytes = 1,
	 .planar = true,
	 .half_chroma = true,
	 .pack = pack_y8},
};

const SaaFormat *saa_format(uint32_t clip_format)
{
	uint32_t matrix = SAA_CLIP_MATRIX(clip_format);
	bool rgb = matrix == SAA_MATRIX_LINEAR;

	if (matrix != 0 && !rgb)
		return NULL;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].code == SAA_CLIP_OUTPUT(clip_format) && formats[i].rgb == rgb)
			return &formats[i];
	return NULL;
}

void saa_swap(uint8_t *buf, size_t len, unsigned int mode)
{
	static const uint8_t from[4][4] = {{0, 1, 2, 3}, {1, 0, 3, 2}, {3, 2, 1, 0}, {0, 1, 2, 3}};
	uint8_t word[4];

	for (size_t i = 0; mode && i + 4 <= len; i += 4) {
		for (int k = 0; k < 4; k++)
			word[k] = buf[i + from[mode][k]];
		for (int k = 0; k < 4; k++)
			buf[i + k] = word[k];
	}
}
