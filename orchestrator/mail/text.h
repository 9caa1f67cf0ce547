// SPDX-License-Identifier: GPL-2.0-or-later
/* The text of a mail's part in the form that its sender had before the mail programs. */
#pragma once

#include "mail/diff.h"
#include "mail/parts.h"

typedef struct VfMailText {
	GString *bytes;	   /* commit message in UTF-8, diff as in mail/message.h */
	gboolean has_diff; /* then @diff is filled, its @start within @bytes */
	VfDiff diff;
} VfMailText;

void vf_mail_text_free(VfMailText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailText, vf_mail_text_free)

/*
 * Of the ways to undo format=flowed that mail programs need, the first that leaves the diff whole.
 */
VfMailText *vf_mail_text(const VfPart *part);
