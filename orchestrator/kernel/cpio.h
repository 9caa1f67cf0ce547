// SPDX-License-Identifier: GPL-2.0-or-later
/* Packs an initramfs. */
#pragma once

#include <glib.h>

typedef struct VfCpioFile {
	const char *path; /* in the archive, absolute; its directories are added */
	const char *from; /* file on the host */
} VfCpioFile;

/*
 * Writes @count executables, their directories and /dev/console (init needs it before devtmpfs is
 * mounted) to @output as gzip-compressed "newc". The same input gives the same bytes, whatever
 * the order of @files and the files' times and owners. VF_ERROR_IO.
 */
gboolean vf_cpio_write(const char *output, const VfCpioFile *files, guint count, GError **error);
