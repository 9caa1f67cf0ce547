// SPDX-License-Identifier: GPL-2.0-or-later
/* Every mail once, from wherever it comes, and memory for one mail only. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/child.h"
#include "mail-fixture.h"
#include "mail/message.h"

/* A patch with the number in its id. */
static char *patch(guint number)
{
	return g_strdup_printf("From: A <a@example.org>\n"
			       "Subject: [PATCH] media: number %u\n"
			       "Message-ID: <%u@example.org>\n"
			       "Date: Thu, 1 Jan 2026 00:00:00 +0000\n"
			       "\n"
			       "Text.\n"
			       "---\n"
			       "diff --git a/f b/f\n"
			       "--- a/f\n"
			       "+++ b/f\n"
			       "@@ -1 +1 @@\n"
			       "-a\n"
			       "+%u\n",
			       number, number, number);
}

static void append(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
	close(fd);
}

static void append_mail(const char *path, guint number)
{
	g_autofree char *mail = patch(number);
	g_autofree char *entry = g_strdup_printf("From x@y Thu Jan  1 00:00:00 2026\n%s\n", mail);

	append(path, entry);
}

#define check_counts(mail, all, seen, new, bad)                               \
	do {                                                                  \
		g_assert_cmpuint((mail)->counts.mails, ==, (guint64)(all));   \
		g_assert_cmpuint((mail)->counts.known, ==, (guint64)(seen));  \
		g_assert_cmpuint((mail)->counts.kept, ==, (guint64)(new));    \
		g_assert_cmpuint((mail)->counts.refused, ==, (guint64)(bad)); \
	} while (0)

static void check_series(Mail *mail, guint count)
{
	g_autoptr(GPtrArray) series = mail_series(mail, 0);

	g_assert_cmpuint(series->len, ==, count);
}

static void test_mbox_grows(void)
{
	g_autoptr(Mail) mail = mail_new();

	append_mail("box", 1);
	append_mail("box", 2);
	mail_read(mail, "mbox", "box");
	check_counts(mail, 2, 0, 2, 0);
	mail_read(mail, "mbox", "box");
	check_counts(mail, 0, 0, 0, 0);
	append_mail("box", 3);
	mail_read(mail, "mbox", "box");
	check_counts(mail, 1, 0, 1, 0);
	check_series(mail, 3);
}

/* Another program has written a new file, or thrown mails away. */
static void test_mbox_replaced(void)
{
	g_autoptr(Mail) mail = mail_new();

	append_mail("box", 1);
	append_mail("box", 2);
	mail_read(mail, "mbox", "box");
	g_unlink("box");
	append_mail("box", 2);
	mail_read(mail, "mbox", "box");
	check_counts(mail, 1, 1, 0, 0);
	g_unlink("box");
	append("box", "From z@z Fri Jan  2 00:00:00 2026\nFrom: B <b@c>\n\nlonger than before, "
		      "and not the same in its first line, so that the place is no mail's\n\n\n");
	append_mail("box", 5);
	append_mail("box", 6);
	append_mail("box", 7);
	mail_read(mail, "mbox", "box");
	check_counts(mail, 4, 0, 3, 1);
	check_series(mail, 5);
}

static void test_mbox_quotes(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) series = NULL;
	g_autoptr(GError) error = NULL;
	const VfMessage *message;

	append("box", "From x@y Thu Jan  1 00:00:00 2026\r\n"
		      "From: A <a@example.org>\r\n"
		      "Subject: [PATCH] x\r\n"
		      "Message-ID: <q@example.org>\r\n"
		      "\r\n"
		      ">From here on\r\n"
		      ">>From there\r\n"
		      "From nowhere in particular\r\n"
		      "\r\n"
		      "From the top: this is no time 12 of a mail\r\n"
		      "diff --git a/f b/f\r\n"
		      "--- a/f\r\n"
		      "+++ b/f\r\n"
		      "@@ -1 +1 @@\r\n"
		      "-a\r\n"
		      "+b\r\n"
		      "\r\n");
	mail_read(mail, "mbox", "box");
	check_counts(mail, 1, 0, 1, 0);
	series = mail_series(mail, 0);
	g_assert_true(vf_inbox_load(mail->inbox, series->pdata[0], &error));
	message = ((VfSeries *)series->pdata[0])->patches->pdata[0];
	g_assert_true(g_str_has_prefix(message->body,
				       "From here on\n>From there\nFrom nowhere in particular\n\n"
				       "From the top: this is no time 12 of a mail\ndiff "));
}

