// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Series as people, mail programs and relays really send them. A mail is "DATE|SENDER|ID|PARENT|
 * SUBJECT": minutes, a name of senders[], ids without their host, the parent may be empty or a list
 * of references, oldest first. Each patch differs from the others unless its id ends with "=ID".
 */
#include <string.h>

#include "mail-fixture.h"

#define MAILS_MAX 10

static const struct {
	const char *key, *header;
} senders[] = {
	{"kim", "From: Kim Sample <kim@example.org>\n"},
	{"KIM", "From: \"Kim  Sample\" <Kim@Example.ORG>\n"},
	{"home", "From: kim sample <kim@home.example>\n"},
	{"list", "From: Kim Sample via media <media@lists.example>\nReply-To: kim@example.org\n"},
	{"lea", "From: Lea Other <lea@example.net>\n"},
	{"other", "From: Lea Other via media <media@lists.example>\nReply-To: lea@example.net\n"},
	{"quiet", "From: Kim Sample <kim@example.org>\nX-Vifarm: no\n"},
};

typedef struct Case {
	const char *name;
	gboolean b4; /* takes the first series that is complete for one, too */
	const char *mails[MAILS_MAX];
	const char *expected; /* "STATE ID HAVE/TOTAL[ out][: REASON]", one a line */
} Case;

