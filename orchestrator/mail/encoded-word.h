// SPDX-License-Identifier: GPL-2.0-or-later
/* Encoded words in headers (RFC 2047): "=?utf-8?Q?=C3=BC?=". */
#pragma once

#include <glib.h>

/*
 * The header block with each run of encoded words rewritten as one in UTF-8 and Q encoding, which
 * keeps what surrounds them; NULL when there is none. GMime loses the words behind one in base64
 * that ends in padding, and character sets of mails are to be those of mail/charset.h. Caller
 * frees.
 */
GString *vf_encoded_words_rewrite(const char *header, gsize length);
