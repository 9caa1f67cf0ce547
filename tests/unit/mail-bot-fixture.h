// SPDX-License-Identifier: GPL-2.0-or-later
/* The bot over an mbox, with a tree, a variant and a state of the test's own. */
#pragma once

#include <string.h>
#include <unistd.h>

#include "mail-tree-fixture.h"
#include "mail/bot.h"
#include "paths.h"

#define FILE_OF_OURS "drivers/media/common/saa7146/x.c"

static const char before[] = "one\ntwo\nthree\n";
static const char after[] = "one\n2\nthree\n";
static const char other[] = "eins\nzwei\ndrei\n";

typedef struct Bot {
	Scratch *scratch;
	char *base; /* commit of linux/ */
	GString *said;
	GPtrArray *answers; /* of char * */
	VfMailBotSummary summary;
} Bot;

/* Description files with a variant that a tree of six files can carry. */
static inline void bot_make_data(const char *directory)
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

static inline char *bot_head_of_tree(void)
{
	g_autofree char *text = NULL;

	g_assert_cmpint(build_run("sh", "-c", "git -C linux rev-parse HEAD > head", NULL), ==, 0);
	g_assert_true(g_file_get_contents("head", &text, NULL, NULL));
	return g_strdup(g_strchomp(text));
}

static inline void bot_set_up(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	f->scratch = scratch_new();
	f->said = g_string_new(NULL);
	f->answers = g_ptr_array_new_with_free_func(g_free);
	mail_tree();
	scratch_write("linux/" FILE_OF_OURS, before);
	mail_git("add", "--all", NULL);
	mail_git("commit", "-q", "-m", "a driver", NULL);
	f->base = bot_head_of_tree();
}

static inline void bot_tear_down(Bot *f, G_GNUC_UNUSED gconstpointer data)
{
	g_string_free(f->said, TRUE);
	g_ptr_array_unref(f->answers);
	g_free(f->base);
	scratch_free(f->scratch);
}

static inline void bot_on_answer(const char *mail, gpointer data)
{
	g_ptr_array_add(((Bot *)data)->answers, g_strdup(mail));
}

static inline void bot_on_say(const char *line, gpointer data)
{
	g_test_message("%s", line);
	g_string_append_printf(((Bot *)data)->said, "%s\n", line);
}

static inline VfMailPolicy *bot_policy(const char *members)
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

static inline void bot_run(Bot *f, const char *mbox, const char *policy_members)
{
	g_autoptr(VfMailPolicy) policy = bot_policy(policy_members);
	const VfMailBotOptions options = {.policy = policy,
					  .mbox = mbox,
					  .quiet = TRUE,
					  .answer = bot_on_answer,
					  .say = bot_on_say,
					  .data = f};
	g_autoptr(GError) error = NULL;

	vf_mail_bot_run(&options, &f->summary, &error);
	g_assert_no_error(error);
}

static inline const char *bot_answer(Bot *f, guint number)
{
	g_assert_cmpuint(f->answers->len, >, number);
	return f->answers->pdata[number];
}

static inline void bot_write_mbox(MailSeries *mails, const char *name)
{
	scratch_write(name, mails->mbox->str);
	vf_assembler_free(mails->assembler);
	g_string_free(mails->mbox, TRUE);
	g_free(mails);
}

/* @name: an mbox with a cover letter that names @base (or nothing), a good and a bad patch. */
static inline void bot_write_bad_series(const char *name, const char *base, const char *headers)
{
	MailSeries *mails = mail_series_new();
	g_autofree char *good = mail_diff(FILE_OF_OURS, before, after);
	g_autofree char *bad = mail_diff(FILE_OF_OURS, other, after);
	g_autofree char *cover =
		base ? g_strdup_printf("Two.\n\nbase-commit: %s", base) : g_strdup("Two.");

	mail_series_add(mails, "[PATCH 0/2] count", headers, cover);
	mail_series_add(mails, "[PATCH 1/2] count to two", headers, good);
	mail_series_add(mails, "[PATCH 2/2] count in English", headers, bad);
	bot_write_mbox(mails, name);
}

static inline void bot_add(const char *path, void (*test)(Bot *, gconstpointer))
{
	g_test_add(path, Bot, NULL, bot_set_up, test, bot_tear_down);
}

/* Behind g_test_init() and bot_add(). Without a sandbox nothing is run. */
static inline int bot_main(void)
{
	g_autofree char *state = g_dir_make_tmp("vifarm-state-XXXXXX", NULL);
	g_autofree char *data = g_build_filename(state, "data", NULL);
	g_autoptr(GError) error = NULL;
	int status;

	g_setenv("XDG_STATE_HOME", state, TRUE);
	g_setenv("VIFARM_DATA", data, TRUE);
	bot_make_data(data);
	if (!vf_sandbox_available(TRUE, &error)) {
		g_print("1..0 # SKIP %s\n", error->message);
		return 0;
	}
	status = build_fixture_main();
	vf_dirs_remove(state, NULL);
	return status;
}
