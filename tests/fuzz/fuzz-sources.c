// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sources.h"
#include "kernel/tree.h"
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The list of files that a kernel was built from, as it is stored. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GHashTable) a = vf_tree_map_new(), b = vf_tree_map_new();

	g_hash_table_insert(a, g_strdup("mm/vmalloc.c"), g_strdup("644 1"));
	g_hash_table_insert(b, g_strdup("mm/vmalloc.c"), g_strdup("644 2"));
	vf_sources_same(fuzz_file(data, size), "/nonexistent", a, b);
	return 0;
}
