// SPDX-License-Identifier: GPL-2.0-or-later
/* rootfs/manifest.json: the programs of the initramfs and what they are compiled from. */
#pragma once

#include <glib.h>

typedef struct VfProgram {
	char *path;   /* in the guest, absolute */
	GStrv source; /* absolute paths on the host */
} VfProgram;

/*
 * The programs in the file "manifest.json" of @directory: an array of
 * {"path": "/bin/x", "source": ["x.c", ...]}. Caller unrefs. VF_ERROR_DATA names the entry.
 */
GPtrArray *vf_manifest_load(const char *directory, GError **error);
