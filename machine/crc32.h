// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef VIFARM_CRC32_H
#define VIFARM_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 as zlib and IEEE 802.3 have it. Start with crc = 0; may be continued. */
uint32_t vf_crc32(uint32_t crc, const void *data, size_t len);

#endif
