// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/encoded-word.h"

#include <string.h>

#include "mail/charset.h"

#define CHARSET_MAX 64
/* The RFC says 75; nothing is searched further for its end. */
#define TEXT_MAX 1000

typedef struct Word {
	char charset[CHARSET_MAX];
	char encoding; /* 'b' or 'q' */
	const char *text;
	gsize length;	 /* of @text */
	const char *end; /* behind the word */
} Word;

/* What RFC 2047 calls a token, up to @stop. */
static const char *token(const char *at, const char *end, char stop)
{
	const char *start = at;

	while (at < end && *at != stop && g_ascii_isgraph(*at) && *at != '?')
		at++;
	return at < end && *at == stop && at > start ? at : NULL;
}

/* "CHARSET*LANGUAGE": the language goes. */
static void copy_charset(Word *word, const char *start, const char *end)
{
	const char *star = memchr(start, '*', (gsize)(end - start));
	gsize length = MIN((gsize)((star ?: end) - start), CHARSET_MAX - 1);

	memcpy(word->charset, start, length);
	word->charset[length] = '\0';
}

/* Programs put spaces into the text against the rules; a line never ends in it. */
static const char *text_end(const char *at, const char *end)
{
	end = at + MIN(TEXT_MAX, end - at);
	for (; at + 1 < end && *at != '\n'; at++)
		if (at[0] == '?' && at[1] == '=')
			return at;
	return NULL;
}

static gboolean read_word(const char *at, const char *end, Word *word)
{
	const char *charset = at + 2, *stop;

	if (end - at < 8 || memcmp(at, "=?", 2))
		return FALSE;
	stop = token(charset, end, '?');
	if (!stop || end - stop < 4 || stop[2] != '?')
		return FALSE;
	word->encoding = g_ascii_tolower(stop[1]);
	if (word->encoding != 'b' && word->encoding != 'q')
		return FALSE;
	copy_charset(word, charset, stop);
	word->text = stop + 3;
	stop = text_end(word->text, end);
	if (!stop)
		return FALSE;
	word->length = (gsize)(stop - word->text);
	word->end = stop + 2;
	return TRUE;
}

static void decode_q(const Word *word, GString *out)
{
	for (gsize i = 0; i < word->length; i++) {
		char c = word->text[i];

		if (c == '=' && i + 2 < word->length && g_ascii_isxdigit(word->text[i + 1]) &&
		    g_ascii_isxdigit(word->text[i + 2])) {
			c = (char)(g_ascii_xdigit_value(word->text[i + 1]) * 16 +
				   g_ascii_xdigit_value(word->text[i + 2]));
			i += 2;
		} else if (c == '_') {
			c = ' ';
		}
		g_string_append_c(out, c);
	}
}

static void decode_b(const Word *word, GString *out)
{
	gsize start = out->len, length;
	guint save = 0;
	gint state = 0;

	g_string_set_size(out, start + word->length + 3);
	length = g_base64_decode_step(word->text, word->length, (guchar *)out->str + start, &state,
				      &save);
	g_string_truncate(out, start + length);
}

static gboolean plain(guchar c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '.' || c == '/' || c == ':';
}

/* In words of whole characters that read_word() takes. */
static void encode(const char *text, GString *out)
{
	gsize start = out->len;

	g_string_append(out, "=?UTF-8?Q?");
	for (; *text; text++) {
		guchar c = (guchar)*text;

		if (out->len - start > TEXT_MAX / 2 && (c & 0xc0) != 0x80) {
			g_string_append(out, "?= ");
			start = out->len;
			g_string_append(out, "=?UTF-8?Q?");
		}
		if (plain(c))
			g_string_append_c(out, *text);
		else if (c == ' ')
			g_string_append_c(out, '_');
		else
			g_string_append_printf(out, "=%02X", c);
	}
	g_string_append(out, "?=");
}

/* The next word of the run behind @at, which only white space separates. */
static gboolean follows(const char *at, const char *end, Word *word)
{
	while (at < end && strchr(" \t\r\n", *at))
		at++;
	return read_word(at, end, word);
}

/* Words of one character set are joined first: programs split characters between words. */
static const char *rewrite_run(Word *word, const char *end, GString *out)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) bytes = g_string_new(NULL);
	Word next = *word;
	gboolean more = TRUE;

	while (more) {
		g_autofree char *part = NULL;

		*word = next;
		if (word->encoding == 'b')
			decode_b(word, bytes);
		else
			decode_q(word, bytes);
		more = follows(word->end, end, &next);
		if (more && !g_ascii_strcasecmp(next.charset, word->charset))
			continue;
		part = vf_charset_text(bytes->str, bytes->len, word->charset);
		g_string_append(text, part);
		g_string_truncate(bytes, 0);
	}
	encode(text->str, out);
	return word->end;
}

GString *vf_encoded_words_rewrite(const char *header, gsize length)
{
	const char *end = header + length, *at = header;
	GString *out = NULL;

	for (const char *scan = header; scan + 1 < end; scan++) {
		Word word;

		if (scan[0] != '=' || scan[1] != '?' || !read_word(scan, end, &word))
			continue;
		if (!out)
			out = g_string_sized_new(length);
		g_string_append_len(out, at, scan - at);
		at = rewrite_run(&word, end, out);
		scan = at - 1;
	}
	if (out)
		g_string_append_len(out, at, end - at);
	return out;
}
