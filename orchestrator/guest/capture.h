// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bounded record of an unbounded output: the first bytes and the last ones, in one file, with a
 * line between them that says how much was left out. Needs no memory for what it keeps.
 */
#pragma once

#include <glib.h>

#define VF_CAPTURE_HEAD (12 * 1024 * 1024)
#define VF_CAPTURE_TAIL (4 * 1024 * 1024)

typedef struct VfCapture VfCapture;

/* @head, @tail: bytes. Replaces the file. NULL with VF_ERROR_IO. */
VfCapture *vf_capture_new(const char *path, gsize head, gsize tail, GError **error);
void vf_capture_free(VfCapture *capture); /* closes the file as it is */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfCapture, vf_capture_free)

gboolean vf_capture_write(VfCapture *capture, const char *bytes, gsize length, GError **error);

/* Puts the last bytes in order; nothing can be written afterwards. */
gboolean vf_capture_finish(VfCapture *capture, GError **error);

guint64 vf_capture_total(const VfCapture *capture); /* bytes written */
gboolean vf_capture_cut(const VfCapture *capture);  /* more than the file holds */
