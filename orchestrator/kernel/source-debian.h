// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The newest linux-source of a Debian suite. apt fetches it from the machine's own mirror under the
 * machine's own keys, in a configuration of our own: nothing is installed, and the machine's
 * sources, package lists and hooks are left alone.
 *
 * Kept as debian/<suite>/{newest.json, PACKAGE_VERSION.tar.xz}; debian/<suite>/apt is apt's.
 */
#pragma once

#include "kernel/build.h"

typedef struct VfDebian {
	char *suite;
	gboolean latest; /* the mirror is asked, however recent the answer is that is there */
	gint64 asked;	 /* when it was asked last, in seconds since the Epoch; 0: never */
	/* What is there; NULL: nothing */
	char *package; /* "linux-source-7.2" */
	char *version;
	char *tarball; /* path */
} VfDebian;

void vf_debian_free(VfDebian *debian);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfDebian, vf_debian_free)

/*
 * What "debian/SUITE" or "debian/SUITE@latest" names, as far as it is there. NULL without error:
 * @linux_source is something else. VF_ERROR_USAGE: no name of a suite.
 */
VfDebian *vf_debian_new(const char *linux_source, GError **error);

/* The answer is there and recent enough. */
gboolean vf_debian_is_fresh(const VfDebian *debian);

/*
 * Makes the newest tarball be there, and fills package, version and tarball. When the mirror cannot
 * be asked, an older one will do, unless the latest is wanted. VF_ERROR_MISSING (apt, its sources),
 * VF_ERROR_HARNESS (mirror), VF_ERROR_IO.
 */
void vf_debian_fetch_async(VfDebian *debian, GCancellable *cancellable, VfBuildProgress progress,
			   gpointer progress_data, GAsyncReadyCallback done, gpointer data);
gboolean vf_debian_fetch_finish(GAsyncResult *result, GError **error);
