// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/tree.h"

#include <string.h>
#include <unistd.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "base/git.h"
#include "base/hash.h"
#include "base/lock.h"
#include "base/read.h"
#include "base/text.h"
#include "kernel/cache.h"
#include "kernel/sandbox.h"
#include "kernel/usage.h"
#include "mail/git.h"
#include "mail/maintainers.h"
#include "plan/stacks.h"

#define SHALLOW_BYTES_MAX (16 << 20)
#define DIFF_BYTES_MAX	  (16 << 20)			/* what the build takes as a patch */
#define REPOSITORY_BYTES  (G_GUINT64_CONSTANT(2) << 30) /* above that it is made anew */

struct VfMailTree {
	char *path;	 /* the configured tree */
	char *directory; /* ours: repo.git/, work/ */
	char *repository, *work, *index, *mail;
	VfGitView *theirs; /* of the configured tree */
	GStrv objects;
	VfLock *lock;
	VfMailGit git;
};

void vf_mail_tree_free(VfMailTree *tree)
{
	if (!tree)
		return;
	g_free(tree->path);
	g_free(tree->directory);
	g_free(tree->repository);
	g_free(tree->work);
	g_free(tree->index);
	g_free(tree->mail);
	vf_git_view_free(tree->theirs);
	g_strfreev(tree->objects);
	vf_lock_free(tree->lock);
	g_free(tree);
}

void vf_support_clear(VfSupport *support)
{
	g_free(support->base);
	g_free(support->commit);
	g_free(support->problem);
	memset(support, 0, sizeof(*support));
}

void vf_applied_clear(VfApplied *applied)
{
	g_clear_pointer(&applied->commits, g_ptr_array_unref);
	g_free(applied->problem);
	memset(applied, 0, sizeof(*applied));
}

const char *vf_mail_tree_name(const VfMailTree *tree)
{
	const char *slash = strrchr(tree->path, '/');

	return slash && slash[1] ? slash + 1 : tree->path;
}

const char *vf_mail_tree_repository(const VfMailTree *tree)
{
	return tree->repository;
}

/* Commits whose parents the tree does not have either. */
static gboolean copy_shallow(const VfMailTree *tree, GError **error)
{
	g_autofree char *to = g_build_filename(tree->repository, "shallow", NULL);
	g_autofree char *text = NULL;

	if (!g_file_test(tree->theirs->shallow, G_FILE_TEST_EXISTS)) {
		unlink(to);
		return TRUE;
	}
	text = vf_read_bounded(tree->theirs->shallow, SHALLOW_BYTES_MAX, NULL, error);
	return text && vf_dirs_write(to, text, -1, error);
}

static gboolean make_repository(VfMailTree *tree, GError **error)
{
	g_autofree char *info = g_build_filename(tree->repository, "objects", "info", NULL);
	g_autofree char *alternates = g_build_filename(info, "alternates", NULL);
	g_autofree char *line = g_strconcat(tree->objects[0], "\n", NULL);
	g_autofree char *config = g_build_filename(tree->repository, "config", NULL);
	g_autofree char *done = NULL;
	VfMailGit bare = tree->git;

	/* what a killed process left half applied is nobody's */
	if (!vf_dirs_remove(tree->work, error) || !vf_dirs_make(tree->work, error) ||
	    (vf_usage_disk(tree->repository, REPOSITORY_BYTES) > REPOSITORY_BYTES &&
	     !vf_dirs_remove(tree->repository, error)))
		return FALSE;
	if (!g_file_test(config, G_FILE_TEST_EXISTS)) {
		bare.work = NULL;
		done = vf_mail_git(&bare, error, "init", "-q", "--bare", "--template=", NULL);
		if (!done)
			return FALSE;
	}
	return vf_dirs_make(info, error) && vf_dirs_write(alternates, line, -1, error) &&
	       copy_shallow(tree, error);
}

