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

/* An empty one; the caller fills all that is never NULL. */
VfMessage *vf_message_new(void);

void vf_mail_address_free(gpointer address); /* NULL is fine */

/* NULL when @address is no "user@host". */
VfMailAddress *vf_mail_address_new(const char *name, const char *address);

/* The first mailbox in @list (may be NULL), or NULL. */
VfMailAddress *vf_mail_address_first(InternetAddressList *list);

/* Makes GMime ready; vf_message_gmime() does it where that was not done. */
void vf_message_start(void);

/* VF_ERROR_DATA: over a limit of mail/excess.h, or no mail. */
GMimeMessage *vf_message_gmime(const char *bytes, gsize length, GError **error);

/* What is between the angle brackets of a Message-ID. */
gboolean vf_message_is_id(const char *text);

/* The Message-ID of a mail that nobody has parsed, or NULL. Caller frees. */
char *vf_message_find_id(const char *bytes, gsize length);

/* 0, or a date that makes sense. */
gboolean vf_message_is_date(gint64 seconds);

/* Seconds since the epoch; 0 for NULL and what makes no sense. */
gint64 vf_message_seconds(GDateTime *date);

/* "no", "off" and the like: the sender wants no test. */
gboolean vf_message_says_no(const char *value);

/* Fill the fields that come from the header block and from the parts. */
gboolean vf_message_read_headers(VfMessage *message, GMimeMessage *source, GError **error);
gboolean vf_message_read_body(VfMessage *message, GMimeMessage *source, GError **error);
