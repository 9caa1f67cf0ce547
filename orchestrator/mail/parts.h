// SPDX-License-Identifier: GPL-2.0-or-later
/* The parts of a MIME message that people and git read. */
#pragma once

#include <gmime/gmime.h>

typedef struct VfPart {
	GString *bytes; /* transfer encoding undone, lines end in LF */
	char *charset;	/* as declared, or NULL */
	gboolean flowed, delsp;
	gboolean patch; /* declared or named as one */
} VfPart;

/* The text parts in the order of the mail; of VfPart, owned by the array. Forwarded mails, HTML
 * and what is no text are left out. NULL with VF_ERROR_DATA: too many parts, nested too deeply. */
GPtrArray *vf_parts_collect(GMimeObject *top, GError **error);
