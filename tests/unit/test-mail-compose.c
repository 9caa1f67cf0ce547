// SPDX-License-Identifier: GPL-2.0-or-later
/* Goldens of the answers, one for each outcome. */
#include "golden.h"
#include "mail/compose.h"
#include "mail/paper.h"

/* A mail as git send-email writes it. Caller unrefs. */
static VfMessage *mail_new(const char *id, const char *parent, const char *from,
			   const char *subject, const char *body)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	VfMessage *message;

	g_string_append_printf(text,
			       "From: %s\nTo: linux-media@vger.kernel.org\n"
			       "Cc: Mauro Muster <mauro@example.org>, stop@example.net,\n"
			       " linux-parisc@vger.kernel.org\nSubject: %s\n"
			       "Date: Fri, 20 Nov 2026 10:00:00 +0000\nMessage-ID: <%s>\n",
			       from, subject, id);
	if (parent)
		g_string_append_printf(text, "In-Reply-To: <%s>\nReferences: <%s>\n", parent,
				       parent);
	g_string_append_printf(text,
			       "List-Id: <linux-media.vger.kernel.org>\n"
			       "Content-Type: text/plain; charset=utf-8\n\n%s",
			       body);
	message = vf_message_parse(text->str, text->len, "test", &error);
	g_assert_no_error(error);
	return message;
}

static const char diff[] = "It is better so.\n\n---\n x.c | 2 +-\n\n"
			   "diff --git a/x.c b/x.c\nindex 1111111..2222222 100644\n--- a/x.c\n"
			   "+++ b/x.c\n@@ -1 +1 @@\n-old\n+new\n-- \n2.43.0\n";

/* Two patches with a cover letter, v2; without the second one if @incomplete. */
static VfSeries *series_new(gboolean incomplete)
{
	static const char author[] = "=?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <jm@example.org>";
	VfAssembler *assembler = vf_assembler_new();
	g_autoptr(GPtrArray) all = NULL;
	VfSeries *series;

	vf_assembler_add(assembler,
			 mail_new("c.0@example.org", NULL, author,
				  "[PATCH v2 0/2] media: budget: keep the buffer in step",
				  "Two patches.\n"),
			 1, 0);
	vf_assembler_add(assembler,
			 mail_new("c.1@example.org", "c.0@example.org", author,
				  "[PATCH v2 1/2] media: budget-core: count in bytes", diff),
			 2, 0);
	if (!incomplete)
		vf_assembler_add(
			assembler,
			mail_new("c.2@example.org", "c.0@example.org", author,
				 "[PATCH v2 2/2] media: budget-core: do not flush what the DMA API "
				 "has just synchronised \xe2\x80\x93 it is for nothing",
				 diff),
			3, 0);
	all = vf_assembler_finish(assembler, 1000, incomplete ? 1 : 100000);
	vf_assembler_free(assembler);
	g_assert_cmpuint(all->len, ==, 1);
	series = vf_series_ref(all->pdata[0]);
	g_assert_cmpint(series->state, ==, incomplete ? VF_SERIES_INCOMPLETE : VF_SERIES_COMPLETE);
	return series;
}

/* One cell of the two runs. */
typedef struct Cell {
	const char *arch, *board, *job, *base, *patched, *reason;
	gboolean flaky, hazard, splat;
} Cell;

typedef struct Runs {
	json_t *base, *patched, *comparison;
} Runs;

static json_t *hazard(void)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s}", "class", "R", "window",
			 "capture-ts", "bucket", "target", "count", 41, "bytes", 7708, "pc_source",
			 "dvb_dmx_swfilter_packet drivers/media/dvb-core/dvb_demux.c:453",
			 "caller_source",
			 "dvb_dmx_swfilter_packets drivers/media/dvb-core/dvb_demux.c:569 < vpeirq "
			 "drivers/media/pci/ttpci/budget-core.c:206 < process_one_work "
			 "kernel/workqueue.c:3229",
			 "origin_source",
			 "dvb_dmx_swfilter_packet drivers/media/dvb-core/dvb_demux.c:453");
}

