// SPDX-License-Identifier: GPL-2.0-or-later
/* A git tree "tree" in the test's directory, as tests/mail/base, and `git am` in it. */
#pragma once

#include "base/error.h"
#include "run/bisect-git.h"
#include "kernel/child.h"
#include "mail-fixture.h"

static inline void tree_run(const char *directory, const char *const *argv)
{
	/* b4 wants a home, which it fills */
	g_autofree char *here = g_get_current_dir();
	g_autofree char *home = g_strconcat("HOME=", here, NULL);
	g_auto(GStrv) env = vf_child_env(home, NULL);
	VfChild child = {.argv = (char **)argv, .env = env, .directory = directory, .keep = 10000};
	g_auto(VfChildEnd) end = {0};
	g_autoptr(GError) error = NULL;

	vf_child_run(&child, &end, &error);
	g_assert_no_error(error);
	vf_child_check(&end, VF_ERROR_HARNESS, &error, "%s", argv[0]);
	g_assert_no_error(error);
}

static inline char *tree_git(const char *first, const char *second, const char *third)
{
	g_autoptr(GError) error = NULL;
	char *out = vf_git("tree", &error, first, second, third, NULL);

	g_assert_no_error(error);
	return out;
}

static inline void tree_make(void)
{
	const char *copy[] = {"cp", "-r", MAIL_DIR "/base", "tree", NULL};

	tree_run(NULL, copy);
	g_free(tree_git("init", "-q", NULL));
	g_free(tree_git("add", "-A", NULL));
	g_free(tree_git("commit", "-qmbase", NULL));
	g_free(tree_git("tag", "base", NULL));
}

/* Name of the tree's contents after `git am` of @mbox on the base, NULL when that refuses. */
static inline char *tree_apply(const char *mbox, const char *format)
{
	g_autofree char *path = g_canonicalize_filename(mbox, NULL);
	g_autofree char *out = NULL;

	g_free(tree_git("checkout", "-qf", "base"));
	out = vf_git("tree", NULL, "am", "-3", "--keep-cr", "--scissors", format, path, NULL);
	if (out)
		return tree_git("rev-parse", "HEAD^{tree}", NULL);
	g_free(vf_git("tree", NULL, "am", "--abort", NULL));
	return NULL;
}

/* As we write it for git. */
static inline char *tree_apply_series(const VfSeries *series)
{
	g_autoptr(GString) mails = vf_series_mbox(series);
	g_autoptr(GError) error = NULL;

	g_file_set_contents("series.mbox", mails->str, (gssize)mails->len, &error);
	g_assert_no_error(error);
	return tree_apply("series.mbox", "--patch-format=mboxrd");
}
