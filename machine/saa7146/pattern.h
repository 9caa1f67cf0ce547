// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the emulated antenna and cameras send: the one definition that both the
 * device and the guest programs that check it are compiled with. Pure
 * functions of counters, so that any byte can be judged without the ones
 * before it. Plain C without any other header of the project.
 */
#ifndef SAA7146_PATTERN_H
#define SAA7146_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/* Mixes @x so that each bit of the result depends on all bits of it. */
static inline uint32_t pattern_mix(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x7feb352du;
	x ^= x >> 15;
	x *= 0x846ca68bu;
	return x ^ x >> 16;
}

/*
 * Transport stream. Packet number @seq (from 0) is
 *	0	0x47
 *	1..2	PID, payload unit start = 1 in each first packet of a cycle
 *	3	0x10 | continuity counter of that PID
 *	4..7	seq, big-endian
 *	8..183	payload, differs for every seq
 *	184..187 CRC-32 (IEEE) over bytes 0..183, big-endian
 * PIDs follow in a fixed cycle, so PID and continuity counter are functions of
 * seq too.
 */
#define TS_SIZE	   188u
#define TS_CYCLE   5u
#define TS_PAYLOAD 8u
#define TS_CRC	   184u

static inline uint16_t ts_pid(uint32_t seq)
{
	static const uint16_t pids[TS_CYCLE] = {0x100, 0x101, 0x100, 0x102, 0x1ff0};

	return pids[seq % TS_CYCLE];
}

static inline uint8_t ts_continuity(uint32_t seq)
{
	uint32_t cycle = seq / TS_CYCLE, place = seq % TS_CYCLE;

	/* PID 0x100 comes twice in a cycle, the others once. */
	return (place == 0 ? 2 * cycle : place == 2 ? 2 * cycle + 1 : cycle) & 15;
}

static inline uint32_t ts_crc32(const uint8_t *p, size_t n)
{
	/* The polynomial 0xedb88320 by four bits: small enough to be here, fast enough to emulate.
	 */
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = 0xffffffffu;

	while (n--) {
		crc ^= *p++;
		crc = table[crc & 15] ^ crc >> 4;
		crc = table[crc & 15] ^ crc >> 4;
	}
	return ~crc;
}

static inline void ts_put32(uint8_t *p, uint32_t v)
{
	p[0] = v >> 24;
	p[1] = v >> 16;
	p[2] = v >> 8;
	p[3] = v;
}

static inline uint32_t ts_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Everything but the CRC: byte @i (0..TS_CRC-1) of packet @seq costs one mix per four bytes. */
static inline void ts_fill(uint8_t packet[TS_SIZE], uint32_t seq)
{
	uint16_t pid = ts_pid(seq);

	packet[0] = 0x47;
	packet[1] = (seq % TS_CYCLE == 0 ? 0x40 : 0) | pid >> 8;
	packet[2] = pid & 0xff;
	packet[3] = 0x10 | ts_continuity(seq);
	ts_put32(packet + 4, seq);
	for (uint32_t i = TS_PAYLOAD; i < TS_CRC; i += 4)
		ts_put32(packet + i, pattern_mix(seq * 64 + i));
}

/*
 * Pictures. Component values (Y, Cb, Cr, each 0..255) of the pixel at column
 * @x and line @line of field @odd (0: even = top field) of frame @frame, all
 * counted from 0 at the corner of the window that the HPS processes.
 */
typedef struct {
	uint8_t y, cb, cr;
} PatternPixel;

/* The part that is the same for all pixels of a line. */
static inline uint32_t picture_line(uint32_t frame, int odd, uint32_t line)
{
	return pattern_mix(frame * 2048 + line * 2 + (odd ? 1 : 0)) | 1;
}

static inline PatternPixel picture_pixel(uint32_t line_key, uint32_t x)
{
	uint32_t v = (x + 1) * line_key;

	v ^= v >> 15;
	return (PatternPixel){v >> 8 & 0xff, v >> 16 & 0xff, v >> 24 & 0xff};
}

/* Byte @x of line @line of the vertical blanking interval of one field. */
static inline uint8_t vbi_byte(uint32_t frame, int odd, uint32_t line, uint32_t x)
{
	return pattern_mix((frame * 64 + line * 2 + (odd ? 1 : 0)) * 4096 + x);
}

/* BT.601 in integers, 16..235 range in, 0..255 out: what "YUV to RGB, linear" means here. */
static inline uint8_t picture_clamp(int v)
{
	return v < 0 ? 0 : v > 255 ? 255 : v;
}

static inline void picture_rgb(PatternPixel p, uint8_t rgb[3])
{
	int c = 298 * (p.y - 16), d = p.cb - 128, e = p.cr - 128;

	rgb[0] = picture_clamp((c + 409 * e + 128) >> 8);
	rgb[1] = picture_clamp((c - 100 * d - 208 * e + 128) >> 8);
	rgb[2] = picture_clamp((c + 516 * d + 128) >> 8);
}

#endif
