// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	while (used < size && (n = read(fd, text + used, size - used)) > 0)
		used += (size_t)n;
	close(fd);
	if (n < 0)
		return -1;
	if (used == size) {
		errno = EFBIG;
		return -1;
	}
	text[used] = '\0';
	return (ssize_t)used;
}

bool file_number(const char *path, unsigned long *value)
{
	char text[64];

	if (file_read(path, text, sizeof text) <= 0)
		return false;
	*value = strtoul(text, NULL, 10);
	return true;
}

bool file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return done;
}
