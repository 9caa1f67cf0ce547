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

static void set_counter(VfSubject *subject, guint number, guint total)
{
	subject->numbered = TRUE;
	subject->number = number;
	subject->total = MAX(MAX(number, total), 1);
}

static gboolean read_counter(const char *word, VfSubject *subject)
{
	guint number, total;
	const char *at = digits(word, &number);

	at = at && *at == '/' ? digits(at + 1, &total) : NULL;
	if (!at || *at)
		return FALSE;
	set_counter(subject, number, total);
	return TRUE;
}

/*
 * ".1", ".1.2" or "a"; NULL when it is something else: "v4l" is a subsystem, and "v5.10" the kernel
 * that a patch is for.
 */
static const char *respin(const char *at, guint version, guint *value)
{
	static const guint weights[] = {100, 1};

	*value = 0;
	if (*at >= 'a' && *at <= 'f' && !at[1]) {
		*value = weights[0] * (guint)(*at - 'a' + 1);
		return at + 1;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(weights) && at && *at == '.'; i++) {
		guint part = 0;

		at = digits(at + 1, &part);
		if (version >= 4 && part >= 4 && !i)
			return NULL;
		*value += weights[i] * MIN(part, 99);
	}
	return at;
}

/* "v2", "v1.1", "V4a", and "v2-resend": what follows it in the word. NULL when it is none. */
static const char *read_version(const char *word, VfSubject *subject)
{
	guint version, minor = 0;
	const char *at = *word == 'v' || *word == 'V' ? digits(word + 1, &version) : NULL;

	at = at ? respin(at, version, &minor) : NULL;
	if (!at || (*at && !strchr("-_", *at)))
		return NULL;
	subject->version = MAX(version, 1);
	subject->respin = minor;
	subject->versioned = TRUE;
	return at + strspn(at, "-_");
}

static gboolean prefix_of(const char *word, const char *prefix)
{
	return !g_ascii_strncasecmp(word, prefix, strlen(prefix));
}

static gboolean is_resend(const char *word)
{
	static const char *const words[] = {"resend", "resent", "repost"};

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (prefix_of(word, words[i]))
			return TRUE;
	return FALSE;
}

static void read_word(const char *word, VfSubject *subject, GPtrArray *prefixes)
{
	const char *rest;

	if (!*word || read_counter(word, subject))
		return;
	rest = read_version(word, subject);
	if (!rest && prefix_of(word, "patch")) {
		/* "[PATCHv3]", "[PATCH-v3]" */
		rest = word + strlen("patch");
		rest += strspn(rest, "-_");
		subject->patch = TRUE;
	}
	if (rest) {
		read_word(rest, subject, prefixes);
		return;
	}
	if (prefix_of(word, "rfc")) {
		subject->rfc = TRUE;
		/* "[RFCv2]", the word itself stays */
		rest = word + strlen("rfc");
		read_version(rest + strspn(rest, "-_"), subject);
	}
	subject->resend |= is_resend(word);
	if (prefixes->len < PREFIXES_MAX)
		g_ptr_array_add(prefixes, g_strdup(word));
}

/* "2 of 7" */
static gboolean read_spoken_counter(char **words, VfSubject *subject)
{
	guint number, total;
	const char *first, *last;

	if (!words[1] || !words[2] || g_ascii_strcasecmp(words[1], "of"))
		return FALSE;
	first = digits(words[0], &number);
	last = digits(words[2], &total);
	if (!first || *first || !last || *last)
		return FALSE;
	set_counter(subject, number, total);
	return TRUE;
}

static void read_words(const char *start, gsize length, VfSubject *subject, GPtrArray *prefixes)
{
	g_autofree char *inside = g_strndup(start, length);
	g_auto(GStrv) words = NULL;

	words = g_strsplit_set(inside, " \t,;:[]", 64);
	for (guint i = 0; words[i]; i++)
		if (read_spoken_counter(words + i, subject))
			i += 2;
		else
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
