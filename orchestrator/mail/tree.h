// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where series are applied: a bare repository of our own below vf_dirs_cache()/mail/ that borrows
 * the objects of the configured tree, which is read and never written. Its work tree stays empty
 * but for the files that patches touch. One process at a time uses it.
 */
#pragma once

#include "mail/series.h"
#include "plan/variant.h"

typedef struct VfMailTree VfMailTree;

/*
 * @path: a git tree of Linux. VF_ERROR_USAGE (no such tree), VF_ERROR_MISSING (no sandbox),
 * VF_ERROR_HARNESS (another process uses it).
 */
VfMailTree *vf_mail_tree_open(const char *path, GError **error);
void vf_mail_tree_free(VfMailTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailTree, vf_mail_tree_free)

/* The last step of the tree's path, for people. */
const char *vf_mail_tree_name(const VfMailTree *tree);

/* The repository; its HEAD is what vf_mail_tree_base() set. For vf_builder_new(). */
const char *vf_mail_tree_repository(const VfMailTree *tree);

/* The commit that @revision names in the tree, HEAD for NULL; NULL when there is none. */
char *vf_mail_tree_commit(VfMailTree *tree, const char *revision);

/* Who decides what a commit of the tree holds. */
typedef enum {
	VF_BASE_LOOSE, /* on no branch and behind no tag of the tree: anybody may have put it there */
	VF_BASE_FOREIGN, /* behind a reference of the tree, but none of those that are trusted */
	VF_BASE_TRUSTED, /* behind HEAD or a reference that is trusted */
} VfBaseTrust;

/*
 * @commit is one that vf_mail_tree_commit() gave; @branches are patterns of references as for
 * `git rev-list --glob`.
 */
VfBaseTrust vf_mail_tree_trust(VfMailTree *tree, const char *commit, GStrv branches);

/* '0123456789ab ("subject")', or the first digits only. Never NULL; caller frees. */
char *vf_mail_tree_describe(VfMailTree *tree, const char *commit);

/* The addresses that MAINTAINERS of the tree's HEAD names for @paths; NULL: there is no such file. */
GHashTable *vf_mail_tree_named(VfMailTree *tree, char **paths);

/* Where the farm's own patches are, relative to a series. */
typedef struct VfSupport {
	char *base;	  /* commit of the tree */
	char *commit;	  /* @base with the patches; @base itself when it has them already */
	gboolean in_tree; /* it has */
	char *problem;	  /* why they do not apply, or NULL; then @commit is NULL */
} VfSupport;

void vf_support_clear(VfSupport *support);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VfSupport, vf_support_clear)

/* Makes @base the HEAD and puts the patches of @variant on it. Fills @support, which is clear. */
gboolean vf_mail_tree_base(VfMailTree *tree, const char *base, const VfVariant *variant,
			   VfSupport *support, GError **error);

/* What became of the patches of a series. */
typedef struct VfApplied {
	GPtrArray *commits; /* of char *: after patch 1, 2, ...; ends before the one that failed */
	guint failed;	    /* number of that patch, 0: none */
	gboolean refused;   /* it was not even tried, or its result is none that we build */
	char *problem;	    /* one line about it */
} VfApplied;

void vf_applied_clear(VfApplied *applied);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VfApplied, vf_applied_clear)

/*
 * `git am -3` for the patches of @series, which is complete, on the commit @onto. Patches that
 * make symbolic links, submodules or .git paths are refused.
 */
gboolean vf_mail_tree_apply(VfMailTree *tree, const char *onto, const VfSeries *series,
			    VfApplied *applied, GError **error);

/* The same for @patches (of VfMessage) that are no series: prerequisites. */
gboolean vf_mail_tree_apply_mails(VfMailTree *tree, const char *onto, const GPtrArray *patches,
				  VfApplied *applied, GError **error);

/* Writes what leads from @from to @to to the file @path, as one patch with nothing but changes. */
gboolean vf_mail_tree_diff(VfMailTree *tree, const char *from, const char *to, const char *path,
			   GError **error);

/* `git patch-id --stable` of the patch in @mail, or NULL. Caller frees. */
char *vf_mail_tree_patch_id(VfMailTree *tree, const VfMessage *mail);
