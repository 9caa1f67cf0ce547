// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A public-inbox v2 archive: git repositories git/0.git, git/1.git, ... (epochs), in which each
 * commit's file "m" is one mail. Also one such repository by itself. The cursor is the epoch and
 * the last commit in it; an epoch whose history was rewritten (public-inbox-purge) is read again.
 */
#include "mail/source-impl.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "base/git.h"
#include "kernel/child.h"
#include "mail/message.h"

/* A list of 41 bytes a commit: more than an epoch (1 GiB of git objects) has ever held. */
#define LIST_BYTES  (128 * 1024 * 1024)
#define BATCH_MAILS 200
#define BATCH_BYTES (16 * 1024 * 1024)
#define EPOCHS_MAX  1000

typedef struct Epoch {
	VfMailSource *source;
	const VfMailSink *sink;
	const char *repository;
	const VfGitView *view; /* of it: the archive belongs to who mirrors it */
} Epoch;

static VfArgv *git_new(void)
{
	VfArgv *argv = vf_argv_new();

	vf_argv_add(argv, "git", NULL);
	vf_git_options(argv);
	return argv;
}

/* An archive's objects are whatever its senders wrote; 4 GiB are room for the largest pack. */
static const VfLimits limits = {.memory = G_GUINT64_CONSTANT(4) << 30};

/* @input: lines for its standard input, or NULL. */
static gboolean run_git(const Epoch *epoch, VfArgv *words, const char *input, gsize keep,
			VfChildEnd *end, GError **error)
{
	g_auto(GStrv) argv = vf_argv_end(words);
	g_auto(GStrv) env = vf_git_view_env(epoch->view, NULL, NULL);
	VfChild child = {.argv = argv,
			 .env = env,
			 .directory = epoch->view->directory,
			 .limits = &limits,
			 .keep = keep};
	gsize length = input ? strlen(input) : 0;
	gboolean ok;

	if (input) {
		child.input = memfd_create("vifarm-git", MFD_CLOEXEC);
		if (child.input < 0 || write(child.input, input, length) != (gssize)length ||
		    lseek(child.input, 0, SEEK_SET) != 0) {
			vf_throw_errno(error, "cannot pass a list to git");
			if (child.input >= 0)
				close(child.input);
			return FALSE;
		}
	}
	ok = vf_child_run(&child, end, error);
	if (input)
		close(child.input);
	return ok;
}

/* Whether @commit is still in the history. */
static gboolean has_commit(const Epoch *epoch, const char *commit)
{
	g_autoptr(VfArgv) argv = git_new();
	g_auto(VfChildEnd) end = {0};

	vf_argv_add(argv, "merge-base", "--is-ancestor", commit, "HEAD", NULL);
	return run_git(epoch, argv, NULL, 1024, &end, NULL) && end.status == 0;
}

/* "COMMIT\n" for each, oldest first. Empty for a repository without commits. */
static char *list_commits(const Epoch *epoch, const char *after, GError **error)
{
	g_autoptr(VfArgv) argv = git_new();
	g_auto(VfChildEnd) end = {0};
	guint64 days = epoch->source->config->days;

	vf_argv_add(argv, "rev-list", "--reverse", NULL);
	if (after)
		vf_argv_format(argv, "^%s", after);
	else if (days)
		vf_argv_format(argv, "--since=%" G_GUINT64_FORMAT ".days.ago", days);
	vf_argv_add(argv, "--all", NULL);
	if (!run_git(epoch, argv, NULL, LIST_BYTES, &end, error) ||
	    !vf_child_check(&end, VF_ERROR_HARNESS, error, "%s: git rev-list",
			    vf_dirs_shown(epoch->repository)))
		return NULL;
	if (end.length >= LIST_BYTES)
		return vf_throw_null(error, VF_ERROR_HARNESS, "%s: too many commits",
				     vf_dirs_shown(epoch->repository));
	return g_steal_pointer(&end.output);
}

/* The lines "COMMIT:m" for the mails of @commits from @from on, at most @count. */
static char *objects_of(char **commits, guint from, guint count)
{
	GString *lines = g_string_new(NULL);

	for (guint i = from; i < from + count; i++)
		g_string_append_printf(lines, "%s:m\n", commits[i]);
	return g_string_free(lines, FALSE);
}

/* Sizes by `git cat-file --batch-check`; 0: no mail in this commit (a deletion). */
static gboolean read_sizes(const Epoch *epoch, const char *objects, guint64 *sizes, guint count,
			   GError **error)
{
	g_autoptr(VfArgv) argv = git_new();
	g_auto(VfChildEnd) end = {0};
	g_auto(GStrv) lines = NULL;

	vf_argv_add(argv, "cat-file", "--batch-check=%(objecttype) %(objectsize)", NULL);
	if (!run_git(epoch, argv, objects, BATCH_MAILS * 256, &end, error) ||
	    !vf_child_check(&end, VF_ERROR_HARNESS, error, "%s: git cat-file",
			    vf_dirs_shown(epoch->repository)))
		return FALSE;
	lines = g_strsplit(end.output, "\n", -1);
	if (g_strv_length(lines) < count)
		return vf_throw(error, VF_ERROR_HARNESS, "%s: git cat-file said too little",
				vf_dirs_shown(epoch->repository));
	for (guint i = 0; i < count; i++)
		sizes[i] = g_str_has_prefix(lines[i], "blob ")
				   ? g_ascii_strtoull(lines[i] + 5, NULL, 10)
				   : 0;
	return TRUE;
}

static gboolean fits(guint64 size)
{
	return size > 0 && size <= VF_MESSAGE_BYTES_MAX;
}

