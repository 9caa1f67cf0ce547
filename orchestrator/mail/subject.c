// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/subject.h"

#include <string.h>

#define PREFIXES_MAX 16

void vf_subject_clear(VfSubject *subject)
{
	g_strfreev(subject->prefixes);
	g_free(subject->title);
	memset(subject, 0, sizeof(*subject));
}

/*
 * "Re: ", "Fwd: ", "AW: ", also with a number: "Re[2]: "; and any two or three letters in front of
 * brackets, as mail programs of other languages write.
 */
static gboolean is_reply(const char *text)
{
	static const char *const words[] = {"re", "aw", "fwd", "fw", "sv", "antw", NULL};
	gsize length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	const char *rest = text + length;
	g_autofree char *word = g_ascii_strdown(text, (gssize)length);

	if (*rest == '[')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (*rest == ']')
		rest++;
	if (*rest != ':' || !length)
		return FALSE;
	rest += 1 + strspn(rest + 1, " ");
	return g_strv_contains(words, word) || (length >= 2 && length <= 3 && *rest == '[');
}

/* Up to four digits; NULL when there are none, or more. */
static const char *digits(const char *at, guint *value)
{
	gsize length = strspn(at, "0123456789");

	if (!length || length > 4)
		return NULL;
	*value = (guint)g_ascii_strtoull(at, NULL, 10);
	return at + length;
}

static gboolean read_counter(const char *word, VfSubject *subject)
{
	guint number, total;
	const char *at = digits(word, &number);

	at = at && *at == '/' ? digits(at + 1, &total) : NULL;
	if (!at || *at)
		return FALSE;
	subject->numbered = TRUE;
	subject->number = number;
	subject->total = MAX(MAX(number, total), 1);
	return TRUE;
}

static gboolean read_version(const char *word, VfSubject *subject)
{
	guint version;
	const char *at = *word == 'v' || *word == 'V' ? digits(word + 1, &version) : NULL;

	if (!at || *at)
		return FALSE;
	subject->version = MAX(version, 1);
	subject->versioned = TRUE;
	return TRUE;
}

static gboolean prefix_of(const char *word, const char *prefix)
{
	return !g_ascii_strncasecmp(word, prefix, strlen(prefix));
}

static void read_word(const char *word, VfSubject *subject, GPtrArray *prefixes)
{
	gsize length = strlen(word);

	if (!length || read_counter(word, subject) || read_version(word, subject))
		return;
	if (prefix_of(word, "patch")) {
		subject->patch = TRUE;
		/* "[PATCHv3]", "[PATCH-v3]" */
		if (length > 5)
			read_word(word + 5 + strspn(word + 5, "-_"), subject, prefixes);
		return;
	}
	if (prefix_of(word, "resend"))
		subject->resend = TRUE;
	if (prefixes->len < PREFIXES_MAX)
		g_ptr_array_add(prefixes, g_strdup(word));
}

static void read_words(const char *start, gsize length, VfSubject *subject, GPtrArray *prefixes)
{
	g_autofree char *inside = g_strndup(start, length);
	g_auto(GStrv) words = NULL;

	words = g_strsplit_set(inside, " \t,;[]", 64);
	for (guint i = 0; words[i]; i++)
		read_word(words[i], subject, prefixes);
}

/* The bracket that closes the one at @open, with those inside; NULL when there is none. */
static const char *closing(const char *open)
{
	guint depth = 0;

	for (const char *at = open; *at; at++) {
		depth += *at == '[';
		if (*at == ']' && --depth == 0)
			return at;
	}
	return NULL;
}

void vf_subject_parse(const char *text, VfSubject *subject)
{
	GPtrArray *prefixes = g_ptr_array_new();
	const char *close;

	subject->number = subject->total = subject->version = 1;
	subject->reply = is_reply(text);
	while (!subject->reply && *text == '[' && (close = closing(text))) {
		read_words(text + 1, (gsize)(close - text - 1), subject, prefixes);
		text = close + 1;
		text += strspn(text, " ");
	}
	subject->title = g_strdup(text);
	g_ptr_array_add(prefixes, NULL);
	subject->prefixes = (GStrv)g_ptr_array_free(prefixes, FALSE);
}
