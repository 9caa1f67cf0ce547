// SPDX-License-Identifier: GPL-2.0-or-later
/* What the machine's apt knows of Debian: the mirror, its key, and how to get there. */
#pragma once

#include <glib.h>

/*
 * The sources file (deb822) of @suite on the mirror of the machine's own Debian entry, under the
 * key that this entry names. @targets: output of `apt-get indextargets`. NULL with
 * VF_ERROR_MISSING when there is no such entry. Caller frees.
 */
char *vf_debian_sources(const char *targets, const char *suite, GError **error);

/*
 * Blocking. Writes @directory/{apt.conf,debian.sources} for @suite: all of apt's state below
 * @directory, none of the machine's hooks, its proxies and time limits. VF_ERROR_MISSING,
 * VF_ERROR_IO.
 */
gboolean vf_debian_configure(const char *directory, const char *suite, GError **error);
