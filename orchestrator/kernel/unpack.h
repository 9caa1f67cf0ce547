// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unpacks a tarball that somebody else made. To be called in a process of its own with limits, the
 * program source-unpacker: decompressing and parsing happen in it.
 *
 * Of a member, name, content, time and whether it can be executed are taken; no owner, no other
 * bits. The first step of each name is left out. What no kernel source has is refused, and with it
 * the archive: devices, FIFOs, names and links that lead out of the tree.
 */
#pragma once

#include <glib.h>

typedef struct VfUnpackLimits {
	guint64 bytes; /* of all files */
	guint members;
} VfUnpackLimits;

/* Above a kernel's, which has 1.6 GB and 90,000 members. */
extern const VfUnpackLimits vf_unpack_limits;

/* Unpacks @archive (tar; xz, gzip, zstd, bzip2 or plain) below @directory. VF_ERROR_IO. */
gboolean vf_unpack(int archive, const char *directory, const VfUnpackLimits *limits,
		   GError **error);