static const Case cases[] = {
	{"plain",
	 TRUE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b"},
	 "complete c 2/2\n"},
	{"rfc-then-patch",
	 FALSE,
	 {"0|kim|r||[RFC PATCH v2 0/2] x", "1|kim|r1|r|[RFC PATCH v2 1/2] a",
	  "2|kim|r2|r|[RFC PATCH v2 2/2] b", "9|kim|c||[PATCH 0/2] x", "10|kim|p1|c|[PATCH 1/2] a",
	  "11|kim|p2|c|[PATCH 2/2] b"},
	 "complete c 2/2\nsuperseded r 2/2: patch version 1 was sent after it\n"},
	{"rfc-then-patch-single",
	 FALSE,
	 {"0|kim|r||[RFCv3] x", "9|kim|p||[PATCH] x", "19|kim|p2||[PATCH v2] x"},
	 "superseded p 1/1: version 2 has arrived\ncomplete p2 1/1\n"
	 "superseded r 1/1: patch version 2 was sent after it\n"},
	{"rfc-goes-on-as-patch",
	 FALSE,
	 {"0|kim|r||[RFC PATCH] x", "9|kim|p||[PATCH v2] x", "8|kim|o||[RFC PATCH v1] X"},
	 "superseded o 1/1: version 2 has arrived\ncomplete p 1/1\n"
	 "superseded r 1/1: version 2 has arrived\n"},
	{"old-patch-late",
	 FALSE,
	 {"5|kim|p2||[PATCH v2] x", "9|kim|p||[PATCH] x"},
	 "superseded p 1/1: version 2 has arrived\ncomplete p2 1/1\n"},
	{"resend-of-one",
	 TRUE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH RESEND 1/2] a", "2|kim|p2|c|[PATCH 2/2] b"},
	 "complete c 2/2\n"},
	{"resend-of-one-again",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b",
	  "9|kim|q1|c|[PATCH RESEND 1/2] a"},
	 "complete c 2/2: patch 1 was sent again: <q1@x> counts\n"},
	{"resend-of-one-alone",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "2|kim|p2|c|[PATCH 2/2] b", "9|kim|q1||[RESEND PATCH 1/2] a"},
	 "complete c 2/2\n"},
	{"resend-of-all",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b",
	  "9|kim|d||[PATCH RESEND 0/2] x", "10|kim|q1=p1|d|[PATCH RESEND 1/2] a",
	  "11|kim|q2=p2|d|[PATCH RESEND 2/2] b"},
	 "superseded c 2/2: it was sent again as <d@x>\ncomplete d 2/2\n"},
	{"resend-never-whole",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b",
	  "9|kim|d||[PATCH RESEND 0/2] x"},
	 "complete c 2/2\nincomplete d 0/2: 2 of 2 patches have not arrived\n"},
	{"rest-later",
	 FALSE,
	 {"0|kim|c||[PATCH 0/3] x", "1|kim|p1|c|[PATCH 1/3] a", "2|kim|p2|c|[PATCH 2/3] b",
	  "20|kim|p3||[PATCH 3/3] c"},
	 "complete c 3/3\n"},
	{"rest-later-threaded",
	 FALSE,
	 {"0|kim|c||[PATCH 0/4] x", "1|kim|p1|c|[PATCH 1/4] a", "20|kim|p2|p1|[PATCH 2/4] b",
	  "40|kim|p3||[PATCH 3/4] c", "41|kim|p4|p3|[PATCH 4/4] d"},
	 "complete c 4/4\n"},
	{"rest-later-unclear",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|d||[PATCH 0/2] y",
	  "3|kim|q1|d|[PATCH 1/2] b", "20|kim|p2||[PATCH 2/2] c"},
	 "incomplete c 1/2: 1 of 2 patches have not arrived; <p2@x> may belong to it\n"
	 "incomplete d 1/2: 1 of 2 patches have not arrived; <p2@x> may belong to it\n"
	 "incomplete p2 1/2: 1 of 2 patches have not arrived; <p2@x> may belong to <c@x> or to "
	 "<d@x>\n"},
	{"rest-later-by-prefix",
	 FALSE,
	 {"0|kim|c||[PATCH net 0/2] x", "1|kim|p1|c|[PATCH net 1/2] a",
	  "2|kim|d||[PATCH media 0/2] y", "3|kim|q1|d|[PATCH media 1/2] b",
	  "20|kim|p2||[PATCH net 2/2] c"},
	 "complete c 2/2\nincomplete d 1/2: 1 of 2 patches have not arrived\n"},
	{"rest-after-days",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "3000|kim|p2||[PATCH 2/2] b"},
	 "incomplete c 1/2: 1 of 2 patches have not arrived\n"
	 "incomplete p2 1/2: 1 of 2 patches have not arrived\n"},
	{"one-by-one",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1||[PATCH 1/2] a", "2|kim|p2||[PATCH 2/2] b"},
	 "complete c 2/2\n"},
	{"two-one-by-one",
	 FALSE,
	 {"0|kim|p1||[PATCH 1/2] a", "1|kim|p2||[PATCH 2/2] b", "20|kim|q1||[PATCH 1/2] c",
	  "21|kim|q2||[PATCH 2/2] d"},
	 "complete p1 2/2\ncomplete q1 2/2\n"},
	{"clock-skew",
	 TRUE,
	 {"500|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "99000|kim|p2|c|[PATCH 2/2] b"},
	 "complete c 2/2\n"},
	{"relay-renames",
	 FALSE,
	 {"0|kim|ses0||[PATCH 0/2] x", "1|kim|ses1|c|[PATCH 1/2] a", "2|kim|ses2|c|[PATCH 2/2] b"},
	 "complete ses0 2/2\n"},
	{"relay-renames-opt-out",
	 FALSE,
	 {"0|quiet|ses0||[PATCH 0/2] x", "1|kim|ses1|c|[PATCH 1/2] a",
	  "2|kim|ses2|c|[PATCH 2/2] b"},
	 "complete ses0 2/2 out\n"},
	{"relay-renames-opt-out-late",
	 FALSE,
	 {"9|quiet|ses0||[PATCH 0/2] x", "1|kim|ses1|c|[PATCH 1/2] a",
	  "2|kim|ses2|c|[PATCH 2/2] b"},
	 "complete ses0 2/2 out\n"},
	{"relay-renames-opt-out-unclear",
	 FALSE,
	 {"0|quiet|s0||[PATCH 0/2] x", "1|kim|t0||[PATCH 0/2] y", "2|kim|s1|c|[PATCH 1/2] a",
	  "2|kim|s2|c|[PATCH 2/2] b"},
	 "complete s1 2/2 out: <s1@x> may belong to <s0@x> or to <t0@x>\n"
	 "incomplete s0 0/2 out: 2 of 2 patches have not arrived; <s1@x> may belong to it\n"
	 "incomplete t0 0/2: 2 of 2 patches have not arrived; <s1@x> may belong to it\n"},
	{"no-cover-beside-a-cover",
	 FALSE,
	 {"0|kim|p1||[PATCH 1/2] a", "1|kim|p2|p1|[PATCH 2/2] b", "5|kim|c||[PATCH 0/2] y"},
	 "incomplete c 0/2: 2 of 2 patches have not arrived\ncomplete p1 2/2\n"},
	{"opt-out-in-cover-of-version",
	 FALSE,
	 {"0|quiet|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH v2 1/2] a", "2|kim|p2|c|[PATCH v2 2/2] b"},
	 "complete c 2/2 out\n"},
	{"version-in-cover-only",
	 TRUE,
	 {"0|kim|c||[PATCH v2 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b"},
	 "complete c 2/2\n"},
	{"version-in-first-only",
	 FALSE,
	 {"1|kim|p1||[PATCH v2 1/2] a", "2|kim|p2|p1|[PATCH 2/2] b"},
	 "complete p1 2/2\n"},
	{"list-rewrites-from",
	 FALSE,
	 {"0|list|c||[PATCH 0/2] x", "1|list|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b",
	  "1|other|o1||[PATCH 1/2] a", "2|other|o2|o1|[PATCH 2/2] b"},
	 "complete c 2/2\ncomplete o1 2/2\n"},
	{"dotted",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b",
	  "9|kim|q2|c p2|[PATCH v1.1 2/2] b"},
	 "superseded c 2/2: version 1.1 has arrived\ncomplete q2 2/2\n"},
	{"dotted-below-review",
	 FALSE,
	 {"0|kim|c||[PATCH v2 0/2] x", "1|kim|p1|c|[PATCH v2 1/2] a", "2|kim|p2|c|[PATCH v2 2/2] b",
	  "9|kim|q2|c p2 review|[PATCH v2.1] b", "19|kim|r2|c p2 review|[PATCH v2.2 2/2] b"},
	 "superseded c 2/2: version 2.2 has arrived\n"
	 "superseded q2 1/1: version 2.2 has arrived\ncomplete r2 2/2\n"},
	{"lettered",
	 FALSE,
	 {"0|kim|c||[PATCH v4 0/2] x", "1|kim|p1|c|[PATCH v4 1/2] a", "2|kim|p2|c|[PATCH v4 2/2] b",
	  "9|kim|q2|p2|[PATCH v4a 2/2] b"},
	 "superseded c 2/2: version 4.1 has arrived\ncomplete q2 2/2\n"},
	{"lettered-whole",
	 FALSE,
	 {"0|kim|p||[PATCH v4] x", "9|kim|q||[PATCH v4b] x", "19|kim|r||[PATCH v4c] x"},
	 "superseded p 1/1: version 4.3 has arrived\nsuperseded q 1/1: version 4.3 has arrived\n"
	 "complete r 1/1\n"},
	{"subsystem-is-no-version",
	 FALSE,
	 {"0|kim|p||[PATCH v4l-utils] x", "1|kim|q||[PATCH v5.10 1/2] a",
	  "2|kim|q2|q|[PATCH v5.10 2/2] b"},
	 "complete p 1/1\ncomplete q 2/2\n"},
	{"second-posting",
	 FALSE,
	 {"0|kim|c||[PATCH v2 0/2] x", "1|kim|p1|c|[PATCH v2 1/2] a", "2|kim|p2|c|[PATCH v2 2/2] b",
	  "9|kim|d|c|[PATCH v2 0/2] x", "10|kim|q1|c d|[PATCH v2 1/2] a",
	  "11|kim|q2|c d|[PATCH v2 2/2] b"},
	 "superseded c 2/2: it was sent again as <d@x>\ncomplete d 2/2\n"},
	{"second-posting-without-cover",
	 FALSE,
	 {"0|kim|p1||[PATCH 1/2] a", "1|kim|p2|p1|[PATCH 2/2] b", "9|kim|q1|p1|[PATCH 1/2] a",
	  "10|kim|q2|p1 q1|[PATCH 2/2] b"},
	 "complete p1 2/2: patch 1 was sent again: <q1@x> counts; patch 2 was sent again: <q2@x> "
	 "counts\n"},
	{"second-posting-begins",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b",
	  "9|kim|q1|c|[PATCH 1/2] a"},
	 "broken c 2/2: two different mails are patch 1\n"},
	{"patch-again-below-itself",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b",
	  "9|kim|q1|c p1|[PATCH 1/2] a"},
	 "complete c 2/2: patch 1 was sent again: <q1@x> counts\n"},
	{"writings",
	 FALSE,
	 {"0|kim|c||[PATCH-v2 0/6] x", "1|kim|p1|c|[V2 PATCH 1/6] a", "2|kim|p2|c|[PATCH 2/6 v2] b",
	  "3|kim|p3|c|[PATCH v2,3/6] c", "4|kim|p4|c|[PATCH][v2][04/06] d",
	  "5|kim|p5|c|[PATCHv2 5 of 6] e", "6|kim|p6|c|[PATCH net-next v2: 6/6] f"},
	 "complete c 6/6\n"},
	{"total-corrected",
	 FALSE,
	 {"0|kim|c||[PATCH 0/4] x", "1|kim|p1|c|[PATCH 1/3] a", "2|kim|p2|c|[PATCH 2/3] b",
	  "3|kim|p3|c|[PATCH 3/3] c"},
	 "complete c 3/3: <c@x> says 0/4, the series has 3 patches\n"},
	{"total-grows",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b",
	  "9|kim|p3|c|[PATCH 3/3] c"},
	 "complete c 3/3: <c@x> says 0/2, the series has 3 patches\n"},
	{"cover-without-numbers",
	 FALSE,
	 {"0|kim|c||[PATCH 0/0] x", "1|kim|p1|c|[PATCH 1/2] a", "2|kim|p2|c|[PATCH 2/2] b"},
	 "complete c 2/2: <c@x> says 0/1, the series has 2 patches\n"},
	{"case-of-sender",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|KIM|p1|c|[PATCH 1/2] a", "2|kim|p2||[PATCH 2/2] b"},
	 "complete c 2/2\n"},
	{"two-addresses",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|home|p2|c|[PATCH 2/2] b"},
	 "incomplete c 1/2: 1 of 2 patches have not arrived; patch 2 is there from "
	 "kim@home.example: all of a series has one sender\n"
	 "incomplete p2 1/2: 1 of 2 patches have not arrived; cover letter 0 is there from "
	 "kim@example.org: all of a series has one sender\n"},
	{"two-addresses-unthreaded",
	 FALSE,
	 {"1|kim|p1||[PATCH 1/2] a", "2|home|p2||[PATCH 2/2] b"},
	 "incomplete p1 1/2: 1 of 2 patches have not arrived; patch 2 is there from "
	 "kim@home.example: all of a series has one sender\n"
	 "incomplete p2 1/2: 1 of 2 patches have not arrived; patch 1 is there from "
	 "kim@example.org: all of a series has one sender\n"},
	{"two-people",
	 FALSE,
	 {"0|kim|c||[PATCH 0/2] x", "1|kim|p1|c|[PATCH 1/2] a", "2|lea|p2|c|[PATCH 2/2] b"},
	 "incomplete c 1/2: 1 of 2 patches have not arrived; patch 2 is there from "
	 "lea@example.net: all of a series has one sender\n"
	 "incomplete p2 1/2: 1 of 2 patches have not arrived; cover letter 0 is there from "
	 "kim@example.org: all of a series has one sender\n"},
};

