// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bot over mailboxes whose series need no kernel to be judged: what is answered, what is
 * passed over, and what stays in the queue.
 */
#include "mail/bot.h"

#include <string.h>
#include <sys/resource.h>

#include "mail/queue.h"
#include "mail-bot-fixture.h"

static void test_not_applied(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	bot_write_bad_series("bad.mbox", f->base, "");
	bot_run(f, "bad.mbox", "");
	g_assert_nonnull(strstr(bot_answer(f, 0), "In-Reply-To: <m.2@example.org>\n"));
	g_assert_nonnull(strstr(bot_answer(f, 0), "patch failed: " FILE_OF_OURS));
	/* a dry run over a file remembers nothing */
	bot_run(f, "bad.mbox", "");
	g_assert_cmpuint(f->answers->len, ==, 2);
}

static void test_base_not_stated(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	bot_write_bad_series("bad.mbox", NULL, "");
	bot_run(f, "bad.mbox", "");
	g_assert_cmpuint(f->answers->len, ==, 0);
	g_assert_nonnull(strstr(f->said->str, "nobody said that it applies there"));
}

static void test_unknown_base(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	bot_write_bad_series("bad.mbox", "0123456789012345678901234567890123456789", "");
	bot_run(f, "bad.mbox", "");
	g_assert_cmpuint(f->answers->len, ==, 0);
}

static void test_left_alone(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *diff = mail_diff("README", "a\n", "b\n");

	bot_write_bad_series("bad.mbox", f->base, "X-Vifarm: no\n");
	bot_run(f, "bad.mbox", "");
	g_assert_nonnull(strstr(f->said->str, "opted out"));
	mail_series_add(mails, "[PATCH] README: b", "", diff);
	bot_write_mbox(mails, "readme.mbox");
	bot_run(f, "readme.mbox", "");
	g_assert_nonnull(strstr(f->said->str, "no concern"));
	bot_write_bad_series("list.mbox", f->base, "List-Id: <quiet.example.org>\n");
	bot_run(f, "list.mbox", ", \"when\": {\"success\": \"silent\"}, \"patches_max\": 1");
	g_assert_nonnull(strstr(f->said->str, "more than 1 (patches_max)"));
	g_assert_cmpuint(f->answers->len, ==, 0);
}

static void test_quiet_list(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(VfMailPolicy) policy = bot_policy("");
	g_autofree char *members = g_strdup(", \"when\": {\"not_applied\": \"silent\"}");

	bot_write_bad_series("bad.mbox", f->base, "List-Id: <quiet.example.org>\n");
	bot_run(f, "bad.mbox", members);
	g_assert_nonnull(strstr(f->said->str, "no mail about that (policy)"));
	g_assert_cmpuint(f->answers->len, ==, 0);
	g_strfreev(policy->reply.quiet_lists);
	policy->reply.quiet_lists = g_strsplit("quiet.example.org", ",", -1);
	{
		const VfMailBotOptions options = {.policy = policy,
						  .mbox = "bad.mbox",
						  .quiet = TRUE,
						  .answer = bot_on_answer,
						  .say = bot_on_say,
						  .data = f};

		g_assert_true(vf_mail_bot_run(&options, &f->summary, NULL));
	}
	g_assert_nonnull(strstr(f->said->str, "no mail to that list (policy)"));
	g_assert_cmpuint(f->answers->len, ==, 0);
}

static void test_incomplete(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *diff = mail_diff(FILE_OF_OURS, before, after);

	mail_series_add(mails, "[PATCH 1/3] one", "", diff);
	bot_write_mbox(mails, "part.mbox");
	bot_run(f, "part.mbox", "");
	g_assert_cmpuint(f->summary.waiting, ==, 1);
	bot_run(f, "part.mbox",
		", \"when\": {\"incomplete\": \"mail\"}, \"in\": {\"sources\": [], "
		"\"patience_seconds\": 0}");
	g_assert_nonnull(strstr(bot_answer(f, 0), "missing    2, 3\n"));
}

/* A thousand patches, and one mail of 200 MB: neither is tested, and neither costs much. */
static void test_huge(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *diff = mail_diff(FILE_OF_OURS, before, after);
	FILE *out;
	struct rusage usage;

	for (guint i = 1; i <= 1000; i++) {
		g_autofree char *subject = g_strdup_printf("[PATCH %u/1000] again", i);

		mail_series_add(mails, subject, "", diff);
	}
	bot_write_mbox(mails, "thousand.mbox");
	bot_run(f, "thousand.mbox", "");
	g_assert_cmpuint(f->summary.tested, ==, 0);
	g_assert_cmpuint(f->answers->len, ==, 0);
	bot_write_bad_series("huge.mbox", f->base, "");
	out = fopen("huge.mbox", "ae");
	g_assert_nonnull(out);
	fputs("From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: h <h@example.org>\n"
	      "Message-ID: <huge@example.org>\nSubject: [PATCH] huge\n\n",
	      out);
	for (guint i = 0; i < 200 * 16; i++)
		fprintf(out, "%065535d\n", 0);
	g_assert_cmpint(fclose(out), ==, 0);
	bot_run(f, "huge.mbox", "");
	g_assert_cmpuint(f->answers->len, ==, 1);
	g_assert_nonnull(strstr(f->said->str, "huge.mbox"));
	getrusage(RUSAGE_SELF, &usage);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed */
	g_assert_cmpint(usage.ru_maxrss, <, 150 * 1024);
#endif
	g_unlink("huge.mbox");
}

