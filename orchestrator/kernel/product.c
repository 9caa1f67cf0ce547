// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/product.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/read.h"

/* NONBLOCK and NOCTTY for what is no file. */
static int open_beneath(const char *directory, const char *name, GError **error)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	int top = open(directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd;

	if (top < 0) {
		vf_throw_errno(error, "cannot open %s", directory);
		return -1;
	}
	fd = (int)syscall(SYS_openat2, top, name, &how, sizeof(how));
	if (fd < 0)
		vf_throw(error, VF_ERROR_COMPILE,
			 "the build left something else than a file as %s: %s", name,
			 g_strerror(errno));
	close(top);
	return fd;
}

int vf_product_open(const char *directory, const char *name, uid_t owner, guint64 max,
		    GError **error)
{
	int fd = open_beneath(directory, name, error);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 && st.st_uid == owner &&
	    (guint64)st.st_size <= max)
		return fd;
	vf_throw(
		error, VF_ERROR_COMPILE,
		"the build left something else than a file of its own of at most %" G_GUINT64_FORMAT
		" KiB as %s",
		max >> 10, name);
	close(fd);
	return -1;
}

/* The size is what was looked at: what was larger by then would not be copied. */
static gboolean copy_all(int from, int to)
{
	struct stat st;
	off_t left;

	if (ioctl(to, FICLONE, from) == 0)
		return TRUE;
	if (fstat(from, &st) < 0)
		return FALSE;
	for (left = st.st_size; left > 0;) {
		ssize_t n = sendfile(to, from, NULL, (size_t)left);

		if (n <= 0)
			return FALSE;
		left -= n;
	}
	return TRUE;
}

gboolean vf_product_copy(const char *directory, const char *name, uid_t owner, guint64 max,
			 const char *to, GError **error)
{
	int from = vf_product_open(directory, name, owner, max, error), copy;
	gboolean ok;

	if (from < 0)
		return FALSE;
	copy = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ok = copy >= 0 && copy_all(from, copy);
	ok = (copy < 0 || close(copy) == 0) && ok;
	if (!ok)
		vf_throw_errno(error, "cannot copy %s/%s to %s", directory, name, to);
	close(from);
	return ok;
}

char *vf_product_line(const char *directory, const char *name, uid_t owner, gsize max,
		      GError **error)
{
	int fd = vf_product_open(directory, name, owner, max + 1, error);
	g_autofree char *text = NULL;
	gsize length;

	if (fd < 0)
		return NULL;
	text = vf_read_bounded_fd(fd, name, max + 1, &length, error);
	close(fd);
	if (!text)
		return NULL;
	if (length && text[length - 1] == '\n')
		text[--length] = '\0';
	for (gsize i = 0; i < length; i++)
		if (!g_ascii_isprint(text[i])) {
			vf_throw(error, VF_ERROR_COMPILE,
				 "the build left something else than a line of text as %s", name);
			return NULL;
		}
	return g_steal_pointer(&text);
}
