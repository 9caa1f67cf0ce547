// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unpacked trees of git repositories, each of which can serve for others of the same repository
 * together with a patch: sources/<id>/{anchor.json,tree/,<object>.patch}.
 */
#pragma once

#include <glib.h>

typedef struct VfAnchor {
	char *id;
	char *object; /* git's name of the tree */
	gint64 used;  /* microseconds since the epoch */
} VfAnchor;

/* Those of @repository (path of the objects that its trees share), last used first. */
GPtrArray *vf_anchors(const char *repository);

/* Where the patch from @anchor to the tree @object is kept. Caller frees. */
char *vf_anchor_delta(const VfAnchor *anchor, const char *object);

/* Says in @directory what the tree there is. VF_ERROR_IO. */
gboolean vf_anchor_write(const char *directory, const char *repository, const char *object,
			 GError **error);

/*
 * Removes unpacked trees with all that was built in them until @keep are left, those unused
 * longest first and none that is in use. They end up in the cache's trash/, for the caller to
 * remove: that can take long.
 */
void vf_anchors_trim(guint keep);
