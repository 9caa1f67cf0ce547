// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pristine source tree: Debian's tarball, that of another suite, another tarball, a git tree with
 * its uncommitted changes, the HEAD of a bare one, or a directory. It is unpacked once to sources/<key>/tree and
 * never written again.
 *
 * A git tree that differs little from one of the same repository that is unpacked already is that
 * one and a patch, so that an edit or the next commit costs only what depends on it.
 */
#pragma once

#include "kernel/build.h"

/*
 * Finds out what @linux_source (NULL: Debian's tarball; "debian/SUITE": that suite's) is; nothing is
 * fetched, hashed or unpacked.
 * VF_ERROR_MISSING (package named), VF_ERROR_USAGE (no such tree, not a kernel tree).
 */
VfSource *vf_source_new(const char *linux_source, GError **error);
void vf_source_free(VfSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfSource, vf_source_free)

/* For people; says more once the source is identified. Never NULL, owned by @source. */
const char *vf_source_name(const VfSource *source);

/* 64 hex digits over the content, or NULL as long as it is not identified. Owned by @source. */
const char *vf_source_key(const VfSource *source);

/* Names the unpacked tree in names of directories. NULL as above. */
const char *vf_source_id(const VfSource *source);

/* Where the tree is, or NULL as long as it is not there. Owned by @source. */
const char *vf_source_tree(VfSource *source);

/* The patch that makes this source of its tree; NULL: the tree is the source. As above. */
const char *vf_source_delta(const VfSource *source);

/*
 * Makes the tarball of a suite be there (build/source-debian.h); other sources are. Comes before
 * the source is identified.
 */
void vf_source_fetch_async(VfSource *source, GCancellable *cancellable, VfBuildProgress progress,
			   gpointer progress_data, GAsyncReadyCallback done, gpointer data);
gboolean vf_source_fetch_finish(GAsyncResult *result, GError **error);

/* Makes the key known. A tarball that was seen before costs a stat(2). */
void vf_source_identify_async(VfSource *source, GCancellable *cancellable, GAsyncReadyCallback done,
			      gpointer data);
gboolean vf_source_identify_finish(GAsyncResult *result, GError **error);

/* Makes the tree of an identified source be there. */
void vf_source_unpack_async(VfSource *source, GCancellable *cancellable, VfBuildProgress progress,
			    gpointer progress_data, GAsyncReadyCallback done, gpointer data);
gboolean vf_source_unpack_finish(GAsyncResult *result, GError **error);
