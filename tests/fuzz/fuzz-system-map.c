// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/symbols.h"
#include "file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_resolved(G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer done)
{
	vf_symbols_resolve_finish(result);
	*(gboolean *)done = TRUE;
}

/* Addresses by name, and names by address. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"_text", "_end", NULL};
	g_autoptr(GHashTable) found = vf_symbols_lookup(fuzz_file(data, size), names, NULL);
	g_autoptr(GPtrArray) hazards =
		g_ptr_array_new_with_free_func((GDestroyNotify)vf_hazard_free);
	VfHazard *hazard = g_new0(VfHazard, 1);
	gboolean done = FALSE;

	g_assert_cmpuint(g_hash_table_size(found), <=, 2);
	hazard->pc = 0xffffffff81000004;
	hazard->origin = 0x10100008;
	g_ptr_array_add(hazards, hazard);
	vf_symbols_resolve_async(hazards, NULL, "vmlinux", fuzz_file(data, size), 1, NULL,
				 on_resolved, &done);
	while (!done)
		g_main_context_iteration(NULL, TRUE);
	g_assert_true(!hazard->pc_source || g_utf8_validate(hazard->pc_source, -1, NULL));
	return 0;
}
