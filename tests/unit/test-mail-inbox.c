// SPDX-License-Identifier: GPL-2.0-or-later
/* Series over time: what was dealt with before the rest arrived. */
#include <string.h>

#include "base/error.h"
#include "mail-fixture.h"

/* @parent may be "". Every text is a patch of its own. */
static void add(const char *subject, const char *id, const char *parent, const char *text)
{
	g_autoptr(GString) mail = g_string_new(NULL);
	FILE *file = fopen("box", "a");

	g_string_append_printf(mail,
			       "From x@y Thu Jan  1 00:00:00 2026\n"
			       "From: A <a@example.org>\nDate: Thu, 1 Jan 2026 00:00:%02u +0000\n"
			       "Subject: %s\nMessage-ID: <%s@x.example>\n",
			       (guint)strlen(id), subject, id);
	if (*parent)
		g_string_append_printf(mail,
				       "In-Reply-To: <%s@x.example>\n"
				       "References: <%s@x.example>\n",
				       parent, parent);
	g_string_append(mail, "\nMessage.\n");
	if (*text)
		g_string_append_printf(mail,
				       "---\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n"
				       "@@ -1 +1 @@\n-a\n+%s\n",
				       text);
	fprintf(file, "%s\n", mail->str);
	fclose(file);
}