static gboolean take_lock(VfMailTree *tree, GError **error)
{
	g_autofree char *path = g_build_filename(tree->directory, "lock", NULL);
	g_autoptr(GError) local = NULL;

	tree->lock = vf_lock_try(path, VF_LOCK_EXCLUSIVE, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	return tree->lock || vf_throw(error, VF_ERROR_HARNESS,
				      "another process tests a series on %s", tree->path);
}

VfMailTree *vf_mail_tree_open(const char *path, GError **error)
{
	g_autoptr(VfMailTree) tree = g_new0(VfMailTree, 1);
	g_autofree char *digest = NULL, *name = NULL;

	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		return vf_throw_null(error, VF_ERROR_USAGE, "%s: no such git tree", path);
	tree->path = g_canonicalize_filename(path, NULL);
	digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, tree->path, -1);
	name = g_strndup(digest, 16);
	tree->directory = vf_cache_path("mail", name, NULL);
	tree->repository = g_build_filename(tree->directory, "repo.git", NULL);
	tree->work = g_build_filename(tree->directory, "work", NULL);
	tree->index = g_build_filename(tree->directory, "index", NULL);
	tree->mail = g_build_filename(tree->directory, "patch.mbox", NULL);
	if (!vf_sandbox_available(FALSE, error) || !vf_dirs_make(tree->directory, error) ||
	    !take_lock(tree, error))
		return NULL;
	tree->theirs = vf_git_view_new(tree->path, error);
	if (!tree->theirs)
		return NULL;
	tree->objects = vf_git_view_objects(tree->theirs);
	tree->git = (VfMailGit){.repository = tree->repository,
				.work = tree->work,
				.directory = tree->directory,
				.objects = tree->objects};
	return make_repository(tree, error) ? g_steal_pointer(&tree) : NULL;
}

static gboolean is_hash(const char *text)
{
	gsize length = strspn(text, "0123456789abcdef");

	return !text[length] && (length == 40 || length == 64);
}

/* Names and hashes are looked up in the tree itself: what series left in ours is no base. */
char *vf_mail_tree_commit(VfMailTree *tree, const char *revision)
{
	g_autofree char *peeled = g_strconcat(revision ?: "HEAD", "^{commit}", NULL);
	g_autofree char *commit = vf_mail_git_view(tree->theirs, NULL, "rev-parse", "--verify",
						   "--quiet", "--end-of-options", peeled, NULL);

	return commit && is_hash(commit) ? g_steal_pointer(&commit) : NULL;
}

/* Whether @commit is, or lies behind, HEAD or one of the references that @options name. */
static gboolean reaches(VfMailTree *tree, const char *commit, const GPtrArray *options)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autofree char *missing = NULL;

	g_ptr_array_add(words, "rev-list");
	g_ptr_array_add(words, "--max-count=1");
	g_ptr_array_add(words, (gpointer)commit);
	g_ptr_array_add(words, "--not");
	g_ptr_array_add(words, "HEAD");
	g_ptr_array_extend(words, (GPtrArray *)options, NULL, NULL);
	g_ptr_array_add(words, NULL);
	missing = vf_mail_git_view_words(tree->theirs, (const char *const *)words->pdata, NULL);
	return missing && !*missing;
}

VfBaseTrust vf_mail_tree_trust(VfMailTree *tree, const char *commit, GStrv branches)
{
	g_autoptr(GPtrArray) some = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) all = g_ptr_array_new();

	for (char **branch = branches; *branch; branch++)
		g_ptr_array_add(some, g_strconcat("--glob=", *branch, NULL));
	if (reaches(tree, commit, some))
		return VF_BASE_TRUSTED;
	g_ptr_array_add(all, "--all");
	return reaches(tree, commit, all) ? VF_BASE_FOREIGN : VF_BASE_LOOSE;
}

char *vf_mail_tree_describe(VfMailTree *tree, const char *commit)
{
	g_autofree char *text = vf_mail_git(&tree->git, NULL, "log", "-1", "--format=%h (\"%s\")",
					    "--abbrev=12", commit, "--", NULL);

	return text ? vf_text_escape(text, -1, 100) : g_strndup(commit, 12);
}

GHashTable *vf_mail_tree_named(VfMailTree *tree, char **paths)
{
	g_autofree char *text =
		vf_mail_git_view(tree->theirs, NULL, "cat-file", "blob", "HEAD:MAINTAINERS", NULL);

	return text ? vf_maintainers_find(text, strlen(text), paths) : NULL;
}

static gboolean set_head(VfMailTree *tree, const char *commit, GError **error)
{
	g_autofree char *done =
		vf_mail_git(&tree->git, error, "update-ref", "--no-deref", "HEAD", commit, NULL);

	return done != NULL;
}

