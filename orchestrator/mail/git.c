// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/git.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/argv.h"
#include "base/git.h"
#include "kernel/child.h"
#include "kernel/git-sandbox.h"
#include "kernel/sandbox.h"

#define KEEP	  (1 << 20)
#define VIEW_KEEP (4 << 20) /* a whole MAINTAINERS */

void vf_mail_git_end_clear(VfMailGitEnd *end)
{
	g_clear_pointer(&end->output, g_free);
}

static char **environment(const VfMailGit *git)
{
	g_autofree char *repository = g_strconcat("GIT_DIR=", git->repository, NULL);
	g_autofree char *work = git->work ? g_strconcat("GIT_WORK_TREE=", git->work, NULL) : NULL;
	g_autofree char *index =
		git->index ? g_strconcat("GIT_INDEX_FILE=", git->index, NULL) : NULL;

	return vf_git_env(repository, "GIT_COMMITTER_NAME=vifarm",
			  "GIT_COMMITTER_EMAIL=vifarm@localhost",
			  "GIT_COMMITTER_DATE=1577836800 +0000", "GIT_AUTHOR_NAME=vifarm",
			  "GIT_AUTHOR_EMAIL=vifarm@localhost", "GIT_AUTHOR_DATE=1577836800 +0000",
			  "TZ=UTC", work ?: index, work ? index : NULL, NULL);
}

static char **command(const VfMailGit *git, const char *const *words, const char *const *read_only)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	const char *writable[] = {git->directory, NULL};
	g_auto(GStrv) env = environment(git);
	g_autoptr(VfArgv) argv = vf_argv_new();

	for (char **objects = git->objects; *objects; objects++)
		g_ptr_array_add(paths, *objects);
	for (; read_only && *read_only; read_only++)
		g_ptr_array_add(paths, (gpointer)*read_only);
	g_ptr_array_add(paths, NULL);
	vf_git_sandbox(argv, (const char *const *)paths->pdata, writable,
		       git->work ?: git->directory, env);
	vf_argv_strv(argv, words);
	return vf_argv_end(argv);
}

static gboolean run_with(const VfMailGit *git, const char *const *words,
			 const char *const *read_only, int input, VfMailGitEnd *end, GError **error)
{
	g_auto(GStrv) argv = command(git, words, read_only);
	g_auto(VfChildEnd) child = {0};
	VfLimits limits = vf_git_limits;

	limits.disk_path = git->directory;
	if (!vf_sandbox_available(FALSE, error) ||
	    !vf_child_run(&(VfChild){.argv = argv, .keep = KEEP, .input = input, .limits = &limits},
			  &child, error))
		return FALSE;
	if (child.timed_out || child.exceeded)
		return vf_throw(error, VF_ERROR_HARNESS,
				"git %s was stopped after %.0f s: too much %s", words[0],
				child.seconds, child.exceeded ?: "time");
	end->status = child.status;
	end->output = g_strchomp(g_utf8_make_valid(child.output, -1));
	return TRUE;
}

gboolean vf_mail_git_run(const VfMailGit *git, const char *const *words,
			 const char *const *read_only, VfMailGitEnd *end, GError **error)
{
	return run_with(git, words, read_only, 0, end, error);
}

gboolean vf_mail_git_input(const VfMailGit *git, const char *input, const char *const *words,
			   char **output)
{
	g_auto(VfMailGitEnd) end = {0};
	int fd = open(input, O_RDONLY | O_CLOEXEC);
	gboolean ok = fd >= 0 && run_with(git, words, NULL, fd, &end, NULL) && !end.status;

	if (fd >= 0)
		close(fd);
	if (ok && output)
		*output = g_steal_pointer(&end.output);
	return ok;
}

static GStrv collect(const char *first, va_list args)
{
	g_autoptr(VfArgv) argv = vf_argv_new();

	for (const char *word = first; word; word = va_arg(args, const char *))
		vf_argv_add(argv, word, NULL);
	return vf_argv_end(argv);
}

char *vf_mail_git(const VfMailGit *git, GError **error, const char *first, ...)
{
	g_auto(GStrv) words = NULL;
	g_auto(VfMailGitEnd) end = {0};
	va_list args;

	va_start(args, first);
	words = collect(first, args);
	va_end(args);
	if (!vf_mail_git_run(git, (const char *const *)words, NULL, &end, error))
		return NULL;
	if (!vf_child_check(&(VfChildEnd){.status = end.status, .output = end.output},
			    VF_ERROR_HARNESS, error, "%s: git %s", git->repository, first))
		return NULL;
	return g_steal_pointer(&end.output);
}

char *vf_mail_git_view_words(const VfGitView *view, const char *const *words, GError **error)
{
	g_auto(GStrv) env = vf_git_view_env(view, NULL, NULL);
	g_autoptr(VfArgv) argv = vf_argv_new();
	g_auto(GStrv) all = NULL;
	g_auto(VfChildEnd) end = {0};

	vf_argv_add(argv, "git", NULL);
	vf_git_options(argv);
	vf_argv_strv(argv, words);
	all = vf_argv_end(argv);
	if (!vf_child_run(&(VfChild){.argv = all,
				     .env = env,
				     .directory = view->directory,
				     .keep = VIEW_KEEP,
				     .limits = &vf_git_limits},
			  &end, error) ||
	    !vf_child_check(&end, VF_ERROR_HARNESS, error, "%s: git %s",
			    view->work ?: view->objects, words[0]))
		return NULL;
	return g_strchomp(g_steal_pointer(&end.output));
}

char *vf_mail_git_view(const VfGitView *view, GError **error, const char *first, ...)
{
	g_auto(GStrv) words = NULL;
	va_list args;

	va_start(args, first);
	words = collect(first, args);
	va_end(args);
	return vf_mail_git_view_words(view, (const char *const *)words, error);
}
