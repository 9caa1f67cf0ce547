// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Captures a transport stream through a budget DVB card and checks every byte
 * of every packet against the definition that the emulated antenna sends by.
 *
 *   VIFARM_PACKETS  packets of the main case, default 20000
 *   VIFARM_ADAPTER  number of the DVB adapter, default 0
 *   VIFARM_REBIND   N: driver and card are parted and joined first, while N - 1
 *                   unused serial ports are open, so that the ring comes to lie
 *                   at other addresses than at boot
 */
#define _GNU_SOURCE
#include "../machine/saa7146/pattern.h"
#include "ktap.h"
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <linux/dvb/dmx.h>
#include <linux/dvb/frontend.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKETS_MAIN	20000
#define PACKETS_RESTART 2000
#define PACKETS_PID	1000
#define ALL_PIDS	0x2000
#define ERRORS_MAX	200 /* more say nothing new, and a guest that lost its stream is slow */
#define DVR_BUFFER	(4u << 20)
#define LOCK_MS		5000
/*
 * By the guest's clock, which on an emulated board may run many times too fast
 * (malta measures its CPU against a real-time clock in host time): what bounds
 * a capture is that packets come, the total is only the last resort.
 */
#define SILENCE_MS 5000
#define TOTAL_MS   60000
/* budget-core.c: a ring of 1024 packets, which the card reaches through 4 KiB pages. */
#define RING_PACKETS 1024u
#define CARD_PAGE    4096u

static int frontend = -1;
static bool locked;
static int64_t deadline;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint32_t number_of(const char *name, uint32_t fallback)
{
	const char *text = getenv(name);
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	return n > 0 && n < 10000000 ? n : fallback;
}

static int open_dvb(const char *node, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/dev/dvb/adapter%" PRIu32 "/%s",
		 number_of("VIFARM_ADAPTER", 0), node);
	return open(path, flags | O_CLOEXEC);
}

/* Sum over all CPUs of the lines of /proc/interrupts that name the driver. */
static unsigned long interrupts(void)
{
	FILE *file = fopen("/proc/interrupts", "re");
	unsigned long sum = 0;
	char line[512], *p, *end;

	while (file && fgets(line, sizeof line, file)) {
		p = strchr(line, ':');
		if (!p || !strstr(line, "saa7146"))
			continue;
		for (p++;; p = end) {
			unsigned long n = strtoul(p, &end, 10);

			if (end == p)
				break;
			sum += n;
		}
	}
	if (file)
		fclose(file);
	return sum;
}

/* What was received, against what was sent. */
struct check {
	uint16_t pid; /* ALL_PIDS: the whole multiplex */
	bool started;
	uint32_t next;	   /* sequence number expected */
	uint32_t received; /* packets */
	uint32_t wrong;	   /* packets with a byte that was not sent so */
	uint32_t gaps;	   /* places where the sequence does not go on by one */
	char first[200];   /* what is the matter with the first of them */
};

__attribute__((format(printf, 2, 3))) static void complain(struct check *c, const char *format, ...)
{
	va_list args;

	if (c->first[0])
		return;
	va_start(args, format);
	vsnprintf(c->first, sizeof c->first, format, args);
	va_end(args);
}

static uint32_t following(const struct check *c, uint32_t sequence)
{
	do
		sequence++;
	while (c->pid != ALL_PIDS && ts_pid(sequence) != c->pid);
	return sequence;
}

/* Index of the first byte that differs from packet SEQUENCE, TS_SIZE: none. */
static uint32_t first_difference(const uint8_t *packet, uint32_t sequence, uint8_t *expected)
{
	uint8_t sent[TS_SIZE];
	uint32_t i = 0;

	ts_fill(sent, sequence);
	ts_put32(sent + TS_CRC, ts_crc32(sent, TS_CRC));
	if (memcmp(sent, packet, TS_SIZE) == 0)
		return TS_SIZE;
	while (sent[i] == packet[i])
		i++;
	*expected = sent[i];
	return i;
}

/*
 * A capture of everything begins at the front of the ring. Data that goes
 * wrong just where a page of the card begins speaks for its page table.
 */
static const char *place(const struct check *c, uint32_t at)
{
	uint32_t byte = c->received % RING_PACKETS * TS_SIZE + at;

	return c->pid == ALL_PIDS && byte % CARD_PAGE == 0 ? ", where a page of the card begins"
							   : "";
}