/* Peak of this process, KiB. */
static long peak(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

#define LARGE (G_GINT64_CONSTANT(200) * 1024 * 1024)

static void test_mbox_large(void)
{
	g_autoptr(Mail) mail = mail_new();
	long before = peak();

	append_mail("box", 1);
	append("box", "From x@y Thu Jan  1 00:00:00 2026\nFrom: A <a@b>\nSubject: [PATCH] large\n"
		      "Message-ID: <large@example.org>\n\n");
	g_assert_cmpint(truncate("box", LARGE), ==, 0);
	append("box", "\n\n");
	append_mail("box", 2);
	mail_read(mail, "mbox", "box");
	check_counts(mail, 3, 0, 2, 1);
	g_assert_nonnull(strstr(mail->log->str, "bytes, more than the 8388608 that are read"));
	g_assert_cmpint(peak() - before, <, 48 * 1024);
	check_series(mail, 2);
}

static void check_error(Mail *mail, const char *type, const char *path, const char *expected)
{
	VfMailSourceConfig config = {.type = (char *)type, .path = (char *)path, .name = "test"};
	g_autoptr(GError) error = NULL;

	g_assert_false(mail_poll(mail, &config, &error));
	g_assert_cmpstr(error->message, ==, expected);
}

static void test_errors(void)
{
	g_autoptr(Mail) mail = mail_new();

	scratch_write("text", "Some text.\n\nFrom here on it is no mail.\n");
	scratch_write("dir/x", "");
	check_error(mail, "mbox", "gone", "gone: cannot open the mbox: No such file or directory");
	check_error(mail, "mbox", "dir", "dir: not a regular file, as an mbox is");
	check_error(mail, "mbox", "text",
		    "text: not an mbox: no line \"From ADDRESS DATE\" begins a mail");
	check_error(mail, "maildir", "dir",
		    "dir: not a Maildir (new/ and cur/ are missing): Error opening directory "
		    "“dir/cur”: No such file or directory");
	check_error(mail, "public-inbox", "dir",
		    "dir: not a public-inbox archive (v2): no git/0.git");
	check_error(mail, "pop3", "dir", "no type of source is called \"pop3\"");
	check_error(mail, "imap", "dir", "a source of type \"imap\" needs \"url\"");
	check_error(mail, "mbox", NULL, "a source of type \"mbox\" needs \"path\"");
}

typedef struct Stop {
	guint after;
	guint count;
} Stop;

static gboolean stop_at(VfMailSource *source, const char *bytes, gsize length, const char *where,
			gpointer data, GError **error)
{
	Stop *stop = data;

	(void)source, (void)bytes, (void)length, (void)where;
	if (stop->count++ == stop->after)
		return vf_throw(error, VF_ERROR_IO, "stopped");
	return TRUE;
}

static void ignore(const char *why, gpointer data)
{
	(void)why, (void)data;
}

/* The cursor stands behind what was taken, wherever the reading is cut off. */
static void check_cursors(const char *type, const char *path, guint mails)
{
	VfMailSourceConfig config = {.type = (char *)type, .path = (char *)path, .name = "test"};
	g_autoptr(GError) error = NULL;

	for (guint cut = 0; cut < mails; cut++) {
		g_autoptr(VfMailSource) source = vf_mail_source_new(&config, &error);
		g_autoptr(VfMailSource) next = vf_mail_source_new(&config, &error);
		g_autoptr(GError) stopped = NULL;
		g_autofree char *cursor = NULL;
		Stop first = {.after = cut}, rest = {.after = G_MAXUINT};

		vf_mail_source_read(source, NULL, stop_at, ignore, &first, &stopped);
		g_assert_error(stopped, VF_ERROR, VF_ERROR_IO);
		cursor = vf_mail_source_cursor(source);
		vf_mail_source_read(next, cursor, stop_at, ignore, &rest, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(cut + 1 + rest.count, ==, mails);
	}
}

static void test_mbox_cursor(void)
{
	g_autoptr(Scratch) scratch = scratch_new();

	for (guint i = 0; i < 5; i++)
		append_mail("box", i);
	check_cursors("mbox", "box", 5);
	(void)scratch;
}

static void deliver(const char *name, guint number)
{
	g_autofree char *mail = patch(number);

	scratch_write(name, mail);
}

static void test_maildir(void)
{
	g_autoptr(Mail) mail = mail_new();

	deliver("dir/new/1.x.host", 1);
	deliver("dir/cur/2.x.host:2,S", 2);
	deliver("dir/tmp/3.x.host", 3);
	deliver("dir/new/.4", 4);
	deliver("elsewhere", 5);
	g_assert_cmpint(symlink("../../elsewhere", "dir/new/5.x.host"), ==, 0);
	mail_read(mail, "maildir", "dir");
	check_counts(mail, 2, 0, 2, 0);
	g_assert_cmpint(g_rename("dir/new/1.x.host", "dir/cur/1.x.host:2,S"), ==, 0);
	g_assert_cmpint(g_rename("dir/tmp/3.x.host", "dir/new/3.x.host"), ==, 0);
	mail_read(mail, "maildir", "dir");
	g_assert_cmpuint(mail->counts.kept, ==, 1);
	g_assert_cmpuint(mail->counts.mails, ==, mail->counts.known + 1);
	check_series(mail, 3);
}

static void test_maildir_large(void)
{
	g_autoptr(Mail) mail = mail_new();
	long before = peak();

	deliver("dir/new/1.x.host", 1);
	g_assert_cmpint(g_mkdir("dir/cur", 0755), ==, 0);
	g_assert_cmpint(truncate("dir/new/1.x.host", LARGE), ==, 0);
	mail_read(mail, "maildir", "dir");
	check_counts(mail, 1, 0, 0, 1);
	g_assert_cmpint(peak() - before, <, 48 * 1024);
}

static void run(const char *input, const char *const *argv)
{
	VfChild child = {.argv = (char **)argv, .keep = 10000};
	g_auto(VfChildEnd) end = {0};
	g_autoptr(GError) error = NULL;

	if (input) {
		scratch_write("input", input);
		child.input = open("input", O_RDONLY | O_CLOEXEC);
	}
	vf_child_run(&child, &end, &error);
	if (input)
		close(child.input);
	g_assert_no_error(error);
	vf_child_check(&end, VF_ERROR_HARNESS, &error, "%s", argv[0]);
	g_assert_no_error(error);
}

/* One commit with the mail in the file @file, as public-inbox writes them. */
static void add_commit(GString *stream, const char *file, const char *mail, guint number)
{
	g_string_append_printf(stream,
			       "commit refs/heads/master\n"
			       "committer A <a@example.org> %u +0000\n"
			       "data 1\nx\n"
			       "deleteall\n"
			       "M 100644 inline %s\n"
			       "data %zu\n%s\n",
			       1767225600 + number, file, strlen(mail), mail);
}

static void import(const char *repository, const GString *stream)
{
	const char *init[] = {"git",	  "init", "-q", "--bare", "--initial-branch=master",
			      repository, NULL};
	const char *import[] = {"git", "-C", repository, "fast-import", "--quiet", "--force", NULL};

	if (!g_file_test(repository, G_FILE_TEST_IS_DIR))
		run(NULL, init);
	run(stream->str, import);
}

static void epoch(const char *repository, guint from, guint count)
{
	g_autoptr(GString) stream = g_string_new(NULL);

	for (guint i = from; i < from + count; i++) {
		g_autofree char *mail = patch(i);

		add_commit(stream, "m", mail, i);
	}
	import(repository, stream);
}

static void test_public_inbox(void)
{
	g_autoptr(Mail) mail = mail_new();

	g_assert_cmpint(g_mkdir_with_parents("archive/git", 0755), ==, 0);
	epoch("archive/git/0.git", 0, 3);
	mail_read(mail, "public-inbox", "archive");
	check_counts(mail, 3, 0, 3, 0);
	mail_read(mail, "public-inbox", "archive");
	check_counts(mail, 0, 0, 0, 0);
	epoch("archive/git/1.git", 10, 250);
	mail_read(mail, "public-inbox", "archive");
	check_counts(mail, 250, 0, 250, 0);
	check_series(mail, 253);
	/* history rewritten: read again, known */
	epoch("archive/git/1.git", 11, 5);
	mail_read(mail, "public-inbox", "archive");
	check_counts(mail, 5, 5, 0, 0);
}

/* Between mails there are deletions, and one that is too large. */
static void test_public_inbox_odd(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GString) stream = g_string_new(NULL);
	g_autofree char *first = patch(1), *second = patch(2);
	g_autofree char *large = g_strnfill(VF_MESSAGE_BYTES_MAX + 1, 'x');

	add_commit(stream, "m", first, 1);
	add_commit(stream, "d", first, 2);
	add_commit(stream, "m", large, 3);
	add_commit(stream, "m", second, 4);
	import("single.git", stream);
	mail_read(mail, "public-inbox", "single.git");
	check_counts(mail, 3, 0, 2, 1);
	check_cursors("public-inbox", "single.git", 2);
}

/* The same mails by two ways are one. */
static void test_two_sources(void)
{
	g_autoptr(Mail) mail = mail_new();
	VfMailSourceConfig other = {.type = "mbox", .path = "second", .name = "other"};
	g_autoptr(GError) error = NULL;

	append_mail("first", 1);
	append_mail("second", 1);
	append_mail("second", 2);
	mail_read(mail, "mbox", "first");
	g_assert_true(mail_poll(mail, &other, &error));
	check_counts(mail, 2, 1, 1, 0);
	check_series(mail, 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/sources/mbox/grows", test_mbox_grows);
	g_test_add_func("/mail/sources/mbox/replaced", test_mbox_replaced);
	g_test_add_func("/mail/sources/mbox/quotes", test_mbox_quotes);
	g_test_add_func("/mail/sources/mbox/large", test_mbox_large);
	g_test_add_func("/mail/sources/mbox/cursor", test_mbox_cursor);
	g_test_add_func("/mail/sources/errors", test_errors);
	g_test_add_func("/mail/sources/maildir", test_maildir);
	g_test_add_func("/mail/sources/maildir/large", test_maildir_large);
	g_test_add_func("/mail/sources/public-inbox", test_public_inbox);
	g_test_add_func("/mail/sources/public-inbox/odd", test_public_inbox_odd);
	g_test_add_func("/mail/sources/two", test_two_sources);
	return g_test_run();
}
