// SPDX-License-Identifier: GPL-2.0-or-later
/* Text in format=flowed (RFC 3676) as it was before. */
#pragma once

#include <glib.h>

typedef enum {
	VF_FLOWED_JOIN,	   /* soft line breaks undone, stuffed spaces removed: as the RFC says */
	VF_FLOWED_UNSTUFF, /* only the stuffed spaces: for what a mail program left unbroken */
	VF_FLOWED_NOT,	   /* as it is: for what only claims to be flowed */
} VfFlowedMode;

/* @delsp: the parameter DelSp=yes: the space before a soft break goes too. Caller frees. */
GString *vf_flowed_undo(const char *text, gsize length, VfFlowedMode mode, gboolean delsp);
