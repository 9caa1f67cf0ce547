// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * git on repositories of which nothing is trusted. What a repository's configuration, attributes
 * and hooks name is a program that git would run as us. So git never sees that configuration: it
 * gets a repository of our own, the view, with a configuration of our own. The view has their
 * references, and borrows their objects; what git writes goes into the view.
 *
 * The caller runs the child: "git" and vf_git_options(), with vf_git_view_env().
 */
#pragma once

#include "base/argv.h"

typedef struct VfGitView {
	char *directory; /* the view: what GIT_DIR names; removed with it */
	char *work;	 /* their work tree, or NULL: a bare repository */
	char *objects;	 /* their object directory */
	char *index;	 /* their index, which may not be there; NULL: bare */
	char *shallow;	 /* their list of commits without parents, which may not be there */
} VfGitView;

/*
 * The view of the work tree or bare repository at @path. Runs no program. VF_ERROR_USAGE: no
 * repository, or of a format that is not supported; VF_ERROR_IO.
 */
VfGitView *vf_git_view_new(const char *path, GError **error);
void vf_git_view_free(VfGitView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfGitView, vf_git_view_free)

/* Their object directory, and all that it borrows from, at most 16. Caller frees. */
GStrv vf_git_view_objects(const VfGitView *view);

/* Whether @path is a work tree or a bare repository. Opens nothing. */
gboolean vf_git_is_repository(const char *path);

/*
 * Adds the words that come behind "git" in every command, whatever the repository: no hooks, no
 * monitors, no filters of the host, no signatures, no transports.
 */
void vf_git_options(VfArgv *argv);

/*
 * The whole environment of git on a repository of ours: PATH, HOME, what makes git ignore the
 * host's and the user's configuration, and the given "NAME=value" words, which repeat none of
 * these. For `git apply` outside of a repository as well. Caller frees with g_strfreev().
 */
char **vf_git_env(const char *first, ...) G_GNUC_NULL_TERMINATED;

/*
 * The same of git on @view. It finds no program, not even itself: `git add`, `git diff` and
 * `git status` would run `git status` in submodules, whose configuration is not ours. Where there
 * are submodules these commands fail; `git ls-files` and `git update-index` do not need it.
 */
char **vf_git_view_env(const VfGitView *view, const char *first, ...) G_GNUC_NULL_TERMINATED;

/* @path as one entry of GIT_ALTERNATE_OBJECT_DIRECTORIES, quoted where it must be. Caller frees. */
char *vf_git_quote_path(const char *path);
