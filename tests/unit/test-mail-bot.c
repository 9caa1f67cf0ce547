// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bot over mailboxes whose series need no kernel to be judged: what is answered, what is
 * passed over, and what stays in the queue.
 */
#include "mail/bot.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mail/queue.h"
#include "mail-tree-fixture.h"
#include "paths.h"

#define FILE_OF_OURS "drivers/media/common/saa7146/x.c"

static const char before[] = "one\ntwo\nthree\n";
static const char after[] = "one\n2\nthree\n";
static const char other[] = "eins\nzwei\ndrei\n";

typedef struct Fixture {
	Scratch *scratch;
	char *base; /* commit of linux/ */
	GString *said;
	GPtrArray *answers; /* of char * */
	VfMailBotSummary summary;
} Fixture;

/* Description files with a variant that a tree of six files can carry. */
static void make_data(const char *directory)
{
	static const char *const linked[] = {"kernels", "jobs", "rootfs", "mail"};
	g_autofree char *variant =
		g_build_filename(directory, "patches", "variants", "none.json", NULL);

	scratch_write(variant,
		      "{\"name\": \"none\", \"title\": \"t\", \"series\": null, \"skip\": [], "
		      "\"extra\": [], \"config\": [], \"provides\": []}");
	for (gsize i = 0; i < G_N_ELEMENTS(linked); i++) {
		g_autofree char *from = g_build_filename(VIFARM_SOURCE_DIR, linked[i], NULL);
		g_autofree char *to = g_build_filename(directory, linked[i], NULL);

		g_assert_cmpint(symlink(from, to), ==, 0);
	}
}

static char *head_of_tree(void)
{
	g_autofree char *text = NULL;

	g_assert_cmpint(build_run("sh", "-c", "git -C linux rev-parse HEAD > head", NULL), ==, 0);
	g_assert_true(g_file_get_contents("head", &text, NULL, NULL));
	return g_strdup(g_strchomp(text));
}

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	f->scratch = scratch_new();
	f->said = g_string_new(NULL);
	f->answers = g_ptr_array_new_with_free_func(g_free);
	mail_tree();
	scratch_write("linux/" FILE_OF_OURS, before);
	mail_git("add", "--all", NULL);
	mail_git("commit", "-q", "-m", "a driver", NULL);
	f->base = head_of_tree();
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_string_free(f->said, TRUE);
	g_ptr_array_unref(f->answers);
	g_free(f->base);
	scratch_free(f->scratch);
}

static void on_answer(const char *mail, gpointer data)
{
	g_ptr_array_add(((Fixture *)data)->answers, g_strdup(mail));
}

static void on_say(const char *line, gpointer data)
{
	g_test_message("%s", line);
	g_string_append_printf(((Fixture *)data)->said, "%s\n", line);
}

static VfMailPolicy *policy_new(const char *members)
{
	g_autofree char *text = g_strdup_printf(
		"{\"variant\": \"none\", \"tree\": \"linux\", \"reply\": {\"address\": "
		"\"bot@farm.example.org\", \"smtp\": \"out\"}%s}",
		members);
	g_autoptr(GError) error = NULL;
	VfMailPolicy *policy = vf_mail_policy_parse(text, strlen(text), "policy", &error);

	g_assert_no_error(error);
	return policy;
}

static void run(Fixture *f, const char *mbox, const char *policy_members)
{
	g_autoptr(VfMailPolicy) policy = policy_new(policy_members);
	const VfMailBotOptions options = {.policy = policy,
					  .mbox = mbox,
					  .quiet = TRUE,
					  .answer = on_answer,
					  .say = on_say,
					  .data = f};
	g_autoptr(GError) error = NULL;

	vf_mail_bot_run(&options, &f->summary, &error);
	g_assert_no_error(error);
}

static const char *answer_of(Fixture *f, guint number)
{
	g_assert_cmpuint(f->answers->len, >, number);
	return f->answers->pdata[number];
}

static void write_mbox(MailSeries *mails, const char *name)
{
	scratch_write(name, mails->mbox->str);
	vf_assembler_free(mails->assembler);
	g_string_free(mails->mbox, TRUE);
	g_free(mails);
}