static json_t *splat(void)
{
	return json_pack("{s:s, s:s, s:b, s:i}", "class", "oops", "excerpt",
			 "[    3.141592] BUG: unable to handle page fault for address: "
			 "ffffc90000213000 at a very long line that does not fit on the page\n"
			 "[    3.141593] #PF: supervisor read \x1b[31m access\n"
			 "[    3.141594] RIP: 0010:dvb_dmx_swfilter_packets+0x1b/0x60\n",
			 "expected", 0, "console_offset", 100);
}

static json_t *test_of(const Cell *cell, const char *status, gboolean patched)
{
	json_t *attempt = json_pack("{s:i, s:s, s:s, s:[], s:[], s:[]}", "number", 1, "status",
				    status, "reason", "r", "hazards", "splats", "cases");

	if (patched && cell->hazard)
		json_array_append_new(json_object_get(attempt, "hazards"), hazard());
	if (patched && cell->splat)
		json_array_append_new(json_object_get(attempt, "splats"), splat());
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:[o]}", "arch", cell->arch, "board",
			 cell->board, "job", cell->job, "status", status, "reason",
			 strcmp(status, "PASS") ? cell->reason : "18 cases passed", "flaky",
			 cell->flaky, "attempts", attempt);
}

static const char *change_of(const Cell *cell)
{
	if (cell->flaky)
		return "flaky";
	if (!strcmp(cell->base, cell->patched))
		return !strcmp(cell->base, "PASS")   ? "passing"
		       : !strcmp(cell->base, "FAIL") ? "still broken"
						     : "unjudged";
	return !strcmp(cell->patched, "FAIL")	? "broken"
	       : !strcmp(cell->patched, "PASS") ? "fixed"
						: "unjudged";
}

static void add_build(json_t *results, const char *arch, const char *reason)
{
	json_t *builds = json_object_get(results, "builds"), *build;
	gsize i;

	json_array_foreach (builds, i, build) {
		if (!strcmp(json_string_value(json_object_get(build, "arch")), arch))
			return;
	}
	json_array_append_new(builds,
			      json_pack("{s:s, s:s, s:s}", "arch", arch, "status",
					reason ? "FAIL" : "PASS", "reason", reason ?: "built"));
	json_array_append_new(json_object_get(results, "architectures"),
			      json_pack("{s:s}", "arch", arch));
}

static Runs runs_new(const Cell *cells, gsize count, const char *broken_build)
{
	Runs runs = {json_pack("{s:[], s:[], s:[]}", "tests", "builds", "architectures"),
		     json_pack("{s:[], s:[], s:[]}", "tests", "builds", "architectures"),
		     json_pack("{s:[]}", "tests")};

	for (gsize i = 0; i < count; i++) {
		const Cell *c = &cells[i];
		gboolean broken = broken_build && !strcmp(c->arch, broken_build);

		json_array_append_new(json_object_get(runs.base, "tests"),
				      test_of(c, c->base, FALSE));
		json_array_append_new(json_object_get(runs.patched, "tests"),
				      test_of(c, c->patched, TRUE));
		json_array_append_new(json_object_get(runs.comparison, "tests"),
				      json_pack("{s:s, s:s, s:s, s:s, s:{s:s}, s:{s:s}, s:[]}",
						"arch", c->arch, "board", c->board, "job", c->job,
						"change", change_of(c), "a", "status", c->base, "b",
						"status", c->patched, "cases"));
		add_build(runs.base, c->arch, NULL);
		add_build(runs.patched, c->arch,
			  broken ? "drivers/media/pci/ttpci/budget-core.c:206:17: error: implicit "
				   "declaration of function 'vflush' (log: /home/x/build.log)"
				 : NULL);
	}
	return runs;
}

static void runs_clear(Runs *runs)
{
	json_decref(runs->base);
	json_decref(runs->patched);
	json_decref(runs->comparison);
}

