// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of guests on a host that does not see ours: volumes of its storage pool "vifarm", a
 * directory that its operator has made (docs/lab.md). All calls block, for a thread.
 */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>

#define VF_LIBVIRT_POOL "vifarm"

typedef struct VfRemoteFiles VfRemoteFiles;

/* @shown: the host's name in errors. NULL with VF_ERROR_MISSING when it has no such pool. */
VfRemoteFiles *vf_remote_files_new(virConnectPtr connection, const char *shown, GError **error);
void vf_remote_files_free(VfRemoteFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfRemoteFiles, vf_remote_files_free)

/*
 * The path there of a file with the contents of @path; it is sent when it is not there yet. Two
 * processes may do it at once. Caller frees.
 */
char *vf_remote_files_put(VfRemoteFiles *files, const char *path, GError **error);

/* An empty file; its path there. Caller frees. */
char *vf_remote_files_make(VfRemoteFiles *files, const char *name, GError **error);

/* Appends to @bytes what follows @offset, at most @limit bytes; none at the end of the file. */
gboolean vf_remote_files_read(VfRemoteFiles *files, const char *name, guint64 offset, gsize limit,
			      GByteArray *bytes, GError **error);

/* Writes the contents of @name to @path here, at most @limit bytes. */
gboolean vf_remote_files_get(VfRemoteFiles *files, const char *name, const char *path, gsize limit,
			     GError **error);

void vf_remote_files_remove(VfRemoteFiles *files, const char *name);

/* Removes what guests that are no more have left behind more than a day ago. */
void vf_remote_files_sweep(VfRemoteFiles *files);
