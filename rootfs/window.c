// SPDX-License-Identifier: GPL-2.0-or-later
#include "window.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICES	   "/sys/bus/pci/devices"
#define PORT_SIZE  4096
#define MAGIC	   0x56464d31u
#define REG_MAGIC  0x00
#define REG_WINDOW 0x08
#define REG_NAME   0x0c

static volatile uint32_t *port;
static char error[128];

const char *window_error(void)
{
	return error;
}

static bool holds(const char *dir, const char *file, const char *text)
{
	char path[512], have[16] = "";
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, have, sizeof have - 1) < 0)
		have[0] = '\0';
	close(fd);
	return !strncmp(have, text, strlen(text));
}

/* Decoding of its memory has to be switched on first. */
static bool enable(const char *dir)
{
	char path[512];
	bool done;
	int fd;

	snprintf(path, sizeof path, "%s/enable", dir);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, "1", 1) == 1;
	close(fd);
	return done;
}

static bool map(const char *dir)
{
	char path[512];
	void *at;
	int fd;

	snprintf(path, sizeof path, "%s/resource0", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || !enable(dir)) {
		snprintf(error, sizeof error, "control port: %s", strerror(errno));
		return false;
	}
	at = mmap(NULL, PORT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at == MAP_FAILED) {
		snprintf(error, sizeof error, "control port: mmap: %s", strerror(errno));
		return false;
	}
	port = at;
	if (le32toh(port[REG_MAGIC / 4]) == MAGIC)
		return true;
	snprintf(error, sizeof error, "control port: its magic number is 0x%08x",
		 le32toh(port[REG_MAGIC / 4]));
	port = NULL;
	return false;
}

bool window_open(void)
{
	bool found = false;
	glob_t devices;

	if (port)
		return true;
	snprintf(error, sizeof error, "no control port: give the guest -device vifarm-ctl");
	if (glob(DEVICES "/*", 0, NULL, &devices))
		return false;
	for (size_t i = 0; i < devices.gl_pathc && !found; i++)
		if (holds(devices.gl_pathv[i], "vendor", "0x1234") &&
		    holds(devices.gl_pathv[i], "device", "0xf146"))
			found = map(devices.gl_pathv[i]);
	globfree(&devices);
	return found;
}

void window_begin(const char *name)
{
	if (!port)
		return;
	port[REG_NAME / 4] = 0;
	for (const char *c = name; *c; c++)
		port[REG_NAME / 4] = htole32((uint8_t)*c);
	port[REG_WINDOW / 4] = htole32(1);
}

void window_end(void)
{
	if (port)
		port[REG_WINDOW / 4] = 0;
}