static VfMailPolicy *policy_new(const char *success)
{
	g_autofree char *text = g_strdup_printf(
		"{\"reply\": {\"name\": \"vifarm\", \"address\": \"bot@farm.example.org\","
		" \"contact\": \"human@farm.example.org\", \"never\": [\"@example.net\"],"
		" \"always\": [\"results@farm.example.org\"], \"cc\": \"all\","
		" \"archive\": \"https://lore.kernel.org/r/{id}\"},"
		" \"when\": {\"success\": \"%s\"}}",
		success);
	g_autoptr(GError) error = NULL;
	VfMailPolicy *policy = vf_mail_policy_parse(text, strlen(text), "policy", &error);

	g_assert_no_error(error);
	return policy;
}

/* Every line of the body fits, and so do those of the header. */
static void check_lines(const char *mail)
{
	g_auto(GStrv) lines = g_strsplit(mail, "\n", -1);
	gboolean body = FALSE;

	for (char **line = lines; *line; line++) {
		body |= !**line;
		/* a tag is one line, however long */
		if (vf_paper_width(*line) > (body ? 72 : 78) &&
		    !g_str_has_prefix(*line, VF_PAPER_MARK "Closes: "))
			g_error("too long: %s", *line);
		for (const char *c = *line; *c; c++)
			g_assert_true(*c == '\t' || (guchar)*c >= 0x20);
	}
}

static void check(const char *name, VfReply *reply, const char *success)
{
	g_autoptr(VfMailPolicy) policy = policy_new(success);
	g_autofree char *mail = NULL, *golden = g_strdup_printf("mail/%s.eml", name);

	reply->message_id = "20261120101500.1a2b-vifarm@farm.example.org";
	reply->date = 1795169700;
	reply->base = "0123456789ab (\"media: saa7146: a commit\")";
	reply->variant = "full";
	reply->support = reply->support ?: "below";
	mail = vf_compose(reply, policy);
	check_lines(mail);
	golden_check(golden, mail);
}

static void check_runs(const char *name, const Cell *cells, gsize count, const char *broken_build,
		       VfOutcomeKind expected, guint patch, const char *success)
{
	g_autoptr(VfSeries) series = series_new(FALSE);
	Runs runs = runs_new(cells, count, broken_build);
	g_autoptr(VfFindings) findings = vf_findings_new(runs.base, runs.patched, runs.comparison);
	VfReply reply = {.series = series,
			 .outcome = findings->outcome,
			 .patch = patch,
			 .patched = runs.patched,
			 .findings = findings};

	g_assert_cmpint(findings->outcome, ==, (int)expected);
	if (patch && findings->broken->len)
		((VfFinding *)findings->broken->pdata[0])->patch = patch;
	check(name, &reply, success);
	runs_clear(&runs);
}

#define PASSING(arch, job)                                                    \
	{                                                                     \
		arch, "default", job, "PASS", "PASS", "", FALSE, FALSE, FALSE \
	}

static const Cell all_pass[] = {
	PASSING("hppa", "boot"),
	PASSING("hppa", "capture-ts"),
	PASSING("mips64", "boot"),
	PASSING("mips64", "capture-ts"),
	PASSING("sparc64", "boot"),
	PASSING("sparc64", "capture-ts"),
	PASSING("x86_64", "boot"),
	PASSING("x86_64", "capture-ts"),
	{"x86_64", "iommu", "capture-ts", "PASS", "PASS", "", FALSE, FALSE, FALSE},
	{"hppa", "c3700", "vflush", "SKIP", "SKIP", "no such job there", FALSE, FALSE, FALSE},
};

static void test_all_pass(void)
{
	check_runs("all-pass", all_pass, G_N_ELEMENTS(all_pass), NULL, VF_OUTCOME_PASSED, 0,
		   "matrix");
	check_runs("all-pass-long", all_pass, G_N_ELEMENTS(all_pass), NULL, VF_OUTCOME_PASSED, 0,
		   "mail");
}

