// SPDX-License-Identifier: GPL-2.0-or-later
/* What tests of the bot share: a small git tree, and series of mails against it. */
#pragma once

#include "build-fixture.h"
#include "mail/series.h"

static inline void mail_git(const char *first, ...)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;
	g_auto(VfChildEnd) end = {0};
	g_auto(GStrv) env =
		vf_child_env("GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.org",
			     "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.org",
			     "GIT_CONFIG_GLOBAL=/dev/null", NULL);
	va_list args;

	vf_argv_add(words, "git", "-C", "linux", NULL);
	va_start(args, first);
	for (const char *word = first; word; word = va_arg(args, const char *))
		vf_argv_add(words, word, NULL);
	va_end(args);
	argv = vf_argv_end(words);
	g_assert_true(vf_child_run(&(VfChild){.argv = argv, .env = env, .keep = 1000}, &end, NULL));
	g_assert_cmpint(end.status, ==, 0);
}

/* linux/ with the files of build_tree(), committed. */
static inline void mail_tree(void)
{
	build_tree("linux", "mail");
	g_assert_cmpint(build_run("git", "init", "-q", "-b", "master", "linux", NULL), ==, 0);
	mail_git("add", "--all", NULL);
	mail_git("commit", "-q", "-m", "base", NULL);
}

/* The change of @path from @from to @to as a mail's text. Caller frees. */
static inline char *mail_diff(const char *path, const char *from, const char *to)
{
	g_autofree char *text = NULL;

	build_patch("mail-diff.patch", path, from, to);
	g_assert_true(g_file_get_contents("mail-diff.patch", &text, NULL, NULL));
	g_unlink("mail-diff.patch");
	/* behind the header block that build_patch() writes */
	return g_strdup(strstr(text, "\n\n") + 2);
}

typedef struct MailSeries {
	VfAssembler *assembler;
	guint number; /* of the next mail */
	guint root;   /* of the first */
	GString *mbox;
} MailSeries;

static inline MailSeries *mail_series_new(void)
{
	MailSeries *series = g_new0(MailSeries, 1);

	series->assembler = vf_assembler_new();
	series->mbox = g_string_new(NULL);
	return series;
}

/* Adds a mail; @headers: further ones with newlines, or "". */
static inline void mail_series_add(MailSeries *series, const char *subject, const char *headers,
				   const char *body)
{
	g_autofree char *parent = series->number > series->root
					  ? g_strdup_printf("In-Reply-To: <m.%u@example.org>\n"
							    "References: <m.%u@example.org>\n",
							    series->root, series->root)
					  : g_strdup("");
	g_autofree char *text = g_strdup_printf(
		"From: A U Thor <author@example.org>\nTo: list@example.net\nSubject: %s\n"
		"Date: Fri, 20 Nov 2026 10:00:%02u +0000\nMessage-ID: <m.%u@example.org>\n%s%s"
		"Content-Type: text/plain; charset=utf-8\n\n%s\n",
		subject, series->number % 60, series->number, parent, headers, body);
	g_autoptr(GError) error = NULL;
	VfMessage *mail = vf_message_parse(text, strlen(text), "test", &error);

	g_assert_no_error(error);
	g_string_append_printf(series->mbox, "From mboxrd@z Thu Jan  1 00:00:00 1970\n%s\n", text);
	vf_assembler_add(series->assembler, mail, ++series->number, 0);
}

/* Frees @series. What it is as one series; caller unrefs. */
static inline VfSeries *mail_series_end(MailSeries *series)
{
	g_autoptr(GPtrArray) all = vf_assembler_finish(series->assembler, 1000, 100000);
	VfSeries *one;

	g_assert_cmpuint(all->len, ==, 1);
	one = vf_series_ref(all->pdata[0]);
	vf_assembler_free(series->assembler);
	g_string_free(series->mbox, TRUE);
	g_free(series);
	return one;
}
