// SPDX-License-Identifier: GPL-2.0-or-later
/* Making hostile bytes fit to print, and argument vectors fit to paste. */
#pragma once

#include <glib.h>

/*
 * Printable one-line form of @length bytes (-1: up to NUL): ASCII control bytes, DEL, invalid
 * UTF-8 and the Unicode controls become \xNN; at most @max bytes of input are looked at (0: all)
 * and "..." marks a cut. Never NULL; caller frees.
 */
char *vf_text_escape(const char *bytes, gssize length, gsize max);

/* The same for text of several lines: their ends stay. Caller frees. */
char *vf_text_escape_lines(const char *text);

/* @argv (NULL-terminated) as one line that a POSIX shell reads back unchanged. Caller frees. */
char *vf_text_shell(const char *const *argv);

/* "a, b and c"; "" for none. Caller frees. @words is NULL-terminated. */
char *vf_text_list(const char *const *words);

/*
 * The nearest of @words (NULL-terminated) to @word, or NULL when none is near; for
 * "did you mean". Not owned by the caller.
 */
const char *vf_text_nearest(const char *word, const char *const *words);

/* "1.4 s", "2 min 05 s", "1 h 02 min". Caller frees. */
char *vf_text_duration(double seconds);
