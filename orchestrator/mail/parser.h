// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mails are parsed in a process of their own, mail-parser: it has no files, no network, none of our
 * memory, and a limit for processor time and memory. It reads one mail after the other and is
 * started again after a mail that ended it.
 */
#pragma once

#include "mail/message.h"

typedef struct VfMailParser VfMailParser;

typedef struct VfMailParserLimits {
	double cpu_seconds;  /* of one mail */
	double wall_seconds; /* until the answer is there, on a machine that has other work */
} VfMailParserLimits;

/* @program: NULL for this build's mail-parser; @limits: NULL for the usual. Starts nothing yet. */
VfMailParser *vf_mail_parser_new(const char *program, const VfMailParserLimits *limits);
void vf_mail_parser_free(VfMailParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailParser, vf_mail_parser_free)

/*
 * vf_message_parse() over there. VF_ERROR_DATA also when the mail ended or stalled the parser;
 * *fatal (may be NULL) is then TRUE, and FALSE otherwise. VF_ERROR_MISSING: it cannot be started.
 */
VfMessage *vf_mail_parser_parse(VfMailParser *parser, const char *bytes, gsize length,
				const char *where, gboolean *fatal, GError **error);

/*
 * The other side, in the process that parses: takes mails from @fd and answers until its end, and
 * returns the exit status. Gives up what the work does not need before it reads the first byte.
 */
typedef VfMessage *(*VfMailParse)(const char *bytes, gsize length, const char *where,
				  GError **error);
int vf_mail_parser_serve(int fd, VfMailParse parse);
