// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"

/* Up to @length bytes; fewer when the file is cut meanwhile. -1 with errno. */
static gssize read_whole(int fd, char *bytes, gsize length)
{
	gsize done = 0;

	while (done < length) {
		gssize n = pread(fd, bytes + done, length - done, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		done += (gsize)n;
	}
	return (gssize)done;
}

char *vf_file_read_fd(int fd, const char *path, gsize max, gsize *length, GError **error)
{
	g_autofree char *bytes = NULL;
	struct stat st;
	gssize size;

	if (fstat(fd, &st) < 0) {
		vf_throw_errno(error, "cannot read %s", vf_dirs_shown(path));
		return NULL;
	}
	if (!S_ISREG(st.st_mode))
		return vf_throw_null(error, VF_ERROR_IO, "%s: not a regular file",
				     vf_dirs_shown(path));
	if ((guint64)st.st_size > max)
		return vf_throw_null(error, VF_ERROR_IO,
				     "%s: %" G_GUINT64_FORMAT " bytes, at most %" G_GSIZE_FORMAT
				     " are read",
				     vf_dirs_shown(path), (guint64)st.st_size, max);
	bytes = g_malloc((gsize)st.st_size + 1);
	size = read_whole(fd, bytes, (gsize)st.st_size);
	if (size < 0) {
		vf_throw_errno(error, "cannot read %s", vf_dirs_shown(path));
		return NULL;
	}
	bytes[size] = '\0';
	if (length)
		*length = (gsize)size;
	return g_steal_pointer(&bytes);
}

char *vf_file_read(const char *path, gsize max, gsize *length, GError **error)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *bytes;

	if (fd < 0) {
		vf_throw_errno(error, "cannot open %s", vf_dirs_shown(path));
		return NULL;
	}
	bytes = vf_file_read_fd(fd, path, max, length, error);
	close(fd);
	return bytes;
}
