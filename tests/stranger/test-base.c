// SPDX-License-Identifier: GPL-2.0-or-later
/* A mail names the commit that it is to be tested on: who decides what that holds. */
#include "both-users.h"
#include "mail-bot-fixture.h"
#include "mail/tree.h"

/* A commit of its own, which nothing but its name leads to. */
static char *loose_commit(const char *message)
{
	g_autofree char *command =
		g_strdup_printf("git -C linux commit-tree -p HEAD -m '%s' HEAD^{tree} > loose",
				message);
	g_autofree char *text = NULL;

	g_assert_cmpint(build_run("sh", "-c", command, NULL), ==, 0);
	g_assert_true(g_file_get_contents("loose", &text, NULL, NULL));
	return g_strdup(g_strchomp(text));
}

static void test_trust(G_GNUC_UNUSED Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	static const struct {
		const char *reference;
		VfBaseTrust trust;
	} cases[] = {
		{"refs/heads/topic", VF_BASE_TRUSTED},
		{"refs/heads/deep/er", VF_BASE_TRUSTED},
		{"refs/remotes/origin/master", VF_BASE_TRUSTED},
		{"refs/remotes/stranger/master", VF_BASE_FOREIGN},
		{"refs/remotes/originality/master", VF_BASE_FOREIGN},
		{"refs/pull/17/head", VF_BASE_FOREIGN},
		{"refs/tags/v6.66", VF_BASE_FOREIGN},
		{"refs/stash", VF_BASE_FOREIGN},
		{NULL, VF_BASE_LOOSE},
	};
	g_autoptr(VfMailPolicy) policy = bot_policy("");
	char *commits[G_N_ELEMENTS(cases)];
	g_autoptr(VfMailTree) tree = NULL;
	g_autofree char *head = NULL, *tagged = NULL;
	g_autoptr(GError) error = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *message = g_strdup_printf("commit %zu", i);

		commits[i] = loose_commit(message);
		if (cases[i].reference)
			mail_git("update-ref", cases[i].reference, commits[i], NULL);
	}
	tree = vf_mail_tree_open("linux", &error);
	g_assert_no_error(error);
	head = vf_mail_tree_commit(tree, NULL);
	tagged = vf_mail_tree_commit(tree, "v6.66");
	g_assert_cmpstr(tagged, ==, commits[6]);
	g_assert_cmpint(vf_mail_tree_trust(tree, head, policy->trusted), ==, VF_BASE_TRUSTED);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *found = vf_mail_tree_commit(tree, commits[i]);

		g_test_message("%s", cases[i].reference ?: "none");
		g_assert_cmpstr(found, ==, commits[i]);
		g_assert_cmpint(vf_mail_tree_trust(tree, found, policy->trusted), ==,
				cases[i].trust);
		g_free(commits[i]);
	}
}

/* The branches are the operator's to name. */
static void test_policy(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	static const char *const bad[] = {"heads/*", "refs/../x", "refs/heads/$(x)", "--all", ""};
	g_autoptr(VfMailPolicy) tags = bot_policy(", \"trusted\": [\"refs/tags/*\"]");
	g_autoptr(VfMailPolicy) none = bot_policy(", \"trusted\": []");
	g_autofree char *loose = loose_commit("tagged");
	g_autoptr(VfMailTree) tree = NULL;
	g_autoptr(GError) error = NULL;

	mail_git("update-ref", "refs/tags/v1", loose, NULL);
	tree = vf_mail_tree_open("linux", &error);
	g_assert_no_error(error);
	g_assert_cmpint(vf_mail_tree_trust(tree, loose, tags->trusted), ==, VF_BASE_TRUSTED);
	g_assert_cmpint(vf_mail_tree_trust(tree, loose, none->trusted), ==, VF_BASE_FOREIGN);
	g_assert_cmpint(vf_mail_tree_trust(tree, bot->base, none->trusted), ==, VF_BASE_TRUSTED);
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *text = g_strdup_printf("{\"trusted\": [\"%s\"]}", bad[i]);

		g_assert_null(vf_mail_policy_parse(text, strlen(text), "policy", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_clear_error(&error);
	}
}

/* What is on no branch is no base: HEAD is, and nobody is told that it does not apply there. */
static void test_loose(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *loose = loose_commit("by nobody");

	bot_write_bad_series("loose.mbox", loose, "");
	bot_run(bot, "loose.mbox", "");
	g_assert_cmpuint(bot->answers->len, ==, 0);
	g_assert_nonnull(strstr(bot->said->str, "nobody said that it applies there"));
	/* the same commit on a branch */
	mail_git("update-ref", "refs/heads/topic", loose, NULL);
	bot_run(bot, "loose.mbox", "");
	g_assert_cmpuint(bot->answers->len, ==, 1);
	g_assert_null(strstr(bot->said->str, "built as a stranger's"));
	mail_git("update-ref", "-d", "refs/heads/topic", NULL);
	mail_git("update-ref", "refs/remotes/other/topic", loose, NULL);
	bot_run(bot, "loose.mbox", "");
	g_assert_cmpuint(bot->answers->len, ==, 2);
	g_assert_nonnull(strstr(bot->said->str, "built as a stranger's"));
}

/* A kernel that does not build, and leaves its mark in a compiler cache that it can write. */
static void write_spy(void)
{
	scratch_write("linux/Makefile", "%:\n\t-touch /vifarm/ccache/spy 2>/dev/null\n\tfalse\n");
	mail_git("add", "--all", NULL);
	mail_git("commit", "-q", "-m", "spy", NULL);
}

static void write_good_series(const char *name, const char *base)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *diff = mail_diff(FILE_OF_OURS, "one\ntwo\nthree\n", "one\n2\nthree\n");
	g_autofree char *body = g_strdup_printf("base-commit: %s\n\n%s", base, diff);

	mail_series_add(mails, "[PATCH] count", "", body);
	bot_write_mbox(mails, name);
}

static gboolean spied(void)
{
	g_autofree char *spy = g_build_filename(vf_dirs_cache(), "ccache", "spy", NULL);
	gboolean there = g_file_test(spy, G_FILE_TEST_EXISTS);

	g_unlink(spy);
	return there;
}

/* Without its series: a base that we trust writes the cache, another does not. */
static void test_build(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *foreign = NULL;

	write_spy();
	g_free(bot->base);
	bot->base = bot_head_of_tree();
	write_good_series("ours.mbox", bot->base);
	bot_run(bot, "ours.mbox", ", \"archs\": \"x86_64\"");
	g_assert_true(spied());
	foreign = loose_commit("theirs");
	mail_git("update-ref", "refs/pull/1/head", foreign, NULL);
	write_good_series("theirs.mbox", foreign);
	bot_run(bot, "theirs.mbox", ", \"archs\": \"x86_64\"");
	g_assert_nonnull(strstr(bot->said->str, "built as a stranger's"));
	g_assert_false(spied());
}

int main(int argc, char **argv)
{
	both_users();
	g_test_init(&argc, &argv, NULL);
	bot_add("/stranger/base/trust", test_trust);
	bot_add("/stranger/base/policy", test_policy);
	bot_add("/stranger/base/loose", test_loose);
	bot_add("/stranger/base/build", test_build);
	return bot_main();
}
