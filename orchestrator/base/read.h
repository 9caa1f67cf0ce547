// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files whose content somebody else decides: a build, a guest, an emulator. A reader states how
 * large such a file may be, and needs memory in proportion to that.
 */
#pragma once

#include <glib.h>

/* Bytes without their newline, not NUL-terminated; borrowed. */
typedef struct VfLine {
	const char *text;
	gsize length;
} VfLine;

/*
 * All of @path, which must be a regular file of at most @max bytes; a NUL that *@length (may be
 * NULL) does not count follows. A FIFO does not block. VF_ERROR_DATA "PATH: expected at most N
 * MiB", "PATH: expected a regular file"; VF_ERROR_IO. Caller frees.
 */
char *vf_read_bounded(const char *path, gsize max, gsize *length, GError **error);

/* The same from @fd, which stays open; @path is for messages. */
char *vf_read_bounded_fd(int fd, const char *path, gsize max, gsize *length, GError **error);

/* The first @max bytes of @path; *@length is how many there are. Errors and ownership as above. */
char *vf_read_head(const char *path, gsize max, gsize *length, GError **error);

/* Takes the next line off [*@at, @end); FALSE at the end. The last one may lack its newline. */
gboolean vf_read_line(const char **at, const char *end, VfLine *line);

/* Cuts @prefix off @line; FALSE when it begins otherwise. */
gboolean vf_line_skip(VfLine *line, const char *prefix);

/*
 * Gives each line of @path to @take, in pieces of memory of some 64 KiB; what a line has beyond
 * 4096 bytes is left out. Errors as above.
 */
typedef void (*VfReadLine)(VfLine line, gpointer data);
gboolean vf_read_lines(const char *path, guint64 max, VfReadLine take, gpointer data,
		       GError **error);
