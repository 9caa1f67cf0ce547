// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes of a declared character set as UTF-8. */
#pragma once

#include <glib.h>

/*
 * What iconv(3) knows @name as, or NULL for what mails are not written in: a mail does not choose
 * which of the C library's modules are loaded.
 */
const char *vf_charset_known(const char *name);

/* Loads what the conversions need from files, for a process that gives up files. */
void vf_charset_load(void);

/*
 * @bytes from @charset into UTF-8. NULL where there is nothing to convert: no charset or an unknown
 * one was declared, it is UTF-8 already, or the bytes are not valid in it. Caller frees.
 */
GString *vf_charset_convert(const char *bytes, gsize length, const char *charset);

/* Always valid UTF-8 without NUL: what fits nowhere is taken for Windows-1252. Caller frees. */
char *vf_charset_text(const char *bytes, gsize length, const char *charset);

/* @text (any bytes) as one line of valid UTF-8: white space and control bytes become one space. */
char *vf_charset_line(const char *text, gsize max);