static void check_packet(struct check *c, const uint8_t *packet)
{
	uint32_t claimed = ts_get32(packet + 4), wanted = c->started ? c->next : claimed;
	uint8_t expected = 0;
	uint32_t at = first_difference(packet, wanted, &expected);

	if (at != TS_SIZE && claimed != wanted &&
	    first_difference(packet, claimed, &expected) == TS_SIZE) {
		c->gaps++;
		complain(c, "packet %" PRIu32 ": sequence %" PRIu32 " where %" PRIu32 " was due",
			 c->received, claimed, wanted);
		wanted = claimed;
	} else if (at != TS_SIZE) {
		first_difference(packet, wanted, &expected);
		c->wrong++;
		complain(c,
			 "packet %" PRIu32 " (sequence %" PRIu32 "), byte %" PRIu32
			 ": 0x%02x, sent was 0x%02x%s",
			 c->received, wanted, at, packet[at], expected, place(c, at));
	}
	c->started = true;
	c->next = following(c, wanted);
	c->received++;
}

/* Reads whole packets until COUNT were checked. False: complained. */
static bool receive(struct check *c, int dvr, uint32_t count)
{
	static uint8_t buffer[TS_SIZE * 256];
	struct pollfd fd = {.fd = dvr, .events = POLLIN};
	size_t held = 0;

	while (c->received < count && c->wrong + c->gaps < ERRORS_MAX) {
		int64_t left = deadline - now_ms();
		int wait = left < SILENCE_MS ? (int)left : SILENCE_MS;
		size_t used = 0;
		ssize_t n;

		if (left <= 0 || poll(&fd, 1, wait) <= 0) {
			complain(c, "after %" PRIu32 " packets none for %d ms", c->received, wait);
			return false;
		}
		n = read(dvr, buffer + held, sizeof buffer - held);
		if (n <= 0) {
			complain(c, "dvr0 after %" PRIu32 " packets: %s", c->received,
				 n ? strerror(errno) : "end of file");
			return false;
		}
		held += n;
		for (; used + TS_SIZE <= held && c->received < count; used += TS_SIZE)
			check_packet(c, buffer + used);
		held -= used;
		memmove(buffer, buffer + used, held);
	}
	return true;
}

static bool start_filter(struct check *c, int demux, int dvr)
{
	struct dmx_pes_filter_params filter = {
		.pid = c->pid,
		.input = DMX_IN_FRONTEND,
		.output = DMX_OUT_TS_TAP,
		.pes_type = DMX_PES_OTHER,
		.flags = DMX_IMMEDIATE_START,
	};

	if (demux < 0 || dvr < 0) {
		complain(c, "demux0 or dvr0: %s", strerror(errno));
		return false;
	}
	if (ioctl(dvr, DMX_SET_BUFFER_SIZE, DVR_BUFFER) < 0 ||
	    ioctl(demux, DMX_SET_PES_FILTER, &filter) < 0) {
		complain(c, "cannot set a filter for PID 0x%04x: %s", c->pid, strerror(errno));
		return false;
	}
	return true;
}

static enum ktap_status capture(struct ktap *t, uint16_t pid, uint32_t count)
{
	int demux = open_dvb("demux0", O_RDWR), dvr = open_dvb("dvr0", O_RDONLY | O_NONBLOCK);
	struct check c = {.pid = pid};
	unsigned long irqs = interrupts();
	int64_t begin = now_ms(), ms;
	char window[64];
	bool done;

	snprintf(window, sizeof window, "capture-ts/%s", t->name);
	window_begin(window);
	done = locked && start_filter(&c, demux, dvr) && receive(&c, dvr, count);
	ms = now_ms() - begin;

	if (demux >= 0)
		close(demux);
	if (dvr >= 0)
		close(dvr);
	window_end();
	irqs = interrupts() - irqs;
	ktap_note(t,
		  "packets=%" PRIu32 " wrong=%" PRIu32 " gaps=%" PRIu32 " wraps=%" PRIu32
		  " interrupts=%lu ms=%" PRId64 " kbit_s=%" PRId64,
		  c.received, c.wrong, c.gaps, c.received / RING_PACKETS, irqs, ms,
		  ms ? (int64_t)c.received * TS_SIZE * 8 / ms : 0);
	if (!locked)
		return ktap_fail(t, "the frontend has no lock");
	if (!done || c.wrong || c.gaps)
		return ktap_fail(t, "%s (%" PRIu32 " packets, %" PRIu32 " wrong, %" PRIu32 " gaps)",
				 c.first, c.received, c.wrong, c.gaps);
	if (!irqs)
		return ktap_fail(t, "packets came without an interrupt");
	return KTAP_PASS;
}

