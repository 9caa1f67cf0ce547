// SPDX-License-Identifier: GPL-2.0-or-later
/* Whom a mail can make us write to. */
#include "mail-bot-fixture.h"
#include "mail/maintainers.h"

static const char maintainers[] = "List of maintainers\n"
				  "===================\n"
				  "\tM: *Mail* patches to: FullName <address@domain>\n"
				  "\n"
				  "MEDIA\n"
				  "M:\tMauro Muster <Mauro@Example.org>\n"
				  "R:\t\"R. Viewer\" <reviewer@example.org>\n"
				  "L:\tlinux-media@example.org (moderated for non-subscribers)\n"
				  "S:\tMaintained\n"
				  "F:\tdrivers/media/\n"
				  "X:\tdrivers/media/test-drivers/\n"
				  "\n"
				  "SAA7146\n"
				  "M:\tsaa@example.org\n"
				  "F:\tdrivers/*/common/saa7146*\n"
				  "F:\tinclude/media/drv-intf/saa7146.h\n"
				  "\n"
				  "ONE FILE\n"
				  "M:\tone@example.org\n"
				  "F:\tmm/one.c\n"
				  "\n"
				  "DIRECTORY WITHOUT A SLASH\n"
				  "M:\tdirectory@example.org\n"
				  "F:\tlib/dir\n"
				  "\n"
				  "BY NAME\n"
				  "M:\tname@example.org\n"
				  "N:\t[^a-z]vflush\n"
				  "\n"
				  "NOT AN EXPRESSION\n"
				  "M:\tbroken@example.org\n"
				  "N:\t(((\n"
				  "\n"
				  "BY CONTENT\n"
				  "M:\tcontent@example.org\n"
				  "K:\tsaa7146\n"
				  "\n"
				  "THE REST\n"
				  "M:\tChief Penguin <chief@example.org>\n"
				  "L:\tlinux-kernel@example.org\n"
				  "F:\t*\n"
				  "F:\t*/\n";

static char *found(const char *text, const char *path)
{
	char *paths[] = {(char *)path, NULL};
	g_autoptr(GHashTable) set = vf_maintainers_find(text, strlen(text), paths);
	g_autoptr(GList) list = g_list_sort(g_hash_table_get_keys(set), (GCompareFunc)g_strcmp0);
	GString *names = g_string_new(NULL);

	for (GList *name = list; name; name = name->next)
		g_string_append_printf(names, "%s%s", names->len ? " " : "", (char *)name->data);
	return g_string_free(names, FALSE);
}

static void test_file(G_GNUC_UNUSED Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	static const struct {
		const char *path, *names;
	} cases[] = {
		{"README", "linux-kernel@example.org"},
		{"drivers/media/x.c", "linux-kernel@example.org linux-media@example.org "
				      "mauro@example.org reviewer@example.org"},
		{"drivers/mediated.c", "linux-kernel@example.org"},
		{"drivers/media/test-drivers/x.c", "linux-kernel@example.org"},
		{"drivers/media/common/saa7146_core.c",
		 "linux-kernel@example.org linux-media@example.org mauro@example.org "
		 "reviewer@example.org saa@example.org"},
		{"drivers/a/b/common/saa7146.c", "linux-kernel@example.org"},
		{"mm/one.c", "linux-kernel@example.org one@example.org"},
		{"mm/one.cc", "linux-kernel@example.org"},
		{"lib/dir/a/b.c", "directory@example.org linux-kernel@example.org"},
		{"lib/directory.c", "linux-kernel@example.org"},
		{"kernel/vflush.c", "linux-kernel@example.org name@example.org"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *names = found(maintainers, cases[i].path);

		g_test_message("%s", cases[i].path);
		g_assert_cmpstr(names, ==, cases[i].names);
	}
}

/* A series of 20,000 files against 30,000 patterns. */
static void test_large(G_GNUC_UNUSED Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) set = NULL;
	g_autoptr(GTimer) timer = g_timer_new();

	for (guint i = 0; i < 10000; i++)
		g_string_append_printf(text,
				       "S %u\nM:\tm%u@example.org\nF:\tdrivers/x%u/\nF:\t"
				       "drivers/*/y%u*.c\nF:\tfs/z%u.c\n\n",
				       i, i, i, i, i);
	for (guint i = 0; i < 20000; i++)
		g_ptr_array_add(paths, g_strdup_printf("fs/%05u.c", i));
	g_ptr_array_add(paths, g_strdup("fs/z77.c"));
	g_ptr_array_add(paths, NULL);
	set = vf_maintainers_find(text->str, text->len, (char **)paths->pdata);
	g_assert_cmpuint(g_hash_table_size(set), ==, 1);
	g_assert_true(g_hash_table_contains(set, "m77@example.org"));
	g_assert_cmpfloat(g_timer_elapsed(timer, NULL), <, 10);
}

