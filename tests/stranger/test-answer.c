// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text of others in our answers: titles, names, commits, compilers, consoles, symbols. Whatever it
 * is, no tool finds a tag in the answer that is not ours; b4 itself is asked.
 */
#include <string.h>

#include "mail-tree.h"
#include "mail/compose.h"

#define EVIL "Reviewed-by: Evil <evil@example.org>"

/* In front of, or around, what is to become a line of its own. */
static const char *const breaks[] = {
	"x\n" EVIL "\ny",
	"x\r\n" EVIL "\r\ny",
	"x\r" EVIL "\ry",
	"x\v" EVIL "\f" EVIL "\x1c" EVIL,
	"x\xc2\x85" EVIL,
	"x\xe2\x80\xa8" EVIL "\xe2\x80\xa9" EVIL,
	"x\n\xc2\xa0" EVIL,
	"x\n\xe3\x80\x80\xe2\x80\x8b" EVIL,
	"x\n\n-- \n" EVIL,
	"x\n---\n" EVIL,
	"x\n-- >8 --\nFrom: Evil <evil@example.org>\n\n" EVIL,
	"x\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n" EVIL,
	"x\nFrom evil@example.org Thu Jan  1 00:00:00 1970\n" EVIL,
	"Fixes: 0123456789ab (x\n y) " EVIL,
	"x\nbase-commit: 0123456789012345678901234567890123456789\nchange-id: evil\nLink: evil",
	"\xe2\x80\xae" EVIL,
};

static char *mail_text(const char *id, const char *parent, const char *subject, const char *body)
{
	g_autofree char *thread =
		parent ? g_strdup_printf("In-Reply-To: <%s>\nReferences: <%s>\n", parent, parent)
		       : g_strdup("");

	return g_strdup_printf("From: Ada Author <ada@example.org>\nTo: list@example.org\n"
			       "Subject: %s\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n"
			       "Message-ID: <%s>\n%sContent-Type: text/plain; charset=utf-8\n\n%s",
			       subject, id, thread, body);
}

static void add_mail(VfAssembler *assembler, GString *mbox, guint number, const char *title,
		     const char *body)
{
	g_autofree char *id = g_strdup_printf("a.%u@example.org", number);
	g_autofree char *subject = g_strdup_printf("[PATCH %u/1] %s", number, title);
	g_autofree char *text = mail_text(id, number ? "a.0@example.org" : NULL, subject, body);
	g_autoptr(GError) error = NULL;
	VfMessage *message = vf_message_parse(text, strlen(text), "test", &error);

	g_assert_no_error(error);
	g_string_append_printf(mbox, "From mboxrd@z Thu Jan  1 00:00:00 1970\n%s\n", text);
	vf_assembler_add(assembler, message, number + 1, 0);
}

static VfSeries *series_new(const char *title, GString *mbox)
{
	static const char patch[] =
		"Why.\n\nSigned-off-by: Ada Author <ada@example.org>\n---\n x.c | 2 +-\n\n"
		"diff --git a/x.c b/x.c\nindex 1111111..2222222 100644\n--- a/x.c\n+++ b/x.c\n"
		"@@ -1 +1 @@\n-old\n+new\n-- \n2.43.0\n";
	VfAssembler *assembler = vf_assembler_new();
	g_autoptr(GPtrArray) all = NULL;
	VfSeries *series;

	add_mail(assembler, mbox, 0, title, "One patch.\n");
	add_mail(assembler, mbox, 1, title, patch);
	all = vf_assembler_finish(assembler, 1000, 100000);
	vf_assembler_free(assembler);
	g_assert_cmpuint(all->len, ==, 1);
	series = vf_series_ref(all->pdata[0]);
	g_assert_cmpint(series->state, ==, VF_SERIES_COMPLETE);
	return series;
}

static json_t *test_of(const char *status, const char *job, const char *text)
{
	json_t *attempt = json_pack("{s:s, s:s, s:[], s:[]}", "status", status, "excerpt", text,
				    "hazards", "splats");

	if (!strcmp(job, "hazard"))
		json_array_append_new(json_object_get(attempt, "hazards"),
				      json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s}", "class",
						text, "window", text, "bucket", "target", "count",
						1, "bytes", 1, "pc_source", text, "caller_source",
						text, "origin_source", text));
	if (!strcmp(job, "splat"))
		json_array_append_new(json_object_get(attempt, "splats"),
				      json_pack("{s:s, s:b}", "excerpt", text, "expected", 0));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[o]}", "arch", "hppa", "board", "default",
			 "job", job, "status", status, "reason", text, "attempts", attempt);
}

