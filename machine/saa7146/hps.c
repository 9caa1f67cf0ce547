// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The high performance scaler, section 7.8 and following: a window of
 * NumBytes1 x NumLines1 source pixels becomes a line of the output format.
 *
 * The scaler takes source pixels as they are: position n of the output shows
 * the source pixel at which the real one starts to accumulate or interpolate.
 * The filters in between are not modelled, so every output value is a value of
 * the source and can be told from its neighbours.
 */
#include "formats.h"
#include "parts.h"

#define OUT_MAX 2048u

typedef struct Scale {
	uint32_t in_pixels, in_lines;
	uint32_t out_pixels;
	uint32_t x_step;   /* source pixels a output pixel, / 1024 */
	uint32_t y_skip;   /* linear phase: 1024 + YSCI; accumulation: 1024 - YSCI */
	bool accumulation; /* YACM */
	bool mirror;
} Scale;

bool saa_hps_planar(const SaaChip *chip)
{
	const SaaFormat *format = saa_format(saa_active(chip, SAA_CLIP_FORMAT));

	return format && format->planar;
}

/*
 * saa7146_hlp.c writes XSCI = 1024 * in / (out * XPSC) + XPSC, a bit more than
 * the ratio, so "in * 1024 / (XPSC * XSCI), rounded up" is what it asked for.
 */
static bool read_scale(SaaChip *chip, Scale *s)
{
	uint32_t num = saa_channel(chip, 0, SAA_NUM);
	uint32_t xpsc = (saa_active(chip, SAA_HPS_H_PRESCALE) >> 18 & 63) + 1;
	uint32_t xsci = saa_active(chip, SAA_HPS_H_SCALE) >> 12 & 0x7ff;
	uint32_t v_scale = saa_active(chip, SAA_HPS_V_SCALE);
	uint32_t ysci = v_scale >> 21 & 0x3ff;

	s->in_pixels = SAA_NUM_BYTES(num);
	s->in_lines = SAA_NUM_LINES(num);
	if (!xsci || !s->in_pixels)
		return false;
	s->x_step = xpsc * xsci;
	s->out_pixels = (s->in_pixels * 1024 + s->x_step - 1) / s->x_step;
	s->accumulation = v_scale >> 31;
	s->y_skip = s->accumulation ? 1024 - ysci : 1024 + ysci;
	s->mirror = saa_active(chip, SAA_HPS_CTRL) & SAA_HPS_MIRROR;
	if (s->out_pixels <= OUT_MAX)
		return true;
	saa_unimplemented(chip, "HPS line longer than 2048 pixels", s->out_pixels);
	return false;
}

static uint32_t source_line(const Scale *s, uint32_t line)
{
	return s->accumulation ? line * 1024 / s->y_skip : line * s->y_skip / 1024;
}

/* BCS control: brightness, contrast and saturation of 128, 64 and 64 change nothing. */
static PatternPixel adjust(uint32_t bcs, PatternPixel p)
{
	int brightness = bcs >> 24, contrast = bcs >> 16 & 127, saturation = bcs & 127;

	if ((bcs & 0xff7f007f) == 0x80400040)
		return p;
	return (PatternPixel){picture_clamp((p.y - 128) * contrast / 64 + brightness),
			      picture_clamp((p.cb - 128) * saturation / 64 + 128),
			      picture_clamp((p.cr - 128) * saturation / 64 + 128)};
}

static void scale_line(const SaaChip *chip, const Scale *s, uint32_t frame, uint32_t line,
		       PatternPixel *out)
{
	uint32_t key = picture_line(frame, chip->odd, line);
	uint32_t bcs = saa_active(chip, SAA_BCS_CTRL);

	for (uint32_t i = 0; i < s->out_pixels; i++) {
		uint32_t x = i * s->x_step / 1024;

		out[s->mirror ? s->out_pixels - 1 - i : i] = adjust(bcs, picture_pixel(key, x));
	}
}