/* Runs `git apply --cached` with @option on all patches of @variant, in reverse for "-R". */
static gboolean apply_variant(VfMailTree *tree, const VfVariant *variant, const char *option,
			      VfMailGitEnd *end, GError **error)
{
	VfMailGit git = tree->git;
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	guint count = variant->patches->len;
	gboolean reverse = !strcmp(option, "-R");

	git.index = tree->index;
	g_ptr_array_add(words, "apply");
	g_ptr_array_add(words, "--cached");
	g_ptr_array_add(words, "--whitespace=nowarn");
	g_ptr_array_add(words, (gpointer)option);
	g_ptr_array_add(words, "--");
	for (guint i = 0; i < count; i++)
		g_ptr_array_add(words, variant->patches->pdata[reverse ? count - 1 - i : i]);
	g_ptr_array_add(words, NULL);
	return vf_mail_git_run(&git, (const char *const *)words->pdata,
			       (const char *const *)(words->pdata + 5), end, error);
}

static char *with_index(VfMailTree *tree, GError **error, const char *first, const char *second)
{
	VfMailGit git = tree->git;

	git.index = tree->index;
	return vf_mail_git(&git, error, first, second, NULL);
}

static char *commit_index(VfMailTree *tree, const char *parent, GError **error)
{
	g_autofree char *object = with_index(tree, error, "write-tree", NULL);

	return object ? vf_mail_git(&tree->git, error, "commit-tree", "-p", parent, "-m",
				    "vifarm: what its jobs need", object, NULL)
		      : NULL;
}

/* The first line of what git says that is an error. */
static char *first_error(const char *output)
{
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, "error: ") || g_str_has_prefix(*line, "fatal: "))
			return vf_text_escape(*line + 7, -1, 200);
	return vf_text_escape(lines[0] ?: "git gave no reason", -1, 200);
}

/*
 * If every patch is already applied, reverting them succeeds. A tree that has only some of
 * them takes neither.
 */
static gboolean put_support(VfMailTree *tree, const VfVariant *variant, VfSupport *support,
			    GError **error)
{
	g_auto(VfMailGitEnd) reverse = {0}, forward = {0};
	g_autofree char *read = NULL;

	if (!variant->patches->len) {
		support->commit = g_strdup(support->base);
		return TRUE;
	}
	unlink(tree->index);
	read = with_index(tree, error, "read-tree", support->base);
	if (!read || !apply_variant(tree, variant, "-R", &reverse, error))
		return FALSE;
	if (!reverse.status) {
		support->in_tree = TRUE;
		support->commit = g_strdup(support->base);
		return TRUE;
	}
	if (!apply_variant(tree, variant, "--allow-empty", &forward, error))
		return FALSE;
	if (forward.status) {
		support->problem = first_error(forward.output);
		return TRUE;
	}
	support->commit = commit_index(tree, support->base, error);
	return support->commit != NULL;
}

/* The stacks of patches, those first that fit the tree at @base. */
static GPtrArray *stacks_for(VfMailTree *tree, const char *base, GError **error)
{
	g_autofree char *name = g_strconcat(base, ":Makefile", NULL);
	g_autofree char *makefile = vf_mail_git(&tree->git, NULL, "cat-file", "blob", name, NULL);
	GPtrArray *stacks = vf_stacks_load(vf_dirs_data(), error);

	if (stacks)
		vf_stacks_sort(stacks, makefile ? vf_stacks_version(makefile) : 0);
	return stacks;
}

/* In the first stack that applies; when none does, the problem is that of the best. */
static gboolean put_stack(VfMailTree *tree, const VfVariant *variant, VfSupport *support,
			  GError **error)
{
	g_autoptr(GPtrArray) stacks = stacks_for(tree, support->base, error);
	g_autofree char *problem = NULL;

	if (!stacks)
		return FALSE;
	for (guint i = 0; i < MAX(stacks->len, 1) && !support->commit; i++) {
		const VfStackName *stack = i < stacks->len ? stacks->pdata[i] : NULL;
		g_autoptr(GPtrArray) patches =
			vf_stacks_resolve(variant->patches, stacks, stack ? stack->name : NULL);
		VfVariant resolved = *variant;

		resolved.patches = patches;
		if (!put_support(tree, &resolved, support, error))
			return FALSE;
		if (!problem)
			problem = g_steal_pointer(&support->problem);
		g_clear_pointer(&support->problem, g_free);
	}
	if (!support->commit)
		support->problem = g_steal_pointer(&problem);
	return TRUE;
}

