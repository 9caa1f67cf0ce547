// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names for readers that keep one result for each name. Guests name their cases as they like, so
 * two may have the same name.
 */
#pragma once

#include <glib.h>

typedef GHashTable VfUnique; /* the names that were given */

VfUnique *vf_unique_new(void);
void vf_unique_free(VfUnique *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfUnique, vf_unique_free)

/* @name, or "@name (2)", "@name (3)" and so on when @scope has it already. Caller frees. */
char *vf_unique_name(VfUnique *names, const char *scope, const char *name);