/* The addresses of the header lines @name of the mail, which may be folded. */
static guint count_addresses(const char *mail, const char *name)
{
	const char *at = strstr(mail, name);
	guint count = 1;

	if (!at)
		return 0;
	for (at++; !(*at == '\n' && !g_ascii_isspace(at[1])); at++)
		count += *at == ',';
	return count;
}

/* 1,000 recipients, of which MAINTAINERS names two. */
static void test_many(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GString) headers =
		g_string_new("Cc: mauro@example.org,\n linux-media@example.org");
	const char *answer;

	scratch_write("linux/MAINTAINERS", maintainers);
	mail_git("add", "--all", NULL);
	mail_git("commit", "-q", "-m", "MAINTAINERS", NULL);
	for (guint i = 0; i < 1000; i++)
		g_string_append_printf(headers, ",\n victim%u@example.com", i);
	g_string_append(headers, "\n");
	bot_write_bad_series("many.mbox", bot->base, headers->str);
	bot_run(bot, "many.mbox", "");
	answer = bot_answer(bot, 0);
	g_assert_null(strstr(answer, "victim"));
	g_assert_null(strstr(answer, "list@example.net"));
	g_assert_cmpuint(count_addresses(answer, "\nTo: "), ==, 1);
	g_assert_cmpuint(count_addresses(answer, "\nCc: "), ==, 2);
	g_assert_nonnull(strstr(answer, "\nCc: mauro@example.org,\n\tlinux-media@example.org\n"));
}

static VfMailPolicy *copying_policy(const char *members)
{
	g_autofree char *text = g_strdup_printf(
		"{\"variant\": \"none\", \"tree\": \"linux\", \"reply\": {\"cc\": \"all\", "
		"\"always\": [\"results@farm.example.org\", \"Results@farm.example.org\"]%s}}",
		members);
	g_autoptr(GError) error = NULL;
	VfMailPolicy *policy = vf_mail_policy_parse(text, strlen(text), "policy", &error);

	g_assert_no_error(error);
	return policy;
}

static void test_cap(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	static const struct {
		const char *members;
		guint copies;
	} cases[] = {
		{"", 19},
		{", \"recipients_max\": 3", 2},
		{", \"recipients_max\": 1", 1}, /* the operator's own */
	};
	g_autoptr(GString) headers = g_string_new("Cc: first@example.org");

	for (guint i = 0; i < 1000; i++)
		g_string_append_printf(headers, ",\n victim%u@example.com", i);
	g_string_append(headers, "\n");
	bot_write_bad_series("cap.mbox", bot->base, headers->str);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(VfMailPolicy) policy = copying_policy(cases[i].members);
		const VfMailBotOptions options = {.policy = policy,
						  .mbox = "cap.mbox",
						  .quiet = TRUE,
						  .answer = bot_on_answer,
						  .say = bot_on_say,
						  .data = bot};

		g_assert_true(vf_mail_bot_run(&options, &bot->summary, NULL));
		g_assert_cmpuint(count_addresses(bot_answer(bot, i), "\nTo: "), ==, 1);
		g_assert_cmpuint(count_addresses(bot_answer(bot, i), "\nCc: "), ==,
				 cases[i].copies);
		g_assert_nonnull(strstr(bot->said->str, "recipients get no copy (recipients_max)"));
	}
}

/* Without the file: the author alone. What a series brings along is not asked. */
static void test_none(Bot *bot, G_GNUC_UNUSED gconstpointer data)
{
	bot_write_bad_series("none.mbox", bot->base, "Cc: mauro@example.org\n");
	bot_run(bot, "none.mbox", "");
	g_assert_nonnull(
		strstr(bot_answer(bot, 0), "\nTo: A U Thor <author@example.org>\nSubject"));
	g_assert_nonnull(strstr(bot->said->str, "no copies: the tree has no MAINTAINERS"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	bot_add("/stranger/recipients/file", test_file);
	bot_add("/stranger/recipients/large", test_large);
	bot_add("/stranger/recipients/many", test_many);
	bot_add("/stranger/recipients/cap", test_cap);
	bot_add("/stranger/recipients/none", test_none);
	return bot_main();
}
