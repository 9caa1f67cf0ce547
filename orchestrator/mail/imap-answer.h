// SPDX-License-Identifier: GPL-2.0-or-later
/* The little that is said in IMAP (RFC 3501) beside what libcurl does by itself. */
#pragma once

#include <glib.h>

/* VF_ERROR_DATA unless @url is imap(s)://HOST/FOLDER without anything behind it. */
gboolean vf_imap_check_url(const char *url, GError **error);

/* @url without its folder. Caller frees. */
char *vf_imap_server(const char *url);

/* EXAMINE of the folder, quoted. Caller frees. */
char *vf_imap_examine(const char *url);

/* UIDVALIDITY in the answer to EXAMINE; 0: none. */
gint64 vf_imap_validity(const char *answer);

/* UID SEARCH for what is behind @last, not older than @days (0: all). Caller frees. */
char *vf_imap_search(guint32 last, guint64 days);

/* UIDs over @last in the answer to a search, ascending, each once; of guint32. */
GArray *vf_imap_uids(const char *answer, guint32 last);
