// SPDX-License-Identifier: GPL-2.0-or-later
/* A stand-in for the driver: what the mails of these tests change. */
#include <media/drv-intf/saa7146.h>

static LIST_HEAD(saa7146_devices);

void saa7146_setgpio(struct saa7146_dev *dev, int port, u32 data)
{
	u32 value = 0;

	if (port > 3)
		return;

	value = saa7146_read(dev, GPIO_CTRL);
	value &= ~(0xff << (8 * port));
	value |= (data << (8 * port));
	saa7146_write(dev, GPIO_CTRL, value);
}

int saa7146_wait_for_debi_done(struct saa7146_dev *dev, int nobusyloop)
{
	unsigned long start = jiffies;

	/* wait for registers to be programmed */
	while (1) {
		if (saa7146_read(dev, MC2) & 2)
			break;
		if (time_after(jiffies, start + HZ / 20))
			return -ETIMEDOUT;
		msleep(1);
	}
	return 0;
}