gboolean vf_mail_tree_base(VfMailTree *tree, const char *base, const VfVariant *variant,
			   VfSupport *support, GError **error)
{
	gboolean ok;

	support->base = g_strdup(base);
	ok = set_head(tree, base, error) && put_stack(tree, variant, support, error);
	unlink(tree->index);
	return ok;
}

/* What `git am` is left in when it was killed or failed. */
static gboolean clear_work(VfMailTree *tree, GError **error)
{
	static const char *const left[] = {"rebase-apply", "MERGE_RR", "index", "index.lock",
					   "HEAD.lock"};

	for (gsize i = 0; i < G_N_ELEMENTS(left); i++) {
		g_autofree char *path = g_build_filename(tree->repository, left[i], NULL);

		if (!vf_dirs_remove(path, error))
			return FALSE;
	}
	return vf_dirs_remove(tree->work, error) && vf_dirs_make(tree->work, error);
}

static gboolean start_at(VfMailTree *tree, const char *commit, GError **error)
{
	g_autofree char *read = NULL;

	if (!clear_work(tree, error) || !set_head(tree, commit, error))
		return FALSE;
	read = vf_mail_git(&tree->git, error, "read-tree", commit, NULL);
	return read != NULL;
}

/* Symbolic links and submodules; what a tree has already is left to it. */
static gboolean check_modes(VfMailTree *tree, char **problem, GError **error)
{
	g_autofree char *raw = vf_mail_git(&tree->git, error, "diff-tree", "-r", "--no-commit-id",
					   "--no-renames", "HEAD", NULL);
	g_auto(GStrv) lines = raw ? g_strsplit(raw, "\n", -1) : NULL;

	for (char **line = lines; line && *line; line++) {
		const char *path = strrchr(*line, '\t');
		gboolean odd = g_str_has_prefix(*line, ":") && strlen(*line) > 14 &&
			       strncmp(*line + 8, "100", 3) && strncmp(*line + 8, "000000", 6);
		g_autofree char *shown = odd ? vf_text_escape(path ? path + 1 : "", -1, 200) : NULL;

		if (odd) {
			*problem = g_strdup_printf("%s would not be a regular file", shown);
			return TRUE;
		}
	}
	return raw != NULL;
}

/*
 * Brings the files that @patch touches into the work tree: where it does not apply as it is, git
 * merges there. New files are none of the index, so it does not matter what git says.
 */
static gboolean fetch_files(VfMailTree *tree, const VfMessage *patch, GError **error)
{
	static const char *const words[] = {"checkout-index", "-q", "-f", "-u", "-z",
					    "--stdin",	      NULL};
	g_autoptr(GString) names = g_string_new(NULL);

	for (char **path = patch->paths; *path; path++)
		g_string_append_len(names, *path, (gssize)strlen(*path) + 1);
	if (!vf_cache_write_text(tree->mail, names->str, names->len, error))
		return FALSE;
	vf_mail_git_input(&tree->git, tree->mail, words, NULL);
	return TRUE;
}

/* With -3, git says last what it found first: where the patch does not fit. */
static gboolean explain(VfMailTree *tree, const VfMailGitEnd *am_end, char **problem,
			GError **error)
{
	const char *words[] = {"apply", "--cached", "--check", tree->mail, NULL};
	g_auto(VfMailGitEnd) end = {0};

	if (!vf_mail_git_run(&tree->git, words, NULL, &end, error))
		return FALSE;
	*problem = first_error(end.status ? end.output : am_end->output);
	return TRUE;
}