/* @name: an mbox with a cover letter that names @base (or nothing), a good and a bad patch. */
static void write_bad_series(const char *name, const char *base, const char *headers)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *good = mail_diff(FILE_OF_OURS, before, after);
	g_autofree char *bad = mail_diff(FILE_OF_OURS, other, after);
	g_autofree char *cover =
		base ? g_strdup_printf("Two.\n\nbase-commit: %s", base) : g_strdup("Two.");

	mail_series_add(mails, "[PATCH 0/2] count", headers, cover);
	mail_series_add(mails, "[PATCH 1/2] count to two", headers, good);
	mail_series_add(mails, "[PATCH 2/2] count in English", headers, bad);
	write_mbox(mails, name);
}

static void test_not_applied(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	write_bad_series("bad.mbox", f->base, "");
	run(f, "bad.mbox", "");
	g_assert_nonnull(strstr(answer_of(f, 0), "In-Reply-To: <m.2@example.org>\n"));
	g_assert_nonnull(strstr(answer_of(f, 0), "patch failed: " FILE_OF_OURS));
	/* a dry run over a file remembers nothing */
	run(f, "bad.mbox", "");
	g_assert_cmpuint(f->answers->len, ==, 2);
}

static void test_base_not_stated(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	write_bad_series("bad.mbox", NULL, "");
	run(f, "bad.mbox", "");
	g_assert_cmpuint(f->answers->len, ==, 0);
	g_assert_nonnull(strstr(f->said->str, "nobody said that it applies there"));
}

static void test_unknown_base(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	write_bad_series("bad.mbox", "0123456789012345678901234567890123456789", "");
	run(f, "bad.mbox", "");
	g_assert_cmpuint(f->answers->len, ==, 0);
}

static void test_left_alone(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *diff = mail_diff("README", "a\n", "b\n");

	write_bad_series("bad.mbox", f->base, "X-Vifarm: no\n");
	run(f, "bad.mbox", "");
	g_assert_nonnull(strstr(f->said->str, "opted out"));
	mail_series_add(mails, "[PATCH] README: b", "", diff);
	write_mbox(mails, "readme.mbox");
	run(f, "readme.mbox", "");
	g_assert_nonnull(strstr(f->said->str, "no concern"));
	write_bad_series("list.mbox", f->base, "List-Id: <quiet.example.org>\n");
	run(f, "list.mbox", ", \"when\": {\"success\": \"silent\"}, \"patches_max\": 1");
	g_assert_nonnull(strstr(f->said->str, "more than 1 (patches_max)"));
	g_assert_cmpuint(f->answers->len, ==, 0);
}

static void test_quiet_list(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(VfMailPolicy) policy = policy_new("");
	g_autofree char *members = g_strdup(", \"when\": {\"not_applied\": \"silent\"}");

	write_bad_series("bad.mbox", f->base, "List-Id: <quiet.example.org>\n");
	run(f, "bad.mbox", members);
	g_assert_nonnull(strstr(f->said->str, "no mail about that (policy)"));
	g_assert_cmpuint(f->answers->len, ==, 0);
	g_strfreev(policy->reply.quiet_lists);
	policy->reply.quiet_lists = g_strsplit("quiet.example.org", ",", -1);
	{
		const VfMailBotOptions options = {.policy = policy,
						  .mbox = "bad.mbox",
						  .quiet = TRUE,
						  .answer = on_answer,
						  .say = on_say,
						  .data = f};

		g_assert_true(vf_mail_bot_run(&options, &f->summary, NULL));
	}
	g_assert_nonnull(strstr(f->said->str, "no mail to that list (policy)"));
	g_assert_cmpuint(f->answers->len, ==, 0);
}

static void test_incomplete(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *diff = mail_diff(FILE_OF_OURS, before, after);

	mail_series_add(mails, "[PATCH 1/3] one", "", diff);
	write_mbox(mails, "part.mbox");
	run(f, "part.mbox", "");
	g_assert_cmpuint(f->summary.waiting, ==, 1);
	run(f, "part.mbox",
	    ", \"when\": {\"incomplete\": \"mail\"}, \"in\": {\"sources\": [], "
	    "\"patience_seconds\": 0}");
	g_assert_nonnull(strstr(answer_of(f, 0), "missing    2, 3\n"));
}

