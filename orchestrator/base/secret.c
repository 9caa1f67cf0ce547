// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define SECRET_MAX 4096 /* bytes, the newline included */

static gboolean check_file(const struct stat *st, const char *path, GError **error)
{
	if (!S_ISREG(st->st_mode))
		return vf_throw(error, VF_ERROR_USAGE, "%s: not a regular file", path);
	if (st->st_uid != geteuid())
		return vf_throw(error, VF_ERROR_USAGE,
				"%s: belongs to user %u; chown it to user %u, who reads it", path,
				st->st_uid, geteuid());
	if (st->st_mode & 077)
		return vf_throw(error, VF_ERROR_USAGE, "%s: others may read it; chmod 600 %s", path,
				path);
	return TRUE;
}

static gboolean is_line(const char *text, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if (g_ascii_iscntrl(text[i]))
			return FALSE;
	return length > 0;
}

/* @fd belongs to the caller. */
static char *read_line(int fd, const char *path, GError **error)
{
	char text[SECRET_MAX];
	gssize n = read(fd, text, sizeof(text));

	if (n < 0)
		return vf_throw_null(error, VF_ERROR_USAGE, "%s: %s", path, g_strerror(errno));
	if (n == sizeof(text))
		return vf_throw_null(error, VF_ERROR_USAGE, "%s: larger than %d bytes", path,
				     SECRET_MAX - 1);
	if (n > 0 && text[n - 1] == '\n')
		n--;
	if (n > 0 && text[n - 1] == '\r')
		n--;
	if (!is_line(text, (gsize)n))
		return vf_throw_null(error, VF_ERROR_USAGE,
				     "%s: expected one line with a token or password", path);
	return g_strndup(text, (gsize)n);
}

char *vf_secret_read(const char *path, GError **error)
{
	/* a FIFO would block, a terminal would become ours */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *secret = NULL;
	struct stat st;

	if (fd < 0)
		return vf_throw_null(error, VF_ERROR_USAGE, "%s: %s", path, g_strerror(errno));
	if (fstat(fd, &st) < 0)
		vf_throw(error, VF_ERROR_USAGE, "%s: %s", path, g_strerror(errno));
	else if (check_file(&st, path, error))
		secret = read_line(fd, path, error);
	close(fd);
	return secret;
}

gboolean vf_secret_is_word(const char *secret)
{
	const char *c = secret;

	while (g_ascii_isgraph(*c))
		c++;
	return c > secret && !*c;
}