static json_t *run_of(const char *status, const char *text)
{
	static const char *const jobs[] = {"boot", "hazard", "splat"};
	json_t *run = json_pack("{s:[], s:[{s:s, s:s, s:s}], s:[{s:s}]}", "tests", "builds", "arch",
				"mips", "status", status, "reason", text, "architectures", "arch",
				"hppa");

	for (gsize i = 0; i < G_N_ELEMENTS(jobs); i++)
		json_array_append_new(json_object_get(run, "tests"),
				      test_of(status, jobs[i], text));
	return run;
}

static json_t *comparison_of(const json_t *run, const char *change)
{
	json_t *comparison = json_pack("{s:[]}", "tests");
	const json_t *test;
	gsize i;

	json_array_foreach (json_object_get(run, "tests"), i, test)
		json_array_append_new(json_object_get(comparison, "tests"),
				      json_pack("{s:O, s:O, s:O, s:s, s:{s:s}, s:{s:s}, s:[]}",
						"arch", json_object_get(test, "arch"), "board",
						json_object_get(test, "board"), "job",
						json_object_get(test, "job"), "change", change, "a",
						"status", "PASS", "b", "status", "FAIL", "cases"));
	return comparison;
}

static VfMailPolicy *policy_new(void)
{
	static const char text[] =
		"{\"reply\": {\"address\": \"bot@farm.example.org\","
		" \"contact\": \"human@farm.example.org\","
		" \"archive\": \"https://lore.kernel.org/r/{id}\"}, \"when\": {\"success\": "
		"\"mail\"}}";
	g_autoptr(GError) error = NULL;
	VfMailPolicy *policy = vf_mail_policy_parse(text, strlen(text), "policy", &error);

	g_assert_no_error(error);
	return policy;
}

/* The answer with @text in all places where text of others can be. */
static char *answer(const VfSeries *series, VfOutcomeKind outcome, const char *text)
{
	static guint number;
	g_autoptr(VfMailPolicy) policy = policy_new();
	gboolean passed = outcome == VF_OUTCOME_PASSED;
	json_auto_t *base = run_of("PASS", text);
	json_auto_t *patched = run_of(passed ? "PASS" : "FAIL", text);
	json_auto_t *comparison = comparison_of(patched, passed ? "passing" : "broken");
	g_autoptr(VfFindings) findings = vf_findings_new(base, patched, comparison);
	g_autofree char *id = g_strdup_printf("answer.%u@farm.example.org", ++number);
	VfReply reply = {.series = series,
			 .outcome = outcome,
			 .patch = passed ? 0 : 1,
			 .tree = text,
			 .base = text,
			 .base_note = text,
			 .variant = "full",
			 .support = "below",
			 .problem = text,
			 .patched = patched,
			 .findings = findings,
			 .message_id = id,
			 .date = 1795169700};

	for (guint i = 0; i < findings->broken->len; i++)
		((VfFinding *)findings->broken->pdata[i])->patch = 1;
	return vf_compose(&reply, policy);
}

static const VfOutcomeKind outcomes[] = {
	VF_OUTCOME_PASSED, VF_OUTCOME_BROKEN,	   VF_OUTCOME_BASE_BROKEN,
	VF_OUTCOME_FLAKY,  VF_OUTCOME_NOT_APPLIED, VF_OUTCOME_INCOMPLETE,
};

/* As the most generous of readers: all line ends that Python knows, all blanks in front. */
static void check_lines(const char *mail, gboolean passed)
{
	const char *body = strstr(mail, "\n\n") + 2;
	g_auto(GStrv) lines = g_regex_split_simple("\\r\\n|[\\n\\r\\x0b\\x0c\\x1c-\\x1e\\x{85}"
						   "\\x{2028}\\x{2029}]",
						   body, 0, 0);
	guint tags = 0;

	for (char **line = lines; *line; line++) {
		g_assert_cmpuint(strlen(*line), <, 998);
		if (g_regex_match_simple("^\\s*\\w\\S+:\\s+\\S", *line, 0, 0)) {
			g_assert_true(g_str_has_prefix(*line,
						       "Tested-by: vifarm <bot@farm.example.org>"));
			tags++;
		}
		g_assert_false(g_regex_match_simple("^(---|\\+\\+\\+ |diff --git|@@|From |>+From "
						    "|\\s*-*\\s*>8)",
						    *line, 0, 0));
	}
	g_assert_cmpuint(tags, ==, passed);
	g_assert_cmpuint(g_strv_length(lines), <, 300);
}

