// SPDX-License-Identifier: GPL-2.0-or-later
/* "[PATCH RFC net-next v3 2/7] media: ...": what the brackets of a subject say. */
#pragma once

#include <glib.h>

typedef struct VfSubject {
	gboolean reply; /* "Re:", "AW:", "Fwd:" and the like; nothing else is then set */
	gboolean patch; /* a word that begins with "patch" */
	gboolean rfc, resend;
	gboolean numbered; /* "2/7" or "2 of 7" was there */
	gboolean versioned;
	guint number;	/* 1 when not numbered; 0: the cover letter */
	guint total;	/* at least @number, and 1 */
	guint version;	/* 1 when not said */
	guint respin;	/* orders "v2", "v2a", "v2.1", "v2.1.1" and "v2.10"; 0 for the first */
	GStrv prefixes; /* the other words, as written; never NULL */
	char *title;	/* what follows the brackets */
} VfSubject;

void vf_subject_clear(VfSubject *subject);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VfSubject, vf_subject_clear)

/* @text is one line of UTF-8. Fills @subject, which must be clear. */
void vf_subject_parse(const char *text, VfSubject *subject);
