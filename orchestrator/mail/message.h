// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One mail, read from hostile bytes. All text is valid UTF-8; headers are one line without control
 * characters, fit for comparing, and still to be escaped (vf_text_escape()) where people see them.
 * Immutable after parsing.
 */
#pragma once

#include <glib.h>

/* What is larger is refused with VF_ERROR_DATA; the sources do not even read it into memory. */
#define VF_MESSAGE_BYTES_MAX (8 * 1024 * 1024)
#define VF_MESSAGE_DEPTH_MAX 8

typedef struct VfMailAddress {
	char *name;    /* decoded; "" when there is none */
	char *address; /* "user@host" */
} VfMailAddress;

typedef struct VfMessage {
	char *id;	       /* Message-ID without <> */
	char *in_reply_to;     /* id of the parent, or NULL */
	GStrv references;      /* ids, the thread's root first; never NULL */
	VfMailAddress *from;   /* never NULL */
	GPtrArray *to, *cc;    /* of VfMailAddress, never NULL */
	GPtrArray *reply_to;   /* likewise; empty: answer to @from */
	gint64 date;	       /* seconds since the epoch; 0: none that makes sense */
	char *subject;	       /* "" when there is none */
	VfMailAddress *author; /* of the patch: @from, unless an attached patch names another */
	char *patch_subject;   /* likewise */
	GStrv lists;	       /* List-Id: "linux-media.vger.kernel.org"; never NULL */
	gboolean automatic; /* Auto-Submitted other than "no", or a delivery report: never answered,
			       no commands */
	gboolean
		opted_out; /* X-Vifarm: no (ignore, off), or a line "vifarm: no" outside the diff */
	GHashTable *extra; /* X-Vifarm-NAME: value by "name" in lower case; never NULL */
	GStrv authentication; /* Authentication-Results headers, newest (topmost) first */
	char *body;	      /* what the mail says, as text: decoded, format=flowed undone */
	GBytes *text;	      /* the same for `git am`: see below; NULL without a diff */
	char *damage; /* the diff cannot apply as it arrived: one clause with the line, or NULL */
	GStrv paths;  /* touched by the diff, sorted, safe (build/patch.h); never NULL */
} VfMessage;

/*
 * @text is the commit message in UTF-8 followed by the diff byte for byte as the sender's tree has
 * it: transfer encoding, format=flowed and a declared character set undone; what is not valid in
 * its character set stays as it came. An attached patch (text/x-patch, text/x-diff, *.patch,
 * *.diff) counts when the mail's own text has no diff; the header block that git format-patch
 * begins it with gives @author, @patch_subject and @date.
 */

/* Reference counted. */
VfMessage *vf_message_ref(VfMessage *message);
void vf_message_unref(VfMessage *message); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMessage, vf_message_unref)

/* Frees body and text; the rest stays. */
void vf_message_lighten(VfMessage *message);

/*
 * Here, in this process: what is a stranger's goes through mail/parser.h. @where (may be NULL)
 * stands for the mail in errors ("inbox.mbox: mail 12"). VF_ERROR_DATA: over one of the
 * limits, no Message-ID, no sender; such mails are counted and passed over.
 */
VfMessage *vf_message_parse(const char *bytes, gsize length, const char *where, GError **error);

/*
 * The mail as one of an mboxrd for `git am --keep-cr --patch-format=mboxrd`: own header block with
 * From, Date, Subject and Message-ID, then @text. NULL without a diff.
 */
GString *vf_message_mbox(const VfMessage *message);
