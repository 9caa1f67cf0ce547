// SPDX-License-Identifier: GPL-2.0-or-later
/* A series whose test ends the bot, as the OOM killer or a power loss does, is not tried for ever. */
#include <sys/wait.h>

#include "mail-bot-fixture.h"
#include "mail/diary.h"

/* Not dry: what is read and done is remembered. */
static const char members[] =
	", \"mode\": \"moderate\", \"archs\": \"x86_64\", \"in\": {\"sources\": [], "
	"\"commands\": {\"allow\": [\"boss@example.org\"]}, \"patience_seconds\": 0}, "
	"\"when\": {\"incomplete\": \"mail\"}";

static const char *kill_at; /* words of a line that is said */

static void say_and_die(const char *line, gpointer data)
{
	bot_on_say(line, data);
	if (kill_at && strstr(line, kill_at))
		kill(getpid(), SIGKILL);
}

/* One round in a process of its own, which dies at @at. What it said is left in bot->said. */
static void round_of(Bot *bot, const char *mbox, const char *at)
{
	pid_t pid = fork();
	int status;

	g_assert_cmpint(pid, >=, 0);
	if (!pid) {
		g_autoptr(VfMailPolicy) policy = bot_policy(members);
		const VfMailBotOptions options = {.policy = policy,
						  .mbox = mbox,
						  .quiet = TRUE,
						  .answer = bot_on_answer,
						  .say = say_and_die,
						  .data = bot};
		gboolean ok = FALSE;

		kill_at = at;
		/* what a killed round had started may hold the tree for a moment */
		for (guint tries = 0; !ok && tries < 100; tries++) {
			g_autoptr(GError) error = NULL;

			g_string_truncate(bot->said, 0);
			ok = vf_mail_bot_run(&options, &bot->summary, &error);
			if (ok || !g_error_matches(error, VF_ERROR, VF_ERROR_HARNESS))
				break;
			g_usleep(G_USEC_PER_SEC / 10);
		}
		_exit(g_file_set_contents("said", bot->said->str, -1, NULL) && ok ? 0 : 1);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(WIFSIGNALED(status) ? WTERMSIG(status) : 0, ==, at ? SIGKILL : 0);
	if (at)
		return;
	g_assert_cmpint(WEXITSTATUS(status), ==, 0);
	g_string_truncate(bot->said, 0);
	{
		g_autofree char *said = build_read("said");

		g_string_append(bot->said, said);
	}
}

static gboolean said(const Bot *bot, const char *words)
{
	return strstr(bot->said->str, words) != NULL;
}

static void assert_listed(const char *key, const char *state, const char *reason)
{
	json_auto_t *list = vf_mail_diary_list();
	const json_t *entry;
	gsize i;

	json_array_foreach (list, i, entry) {
		if (strcmp(json_string_value(json_object_get(entry, "key")), key))
			continue;
		g_assert_cmpstr(json_string_value(json_object_get(entry, "state")), ==, state);
		g_assert_cmpstr(json_string_value(json_object_get(entry, "reason")), ==, reason);
		return;
	}
	g_assert_null(state);
}

/* A kernel that does not build: a result, without a guest. @number: of the first mail. */
static void write_series(Bot *bot, const char *name, guint number, const char *part)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *diff = mail_diff(FILE_OF_OURS, "one\ntwo\nthree\n", "one\n2\nthree\n");
	g_autofree char *body =
		g_strdup_printf("base-commit: %s\nNumber %u\n\n%s", bot->base, number, diff);

	/* a title of its own: it is no other version of what another test had */
	g_autofree char *subject = g_strdup_printf("[PATCH%s] count %u", part, number);

	mails->number = mails->root = number;
	mail_series_add(mails, subject, "", body);
	bot_write_mbox(mails, name);
}

static void write_command(const char *name, const char *parent)
{
	g_autofree char *text = g_strdup_printf(
		"From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: Boss <boss@example.org>\n"
		"To: list@example.net\nSubject: Re: [PATCH] count\nMessage-ID: <%s@example.org>\n"
		"In-Reply-To: <%s>\nReferences: <%s>\nDate: Fri, 20 Nov 2026 11:00:00 +0000\n\n"
		"#vifarm test\n\n",
		name, parent, parent);

	scratch_write(name, text);
}

static void make_tree(Bot *bot)
{
	scratch_write("linux/Makefile", "%:\n\tfalse\n");
	mail_git("add", "--all", NULL);
	mail_git("commit", "-q", "-m", "broken", NULL);
	g_free(bot->base);
	bot->base = bot_head_of_tree();
}

static void test_killed(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	static const char reason[] =
		"3 attempts ended without a result, the last one with the end of the bot, while "
		"applying it";

	make_tree(bot);
	write_series(bot, "kills.mbox", 100, "");
	for (guint i = 1; i <= 3; i++) {
		round_of(bot, "kills.mbox", "testing on");
		assert_listed("m.100@example.org", i < 3 ? "unfinished" : "given up",
			      i == 1   ? "1 attempt ended without a result, the last one with the "
					 "end of the bot, while applying it"
			      : i == 2 ? "2 attempts ended without a result, the last one with the "
					 "end of the bot, while applying it"
				       : reason);
	}
	round_of(bot, "kills.mbox", NULL);
	g_assert_false(said(bot, "testing on"));
	g_assert_true(said(bot, reason));
	assert_listed("m.100@example.org", "given up", reason);
	/* it stays so, and others are tested */
	round_of(bot, "kills.mbox", NULL);
	g_assert_false(said(bot, "testing on"));
	write_series(bot, "other.mbox", 150, "");
	round_of(bot, "other.mbox", NULL);
	g_assert_true(said(bot, "testing on"));
}

