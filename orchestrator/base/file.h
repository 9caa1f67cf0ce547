// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading files that somebody else wrote. */
#pragma once

#include <glib.h>

/*
 * The content of the regular file @path, NUL-terminated; *length (may be NULL) without that NUL.
 * VF_ERROR_IO when it cannot be opened, is no regular file, or has more than @max bytes. A FIFO or
 * a device is not waited for. Caller frees.
 */
char *vf_file_read(const char *path, gsize max, gsize *length, GError **error);

/* The same of an open descriptor, from its beginning; @path is for the error. */
char *vf_file_read_fd(int fd, const char *path, gsize max, gsize *length, GError **error);