static const char *sender_header(const char *key)
{
	gsize i = 0;

	while (strcmp(senders[i].key, key))
		i++;
	return senders[i].header;
}

static void write_references(FILE *file, const char *parents)
{
	g_auto(GStrv) ids = g_strsplit(parents, " ", -1);
	guint count = g_strv_length(ids);

	if (!count)
		return;
	fprintf(file, "In-Reply-To: <%s@x>\nReferences:", ids[count - 1]);
	for (guint i = 0; i < count; i++)
		fprintf(file, " <%s@x>", ids[i]);
	fputc('\n', file);
}

static void write_mail(FILE *file, const char *mail)
{
	g_auto(GStrv) parts = g_strsplit(mail, "|", 5);
	g_auto(GStrv) id = g_strsplit(parts[2], "=", 2);
	g_autoptr(GDateTime) start = g_date_time_new_utc(2026, 11, 2, 10, 0, 0);
	g_autoptr(GDateTime) date =
		g_date_time_add_minutes(start, (int)g_ascii_strtoll(parts[0], NULL, 10));
	g_autofree char *when = g_date_time_format(date, "%a, %d %b %Y %H:%M:%S +0000");

	fprintf(file, "From x@y Thu Jan  1 00:00:00 2026\n%sDate: %s\nSubject: %s\n",
		sender_header(parts[1]), when, parts[4]);
	fprintf(file, "Message-ID: <%s@x>\n", id[0]);
	write_references(file, parts[3]);
	fprintf(file, "\nMessage.\n");
	if (!strstr(parts[4], " 0/"))
		fprintf(file,
			"---\ndiff --git a/f%s b/f%s\n--- a/f%s\n+++ b/f%s\n@@ -1 +1 @@\n-a\n+b\n",
			id[1] ?: id[0], id[1] ?: id[0], id[1] ?: id[0], id[1] ?: id[0]);
	fputc('\n', file);
}

