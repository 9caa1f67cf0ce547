// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's MAINTAINERS file: who wants to hear of a change, as get_maintainer.pl reads it. */
#pragma once

#include <glib.h>

#define VF_MAINTAINERS_BYTES_MAX (4 << 20)

/*
 * The addresses, in lower case, that the file's @text names for any of @paths (sorted,
 * NULL-terminated): M, R and L of the sections whose F or N match and whose X do not. Of a section
 * for everything ("F: *") only its lists, because nobody is meant by that. A set of strings; the
 * paths may be hostile, the text is the operator's. Caller unrefs.
 */
GHashTable *vf_maintainers_find(const char *text, gsize length, char **paths);