#define DRIVER "/sys/bus/pci/drivers/budget dvb"

static bool write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* Each line discipline takes pages of the vmalloc area. They stay open until the end. */
static uint32_t open_ports(uint32_t wanted)
{
	char path[] = "/dev/ttyS9";
	uint32_t n = 0;

	for (; path[9] > '1' && n < wanted; path[9]--)
		n += open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) >= 0;
	return n;
}

static enum ktap_status test_rebind(struct ktap *t)
{
	uint32_t wanted = number_of("VIFARM_REBIND", 0), ports;
	enum ktap_status status = KTAP_PASS;
	glob_t cards;
	const char *name;

	if (!wanted)
		return ktap_skip(t, "not asked for");
	ports = open_ports(wanted - 1);
	if (ports != wanted - 1)
		return ktap_fail(t, "only %" PRIu32 " serial ports", ports);
	if (glob(DRIVER "/*:*", 0, NULL, &cards))
		return ktap_fail(t, "no card is bound to " DRIVER);
	for (size_t i = 0; i < cards.gl_pathc && status == KTAP_PASS; i++) {
		name = strrchr(cards.gl_pathv[i], '/') + 1;
		if (!write_to(DRIVER "/unbind", name) || !write_to(DRIVER "/bind", name))
			status = ktap_fail(t, "%s: %s", name, strerror(errno));
	}
	globfree(&cards);
	return status;
}

static bool tune(const struct dvb_frontend_info *info)
{
	bool satellite = info->type == FE_QPSK;
	struct dtv_property set[] = {
		{.cmd = DTV_DELIVERY_SYSTEM, .u.data = satellite ? SYS_DVBS : SYS_DVBC_ANNEX_A},
		{.cmd = DTV_FREQUENCY, .u.data = satellite ? 1200000 : 394000000},
		{.cmd = DTV_MODULATION, .u.data = satellite ? QPSK : QAM_64},
		{.cmd = DTV_SYMBOL_RATE, .u.data = satellite ? 27500000 : 6900000},
		{.cmd = DTV_INVERSION, .u.data = satellite ? INVERSION_AUTO : INVERSION_OFF},
		{.cmd = DTV_INNER_FEC, .u.data = satellite ? FEC_AUTO : FEC_NONE},
		{.cmd = DTV_TUNE},
	};
	struct dtv_properties all = {sizeof set / sizeof set[0], set};

	return ioctl(frontend, FE_SET_PROPERTY, &all) == 0;
}

static enum ktap_status test_lock(struct ktap *t)
{
	struct dvb_frontend_info info = {0};
	enum fe_status status = 0;
	int64_t begin = now_ms();

	frontend = open_dvb("frontend0", O_RDWR);
	if (frontend < 0)
		return ktap_fail(t, "frontend0: %s", strerror(errno));
	if (ioctl(frontend, FE_GET_INFO, &info) < 0 || !tune(&info))
		return ktap_fail(t, "cannot tune: %s", strerror(errno));
	while (!(status & FE_HAS_LOCK)) {
		if (now_ms() - begin > LOCK_MS)
			return ktap_fail(t, "no lock after %d ms, status 0x%02x", LOCK_MS, status);
		poll(NULL, 0, 20);
		if (ioctl(frontend, FE_READ_STATUS, &status) < 0)
			return ktap_fail(t, "cannot read the status: %s", strerror(errno));
	}
	locked = true;
	ktap_note(t, "frontend=\"%s\" lock_ms=%" PRId64, info.name, now_ms() - begin);
	return KTAP_PASS;
}

static enum ktap_status test_multiplex(struct ktap *t)
{
	return capture(t, ALL_PIDS, number_of("VIFARM_PACKETS", PACKETS_MAIN));
}

static enum ktap_status test_restart(struct ktap *t)
{
	return capture(t, ALL_PIDS, PACKETS_RESTART);
}

static enum ktap_status test_one_pid(struct ktap *t)
{
	return capture(t, 0x101, PACKETS_PID);
}

static const struct ktap_case cases[] = {
	{"rebind", test_rebind},   {"lock", test_lock},	      {"multiplex", test_multiplex},
	{"restart", test_restart}, {"one_pid", test_one_pid},
};

int main(void)
{
	deadline = now_ms() + TOTAL_MS;
	/* Where no model watches there is no port, and nobody misses the windows. */
	window_open();
	return ktap_main(KTAP_CASES(cases));
}
