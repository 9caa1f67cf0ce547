// SPDX-License-Identifier: GPL-2.0-or-later
/* Output formats of the HPS, tables 61 to 64, 87 and 88; those that the drivers offer. */
#ifndef SAA7146_FORMATS_H
#define SAA7146_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "pattern.h"

typedef struct SaaFormat {
	const char *name;
	uint8_t code;	  /* CLIP_FORMAT bits 27:24 */
	bool rgb;	  /* with YUV to RGB conversion */
	uint8_t bytes;	  /* a pixel, in the first plane */
	bool planar;	  /* U through DMA 2, V through DMA 3, one sample per two pixels */
	bool half_chroma; /* chroma of each second line only */
	void (*pack)(const PatternPixel *line, size_t n, uint8_t *out);
} SaaFormat;

/* @clip_format: the register. NULL: a format that is not modelled. */
const SaaFormat *saa_format(uint32_t clip_format);

/* Endian swapping of the page register: each full dword of @buf; 0 none, 1 two bytes, 2 four bytes.
 */
void saa_swap(uint8_t *buf, size_t len, unsigned int mode);

#endif