static void test_build_break(void)
{
	static const Cell cells[] = {
		{"hppa", "default", "boot", "PASS", "FAIL", "x", FALSE, FALSE, FALSE},
		{"hppa", "default", "capture-ts", "PASS", "FAIL", "x", FALSE, FALSE, FALSE},
		PASSING("x86_64", "boot"),
		PASSING("x86_64", "capture-ts"),
	};

	check_runs("build-break", cells, G_N_ELEMENTS(cells), "hppa", VF_OUTCOME_BROKEN, 2,
		   "matrix");
}

static void test_hazard(void)
{
	static const Cell cells[] = {
		PASSING("hppa", "boot"),
		{"hppa", "default", "capture-ts", "PASS", "FAIL",
		 "41 stale reads in dvb_dmx_swfilter_packet of 7708 bytes", FALSE, TRUE, FALSE},
		PASSING("mips64", "boot"),
		{"mips64", "default", "capture-ts", "PASS", "FAIL",
		 "BUG: unable to handle page fault", FALSE, FALSE, TRUE},
		PASSING("x86_64", "boot"),
		PASSING("x86_64", "capture-ts"),
	};

	check_runs("new-hazard", cells, G_N_ELEMENTS(cells), NULL, VF_OUTCOME_BROKEN, 2, "matrix");
}

static void test_base_broken(void)
{
	static const Cell cells[] = {
		PASSING("hppa", "boot"),
		{"hppa", "default", "capture-ts", "FAIL", "FAIL", "stale reads", FALSE, TRUE,
		 FALSE},
		PASSING("x86_64", "boot"),
		{"x86_64", "default", "capture-ts", "FAIL", "PASS", "timeout", FALSE, FALSE, FALSE},
	};

	check_runs("base-broken", cells, G_N_ELEMENTS(cells), NULL, VF_OUTCOME_BASE_BROKEN, 0,
		   "matrix");
}

static void test_flaky(void)
{
	static const Cell cells[] = {
		PASSING("hppa", "boot"),
		{"hppa", "default", "capture-ts", "PASS", "FAIL",
		 "frame 17 lost (flaky: FAIL and PASS)", TRUE, FALSE, FALSE},
	};

	check_runs("flaky", cells, G_N_ELEMENTS(cells), NULL, VF_OUTCOME_FLAKY, 0, "matrix");
}

/* A broken test or farm is none of the author's business. */
static void test_unjudged(void)
{
	static const Cell cells[] = {
		PASSING("hppa", "boot"),
		{"hppa", "default", "capture-ts", "PASS", "MISS", "no QEMU", FALSE, FALSE, FALSE},
	};
	Runs runs = runs_new(cells, G_N_ELEMENTS(cells), NULL);
	g_autoptr(VfFindings) findings = vf_findings_new(runs.base, runs.patched, runs.comparison);

	g_assert_cmpint(findings->outcome, ==, VF_OUTCOME_UNJUDGED);
	g_assert_cmpuint(findings->unjudged->len, ==, 1);
	runs_clear(&runs);
}

static void test_not_applied(void)
{
	g_autoptr(VfSeries) series = series_new(FALSE);
	VfReply reply = {.series = series,
			 .outcome = VF_OUTCOME_NOT_APPLIED,
			 .patch = 2,
			 .support = "none",
			 .problem = "patch failed: drivers/media/pci/ttpci/budget-core.c:203"};

	check("not-applied", &reply, "matrix");
}

static void test_incomplete(void)
{
	g_autoptr(VfSeries) series = series_new(TRUE);
	VfReply reply = {.series = series, .outcome = VF_OUTCOME_INCOMPLETE, .support = "none"};

	check("incomplete", &reply, "matrix");
}

