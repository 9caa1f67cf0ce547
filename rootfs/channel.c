// SPDX-License-Identifier: GPL-2.0-or-later
#include "channel.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static uint32_t crc32_ieee(const char *data, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xedb88320 & -(crc & 1));
	}
	return ~crc;
}

/* Appends one payload byte to OUT; returns the number of characters, 0 when ROOM is too small. */
static size_t escape(char *out, size_t room, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	if (byte >= 0x20 && byte <= 0x7e && byte != '\\') {
		if (room < 1)
			return 0;
		out[0] = (char)byte;
		return 1;
	}
	if (room < 4)
		return 0;
	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[byte >> 4];
	out[3] = digits[byte & 15];
	return 4;
}

/* channel_encode() with an escaped payload of at most ROOM bytes. */
static size_t encode(char *out, uint64_t seq, char type, const void *payload, size_t len,
		     size_t room, bool *cut)
{
	char body[20 + 3 + CHANNEL_PAYLOAD + 1];
	size_t head = (size_t)snprintf(body, sizeof body, "%" PRIu64 " %c ", seq, type);
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		size_t n = escape(body + head + used, room - used,
				  ((const unsigned char *)payload)[i]);

		if (n == 0) {
			*cut = true;
			break;
		}
		used += n;
	}

	size_t n = (size_t)sprintf(out, "~vf %.*s%08" PRIx32 " ", (int)head, body,
				   crc32_ieee(body, head + used));

	memcpy(out + n, body + head, used);
	out[n + used] = '\n';
	return n + used + 1;
}

size_t channel_encode(char *out, uint64_t seq, char type, const void *payload, size_t len,
		      bool *cut)
{
	return encode(out, seq, type, payload, len, CHANNEL_PAYLOAD, cut);
}

static bool read_hex(const char *directory, const char *name, unsigned long *value)
{
	char path[PATH_MAX], text[32];

	if ((size_t)snprintf(path, sizeof path, "%s/%s", directory, name) >= sizeof path)
		return false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t n = read(fd, text, sizeof text - 1);

	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	*value = strtoul(text, NULL, 16);
	return true;
}

/* True when a parent of the tty's device is the PCI function VENDOR:DEVICE (the serial core nests
 * its own devices). */
static bool tty_on_pci(const char *tty, unsigned long vendor, unsigned long device)
{
	char path[PATH_MAX], real[PATH_MAX];
	unsigned long v, d;

	if ((size_t)snprintf(path, sizeof path, "/sys/class/tty/%s/device", tty) >= sizeof path ||
	    !realpath(path, real))
		return false;
	for (char *slash; (slash = strrchr(real, '/')) && slash != real; *slash = '\0')
		if (read_hex(real, "vendor", &v) && read_hex(real, "device", &d))
			return v == vendor && d == device;
	return false;
}

/* Puts the name of the lowest matching ttySn into NAME; false when there is none. */
static bool find_pci_tty(unsigned long vendor, unsigned long device, char *name, size_t size)
{
	DIR *directory = opendir("/sys/class/tty");
	long best = LONG_MAX;

	if (!directory)
		return false;
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (strncmp(entry->d_name, "ttyS", 4) != 0 ||
		    !isdigit((unsigned char)entry->d_name[4]))
			continue;
		long number = strtol(entry->d_name + 4, NULL, 10);

		if (number < best && tty_on_pci(entry->d_name, vendor, device))
			best = number;
	}
	closedir(directory);
	return best != LONG_MAX && (size_t)snprintf(name, size, "ttyS%ld", best) < size;
}

static bool make_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return false;
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD;
	cfsetspeed(&t, B115200);
	return tcsetattr(fd, TCSANOW, &t) == 0;
}

/* Records between the kernel's own messages: what remains where the board has one port only. */
static const char *open_kmsg(struct channel *channel)
{
	int limit = open("/proc/sys/kernel/printk_devkmsg", O_WRONLY | O_CLOEXEC);

	/* by default the kernel drops what user space writes too fast */
	if (limit < 0 || write(limit, "on\n", 3) != 3) {
		if (limit >= 0)
			close(limit);
		return "cannot lift the rate limit of /dev/kmsg";
	}
	close(limit);
	channel->fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	channel->kmsg = true;
	return channel->fd < 0 ? "cannot open /dev/kmsg" : NULL;
}

const char *channel_open(struct channel *channel, const char *spec)
{
	char name[64], path[80];
	unsigned int vendor, device;
	int end = 0;

	if (strcmp(spec, "kmsg") == 0)
		return open_kmsg(channel);
	if (sscanf(spec, "pci:%4x:%4x%n", &vendor, &device, &end) == 2 && spec[end] == '\0') {
		if (!find_pci_tty(vendor, device, name, sizeof name))
			return "no UART on that PCI device (driver missing or 8250.nr_uarts too "
			       "small)";
	} else if (sscanf(spec, "tty:%63[A-Za-z0-9]%n", name, &end) != 1 || spec[end] != '\0') {
		return "expected pci:VVVV:DDDD, tty:NAME or kmsg";
	}

	snprintf(path, sizeof path, "/dev/%s", name);
	channel->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (channel->fd < 0)
		return "cannot open the device node";
	if (!make_raw(channel->fd)) {
		close(channel->fd);
		channel->fd = -1;
		return "not a terminal";
	}
	return NULL;
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n > 0) {
			data += n;
			len -= (size_t)n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		struct pollfd ready = {.fd = fd, .events = POLLOUT};

		if (poll(&ready, 1, CHANNEL_STALL_SECONDS * 1000) == 0)
			return false;
	}
	return true;
}

void channel_send(struct channel *channel, char type, const void *payload, size_t len)
{
	/* <1>: the console shows it even when the kernel is told to be quiet */
	char record[3 + CHANNEL_RECORD] = "<1>";
	size_t head = channel->kmsg ? 3 : 0;
	bool cut = false;

	if (channel->broken)
		return;
	size_t n = encode(record + head, channel->seq, type, payload, len,
			  channel->kmsg ? CHANNEL_KMSG_PAYLOAD : CHANNEL_PAYLOAD, &cut);

	channel->seq++;
	channel->overlong += cut;
	/* one write() is one message, and the kernel takes a message whole or not at all */
	channel->broken = !write_all(channel->fd, record, head + n);
}

void channel_inform(struct channel *channel, const char *key, const char *format, ...)
{
	char text[CHANNEL_PAYLOAD + 1];
	int head = snprintf(text, sizeof text, "%s=", key);
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text + head, sizeof text - (size_t)head, format, args);

	va_end(args);
	if (n < 0)
		return;
	size_t len = (size_t)head + (size_t)n;

	channel_send(channel, 'I', text, len < sizeof text ? len : sizeof text - 1);
}

static void interrupt_drain(int signal)
{
	(void)signal;
}

void channel_end(struct channel *channel)
{
	struct sigaction on_alarm = {.sa_handler = interrupt_drain};
	char count[24];
	int n = snprintf(count, sizeof count, "%" PRIu64, channel->seq);

	channel_send(channel, 'E', count, (size_t)n);
	if (channel->broken || channel->kmsg)
		return;
	/* A reader that is gone must not keep the guest alive: the alarm ends tcdrain(). */
	sigaction(SIGALRM, &on_alarm, NULL);
	alarm(CHANNEL_STALL_SECONDS);
	tcdrain(channel->fd);
	alarm(0);
}
