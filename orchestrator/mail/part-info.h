// SPDX-License-Identifier: GPL-2.0-or-later
/* What an assembler keeps of a mail beside the message itself. */
#pragma once

#include "mail/message.h"
#include "mail/subject.h"

typedef struct VfPartInfo {
	VfMessage *message;
	VfSubject subject;
	char *sender;	     /* address in lower case, of who wrote to a list that rewrites From: */
	gboolean context;    /* of a series that is concluded */
	gint64 arrived;	     /* microseconds since the epoch */
	char *hash;	     /* sha256 of the text, 64 hex digits; NULL without a diff */
	gsize bytes;	     /* of the text */
	char *base_commit;   /* or NULL */
	char *change_id;     /* or NULL */
	GStrv prerequisites; /* never NULL */
} VfPartInfo;

/* Takes @message over. Reference counted: a patch can stay the same in the next revision. */
VfPartInfo *vf_part_info_new(VfMessage *message, gint64 arrived);
VfPartInfo *vf_part_info_ref(VfPartInfo *info);
void vf_part_info_unref(gpointer info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfPartInfo, vf_part_info_unref)
