// SPDX-License-Identifier: GPL-2.0-or-later
/* Mails that are made to end, stall or tire their parser. */
#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "mail-fixture.h"
#include "results-db/mail.h"

#ifdef __SANITIZE_ADDRESS__
#define CPU_MAX	 10.0
#define CONFINED FALSE /* a sanitizer needs memory and files */
#else
#define CPU_MAX	 1.0
#define CONFINED TRUE
#endif

#define BIG (7 * 1024 * 1024)

/* A mail whose header or body has @piece again and again, up to @bytes. */
typedef struct Shape {
	const char *name, *head, *piece;
	gsize bytes;
	const char *tail;
	const char *problem; /* what the refusal says, or NULL: it is read */
} Shape;

#define MULTIPART "Content-Type: multipart/mixed; boundary=b\n\n"
#define INNER	  MULTIPART "--b\nContent-Type: message/rfc822\n\n"
#define DEEPER	  "nested deeper"
#define PARTS	  "more parts"
#define LONGER	  "longer header field"
#define LINES	  "more header lines"

static const Shape shapes[] = {
	{"groups", "To: ", "a:b:c:", 160000, "\n\n", LONGER},
	{"groups-short", "To: ", "a:", 60000, "\n\n", DEEPER},
	{"groups-folded", "Cc: ", "a:\n ", 6000, "x\n\n", DEEPER},
	{"groups-other-field", "Resent-To: ", "a:", 60000, "\n\n", DEEPER},
	{"groups-inside", INNER "To: ", "a:", 60000, "\n\n", DEEPER},
	{"groups-in-digest",
	 "Content-Type: multipart/digest; boundary=b\n\n--b\n\nTo: ", "a:", 60000, "\n\n", DEEPER},
	{"comments", "To: ", "(", 60000, "\n\n", DEEPER},
	{"comments-long", "From: ", "(", BIG, "\n\n", LONGER},
	{"angles", "To: ", "<", 60000, "\n\n", NULL},
	{"quotes", "To: ", "\"", 60000, "\n\n", NULL},
	{"addresses", "To: ", "a@b, a@b, a@b, a@b, a@b, a@b, a@b, a@b, a@b,\n ", 70000, "c@d\n\n",
	 LONGER},
	{"parameters", "Content-Type: text/plain", ";a*0*=b", 60000, "\n\n", DEEPER},
	{"parameters-inside", MULTIPART "--b\nContent-Disposition: inline", ";a=b", 60000, "\n\n",
	 DEEPER},
	{"words", "Subject: ", "=?utf-8?q?a?= ", 60000, "\n\n", NULL},
	{"words-open", "Subject: ", "=?utf-8?b?", 60000, "\n\n", NULL},
	{"references", "References: ", "<a@b> ", 60000, "\n\n", NULL},
	{"headers", "", "A: b\n", BIG, "\n", LINES},
	{"headers-inside", MULTIPART "--b\n", "A: b\n", BIG, "\n", LINES},
	{"headers-of-mail-inside", INNER, "To: a@b\n", BIG, "\n", LINES},
	{"borders", MULTIPART, "--b\n", BIG, "", PARTS},
	{"borders-apart", MULTIPART, "--b\n\n", BIG, "", PARTS},
	{"borders-digest", "Content-Type: multipart/digest; boundary=b\n\n", "--b\n\n", BIG, "",
	 PARTS},
	{"borders-folded", "Content-Type: multipart/mixed;\n\tboundary = \"b\"\n\n", "--b\n\n", BIG,
	 "", PARTS},
	{"borders-second", "Content-Type: multipart/mixed; boundary=c; boundary=b\n\n", "--b\n\n",
	 BIG, "", PARTS},
	{"border-encoded", "Content-Type: multipart/mixed; boundary*=utf-8''b\n\n", "--b\n\n", BIG,
	 "", "cannot be read"},
	{"border-escaped", "Content-Type: multipart/mixed; boundary=\"\\b\"\n\n", "--b\n\n", BIG,
	 "", "cannot be read"},
	{"border-missing", "Content-Type: multipart/mixed\n\n", "--b\n\n", BIG, "", "without a"},
	{"dashes", MULTIPART, "--\n", BIG, "", NULL},
	{"mails-in-mails", "", "Content-Type: message/rfc822\n\n", 1000, "", "mails inside"},
	{"flowed", "Content-Type: text/plain; format=flowed\n\n", "a \n", BIG, "", NULL},
	{"flowed-quotes", "Content-Type: text/plain; format=flowed\n\n", "> a \n>> b \n", BIG, "",
	 NULL},
	{"utf-16", "Content-Type: text/plain; charset=utf-16\n\n", "ab\n\n", BIG, "", NULL},
	{"iso-2022", "Content-Type: text/plain; charset=iso-2022-jp\n\n", "\33$B\33(B", BIG, "",
	 NULL},
	{"bad-bytes", "\n", "\377\201", BIG, "", NULL},
	{"base64", "Content-Transfer-Encoding: base64\n\n", "QUJDREVG\n", BIG, "", NULL},
	{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\n", "=41=\n", BIG, "",
	 NULL},
	{"diffs", "\n", "diff --git a/x b/x\n", BIG, "", NULL},
	{"hunks", "\n--- a/x\n+++ b/x\n", "@@ -1 +1 @@\nfoo\n", BIG, "", NULL},
	{"one-line", "\n", "-", BIG, "", NULL},
	{"separators", "\n", "From a 1:1\n", BIG, "", NULL},
	{"opt-outs", "\n", "vifarm: maybe\n#vifarm\n", BIG, "", NULL},
	{"carriage-returns", "\n", "\r", BIG, "", NULL},
};

