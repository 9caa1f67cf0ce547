/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small files through which the kernel talks: /proc, /sys and debugfs. */
#ifndef VIFARM_ROOTFS_FILES_H
#define VIFARM_ROOTFS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Reads a file whole into TEXT, at most SIZE - 1 bytes. Returns its length, or -1 with errno (EFBIG
 * when longer). */
ssize_t file_read(const char *path, char *text, size_t size);

/* The decimal number at the start of a file. */
bool file_number(const char *path, unsigned long *value);

/* Writes a short text to a file; false, with errno, when that fails. */
bool file_write(const char *path, const char *text);

#endif
