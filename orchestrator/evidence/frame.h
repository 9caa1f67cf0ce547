// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decoder of the guest's result channel, docs/evidence.md:
 *
 *	~vf <seq> <type> <crc> <payload>\n
 *
 * Works on pieces of any size and needs no more memory than one record. Damage never becomes a
 * record: the first is kept as an error, later good records are still delivered.
 */
#pragma once

#include <glib.h>

#define VF_FRAME_PAYLOAD_MAX 1000 /* bytes of the escaped payload */

typedef struct VfFrame VfFrame;

/* @payload: @length bytes with the escapes undone, NUL-terminated, valid during the call. */
typedef void (*VfFrameRecord)(char type, const char *payload, gsize length, gpointer data);

VfFrame *vf_frame_new(VfFrameRecord record, gpointer data);
void vf_frame_free(VfFrame *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfFrame, vf_frame_free)

void vf_frame_feed(VfFrame *frame, const char *bytes, gsize length);

/* No more bytes will come: a record without its newline becomes an error. */
void vf_frame_finish(VfFrame *frame);

/* One line: what, record number, the escaped bytes; NULL when all was well. */
const char *vf_frame_error(const VfFrame *frame);

guint64 vf_frame_records(const VfFrame *frame); /* good ones */

/* The end marker came, its count was right and nothing before it was damaged or missing. */
gboolean vf_frame_ended(const VfFrame *frame);

/* Bytes outside the records, before the first and after the end marker: a line that floats. */
guint64 vf_frame_noise(const VfFrame *frame);
