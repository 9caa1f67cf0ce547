// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "kernel/binary-patch.h"
#include "kernel/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_safe(GHashTable *paths)
{
	GHashTableIter iter;
	gpointer path;

	g_hash_table_iter_init(&iter, paths);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		g_assert_null(vf_patch_path_problem(path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *binary = vf_binary_patch_problem((const char *)data, size);
	g_autoptr(GError) numstat = NULL, sources = NULL;

	if (!vf_patch_read_numstat((const char *)data, size, paths, &numstat))
		g_assert_true(g_utf8_validate(numstat->message, -1, NULL));
	if (!vf_patch_read_sources((const char *)data, size, paths, &sources))
		g_assert_true(g_utf8_validate(sources->message, -1, NULL));
	assert_safe(paths);
	g_assert_true(!binary || g_utf8_validate(binary, -1, NULL));
	return 0;
}
