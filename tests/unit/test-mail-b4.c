// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What b4 makes of the same mailboxes: the same patches in the same order, and the same tree after
 * `git am`. Left out is what Debian's b4 cannot read: attached patches, format=flowed, CRLF, and
 * subjects that are folded between encoded words.
 */
#include <string.h>

#include "mail-tree.h"

static const struct {
	const char *mbox, *id;
} cases[] = {
	{"send-email", "20260310081100.2211-1-ada@example.org"},
	{"b4", "20260401-brackets-v2-0-5f1b2c3d4e5f@kernel.example"},
	{"mailers", "git-attach@example.de"},
	{"languages", "ru@example.ru"},
	{"languages", "zh@example.cn"},
	{"languages", "de@example.de"},
	{"revisions", "v3-2@rev"},
	{"revisions", "s-v2r@p"},
	{"incomplete", "nocover-1@i"},
	{"incomplete", "lost-1@i"},
	{"files", "mode@k"},
	{"files", "quilt@k"},
};

/* b4's mailbox for the series, or NULL. */
static char *ask_b4(const char *mbox, const VfSeries *series)
{
	g_autofree char *version = g_strdup_printf("-v%u", series->version);
	const char *argv[] = {"b4",	"--offline-mode", "--no-stdin", "am", "-T",	  "-o",
			      "../out", version,	  "-m",		mbox, series->id, NULL};
	const char *remove[] = {"rm", "-rf", "out", NULL};
	g_autoptr(GDir) dir = NULL;
	const char *name;

	tree_run(NULL, remove);
	g_assert_cmpint(g_mkdir("out", 0755), ==, 0);
	tree_run("tree", argv);
	dir = g_dir_open("out", 0, NULL);
	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".mbx"))
			return g_build_filename("out", name, NULL);
	return NULL;
}

/* One title a line, in the order of the commits. */
static char *titles(void)
{
	return tree_git("log", "--format=%an %ae %s", NULL);
}

static void check(const char *mbox, VfSeries *series, Mail *mail)
{
	g_autofree char *ours = NULL, *theirs = NULL, *our_titles = NULL, *their_titles = NULL;
	g_autofree char *theirs_mbox = ask_b4(mbox, series);
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(theirs_mbox);
	theirs = tree_apply(theirs_mbox, "--patch-format=mboxrd");
	their_titles = titles();
	g_assert_true(vf_inbox_load(mail->inbox, series, &error));
	ours = tree_apply_series(series);
	our_titles = titles();
	g_assert_nonnull(ours);
	g_assert_cmpstr(ours, ==, theirs);
	g_assert_cmpstr(our_titles, ==, their_titles);
}

static void test_case(gconstpointer data)
{
	gsize index = GPOINTER_TO_SIZE(data);
	g_autofree char *mbox = g_strdup_printf(MAIL_DIR "/%s.mbox", cases[index].mbox);
	g_autofree char *b4 = g_find_program_in_path("b4");
	g_autoptr(Mail) mail = mail_new();
	g_autoptr(GPtrArray) all = NULL;
	guint found = 0;

	if (!b4) {
		g_test_skip("b4 is not installed");
		return;
	}
	tree_make();
	g_free(vf_git("tree", NULL, "config", "b4.attestation-policy", "off", NULL));
	mail_read(mail, "mbox", mbox);
	all = mail_series(mail, 0);
	for (guint i = 0; i < all->len; i++) {
		VfSeries *series = all->pdata[i];

		if (strcmp(series->id, cases[index].id))
			continue;
		g_assert_cmpint(series->state, !=, VF_SERIES_BROKEN);
		check(mbox, series, mail);
		found++;
	}
	g_assert_cmpuint(found, ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path =
			g_strdup_printf("/mail/b4/%s/%s", cases[i].mbox, cases[i].id);

		g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_case);
	}
	return g_test_run();
}
