// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files that a build has left. Whoever built may be a stranger: each is opened once, below the
 * object directory and over no symbolic link, is looked at through that descriptor, and is read
 * through it. Nothing is read while a process of the build lives (build/child.h).
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/*
 * @name below @directory: a regular file of one name, of the user @owner, of at most @max bytes.
 * Caller closes. -1 with VF_ERROR_COMPILE, or VF_ERROR_IO when @directory cannot be opened.
 */
int vf_product_open(const char *directory, const char *name, uid_t owner, guint64 max,
		    GError **error);

/* Copies it to @to, which must not exist; shares its blocks where the file system can. */
gboolean vf_product_copy(const char *directory, const char *name, uid_t owner, guint64 max,
			 const char *to, GError **error);

/* One line of printable ASCII of at most @max bytes, without its end. Caller frees. */
char *vf_product_line(const char *directory, const char *name, uid_t owner, gsize max,
		      GError **error);