static void test_recipients(void)
{
	g_autoptr(VfSeries) series = series_new(FALSE);
	g_autoptr(VfMailPolicy) policy = policy_new("mail");
	VfReply reply = {.series = series, .patch = 1};
	g_auto(GStrv) all = vf_compose_recipients(&reply, policy, NULL), lists = NULL, none = NULL;
	g_autofree char *text = g_strjoinv(" ", all), *some = NULL, *one = NULL;

	g_assert_cmpstr(text, ==,
			"jm@example.org linux-media@vger.kernel.org mauro@example.org "
			"linux-parisc@vger.kernel.org results@farm.example.org");
	g_free(policy->reply.cc);
	policy->reply.cc = g_strdup("lists");
	lists = vf_compose_recipients(&reply, policy, NULL);
	some = g_strjoinv(" ", lists);
	g_assert_cmpstr(some, ==,
			"jm@example.org linux-media@vger.kernel.org results@farm.example.org");
	g_free(policy->reply.cc);
	policy->reply.cc = g_strdup("none");
	none = vf_compose_recipients(&reply, policy, NULL);
	one = g_strjoinv(" ", none);
	g_assert_cmpstr(one, ==, "jm@example.org results@farm.example.org");
}

/* A subject that would do harm where it is not treated as text. */
static void test_hostile_subject(void)
{
	VfAssembler *assembler = vf_assembler_new();
	g_autoptr(VfMailPolicy) policy = policy_new("mail");
	g_autoptr(GPtrArray) all = NULL;
	g_autofree char *mail = NULL;
	VfReply reply = {.outcome = VF_OUTCOME_NOT_APPLIED,
			 .patch = 1,
			 .message_id = "x@y",
			 .problem = "\x1b[2J$(rm -rf /)`id`\r\nBcc: all@example.org"};

	vf_assembler_add(assembler,
			 mail_new("h@example.org", NULL, "\"$(reboot)\" <h@example.org>",
				  "[PATCH] x: '; rm -rf / #`id`$(id) \x1b]0;title\x07\x1b[31m\\\"",
				  diff),
			 1, 0);
	all = vf_assembler_finish(assembler, 10, 1000);
	vf_assembler_free(assembler);
	g_assert_cmpuint(all->len, ==, 1);
	reply.series = all->pdata[0];
	mail = vf_compose(&reply, policy);
	check_lines(mail);
	g_assert_null(strstr(mail, "\nBcc:"));
	g_assert_null(strchr(mail, '\x1b'));
}

static void test_policy_errors(void)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"{\"mode\": \"maybe\"}", "mode: expected"},
		{"{\"modus\": \"send\"}", "modus"},
		{"{\"mode\": \"send\"}", "reply.smtp: mode \"send\" needs"},
		{"{\"mode\": \"send\", \"reply\": {\"smtp\": \"out\"}}", "reply.address: mode"},
		{"{\"reply\": {\"address\": \"no address\"}}", "reply.address: expected user@host"},
		{"{\"reply\": {\"address\": \"a@b\\r\\nBcc: c@d\"}}", "reply.address"},
		{"{\"reply\": {\"archive\": \"https://example.org/\"}}", "reply.archive: expected"},
		{"{\"variant\": \"../x\"}", "variant: expected the name of a variant"},
		{"{\"limits\": {\"minutes\": 0}}", "limits.minutes: expected a positive"},
		{"{\"when\": {\"miss\": \"mail\"}}", "when.miss"},
		{"[]", "policy"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(vf_mail_policy_parse(cases[i].text, strlen(cases[i].text), "policy",
						   &error));
		g_test_message("%s", error->message);
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_nonnull(strstr(error->message, cases[i].says));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/compose/all-pass", test_all_pass);
	g_test_add_func("/mail/compose/build-break", test_build_break);
	g_test_add_func("/mail/compose/new-hazard", test_hazard);
	g_test_add_func("/mail/compose/base-broken", test_base_broken);
	g_test_add_func("/mail/compose/flaky", test_flaky);
	g_test_add_func("/mail/compose/unjudged", test_unjudged);
	g_test_add_func("/mail/compose/not-applied", test_not_applied);
	g_test_add_func("/mail/compose/incomplete", test_incomplete);
	g_test_add_func("/mail/compose/recipients", test_recipients);
	g_test_add_func("/mail/compose/hostile-subject", test_hostile_subject);
	g_test_add_func("/mail/policy/errors", test_policy_errors);
	return g_test_run();
}