static guint count_patches(const VfSeries *series)
{
	guint count = 0;

	for (guint i = 0; i < series->patches->len; i++)
		count += series->patches->pdata[i] != NULL;
	return count;
}

static char *describe(const GPtrArray *all)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < all->len; i++) {
		const VfSeries *series = all->pdata[i];
		const char *why = series->problem ?: series->remark;

		g_string_append_printf(out, "%s %.*s %u/%u%s%s%s\n",
				       vf_series_state_name(series->state),
				       (int)strcspn(series->id, "@"), series->id,
				       count_patches(series), series->total,
				       series->opted_out ? " out" : "", why ? ": " : "", why ?: "");
	}
	return g_string_free(out, FALSE);
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines by the ids in them, whatever the order of arrival. */
static char *sorted(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	qsort(lines, g_strv_length(lines), sizeof(*lines), by_text);
	return g_strjoinv("\n", lines);
}

/* How many patches b4 makes of the mailbox, 0 when it is not satisfied. */
static guint ask_b4(const char *id)
{
	g_autofree char *quoted = g_strdup_printf("%s@x", id);
	const char *argv[] = {"b4",  "--offline-mode", "--no-stdin", "am", "-T", "-o", "-", "-m",
			      "box", quoted,	       NULL};
	g_autofree char *out = NULL, *errors = NULL;
	g_autoptr(GError) error = NULL;
	guint count = 0;
	int status;

	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &errors,
		     &status, &error);
	g_assert_no_error(error);
	for (const char *at = out; (at = strstr(at, "\ndiff --git ")); at++)
		count++;
	return strstr(errors, "ERROR: missing") ? 0 : count;
}

