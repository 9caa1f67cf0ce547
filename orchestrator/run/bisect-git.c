// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/bisect-git.h"

#include <string.h>

#include "base/argv.h"
#include "base/git.h"
#include "base/text.h"
#include "kernel/child.h"

/* rev-list over a whole release of the kernel: 20,000 lines of 60 bytes, with room. */
#define KEEP (16 * 1024 * 1024)

static char *run(VfArgv *words, const char *what, GError **error)
{
	g_auto(GStrv) argv = vf_argv_end(words);
	/* a revert is a commit and needs somebody who made it */
	g_auto(GStrv) env =
		vf_git_env("GIT_AUTHOR_NAME=vifarm", "GIT_AUTHOR_EMAIL=vifarm@localhost",
			   "GIT_COMMITTER_NAME=vifarm", "GIT_COMMITTER_EMAIL=vifarm@localhost",
			   NULL);
	VfChild child = {.argv = argv, .env = env, .keep = KEEP};
	g_auto(VfChildEnd) end = {0};

	if (!vf_child_run(&child, &end, error) ||
	    !vf_child_check(&end, VF_ERROR_USAGE, error, "%s", what))
		return NULL;
	return g_strchomp(g_steal_pointer(&end.output));
}

static VfArgv *git_in(const char *tree)
{
	VfArgv *argv = vf_argv_new();

	vf_argv_add(argv, "git", "-C", tree, NULL);
	vf_git_options(argv);
	return argv;
}

char *vf_git(const char *tree, GError **error, const char *first, ...)
{
	g_autoptr(VfArgv) argv = git_in(tree);
	g_autofree char *what = g_strdup_printf("%s: git %s", tree, first);
	va_list args;

	va_start(args, first);
	for (const char *word = first; word; word = va_arg(args, const char *))
		vf_argv_add(argv, word, NULL);
	va_end(args);
	return run(argv, what, error);
}

char *vf_git_commit(const char *tree, const char *revision, GError **error)
{
	g_autofree char *peeled = g_strconcat(revision, "^{commit}", NULL);
	g_autofree char *escaped = vf_text_escape(revision, -1, 80);
	g_autofree char *commit =
		vf_git(tree, NULL, "rev-parse", "--verify", "--end-of-options", peeled, NULL);

	if (commit && strlen(commit) == 40 && strspn(commit, "0123456789abcdef") == 40)
		return g_steal_pointer(&commit);
	return vf_throw_null(error, VF_ERROR_USAGE, "%s: no commit \"%s\"", tree, escaped);
}

GStrv vf_git_parse_candidates(const char *text)
{
	g_autoptr(GStrvBuilder) hashes = g_strv_builder_new();
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++)
		if (strspn(*line, "0123456789abcdef") == 40) {
			(*line)[40] = '\0';
			g_strv_builder_add(hashes, *line);
		}
	return g_strv_builder_end(hashes);
}

GStrv vf_git_candidates(const char *tree, const char *bad, const char *const *good, GError **error)
{
	g_autoptr(VfArgv) argv = git_in(tree);
	g_autofree char *text = NULL;

	vf_argv_add(argv, "rev-list", "--bisect-all", bad, NULL);
	for (; *good; good++)
		vf_argv_format(argv, "^%s", *good);
	text = run(argv, tree, error);
	return text ? vf_git_parse_candidates(text) : NULL;
}
