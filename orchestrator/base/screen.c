// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/screen.h"

#include <sys/ioctl.h>

static struct winsize size_of(FILE *out)
{
	struct winsize size = {0};
	int fd = fileno(out);

	if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size) != 0)
		return (struct winsize){0};
	return size;
}

guint vf_screen_columns(FILE *out, guint otherwise)
{
	const char *columns = g_getenv("COLUMNS");
	guint64 number;

	if (columns && g_ascii_string_to_unsigned(columns, 10, 1, 10000, &number, NULL))
		return (guint)number;
	return size_of(out).ws_col ?: otherwise;
}

guint vf_screen_rows(FILE *out, guint otherwise)
{
	return size_of(out).ws_row ?: otherwise;
}