static void check_b4(const GPtrArray *all)
{
	g_autofree char *b4 = g_find_program_in_path("b4");
	guint first = 0;

	while (((VfSeries *)all->pdata[first])->state != VF_SERIES_COMPLETE)
		first++;
	if (b4) {
		const VfSeries *series = all->pdata[first];
		g_autofree char *id = g_strndup(series->id, strcspn(series->id, "@"));

		g_assert_cmpuint(ask_b4(id), ==, series->total);
	}
}

static void test_case(gconstpointer data)
{
	const Case *one = data;
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) all = NULL;
	g_autofree char *found = NULL, *found_sorted = NULL, *expected = sorted(one->expected);
	FILE *file = fopen("box", "w");

	for (guint i = 0; i < MAILS_MAX && one->mails[i]; i++)
		write_mail(file, one->mails[i]);
	fclose(file);
	mail_read(mail, "mbox", "box");
	all = mail_series(mail, 2);
	found = describe(all);
	found_sorted = sorted(found);
	g_assert_cmpstr(found_sorted, ==, expected);
	if (one->b4)
		check_b4(all);
}

/* What was dealt with does not come back, with the mails that were not used. */
static void test_concluded(gconstpointer data)
{
	const Case *one = data;
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) all = NULL, again = NULL;
	g_autoptr(GError) error = NULL;
	FILE *file = fopen("box", "w");

	for (guint i = 0; i < MAILS_MAX && one->mails[i]; i++)
		write_mail(file, one->mails[i]);
	fclose(file);
	mail_read(mail, "mbox", "box");
	all = mail_series(mail, 2);
	for (guint i = 0; i < all->len; i++)
		g_assert_true(vf_inbox_conclude(mail->inbox, all->pdata[i], "done", &error));
	again = mail_series(mail, 2);
	g_assert_cmpuint(again->len, ==, 0);
}

/* An RFC was tested; the series that it became counts from 1. */
static void test_after_rfc(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) rfc = NULL, all = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *found = NULL;
	FILE *file = fopen("box", "w");

	write_mail(file, "0|kim|r||[RFC PATCH v2] x");
	fflush(file);
	mail_read(mail, "mbox", "box");
	rfc = mail_series(mail, 2);
	g_assert_true(vf_inbox_conclude(mail->inbox, rfc->pdata[0], "tested", &error));
	write_mail(file, "9|kim|p||[PATCH] x");
	fclose(file);
	mail_read(mail, "mbox", "box");
	all = mail_series(mail, 2);
	found = describe(all);
	g_assert_cmpstr(found, ==, "complete p 1/1\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strconcat("/mail-series/", cases[i].name, NULL);
		g_autofree char *done = g_strconcat("/mail-series/done/", cases[i].name, NULL);

		g_test_add_data_func(path, &cases[i], test_case);
		g_test_add_data_func(done, &cases[i], test_concluded);
	}
	g_test_add_func("/mail-series/after-rfc", test_after_rfc);
	return g_test_run();
}
