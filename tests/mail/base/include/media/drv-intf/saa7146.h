/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __SAA7146__
#define __SAA7146__

#define GPIO_CTRL 0xe0
#define MC2 0x100

#endif
