// SPDX-License-Identifier: GPL-2.0-or-later
/* Offsets and bits of the SAA7146A's registers, as in the data sheet. */
#ifndef SAA7146_REGISTERS_H
#define SAA7146_REGISTERS_H

#define SAA_BAR_SIZE 512
#define SAA_REGS     (SAA_BAR_SIZE / 4)

enum {
	/* Video DMA channel n (0..2): SAA_CHANNEL * n + these. Table 3. */
	SAA_CHANNEL = 0x18,
	SAA_BASE_ODD = 0x00,
	SAA_BASE_EVEN = 0x04,
	SAA_PROT = 0x08,
	SAA_PITCH = 0x0c,
	SAA_PAGE = 0x10,
	SAA_NUM = 0x14,

	SAA_PCI_BT_V = 0x48,
	SAA_PCI_BT_A = 0x4c,
	SAA_DD1_INIT = 0x50,
	SAA_DD1_STREAM = 0x54,
	SAA_BRS_CTRL = 0x58,
	SAA_HPS_CTRL = 0x5c,
	SAA_HPS_V_SCALE = 0x60,
	SAA_HPS_V_GAIN = 0x64,
	SAA_HPS_H_PRESCALE = 0x68,
	SAA_HPS_H_SCALE = 0x6c,
	SAA_BCS_CTRL = 0x70,
	SAA_CHROMA_KEY = 0x74,
	SAA_CLIP_FORMAT = 0x78,
	SAA_DEBI_CONFIG = 0x7c,
	SAA_DEBI_COMMAND = 0x80,
	SAA_DEBI_PAGE = 0x84,
	SAA_DEBI_AD = 0x88,
	SAA_I2C_TRANSFER = 0x8c,
	SAA_I2C_STATUS = 0x90,
	SAA_AUDIO_FIRST = 0x94,
	SAA_AUDIO_LAST = 0xc0,
	SAA_RPS_PAGE0 = 0xc4,
	SAA_RPS_PAGE1 = 0xc8,
	SAA_RPS_THRESH0 = 0xcc,
	SAA_RPS_TOV1 = 0xd8,
	SAA_IER = 0xdc,
	SAA_GPIO = 0xe0,
	SAA_EC1SSR = 0xe4,
	SAA_ECT2R = 0xf0,
	SAA_ACON1 = 0xf4,
	SAA_ACON2 = 0xf8,
	SAA_MC1 = 0xfc,
	SAA_MC2 = 0x100,
	SAA_RPS_ADDR0 = 0x104,
	SAA_RPS_ADDR1 = 0x108,
	SAA_ISR = 0x10c,
	SAA_PSR = 0x110,
	SAA_SSR = 0x114,
	SAA_VDP1 = 0x120,
	SAA_DDP = 0x13c,
	SAA_LEVEL_REP = 0x140,
	SAA_A_TIME_SLOT1 = 0x180,
};

/* Page register, table 3. */
#define SAA_PAGE_TABLE	  0xfffff000u
#define SAA_PAGE_ME	  (1u << 11)
#define SAA_PAGE_LIMIT(v) ((v) >> 4 & 15)
#define SAA_PAGE_READ	  (1u << 2) /* FIFO 2 and 3: direction memory to chip */
#define SAA_PAGE_SWAP(v)  ((v)&3)

#define SAA_NUM_LINES(v) ((v) >> 16 & 0xfff)
#define SAA_NUM_BYTES(v) ((v)&0xfff)

/* Main control 1, table 10: TR_E of channel n (0..2), RPS enables. Upper half is the mask. */
#define SAA_MC1_TR(n)  (1u << (6 - (n)))
#define SAA_MC1_RPS(n) (1u << (12 + (n)))
#define SAA_MC1_NRESET (1u << 15)
#define SAA_MC1_AUDIO  0x000fu

/* Main control 2, table 11: uploads 0..10, RPS signals 11..15. Upper half is the mask. */
#define SAA_MC2_I2C	   (1u << 0)
#define SAA_MC2_DEBI	   (1u << 1)
#define SAA_MC2_UPLOADS	   0x07ffu
#define SAA_MC2_SIGNALS(v) ((v) >> 11 & 31)

/* Interrupts: PSR, IER and ISR have the same bits, table 38. */
#define SAA_INT_RPS(n)	    (1u << (27 + (n)))
#define SAA_INT_RPS_LATE(n) (1u << (25 + (n)))
#define SAA_INT_RPS_E(n)    (1u << (23 + (n)))
#define SAA_INT_UPLD	    (1u << 20)
#define SAA_INT_DEBI_S	    (1u << 19)
#define SAA_INT_DEBI_E	    (1u << 18)
#define SAA_INT_IIC_S	    (1u << 17)
#define SAA_INT_IIC_E	    (1u << 16)
#define SAA_INT_VPE	    (1u << 10)
#define SAA_INT_FIDA	    (1u << 8)
#define SAA_INT_FIDB	    (1u << 7)

/* I2C status. */
#define SAA_I2C_BUSY  (1u << 0)
#define SAA_I2C_ERR   (1u << 1)
#define SAA_I2C_DRERR (1u << 3)
#define SAA_I2C_DTERR (1u << 4)
#define SAA_I2C_APERR (1u << 5)
#define SAA_I2C_ABORT (1u << 7)
#define SAA_I2C_RATE  (7u << 8)

/* RPS events, table 12. */
#define SAA_EVENT_BRS_DONE   (1u << 8)
#define SAA_EVENT_VBI_B	     (1u << 9)
#define SAA_EVENT_VBI_A	     (1u << 10)
#define SAA_EVENT_E_FID_A    (1u << 11)
#define SAA_EVENT_O_FID_A    (1u << 12)
#define SAA_EVENT_E_FID_B    (1u << 13)
#define SAA_EVENT_O_FID_B    (1u << 14)
#define SAA_EVENT_SIGNALS(v) ((v) << 21) /* SIG0..SIG4 */

/* HPS control and output format, tables 87 and 88. */
#define SAA_HPS_MIRROR	   (1u << 29)
#define SAA_CLIP_MODE(v)   ((v)&7)
#define SAA_CLIP_MATRIX(v) ((v) >> 30)
#define SAA_CLIP_OUTPUT(v) ((v) >> 24 & 15)
#define SAA_CLIP_DITHER	   (1u << 16)
#define SAA_MATRIX_LINEAR  2
#define SAA_MATRIX_GAMMA   3

#endif
