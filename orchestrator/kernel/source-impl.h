// SPDX-License-Identifier: GPL-2.0-or-later
/* What the three files that implement build/source.h share. */
#pragma once

#include "base/git.h"
#include "base/lock.h"
#include "kernel/source-debian.h"
#include "kernel/source.h"

typedef enum { KIND_TARBALL, KIND_GIT, KIND_DIRECTORY } SourceKind;

struct VfSource {
	SourceKind kind;
	char *path;
	gboolean debian; /* the tarball of an installed package */
	VfDebian *suite; /* a package of a suite, or NULL */
	char *name;
	char *key;
	char *id;
	char *tree;
	char *delta;	   /* from the tree to the source, or NULL */
	VfLock *use;	   /* as long as it is held, nobody removes the tree */
	char *memo;	   /* file that remembers a tarball's checksum */
	VfGitView *view;   /* git: through which it is read */
	char *commit;	   /* git: HEAD */
	char *committed;   /* git: its tree object */
	char *object;	   /* git: tree object that holds HEAD and all changes, once identified */
	gboolean compared; /* git: with the unpacked trees */
	char *repository;  /* git: the objects that related trees share */
};

/* Sets key, id and tree from what identifies the content. */
void vf_source_set_key(VfSource *source, const char *identity);

/* Takes the unpacked tree with the name @id; FALSE when it is not there or being removed. */
gboolean vf_source_take_tree(VfSource *source, const char *id);

/* The version of the package that the tarball is from, or NULL. Caller frees. */
char *vf_source_debian_version(const VfSource *source);

/*
 * Git works on a view of the user's repository, and on an @index and an object directory of our
 * own: the user's tree is read and never written, nothing that its configuration names runs, and
 * HEAD and all changes become one tree object, whose name is the identity. Both are freed with
 * g_strfreev().
 */
char **vf_source_git_env(const VfSource *source, const char *index);
char **vf_source_git_argv(const char *first, ...) G_GNUC_NULL_TERMINATED;
