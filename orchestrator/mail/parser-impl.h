// SPDX-License-Identifier: GPL-2.0-or-later
/* What the two sides of mail/parser.h say to each other. */
#pragma once

#include <glib.h>

typedef enum {
	VF_PARSER_READY,   /* before the first mail; nothing follows */
	VF_PARSER_MESSAGE, /* vf_message_pack()ed */
	VF_PARSER_REFUSAL, /* one clause */
} VfParserAnswer;

/* In front of an answer. In front of a mail is its length alone. */
typedef struct VfParserHead {
	guint32 kind; /* VfParserAnswer */
	guint32 length;
} VfParserHead;

/* A mail's text twice, as its character set can have made it grow. */
#define VF_PARSER_ANSWER_MAX (64 * 1024 * 1024)
