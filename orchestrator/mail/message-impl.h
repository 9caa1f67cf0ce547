// SPDX-License-Identifier: GPL-2.0-or-later
/* What the files behind mail/message.h share. */
#pragma once

#include <gmime/gmime.h>

#include "mail/message.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)

/* Longer header fields are cut. */
#define VF_MESSAGE_LINE_MAX 2000

void vf_mail_address_free(gpointer address); /* NULL is fine */

/* NULL when @address is no "user@host". */
VfMailAddress *vf_mail_address_new(const char *name, const char *address);

/* The first mailbox in @list (may be NULL), or NULL. */
VfMailAddress *vf_mail_address_first(InternetAddressList *list);

/* NULL when the bytes are no mail. */
GMimeMessage *vf_message_gmime(const char *bytes, gsize length);

/* Seconds since the epoch; 0 for NULL and what makes no sense. */
gint64 vf_message_seconds(GDateTime *date);

/* "no", "off" and the like: the sender wants no test. */
gboolean vf_message_says_no(const char *value);

/* Fill the fields that come from the header block and from the parts. */
gboolean vf_message_read_headers(VfMessage *message, GMimeMessage *source, GError **error);
gboolean vf_message_read_body(VfMessage *message, GMimeMessage *source, GError **error);
