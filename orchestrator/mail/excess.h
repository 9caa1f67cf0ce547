// SPDX-License-Identifier: GPL-2.0-or-later
/* What a mail may have, told from its lines alone, before a MIME parser sees it. */
#pragma once

#include <glib.h>

/* Header lines of the mail, its parts and the mails in it, and so many KiB of them: */
#define VF_MESSAGE_HEADERS_MAX 2000
#define VF_MESSAGE_HEADER_KIB  512
/* One header field, and what begins another level or element in one: each of ":", ";" and "(". */
#define VF_MESSAGE_FIELD_KIB 64
#define VF_MESSAGE_MARKS_MAX 1000
#define VF_MESSAGE_PARTS_MAX 64
/* Lines that separate parts, and different separators. */
#define VF_MESSAGE_BORDERS_MAX	  200
#define VF_MESSAGE_MULTIPARTS_MAX 16
/* Mails in mails. */
#define VF_MESSAGE_INNER_MAX 16

/*
 * One clause ("more parts than a mail has") when the mail is over a limit, or NULL. Takes time in
 * proportion to @length. Not owned by the caller.
 */
const char *vf_message_excess(const char *bytes, gsize length);
