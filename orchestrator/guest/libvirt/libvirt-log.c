// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/libvirt/libvirt-log.h"

#include <string.h>

/* "d": a digit; anything else stands for itself. */
static const char libvirt_time[] = "dddd-dd-dd dd:dd:dd.ddd+dddd: ";
static const char qemu_time[] = "dddd-dd-ddTdd:dd:dd.ddddddZ ";

/* Bytes of @pattern, or 0 when @line does not begin with it. */
static gsize match(const char *line, gsize length, const char *pattern)
{
	gsize n = strlen(pattern);

	if (length < n)
		return 0;
	for (gsize i = 0; i < n; i++)
		if (pattern[i] == 'd' ? !g_ascii_isdigit(line[i]) : line[i] != pattern[i])
			return 0;
	return n;
}

static gboolean contains(const char *line, gsize length, const char *part)
{
	return memmem(line, length, part, strlen(part)) != NULL;
}

/* The command line has one word a line, each but the last ended by a backslash. */
static gboolean continues(const char *line, gsize length)
{
	return length && line[length - 1] == '\\';
}

static void take_line(GString *out, const char *line, gsize length)
{
	gsize time = match(line, length, qemu_time);

	if (match(line, length, libvirt_time))
		return;
	if (time && contains(line, length, ": terminating on signal 15 from pid "))
		return;
	g_string_append_len(out, line + time, (gssize)(length - time));
	g_string_append_c(out, '\n');
}

GString *vf_libvirt_log_messages(const char *log, gsize length)
{
	GString *out = g_string_new(NULL);
	const char *end = log + length;
	gboolean header = FALSE; /* between "starting up" and the last word of the command */

	for (const char *line = log; line < end;) {
		const char *newline = memchr(line, '\n', (gsize)(end - line));
		gsize n = newline ? (gsize)(newline - line) : (gsize)(end - line);

		if (match(line, n, libvirt_time) && contains(line, n, ": starting up "))
			header = TRUE;
		else if (!header)
			take_line(out, line, n);
		else
			header = continues(line, n);
		line += n + 1;
	}
	return out;
}
