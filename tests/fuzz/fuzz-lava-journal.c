// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/journal.h"

#include <stdint.h>

#include "description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(vf_journal_entry_free);
	g_autoptr(GError) error = NULL;
	gboolean parsed = vf_journal_parse((const char *)data, size, "lava.jsonl", entries, &error);

	description_check(parsed, error, "lava.jsonl");
	for (guint i = 0; i < entries->len; i++) {
		const VfJournalEntry *entry = entries->pdata[i];

		g_assert_nonnull(entry->name);
		g_assert_nonnull(entry->sha256);
	}
	return 0;
}