static void test_hostile_names(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *bad = mail_diff(FILE_OF_OURS, other, after);
	g_autofree char *body = g_strdup_printf("base-commit: %s\n%s", f->base, bad);

	mail_series_add(mails, "[PATCH] '; touch evil; $(touch evil) `touch evil` | ../../ \x1b[2J",
			"", bad);
	bot_write_mbox(mails, "evil.mbox");
	bot_run(f, "evil.mbox", "");
	g_assert_false(g_file_test("evil", G_FILE_TEST_EXISTS));
	g_assert_null(strchr(f->said->str, '\x1b'));
	g_assert_cmpuint(f->summary.tested, ==, 1);
}

static VfMailQueue *open_queue(void)
{
	g_autoptr(GError) error = NULL;
	VfMailQueue *queue = vf_mail_queue_open(&error);

	g_assert_no_error(error);
	return queue;
}

static guint count_letters(VfMailQueue *queue, VfSpoolState state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) letters = vf_mail_queue_list(queue, state, &error);

	g_assert_no_error(error);
	return letters->len;
}

/* Not dry: what waits, what goes out, and that a version is answered once. */
static void test_queue(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	static const char moderate[] = ", \"mode\": \"moderate\", \"author_mails_day\": 1";
	g_autoptr(VfMailQueue) queue = NULL;
	g_autoptr(VfLetter) letter = NULL, again = NULL;
	g_autoptr(GPtrArray) out = NULL;
	g_autoptr(VfSpool) spool = NULL;
	g_autofree char *spool_path = g_build_filename(vf_dirs_state(), "spool", NULL);
	MailSeries *mails = mail_series_new();
	g_autofree char *bad = mail_diff(FILE_OF_OURS, other, after), *cover = NULL;
	g_autoptr(GError) error = NULL;

	bot_write_bad_series("bad.mbox", f->base, "");
	bot_run(f, "bad.mbox", moderate);
	bot_run(f, "bad.mbox", moderate);
	g_assert_cmpuint(f->answers->len, ==, 0);
	queue = open_queue();
	g_assert_cmpuint(count_letters(queue, VF_SPOOL_PENDING), ==, 1);
	/* the same author's next series on the same day */
	cover = g_strdup_printf("More.\n\nbase-commit: %s", f->base);
	mails->number = mails->root = 10;
	mail_series_add(mails, "[PATCH 0/1] another", "", cover);
	mail_series_add(mails, "[PATCH 1/1] another one", "", bad);
	bot_write_mbox(mails, "more.mbox");
	bot_run(f, "more.mbox", moderate);
	g_assert_nonnull(strstr(f->said->str, "author_mails_day"));
	g_assert_cmpuint(count_letters(queue, VF_SPOOL_PENDING), ==, 1);
	letter = vf_mail_queue_find(queue, "", &error);
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_clear_error(&error);
	out = vf_mail_queue_list(queue, VF_SPOOL_PENDING, NULL);
	letter = vf_mail_queue_find(queue, ((VfLetter *)out->pdata[0])->key, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(letter->envelope[0], ==, "bot@farm.example.org");
	g_assert_cmpstr(letter->envelope[1], ==, "author@example.org");
	g_assert_true(vf_mail_queue_approve(queue, letter, &error));
	g_assert_no_error(error);
	spool = vf_spool_open(spool_path, &error);
	g_assert_no_error(error);
	g_clear_pointer(&out, g_ptr_array_unref);
	out = vf_spool_list(spool, VF_SPOOL_PENDING, &error);
	g_assert_cmpuint(out->len, ==, 1);
	g_assert_cmpstr(((VfLetter *)out->pdata[0])->key, ==, letter->key);
	g_assert_nonnull(strstr(((VfLetter *)out->pdata[0])->body, "\nMessage-ID: <"));
	bot_run(f, "bad.mbox", moderate);
	g_assert_cmpuint(count_letters(queue, VF_SPOOL_PENDING), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	bot_add("/mail/bot/not-applied", test_not_applied);
	bot_add("/mail/bot/base-not-stated", test_base_not_stated);
	bot_add("/mail/bot/unknown-base", test_unknown_base);
	bot_add("/mail/bot/left-alone", test_left_alone);
	bot_add("/mail/bot/quiet-list", test_quiet_list);
	bot_add("/mail/bot/incomplete", test_incomplete);
	bot_add("/mail/bot/huge", test_huge);
	bot_add("/mail/bot/hostile-names", test_hostile_names);
	bot_add("/mail/bot/queue", test_queue);
	return bot_main();
}