/* "If using negative pitch the first line starts at base address + pitch" (section 7.2.2). */
static SaaPassed write_line(SaaChip *chip, int channel, uint32_t line, uint8_t *buf, size_t len)
{
	uint32_t base = saa_channel(chip, channel, chip->odd ? SAA_BASE_ODD : SAA_BASE_EVEN);
	uint32_t pitch = saa_channel(chip, channel, SAA_PITCH);

	if ((int32_t)pitch < 0)
		base += pitch;
	saa_swap(buf, len, SAA_PAGE_SWAP(saa_channel(chip, channel, SAA_PAGE)));
	return saa_channel_write(chip, channel, base + line * pitch, buf, len);
}

/*
 * Each channel goes on by its pitch with every line of the picture, also where
 * a format has chroma on each second line only: saa7146_hlp.c,
 * calc_planar_420(), sets a pitch of half the width and starts the odd field
 * one pitch later, which interleaves the fields only in this reading.
 */
static SaaPassed write_chroma(SaaChip *chip, const SaaFormat *format, uint32_t line,
			      const PatternPixel *pixels, size_t n)
{
	SaaPassed passed = SAA_PASSED_NOTHING;
	uint8_t u[OUT_MAX / 2], v[OUT_MAX / 2];

	if (!format->planar || (format->half_chroma && line & 1))
		return passed;
	for (size_t i = 0; i < n / 2; i++) {
		u[i] = pixels[2 * i].cb;
		v[i] = pixels[2 * i].cr;
	}
	if (saa_reg(chip, SAA_MC1) & SAA_MC1_TR(1))
		passed |= write_line(chip, 1, line, u, n / 2);
	if (saa_reg(chip, SAA_MC1) & SAA_MC1_TR(2))
		passed |= write_line(chip, 2, line, v, n / 2);
	return passed;
}

static void report_unmodelled(SaaChip *chip)
{
	uint32_t clip = saa_active(chip, SAA_CLIP_FORMAT);

	if (SAA_CLIP_MODE(clip))
		saa_unimplemented(chip, "HPS clipping", clip);
	if (clip & SAA_CLIP_DITHER)
		saa_unimplemented(chip, "HPS dithering", clip);
	if (saa_active(chip, SAA_HPS_H_PRESCALE) & 0xffff)
		saa_unimplemented(chip, "HPS horizontal filter",
				  saa_active(chip, SAA_HPS_H_PRESCALE));
	if (saa_active(chip, SAA_HPS_V_SCALE) >> 31)
		saa_unimplemented(chip, "HPS vertical filter", saa_active(chip, SAA_HPS_V_SCALE));
}

void saa_hps_field(SaaChip *chip)
{
	const SaaFormat *format = saa_format(saa_active(chip, SAA_CLIP_FORMAT));
	uint32_t frame = saa_fault_sequence(chip, chip->frame);
	SaaPassed passed = SAA_PASSED_NOTHING;
	PatternPixel pixels[OUT_MAX];
	uint8_t buf[OUT_MAX * 4];
	Scale s;

	report_unmodelled(chip);
	if (!format) {
		saa_unimplemented(chip, "HPS output format", saa_active(chip, SAA_CLIP_FORMAT));
		return;
	}
	if (!read_scale(chip, &s))
		return;
	for (uint32_t line = 0; source_line(&s, line) < s.in_lines; line++) {
		scale_line(chip, &s, frame, source_line(&s, line), pixels);
		format->pack(pixels, s.out_pixels, buf);
		if (line == 0 && !chip->odd && saa_fault_due(chip, SAA_FAULT_CORRUPT, chip->frame))
			buf[7] ^= 0x10;
		passed |= write_line(chip, 0, line, buf, s.out_pixels * format->bytes);
		passed |= write_chroma(chip, format, line, pixels, s.out_pixels);
		if (passed & SAA_PASSED_PROT)
			break;
	}
	if (chip->odd && saa_fault_due(chip, SAA_FAULT_PROT, chip->frame))
		saa_channel_overrun(chip, 0);
	chip->totals.frames += chip->odd;
	if (passed)
		saa_irq_raise(chip, SAA_INT_VPE);
}