/* Reads what is new and describes all series: "state id version have/total; ...". */
static char *states(Mail *mail, gint64 hours)
{
	g_autoptr(GPtrArray) all = NULL;
	g_autoptr(GString) out = g_string_new(NULL);

	mail_read(mail, "mbox", "box");
	all = mail_series(mail, hours);
	for (guint i = 0; i < all->len; i++) {
		const VfSeries *series = all->pdata[i];
		guint have = 0;

		for (guint k = 0; k < series->patches->len; k++)
			have += series->patches->pdata[k] != NULL;
		g_string_append_printf(out, "%s%s %.*s v%u %u/%u", i ? "; " : "",
				       vf_series_state_name(series->state),
				       (int)strcspn(series->id, "@"), series->id, series->version,
				       have, series->total);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

#define check_states(mail, hours, expected)                   \
	do {                                                  \
		g_autofree char *found = states(mail, hours); \
		g_assert_cmpstr(found, ==, expected);         \
	} while (0)

/* The first series is done with @outcome. */
static void conclude(Mail *mail, const char *outcome)
{
	g_autoptr(GPtrArray) all = mail_series(mail, 2);
	g_autoptr(GError) error = NULL;

	g_assert_cmpuint(all->len, >=, 1);
	vf_inbox_conclude(mail->inbox, all->pdata[0], outcome, &error);
	g_assert_no_error(error);
}

static char *outcome_of(Mail *mail, guint index)
{
	g_autoptr(GPtrArray) all = mail_series(mail, 2);
	g_autoptr(GError) error = NULL;
	char *outcome;

	vf_inbox_outcome(mail->inbox, all->pdata[index], &outcome, &error);
	g_assert_no_error(error);
	return outcome;
}

static void test_waits(void)
{
	g_autoptr(Mail) mail = mail_new();

	add("[PATCH 2/3] two", "p2", "p0", "2");
	check_states(mail, 0, "waiting p2 v1 1/3");
	add("[PATCH 0/3] cover", "p0", "", "");
	check_states(mail, 0, "waiting p0 v1 1/3");
	check_states(mail, 2, "incomplete p0 v1 1/3");
	add("[PATCH 1/3] one", "p1", "p0", "1");
	add("[PATCH 3/3] three", "p3", "p0", "3");
	check_states(mail, 0, "complete p0 v1 3/3");
	conclude(mail, "tested");
	check_states(mail, 0, "");
}

/* The last patch comes after the series was given up: it is whole then. */
static void test_straggler(void)
{
	g_autoptr(Mail) mail = mail_new();

	add("[PATCH 0/2] cover", "p0", "", "");
	add("[PATCH 1/2] one", "p1", "p0", "1");
	check_states(mail, 2, "incomplete p0 v1 1/2");
	conclude(mail, "incomplete");
	check_states(mail, 2, "");
	add("[PATCH 2/2] two", "p2", "p0", "2");
	check_states(mail, 0, "complete p0 v1 2/2");
}

/* A patch of a tested series is sent once more under another id. */
static void test_duplicate(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autofree char *outcome = NULL, *none = NULL;

	add("[PATCH] one", "p1", "", "1");
	check_states(mail, 0, "complete p1 v1 1/1");
	none = outcome_of(mail, 0);
	g_assert_null(none);
	conclude(mail, "tested");
	add("[PATCH] one", "p1-again", "", "1");
	check_states(mail, 0, "complete p1-again v1 1/1");
	outcome = outcome_of(mail, 0);
	g_assert_cmpstr(outcome, ==, "tested");
}

static void test_new_version(void)
{
	g_autoptr(Mail) mail = mail_new();

	add("[PATCH] one", "p1", "", "1");
	check_states(mail, 0, "complete p1 v1 1/1");
	add("[PATCH v2] one", "p2", "", "2");
	check_states(mail, 0, "superseded p1 v1 1/1; complete p2 v2 1/1");
	conclude(mail, "superseded");
	conclude(mail, "tested");
	/* an old version on its way for days */
	add("[PATCH v1] One", "p1-late", "", "3");
	check_states(mail, 0, "superseded p1-late v1 1/1");
}

/* Version 2 of one patch stands on a version 1 that was tested long ago. */
static void test_partial(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(VfSeries) series = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) mbox = NULL;

	add("[PATCH 1/2] one", "p1", "", "1");
	add("[PATCH 2/2] two", "p2", "p1", "2");
	check_states(mail, 0, "complete p1 v1 2/2");
	conclude(mail, "tested");
	add("[PATCH v2 2/2] two", "p2v2", "p2", "22");
	check_states(mail, 0, "complete p2v2 v2 2/2");
	conclude(mail, "tested");
	series = vf_inbox_find(mail->inbox, "p2v2@x.example", 0, 0, &error);
	g_assert_no_error(error);
	mbox = vf_series_mbox(series);
	g_assert_nonnull(strstr(mbox->str, "+1\n"));
	g_assert_nonnull(strstr(mbox->str, "+22\n"));
	g_assert_null(strstr(mbox->str, "+2\n"));
	g_assert_cmpstr(vf_series_parent(series, 0)->id, ==, "p2v2@x.example");
}

static void test_find(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(VfSeries) open = NULL, done = NULL, none = NULL, pruned = NULL;
	g_autoptr(GError) error = NULL;

	add("[PATCH 1/2] one", "p1", "", "1");
	add("[PATCH 2/2] two", "p2", "p1", "2");
	mail_read(mail, "mbox", "box");
	open = vf_inbox_find(mail->inbox, "p2@x.example", 0, 0, &error);
	g_assert_cmpstr(open->id, ==, "p1@x.example");
	g_assert_nonnull(((VfMessage *)open->patches->pdata[1])->text);
	none = vf_inbox_find(mail->inbox, "p3@x.example", 0, 0, &error);
	g_assert_no_error(error);
	g_assert_null(none);
	conclude(mail, "tested");
	vf_inbox_prune(mail->inbox, g_get_real_time() - G_TIME_SPAN_DAY, &error);
	done = vf_inbox_find(mail->inbox, "p2@x.example", 0, 0, &error);
	g_assert_no_error(error);
	g_assert_cmpint(done->state, ==, VF_SERIES_COMPLETE);
	g_assert_nonnull(((VfMessage *)done->patches->pdata[0])->text);
	vf_inbox_prune(mail->inbox, g_get_real_time() + 1, &error);
	g_assert_no_error(error);
	pruned = vf_inbox_find(mail->inbox, "p2@x.example", 0, 0, &error);
	g_assert_no_error(error);
	g_assert_null(pruned);
	/* its ids stay known */
	g_unlink("box");
	add("[PATCH 1/2] one", "p1", "", "1");
	check_states(mail, 0, "");
	g_assert_cmpuint(mail->counts.known, ==, 1);
}

#define THOUSAND 1000

static void test_thousand(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) all = NULL;

	add("[PATCH 0/1000] all of it", "p0", "", "");
	for (guint i = 1; i <= THOUSAND; i++) {
		g_autofree char *subject = g_strdup_printf("[PATCH %u/1000] one", i);
		g_autofree char *id = g_strdup_printf("p%u", i);

		add(subject, id, "p0", id);
	}
	mail_read(mail, "mbox", "box");
	g_assert_cmpuint(mail->counts.mails, ==, THOUSAND + 1);
	g_assert_cmpuint(mail->counts.kept, ==, VF_SERIES_PATCHES_MAX + 1);
	all = mail_series(mail, 0);
	g_assert_cmpuint(all->len, ==, 1);
	g_assert_cmpstr(((VfSeries *)all->pdata[0])->problem, ==,
			"1000 patches are more than the 200 that are tested");
	g_assert_cmpstr(vf_series_parent(all->pdata[0], 0)->id, ==, "p0@x.example");
}

/* What a killed process leaves: the mails of whole batches and the position behind them. */
static void test_reopened(void)
{
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GError) error = NULL;

	add("[PATCH 1/2] one", "p1", "", "1");
	mail_read(mail, "mbox", "box");
	vf_inbox_free(mail->inbox);
	vf_db_close(mail->db);
	mail->db = vf_db_open("results.db", &error);
	g_assert_no_error(error);
	mail->inbox = vf_inbox_new(mail->db, mail->parser);
	add("[PATCH 2/2] two", "p2", "p1", "2");
	check_states(mail, 0, "complete p1 v1 2/2");
	g_assert_cmpuint(mail->counts.mails, ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/inbox/waits", test_waits);
	g_test_add_func("/mail/inbox/straggler", test_straggler);
	g_test_add_func("/mail/inbox/duplicate", test_duplicate);
	g_test_add_func("/mail/inbox/new-version", test_new_version);
	g_test_add_func("/mail/inbox/partial", test_partial);
	g_test_add_func("/mail/inbox/find", test_find);
	g_test_add_func("/mail/inbox/thousand", test_thousand);
	g_test_add_func("/mail/inbox/reopened", test_reopened);
	return g_test_run();
}