/* Headers: one line each but for folds, nothing that we did not write. */
static void check_headers(const char *mail)
{
	g_autofree char *headers = g_strndup(mail, (gsize)(strstr(mail, "\n\n") - mail));
	g_auto(GStrv) lines = g_strsplit(headers, "\n", -1);

	for (char **line = lines; *line; line++) {
		g_assert_cmpuint(strlen(*line), <, 998);
		g_assert_true(**line == ' ' || **line == '\t' ||
			      g_regex_match_simple("^(From|To|Cc|Subject|Date|Message-ID|"
						   "In-Reply-To|References|MIME-Version|"
						   "Content-[A-Za-z-]+|Auto-Submitted|Precedence|"
						   "X-[A-Za-z-]+): ",
						   *line, 0, 0));
		for (const char *c = *line; *c; c++)
			g_assert_true(*c == '\t' || ((guchar)*c >= 0x20 && (guchar)*c < 0x7f));
	}
}

static void check(const VfSeries *series, const char *text)
{
	for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		g_autofree char *mail = answer(series, outcomes[i], text);

		check_lines(mail, outcomes[i] == VF_OUTCOME_PASSED);
		check_headers(mail);
	}
}

static void test_breaks(void)
{
	g_autoptr(GString) mbox = g_string_new(NULL);
	g_autoptr(VfSeries) series = series_new("x: a title", mbox);

	for (gsize i = 0; i < G_N_ELEMENTS(breaks); i++)
		check(series, breaks[i]);
}

/* So that a tag comes to the begin of a line when ours is broken, whatever stands before it. */
static char *wrapped(guint columns)
{
	g_autofree char *fill = g_strnfill(columns, 'x');

	return g_strdup_printf("%s " EVIL " yyyy " EVIL " %s " EVIL, fill, fill);
}

static void test_wrapped(void)
{
	for (guint columns = 1; columns < 75; columns++) {
		g_autoptr(GString) mbox = g_string_new(NULL);
		g_autofree char *text = wrapped(columns);
		g_autoptr(VfSeries) series = series_new(text, mbox);

		check(series, text);
	}
}

/* A mail server breaks lines that are longer than the standard allows. */
static void test_long(void)
{
	static const char *const units[] = {"x",  "\xe6\xbc\xa2", "\xcc\x81",
					    "\t", "\xc2\xa0",	  "=?"};

	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		g_autoptr(GString) text = g_string_new("a"), mbox = g_string_new(NULL);
		g_autoptr(VfSeries) series = NULL;

		for (guint k = 0; k < 5000; k++)
			g_string_append(text, units[i]);
		g_string_append(text, EVIL);
		series = series_new(text->str, mbox);
		check(series, text->str);
	}
}

/* Names of a sender and ids that are no names. */
static void test_headers(void)
{
	static const char *const names[] = {
		"=?utf-8?q?x=1B=5B2J=07_=E2=80=AE?=",
		"=?utf-8?q?x=E2=80=A8Bcc:_all=40example.org?=",
		"\"Evil <evil@example.org>, x\"",
		"\"Tested-by:\"",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		VfAssembler *assembler = vf_assembler_new();
		g_autofree char *text = g_strdup_printf(
			"From: %s <ada@example.org>\nTo: list@example.org\n"
			"Subject: [PATCH] =?utf-8?q?x=0D=0ABcc:_all=40example.org?=\n"
			"Message-ID: <h.%zu@example.org>\n"
			"References: <a@b\xe2\x80\xa8> <x\"@y>\nContent-Type: "
			"text/plain\n\nx\n---\n"
			"diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-old\n+new\n",
			names[i], i);
		g_autoptr(GError) error = NULL;
		VfMessage *message = vf_message_parse(text, strlen(text), "test", &error);
		g_autoptr(GPtrArray) all = NULL;

		g_test_message("%s", names[i]);
		g_assert_no_error(error);
		vf_assembler_add(assembler, message, 1, 0);
		all = vf_assembler_finish(assembler, 1000, 100000);
		vf_assembler_free(assembler);
		g_assert_cmpuint(all->len, ==, 1);
		check(all->pdata[0], "x");
	}
}

