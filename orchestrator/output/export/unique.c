// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/export/unique.h"

VfUnique *vf_unique_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void vf_unique_free(VfUnique *names)
{
	g_hash_table_unref(names);
}

/* How often the name was asked for; 0: never. */
static guint count(VfUnique *names, const char *scope, const char *name)
{
	char *key = g_strconcat(scope, "\n", name, NULL);
	guint before = GPOINTER_TO_UINT(g_hash_table_lookup(names, key));

	g_hash_table_insert(names, key, GUINT_TO_POINTER(before + 1));
	return before;
}

char *vf_unique_name(VfUnique *names, const char *scope, const char *name)
{
	guint before = count(names, scope, name);
	char *numbered;

	if (!before)
		return g_strdup(name);
	numbered = g_strdup_printf("%s (%u)", name, before + 1);
	/* a case may bear that name by itself */
	while (count(names, scope, numbered)) {
		g_free(numbered);
		before = count(names, scope, name);
		numbered = g_strdup_printf("%s (%u)", name, before + 1);
	}
	return numbered;
}