/* One record of `git cat-file --batch`: "HASH blob SIZE\n", the bytes, a newline. */
static const char *record_at(const char *at, const char *end, guint64 size)
{
	const char *newline = memchr(at, '\n', (gsize)(end - at));

	return newline && (guint64)(end - newline) >= size + 2 ? newline + 1 : NULL;
}

typedef struct Batch {
	char **commits;
	guint from, count;
	guint64 *sizes; /* of @count */
} Batch;

static gboolean give(const Epoch *epoch, const Batch *batch, const VfChildEnd *end, GError **error)
{
	const char *at = end->output, *stop = end->output + end->length;

	for (guint i = 0; i < batch->count; i++) {
		const char *commit = batch->commits[batch->from + i];
		g_autofree char *where = g_strdup_printf("%s: commit %.12s",
							 vf_dirs_shown(epoch->repository), commit);
		const char *bytes;

		bytes = fits(batch->sizes[i]) ? record_at(at, stop, batch->sizes[i]) : NULL;
		if (!bytes && fits(batch->sizes[i]))
			return vf_throw(error, VF_ERROR_HARNESS, "%s: git cat-file said too little",
					where);
		vf_mail_cursor_set_text(epoch->source, "commit", commit);
		if (batch->sizes[i] > VF_MESSAGE_BYTES_MAX)
			vf_mail_skip_large(epoch->sink, where, batch->sizes[i]);
		if (!bytes)
			continue;
		if (!epoch->sink->take(epoch->source, bytes, batch->sizes[i], where,
				       epoch->sink->data, error))
			return FALSE;
		at = bytes + batch->sizes[i] + 1;
	}
	return TRUE;
}

/* As many of the batch as fit into BATCH_BYTES, at least one. */
static guint within(const guint64 *sizes, guint count)
{
	guint64 sum = 0;
	guint n = 0;

	while (n < count && (!n || sum + (fits(sizes[n]) ? sizes[n] : 0) <= BATCH_BYTES)) {
		sum += fits(sizes[n]) ? sizes[n] : 0;
		n++;
	}
	return n;
}

static gboolean read_batch(const Epoch *epoch, Batch *batch, GError **error)
{
	g_autoptr(VfArgv) argv = git_new();
	g_auto(VfChildEnd) end = {0};
	g_autoptr(GString) wanted = g_string_new(NULL);
	gsize bytes = 0;

	for (guint i = 0; i < batch->count; i++) {
		if (!fits(batch->sizes[i]))
			continue;
		g_string_append_printf(wanted, "%s:m\n", batch->commits[batch->from + i]);
		bytes += batch->sizes[i] + 256;
	}
	vf_argv_add(argv, "cat-file", "--batch", NULL);
	if (!run_git(epoch, argv, wanted->str, bytes + 1, &end, error) ||
	    !vf_child_check(&end, VF_ERROR_HARNESS, error, "%s: git cat-file",
			    vf_dirs_shown(epoch->repository)))
		return FALSE;
	return give(epoch, batch, &end, error);
}

static gboolean read_commits(const Epoch *epoch, char **commits, guint total, GError **error)
{
	guint64 sizes[BATCH_MAILS];

	for (guint from = 0; from < total;) {
		guint count = MIN(total - from, BATCH_MAILS);
		g_autofree char *objects = objects_of(commits, from, count);

		if (!read_sizes(epoch, objects, sizes, count, error))
			return FALSE;
		for (guint done = 0; done < count;) {
			Batch batch = {commits, from + done, within(sizes + done, count - done),
				       sizes + done};

			if (!read_batch(epoch, &batch, error))
				return FALSE;
			done += batch.count;
		}
		from += count;
	}
	return TRUE;
}

static gboolean read_epoch(Epoch *epoch, GError **error)
{
	g_autoptr(VfGitView) view = vf_git_view_new(epoch->repository, error);
	const char *commit = vf_mail_cursor_text(epoch->source, "commit");
	g_autofree char *after = NULL, *list = NULL;
	g_auto(GStrv) commits = NULL;

	if (!view)
		return FALSE;
	epoch->view = view;
	after = commit && has_commit(epoch, commit) ? g_strdup(commit) : NULL;
	list = list_commits(epoch, after, error);
	if (!list)
		return FALSE;
	commits = g_strsplit(g_strstrip(list), "\n", -1);
	return !*list || read_commits(epoch, commits, g_strv_length(commits), error);
}

static gboolean read_public_inbox(VfMailSource *source, const VfMailSink *sink, GError **error)
{
	const char *path = source->config->path;
	Epoch epoch = {.source = source, .sink = sink, .repository = path};
	gint64 first = vf_mail_cursor_number(source, "epoch"), number;

	if (vf_git_is_repository(path))
		return read_epoch(&epoch, error);
	for (number = MAX(first, 0); number < EPOCHS_MAX; number++) {
		g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT ".git", number);
		g_autofree char *repository = g_build_filename(path, "git", name, NULL);

		if (!vf_git_is_repository(repository))
			break;
		if (number != vf_mail_cursor_number(source, "epoch"))
			json_object_del(source->cursor, "commit");
		vf_mail_cursor_set_number(source, "epoch", number);
		epoch.repository = repository;
		if (!read_epoch(&epoch, error))
			return FALSE;
	}
	if (number > first)
		return TRUE;
	return vf_throw(error, VF_ERROR_DATA,
			"%s: not a public-inbox archive (v2): no git/%" G_GINT64_FORMAT ".git",
			vf_dirs_shown(path), first);
}

const VfMailSourceType vf_mail_source_public_inbox = {
	.name = "public-inbox",
	.read = read_public_inbox,
};