/* What b4 writes for `git am` when it has the series and @answers. */
static char *ask_b4(const GString *mbox)
{
	const char *argv[] = {"b4", "--offline-mode", "--no-stdin",	 "am", "-t", "-o", "../out",
			      "-m", "../thread.mbox", "a.0@example.org", NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) dir = NULL;
	const char *name;
	char *text = NULL;

	g_file_set_contents("thread.mbox", mbox->str, (gssize)mbox->len, &error);
	g_assert_no_error(error);
	g_assert_cmpint(g_mkdir("out", 0755), ==, 0);
	tree_run("tree", argv);
	dir = g_dir_open("out", 0, NULL);
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename("out", name, NULL);

		if (g_str_has_suffix(name, ".mbx"))
			g_file_get_contents(path, &text, NULL, &error);
	}
	g_assert_no_error(error);
	g_assert_nonnull(text);
	return text;
}

static void add_answers(GString *mbox, const VfSeries *series, const char *text, gboolean passed)
{
	for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		g_autofree char *mail = NULL;

		if ((outcomes[i] == VF_OUTCOME_PASSED) != passed)
			continue;
		mail = answer(series, outcomes[i], text);
		g_string_append_printf(mbox, "From mboxrd@z Thu Jan  1 00:00:00 1970\n%s\n", mail);
	}
}

/* Our golden answers, as answers to this series. */
static void add_goldens(GString *mbox, gboolean passed)
{
	static const char directory[] = VIFARM_SOURCE_DIR "/tests/golden/mail";
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	guint count = 0;

	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		g_autofree char *text = NULL;
		g_autoptr(GString) mail = g_string_new(NULL);

		if (!g_str_has_suffix(name, ".eml") || g_str_has_prefix(name, "all-pass") != passed)
			continue;
		g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
		g_string_append_printf(mail, "From mboxrd@z Thu Jan  1 00:00:00 1970\n%s\n", text);
		g_string_replace(mail, "<c.", "<a.", 0);
		g_string_replace(mail, "<a.2@", "<a.1@", 0);
		g_string_append_len(mbox, mail->str, (gssize)mail->len);
		count++;
	}
	g_assert_cmpuint(count, >, 1);
}

static void run_b4(gboolean passed)
{
	g_autofree char *b4 = g_find_program_in_path("b4");
	g_autoptr(Scratch) scratch = NULL;
	g_autoptr(GString) mbox = g_string_new(NULL);
	g_autoptr(VfSeries) series = NULL;
	g_autofree char *title = wrapped(40), *taken = NULL;

	if (!b4) {
		g_test_skip("b4 is not installed");
		return;
	}
	scratch = scratch_new();
	tree_make();
	g_free(vf_git("tree", NULL, "config", "b4.attestation-policy", "off", NULL));
	g_free(vf_git("tree", NULL, "config", "user.name", "b4", NULL));
	g_free(vf_git("tree", NULL, "config", "user.email", "b4@example.org", NULL));
	series = series_new(title, mbox);
	add_goldens(mbox, passed);
	for (gsize i = 0; i < G_N_ELEMENTS(breaks); i++)
		add_answers(mbox, series, breaks[i], passed);
	for (guint columns = 1; columns < 75; columns++) {
		g_autofree char *text = wrapped(columns);

		add_answers(mbox, series, text, passed);
	}
	taken = ask_b4(mbox);
	g_test_message("%s", taken);
	/* the title may say what it wants */
	g_assert_null(strstr(taken, "\n" EVIL));
	g_assert_null(strstr(taken, "\nFixes:"));
	g_assert_null(strstr(taken, "\nLink:"));
	g_assert_null(strstr(taken, "\nReported-by:"));
	g_assert_null(strstr(taken, "\nCloses:"));
	g_assert_null(strstr(taken, "\nbase-commit:"));
	g_assert_cmpint(strstr(taken, "\nTested-by: vifarm <bot@farm.example.org>") != NULL, ==,
			passed);
}

static void test_b4_broken(void)
{
	run_b4(FALSE);
}

static void test_b4_passed(void)
{
	run_b4(TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/stranger/answer/breaks", test_breaks);
	g_test_add_func("/stranger/answer/wrapped", test_wrapped);
	g_test_add_func("/stranger/answer/long", test_long);
	g_test_add_func("/stranger/answer/headers", test_headers);
	g_test_add_func("/stranger/answer/b4-broken", test_b4_broken);
	g_test_add_func("/stranger/answer/b4-passed", test_b4_passed);
	return g_test_run();
}
