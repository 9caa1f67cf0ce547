// SPDX-License-Identifier: GPL-2.0-or-later
/* A series out of files, for `run --series`: what git and b4 write, and what a mail client keeps. */
#pragma once

#include "mail/parser.h"
#include "mail/series.h"

/* What standard input may bring, in bytes. */
#define VF_SERIES_INPUT_MAX (64 * 1024 * 1024)

/*
 * Reads the mails of @path: an mbox, a Maildir, a directory of `git format-patch`, or "-", an mbox on
 * standard input. Patches without a Message-ID get one. @log (may be NULL) hears of mails that are
 * passed over. @id (may be NULL) picks the series that has this Message-ID. VF_ERROR_DATA when there is
 * no complete series, or more than one.
 */
VfSeries *vf_series_load(const char *path, const char *id, VfMailParser *parser,
			 void (*log)(const char *line, gpointer data), gpointer data,
			 GError **error);
