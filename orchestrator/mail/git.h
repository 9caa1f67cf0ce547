// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * git on strangers' patches in a repository of ours: in the sandbox with limits, with no
 * configuration but the repository's own, no hooks, and of our environment only PATH and HOME.
 */
#pragma once

#include "base/git.h"

/* All paths absolute, borrowed. */
typedef struct VfMailGit {
	const char *repository; /* bare */
	const char *work;	/* work tree, beside it in @directory; or NULL: none */
	const char *directory;	/* holds both; nothing else is writable */
	GStrv objects;		/* alternate object directories, read-only */
	const char *index;	/* another index file, or NULL */
} VfMailGit;

typedef struct VfMailGitEnd {
	int status;
	char *output; /* stdout and stderr, at most 1 MiB, without the last newline */
} VfMailGitEnd;

void vf_mail_git_end_clear(VfMailGitEnd *end);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VfMailGitEnd, vf_mail_git_end_clear)

/*
 * Runs git with @words; @read_only: further paths that it reads, or NULL. FALSE when it could not
 * be run at all (VF_ERROR_MISSING, VF_ERROR_HARNESS when it used too much); otherwise @end, which
 * must be clear, tells.
 */
gboolean vf_mail_git_run(const VfMailGit *git, const char *const *words,
			 const char *const *read_only, VfMailGitEnd *end, GError **error);

/*
 * The same with the file @input as standard input; TRUE when it succeeded, *output then (may be
 * NULL; caller frees) what it said.
 */
gboolean vf_mail_git_input(const VfMailGit *git, const char *input, const char *const *words,
			   char **output);

/* Its output when it succeeded; otherwise VF_ERROR_HARNESS with its last line. Caller frees. */
char *vf_mail_git(const VfMailGit *git, GError **error, const char *first,
		  ...) G_GNUC_NULL_TERMINATED;

/*
 * Output of git on @view, a tree of the operator's that is only read, outside of the sandbox.
 * Errors and ownership as above.
 */
char *vf_mail_git_view(const VfGitView *view, GError **error, const char *first,
		       ...) G_GNUC_NULL_TERMINATED;
char *vf_mail_git_view_words(const VfGitView *view, const char *const *words, GError **error);