static gboolean am(VfMailTree *tree, const VfMessage *patch, char **problem, GError **error)
{
	const char *words[] = {"am",	   "-3", "--keep-cr", "--scissors", "--patch-format=mboxrd",
			       tree->mail, NULL};
	g_autoptr(GString) mbox = vf_message_mbox(patch);
	g_auto(VfMailGitEnd) end = {0};

	if (!mbox) {
		*problem = g_strdup("has no diff");
		return TRUE;
	}
	if (!fetch_files(tree, patch, error) ||
	    !vf_cache_write_text(tree->mail, mbox->str, mbox->len, error) ||
	    !vf_mail_git_run(&tree->git, words, NULL, &end, error))
		return FALSE;
	return !end.status || explain(tree, &end, problem, error);
}

/* Applies one and notes what came of it. */
static gboolean apply_one(VfMailTree *tree, const VfMessage *patch, VfApplied *applied,
			  GError **error)
{
	char *commit;

	if (patch->damage)
		applied->problem = vf_text_escape(patch->damage, -1, 200);
	else if (!am(tree, patch, &applied->problem, error))
		return FALSE;
	if (!applied->problem) {
		if (!check_modes(tree, &applied->problem, error))
			return FALSE;
		applied->refused = applied->problem != NULL;
	}
	if (applied->problem)
		return TRUE;
	commit = vf_mail_git(&tree->git, error, "rev-parse", "HEAD", NULL);
	if (commit)
		g_ptr_array_add(applied->commits, commit);
	return commit != NULL;
}

static gboolean apply_all(VfMailTree *tree, const GPtrArray *patches, VfApplied *applied,
			  GError **error)
{
	for (guint i = 0; i < patches->len; i++) {
		if (!apply_one(tree, patches->pdata[i], applied, error))
			return FALSE;
		if (applied->problem) {
			applied->failed = i + 1;
			return TRUE;
		}
	}
	return TRUE;
}

gboolean vf_mail_tree_apply_mails(VfMailTree *tree, const char *onto, const GPtrArray *patches,
				  VfApplied *applied, GError **error)
{
	g_autofree char *head = vf_mail_git(&tree->git, error, "rev-parse", "HEAD", NULL);
	gboolean ok;

	applied->commits = g_ptr_array_new_with_free_func(g_free);
	if (!head || !start_at(tree, onto, error))
		return FALSE;
	ok = apply_all(tree, patches, applied, error);
	unlink(tree->mail);
	return ok && clear_work(tree, error) && set_head(tree, head, error);
}

gboolean vf_mail_tree_apply(VfMailTree *tree, const char *onto, const VfSeries *series,
			    VfApplied *applied, GError **error)
{
	return vf_mail_tree_apply_mails(tree, onto, series->patches, applied, error);
}

gboolean vf_mail_tree_diff(VfMailTree *tree, const char *from, const char *to, const char *path,
			   GError **error)
{
	g_autofree char *temporary = g_build_filename(tree->directory, "diff", NULL);
	g_autofree char *option = g_strconcat("--output=", temporary, NULL);
	g_autofree char *done = NULL, *text = NULL;
	g_autoptr(GError) local = NULL;
	gsize length;

	done = vf_mail_git(&tree->git, error, "diff", "--binary", "--full-index", "--no-renames",
			   "--no-color", "--no-ext-diff", "--no-textconv", option, from, to, "--",
			   NULL);
	if (!done)
		return FALSE;
	if (!g_file_get_contents(temporary, &text, &length, &local))
		return vf_throw(error, VF_ERROR_IO, "%s", local->message);
	unlink(temporary);
	if (length > DIFF_BYTES_MAX)
		return vf_throw(error, VF_ERROR_PATCH, "it changes more than %d MiB",
				DIFF_BYTES_MAX >> 20);
	return vf_dirs_write(path, text, (gssize)length, error);
}

char *vf_mail_tree_patch_id(VfMailTree *tree, const VfMessage *mail)
{
	static const char *const question[] = {"patch-id", "--stable", NULL};
	g_autoptr(GString) mbox = vf_message_mbox(mail);
	g_autofree char *line = NULL;
	g_auto(GStrv) words = NULL;

	if (!mbox || !vf_cache_write_text(tree->mail, mbox->str, mbox->len, NULL))
		return NULL;
	vf_mail_git_input(&tree->git, tree->mail, question, &line);
	unlink(tree->mail);
	words = line ? g_strsplit(line, " ", 2) : NULL;
	return words && words[0] && is_hash(words[0]) ? g_strdup(words[0]) : NULL;
}
