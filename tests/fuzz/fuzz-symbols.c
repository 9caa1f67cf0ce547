// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "evidence/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GHashTable) names = vf_symbols_parse((const char *)data, size);
	GHashTableIter iter;
	gpointer name;

	g_hash_table_iter_init(&iter, names);
	while (g_hash_table_iter_next(&iter, NULL, &name))
		g_assert_true(g_utf8_validate(name, -1, NULL));
	return 0;
}
