// SPDX-License-Identifier: GPL-2.0-or-later
/* Tokens and passwords: read when they are needed, never stored, never shown. */
#pragma once

#include <glib.h>

/*
 * The secret in the file at @path: one line, whose newline may be missing. The file must be a
 * regular file of this process's user, and nobody else may have any access to it.
 * VF_ERROR_USAGE names @path and never its content. Caller frees.
 */
char *vf_secret_read(const char *path, GError **error);

/* Whether @secret fits into a header of HTTP: printable ASCII without a blank. */
gboolean vf_secret_is_word(const char *secret);
