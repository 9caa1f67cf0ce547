// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's end of the result channel: numbered, checksummed records on a serial port of their
 * own.
 *
 * A record is one line:   ~vf <seq> <type> <crc> <payload>\n
 *   seq      decimal, from 0, no gaps
 *   type     K = one KTAP line, I = information "key=value",
 *            E = end marker (payload: number of records before it)
 *   crc      8 hex digits, CRC-32 (IEEE, as in zlib) of "<seq> <type> <payload>"
 *   payload  at most CHANNEL_PAYLOAD bytes; bytes outside 0x20..0x7e and the backslash are
 *            written as \xNN
 */
#ifndef VIFARM_ROOTFS_CHANNEL_H
#define VIFARM_ROOTFS_CHANNEL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_PAYLOAD 1000
/* through /dev/kmsg: the whole record has to fit into one message of the kernel, 1023 bytes */
#define CHANNEL_KMSG_PAYLOAD 900
/* "~vf " + 20 digits + " K " + 8 digits + " " + payload + "\n" */
#define CHANNEL_RECORD (4 + 20 + 3 + 8 + 1 + CHANNEL_PAYLOAD + 1)

/* One open channel. Zero-initialise, then channel_open(). */
struct channel {
	int fd;
	uint64_t seq;	   /* number of the next record */
	uint64_t overlong; /* records whose payload had to be cut */
	bool broken;	   /* the port stopped taking data; later records are dropped */
	bool kmsg;	   /* records are messages of the kernel's log */
};

/*
 * Builds one record from LEN bytes at PAYLOAD into OUT (CHANNEL_RECORD bytes, not NUL-terminated).
 * Returns the length of the record. A payload that does not fit is cut between two characters and
 * *CUT becomes true (it is left alone otherwise). Pure: touches nothing but OUT and *CUT.
 */
size_t channel_encode(char *out, uint64_t seq, char type, const void *payload, size_t len,
		      bool *cut);

/*
 * Finds and opens the port named by SPEC and makes it raw: "pci:VVVV:DDDD" (first UART of the first
 * PCI function with that vendor and device id, hexadecimal), "tty:ttyS1", or "kmsg": the kernel's
 * log and so its console, for boards without a second port. Returns NULL, or a static text that
 * says what is missing.
 */
const char *channel_open(struct channel *channel, const char *spec);

/* Sends one record; waits for the reader as long as it reads something within
 * CHANNEL_STALL_SECONDS. */
#define CHANNEL_STALL_SECONDS 60
void channel_send(struct channel *channel, char type, const void *payload, size_t len);

/* The same for an "I" record: KEY=<formatted text>. */
void channel_inform(struct channel *channel, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sends the end marker and waits until the last byte has left the port, at most
 * CHANNEL_STALL_SECONDS. */
void channel_end(struct channel *channel);

#endif
