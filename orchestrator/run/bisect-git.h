// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The few things that a bisection asks of git. @tree has a configuration of ours: the directory of
 * a VfGitView, or a work tree of that.
 */
#pragma once

#include <glib.h>

/* stdout of `git -C @tree @first...` without the last newline, or NULL. Caller frees. */
char *vf_git(const char *tree, GError **error, const char *first, ...) G_GNUC_NULL_TERMINATED;

/* 40 hex digits of the commit that @revision names, or VF_ERROR_USAGE. Caller frees. */
char *vf_git_commit(const char *tree, const char *revision, GError **error);

/*
 * Commits that are in @bad and in none of @good (NULL-terminated), the best to test next first.
 * @bad itself is among them. Caller frees.
 */
GStrv vf_git_candidates(const char *tree, const char *bad, const char *const *good, GError **error);

/* The hashes in `git rev-list --bisect-all`: lines "HASH (dist=N)"; others are passed over. */
GStrv vf_git_parse_candidates(const char *text);
