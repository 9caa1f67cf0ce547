// SPDX-License-Identifier: GPL-2.0-or-later
/* What the files that implement build/build.h share. */
#pragma once

#include "kernel/child.h"
#include "kernel/source.h"

struct VfBuilder {
	char *data;
	guint jobs;
	VfSource *source;
	VfLimits strangers;
	gboolean busy;	/* a kernel build has the turn */
	GQueue waiting; /* GTasks of those that want it */
};

/*
 * Key of a kernel from its source, the patched files, fragments, tool chain and architecture.
 * @patched: map of path to identity, build/tree.h. Caller frees.
 */
struct VfConfig;
char *vf_kernel_key(const VfArch *arch, const char *source_key, GHashTable *patched,
		    const char *fragments, const char *compiler);

/* All fragments of @arch, the @stack ("": none) and @variant, merged. NULL with VF_ERROR_DATA. */
struct VfConfig *vf_kernel_fragments(const char *data, const VfArch *arch, const char *stack,
				     const VfVariant *variant, GError **error);

/* The patches of @variant and @mutant (may be NULL), borrowed strings. */
GPtrArray *vf_kernel_patches(const VfVariant *variant, const char *mutant);