static GString *mail_of(const Shape *shape)
{
	GString *mail = g_string_new("From: a@example.org\nMessage-ID: <a@x.example>\n"
				     "Subject: [PATCH] shape\n");

	g_string_append(mail, shape->head);
	for (gsize i = 0; i < shape->bytes; i += strlen(shape->piece))
		g_string_append(mail, shape->piece);
	return g_string_append(mail, shape->tail);
}

static double cpu(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void test_shape(gconstpointer data)
{
	const Shape *shape = data;
	g_autoptr(GString) mail = mail_of(shape);
	g_autoptr(GError) error = NULL;
	double start = cpu();
	g_autoptr(VfMessage) message = vf_message_parse(mail->str, mail->len, "mail", &error);

	g_assert_cmpfloat(cpu() - start, <, CPU_MAX);
	if (!shape->problem) {
		g_assert_no_error(error);
		return;
	}
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_test_message("%s", error->message);
	g_assert_nonnull(strstr(error->message, shape->problem));
}

static void add_mail(const char *subject, const char *id)
{
	FILE *file = fopen("box", "a");

	fprintf(file,
		"From x@y Thu Jan  1 00:00:00 2026\nFrom: A <a@example.org>\n"
		"Date: Thu, 1 Jan 2026 00:00:00 +0000\nSubject: %s\nMessage-ID: <%s@x.example>\n\n"
		"Message.\n---\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+%s\n\n",
		subject, id, id);
	fclose(file);
}

/* The usual ones are too long for a test; a machine under load gives little of a second. */
static const VfMailParserLimits faulty = {.cpu_seconds = 1, .wall_seconds = 100};
static const VfMailParserLimits stalled = {.cpu_seconds = 100, .wall_seconds = 3};

static void check_series_count(Mail *mail, guint expected)
{
	g_autoptr(GPtrArray) all = mail_series(mail, 0);

	g_assert_cmpuint(all->len, ==, expected);
}

/* The mail with the fault is the second of three. */
static void check_fault(const char *fault, const VfMailParserLimits *limits, const char *why)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) refusals = NULL;
	VfMailSourceConfig again = {.type = (char *)"mbox", .path = (char *)"box", .name = "again"};
	g_autoptr(GError) error = NULL;

	mail_set_parser(mail, FAKE_PARSER, limits);
	add_mail("[PATCH] one", "p1");
	add_mail(fault, "bad");
	add_mail("[PATCH] two", "p2");
	mail_read(mail, "mbox", "box");
	g_assert_cmpuint(mail->counts.mails, ==, 3);
	g_assert_cmpuint(mail->counts.kept, ==, 2);
	g_assert_cmpuint(mail->counts.fatal, ==, 1);
	g_test_message("%s", mail->log->str);
	g_assert_nonnull(strstr(mail->log->str, why));
	check_series_count(mail, 2);
	refusals = vf_db_mail_refusals(mail->db, 10, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(refusals->len, ==, 1);
	g_assert_cmpstr(((VfMailRefusal *)refusals->pdata[0])->id, ==, "bad@x.example");
	/* the position is behind it, and where the position is lost the mail is known */
	mail_read(mail, "mbox", "box");
	g_assert_cmpuint(mail->counts.mails, ==, 0);
	mail_poll(mail, &again, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(mail->counts.mails, ==, 3);
	g_assert_cmpuint(mail->counts.refused, ==, 0);
}

static void test_faults(void)
{
	check_fault("abort", &faulty, "box: mail at byte ");
	check_fault("abort", &faulty, ": it ends its parser");
	check_fault("spin", &faulty, ": parsing takes more than 1 s");
	check_fault("sleep", &stalled, ": parsing takes more than 3 s");
	check_fault("lie", &faulty, ": it makes its parser answer nonsense");
	if (CONFINED)
		check_fault("hog", &faulty, ": it ends its parser");
}

/* Killed while it goes on: what it has met by then is stored. */
static void test_stored_at_once(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *cursor = NULL;

	mail_set_parser(mail, FAKE_PARSER, &faulty);
	add_mail("[PATCH] one", "p1");
	add_mail("abort", "bad");
	mail_read(mail, "mbox", "box");
	vf_db_mail_cursor(mail->db, "test", &cursor, &error);
	g_assert_no_error(error);
	g_assert_nonnull(cursor);
	check_series_count(mail, 1);
}

/* A mail of the database that an older parser could read ends this one. */
static void test_stored_before(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) refusals = NULL;
	g_autoptr(GError) error = NULL;

	add_mail("[PATCH] one", "p1");
	add_mail("[PATCH] two abort", "p2");
	mail_read(mail, "mbox", "box");
	check_series_count(mail, 2);
	mail_set_parser(mail, FAKE_PARSER, &faulty);
	check_series_count(mail, 1);
	refusals = vf_db_mail_refusals(mail->db, 10, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(refusals->len, ==, 1);
	g_assert_true(((VfMailRefusal *)refusals->pdata[0])->fatal);
	/* it is done, whoever parses */
	mail_set_parser(mail, NULL, NULL);
	check_series_count(mail, 1);
}

/* A parser that cannot be started is no mail's fault: nothing is passed over. */
static void test_missing(void)
{
	g_autoptr(Mail) mail = mail_new();
	VfMailSourceConfig config = {.type = (char *)"mbox", .path = (char *)"box", .name = "test"};
	g_autoptr(GError) error = NULL;

	add_mail("[PATCH] one", "p1");
	mail_set_parser(mail, "/bin/true", NULL);
	g_assert_false(mail_poll(mail, &config, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_MISSING);
	mail_set_parser(mail, NULL, NULL);
	mail_read(mail, "mbox", "box");
	g_assert_cmpuint(mail->counts.kept, ==, 1);
}

/* What the process gave up before it read the mail. */
static void test_rights(void)
{
	g_autoptr(Mail) mail = mail_new();

	mail_set_parser(mail, FAKE_PARSER, &faulty);
	add_mail("probe", "p1");
	mail_read(mail, "mbox", "box");
	g_assert_nonnull(strstr(mail->log->str, "file -1, socket -1, signal -1"));
	g_assert_cmpuint(mail->counts.fatal, ==, 0);
}

/* The whole of it, with the program's own parser. */
static void test_status(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GString) hostile = mail_of(&shapes[0]);
	g_autofree char *state = g_get_current_dir();
	g_autofree char *database = g_build_filename(state, "vifarm", "results.db", NULL);
	g_autofree char *out = NULL;
	const char *argv[] = {ORCHESTRATOR, "mail", "status", "--format", "json", NULL};
	g_auto(GStrv) env = g_environ_setenv(g_get_environ(), "XDG_STATE_HOME", state, TRUE);
	g_autoptr(GError) error = NULL;
	int status;

	g_string_prepend(hostile, "From x@y Thu Jan  1 00:00:00 2026\n");
	g_file_set_contents("box", hostile->str, (gssize)hostile->len, &error);
	g_assert_no_error(error);
	add_mail("[PATCH] one", "p1");
	mail_read(mail, "mbox", "box");
	g_assert_cmpuint(mail->counts.refused, ==, 1);
	g_assert_cmpuint(mail->counts.kept, ==, 1);
	g_mkdir("vifarm", 0700);
	vf_db_close(mail->db);
	g_rename("results.db", database);
	mail->db = vf_db_open(database, &error);
	g_assert_no_error(error);
	g_spawn_sync(NULL, (char **)argv, env, 0, NULL, NULL, &out, NULL, &status, &error);
	g_assert_no_error(error);
	g_assert_cmpint(status, ==, 0);
	g_assert_nonnull(strstr(out, "\"passed over\""));
	g_assert_nonnull(strstr(out, "a@x.example"));
	g_assert_nonnull(strstr(out, "box: mail at byte 0: it has a longer header field"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++) {
		g_autofree char *path = g_strconcat("/mail-parser/shape/", shapes[i].name, NULL);

		g_test_add_data_func(path, &shapes[i], test_shape);
	}
	g_test_add_func("/mail-parser/faults", test_faults);
	g_test_add_func("/mail-parser/stored-at-once", test_stored_at_once);
	g_test_add_func("/mail-parser/stored-before", test_stored_before);
	g_test_add_func("/mail-parser/missing", test_missing);
	if (CONFINED)
		g_test_add_func("/mail-parser/rights", test_rights);
	g_test_add_func("/mail-parser/status", test_status);
	return g_test_run();
}