/* By hand it starts anew, with attempts of its own, and a result ends it. */
static void test_command(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	make_tree(bot);
	write_series(bot, "again.mbox", 200, "");
	for (guint i = 1; i <= 3; i++)
		round_of(bot, "again.mbox", "from author@example.org");
	round_of(bot, "again.mbox", NULL);
	g_assert_true(said(bot, "given up"));
	write_command("command", "m.200@example.org");
	round_of(bot, "command", "from author@example.org");
	assert_listed("command@example.org", "unfinished",
		      "1 attempt ended without a result, the last one with the end of the bot, "
		      "while reading it");
	round_of(bot, "command", NULL);
	g_assert_true(said(bot, "testing on"));
	g_assert_true(said(bot, "tested: base broken"));
	assert_listed("command@example.org", NULL, NULL);
	assert_listed("m.200@example.org", NULL, NULL);
	/* and a command that kills is not obeyed for ever */
	write_command("deadly", "m.200@example.org");
	for (guint i = 1; i <= 3; i++)
		round_of(bot, "deadly", "testing on");
	round_of(bot, "deadly", NULL);
	g_assert_false(said(bot, "testing on"));
	g_assert_true(said(bot, "command of boss@example.org: given up"));
	round_of(bot, "deadly", NULL);
	g_assert_false(said(bot, "given up"));
}

/* What is only answered can end the bot as well. */
static void test_incomplete(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	write_series(bot, "part.mbox", 300, " 1/2");
	for (guint i = 1; i <= 3; i++) {
		g_autoptr(VfMailDiary) diary = vf_mail_diary_open(NULL);

		g_assert_true(vf_mail_diary_begin(diary, "m.300@example.org", "count", NULL));
	}
	round_of(bot, "part.mbox", NULL);
	g_assert_true(said(bot, "given up: 3 attempts"));
}

/* A round that ends for other reasons is nobody's attempt, and one that has a result is none. */
static void test_not_counted(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(VfMailDiary) diary = NULL;
	g_autoptr(GError) error = NULL;

	make_tree(bot);
	write_series(bot, "good.mbox", 400, "");
	g_assert_cmpint(g_rename("linux", "away"), ==, 0);
	for (guint i = 0; i < 5; i++) {
		g_autoptr(VfMailPolicy) policy = bot_policy(members);
		const VfMailBotOptions options = {.policy = policy,
						  .mbox = "good.mbox",
						  .quiet = TRUE,
						  .answer = bot_on_answer,
						  .say = bot_on_say,
						  .data = bot};

		g_assert_false(vf_mail_bot_run(&options, &bot->summary, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
		g_clear_error(&error);
	}
	g_assert_cmpint(g_rename("away", "linux"), ==, 0);
	round_of(bot, "good.mbox", NULL);
	g_assert_true(said(bot, "tested: base broken"));
	diary = vf_mail_diary_open(&error);
	g_assert_no_error(error);
	g_assert_cmpuint(vf_mail_diary_attempts(diary, "m.400@example.org"), ==, 0);
	g_assert_cmpuint(vf_mail_diary_today(diary), >, 0);
}

/* A diary of a thousand keys forgets the oldest, not all. */
static void test_full(G_GNUC_UNUSED Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *path = g_build_filename(vf_dirs_state(), "mail", "diary.json", NULL);
	g_autoptr(GString) text = g_string_new("{\"begun\": [], \"attempts\": {");
	g_autoptr(VfMailDiary) diary = NULL;
	json_auto_t *list = NULL;

	for (guint i = 0; i < 1000; i++)
		g_string_append_printf(text, "%s\"full.%u\": {\"count\": 1, \"when\": %u}",
				       i ? ", " : "", i, i == 500 ? 1 : 2 + i);
	g_string_append(text, "}}");
	scratch_write(path, text->str);
	diary = vf_mail_diary_open(NULL);
	g_assert_true(vf_mail_diary_begin(diary, "one more", "\x1b[2J", NULL));
	list = vf_mail_diary_list();
	g_assert_cmpuint(json_array_size(list), ==, 1000);
	g_assert_cmpuint(vf_mail_diary_attempts(diary, "one more"), ==, 1);
	g_assert_cmpuint(vf_mail_diary_attempts(diary, "full.500"), ==, 0);
	g_assert_cmpuint(vf_mail_diary_attempts(diary, "full.0"), ==, 1);
	g_unlink(path);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	bot_add("/stranger/attempts/killed", test_killed);
	bot_add("/stranger/attempts/command", test_command);
	bot_add("/stranger/attempts/incomplete", test_incomplete);
	bot_add("/stranger/attempts/not-counted", test_not_counted);
	bot_add("/stranger/attempts/full", test_full);
	return bot_main();
}