/* A thousand patches, and one mail of 200 MB: neither is tested, and neither costs much. */
static void test_huge(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *diff = mail_diff(FILE_OF_OURS, before, after);
	FILE *out;
	struct rusage usage;

	for (guint i = 1; i <= 1000; i++) {
		g_autofree char *subject = g_strdup_printf("[PATCH %u/1000] again", i);

		mail_series_add(mails, subject, "", diff);
	}
	write_mbox(mails, "thousand.mbox");
	run(f, "thousand.mbox", "");
	g_assert_cmpuint(f->summary.tested, ==, 0);
	g_assert_cmpuint(f->answers->len, ==, 0);
	write_bad_series("huge.mbox", f->base, "");
	out = fopen("huge.mbox", "ae");
	g_assert_nonnull(out);
	fputs("From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: h <h@example.org>\n"
	      "Message-ID: <huge@example.org>\nSubject: [PATCH] huge\n\n",
	      out);
	for (guint i = 0; i < 200 * 16; i++)
		fprintf(out, "%065535d\n", 0);
	g_assert_cmpint(fclose(out), ==, 0);
	run(f, "huge.mbox", "");
	g_assert_cmpuint(f->answers->len, ==, 1);
	g_assert_nonnull(strstr(f->said->str, "huge.mbox"));
	getrusage(RUSAGE_SELF, &usage);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed */
	g_assert_cmpint(usage.ru_maxrss, <, 150 * 1024);
#endif
	g_unlink("huge.mbox");
}

static void test_hostile_names(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *bad = mail_diff(FILE_OF_OURS, other, after);
	g_autofree char *body = g_strdup_printf("base-commit: %s\n%s", f->base, bad);

	mail_series_add(mails, "[PATCH] '; touch evil; $(touch evil) `touch evil` | ../../ \x1b[2J",
			"", bad);
	write_mbox(mails, "evil.mbox");
	run(f, "evil.mbox", "");
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
static void test_queue(Fixture *f, G_GNUC_UNUSED gconstpointer data)
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

	write_bad_series("bad.mbox", f->base, "");
	run(f, "bad.mbox", moderate);
	run(f, "bad.mbox", moderate);
	g_assert_cmpuint(f->answers->len, ==, 0);
	queue = open_queue();
	g_assert_cmpuint(count_letters(queue, VF_SPOOL_PENDING), ==, 1);
	/* the same author's next series on the same day */
	cover = g_strdup_printf("More.\n\nbase-commit: %s", f->base);
	mails->number = mails->root = 10;
	mail_series_add(mails, "[PATCH 0/1] another", "", cover);
	mail_series_add(mails, "[PATCH 1/1] another one", "", bad);
	write_mbox(mails, "more.mbox");
	run(f, "more.mbox", moderate);
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
	run(f, "bad.mbox", moderate);
	g_assert_cmpuint(count_letters(queue, VF_SPOOL_PENDING), ==, 0);
}

static void add(const char *path, void (*test)(Fixture *, gconstpointer))
{
	g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
	g_autofree char *data = NULL;
	g_autofree char *state = g_dir_make_tmp("vifarm-state-XXXXXX", NULL);
	g_autoptr(GError) error = NULL;
	int status;

	g_setenv("XDG_STATE_HOME", state, TRUE);
	data = g_build_filename(state, "data", NULL);
	g_setenv("VIFARM_DATA", data, TRUE);
	make_data(data);
	g_test_init(&argc, &argv, NULL);
	if (!vf_sandbox_available(TRUE, &error)) {
		g_print("1..0 # SKIP %s\n", error->message);
		return 0;
	}
	add("/mail/bot/not-applied", test_not_applied);
	add("/mail/bot/base-not-stated", test_base_not_stated);
	add("/mail/bot/unknown-base", test_unknown_base);
	add("/mail/bot/left-alone", test_left_alone);
	add("/mail/bot/quiet-list", test_quiet_list);
	add("/mail/bot/incomplete", test_incomplete);
	add("/mail/bot/huge", test_huge);
	add("/mail/bot/hostile-names", test_hostile_names);
	add("/mail/bot/queue", test_queue);
	status = build_fixture_main();
	vf_dirs_remove(state, NULL);
	return status;
}
