// SPDX-License-Identifier: GPL-2.0-or-later
/* From addresses in a kernel to names, and back. */
#pragma once

#include <gio/gio.h>

#include "evidence/evidence.h"

/*
 * Addresses of those of @names (NULL-terminated) that the System.map at @path has: a new table of
 * char * to guint64 *. NULL with VF_ERROR_IO.
 */
GHashTable *vf_symbols_lookup(const char *path, const char *const *names, GError **error);

/*
 * Fills pc_source, caller_source and origin_source of @hazards (of VfHazard) with
 * "function file:line", or "function+0xoffset" where the debug info or @addr2line is missing.
 * Runs @addr2line (a name or path; NULL: nothing) on @vmlinux once, with all addresses, at most
 * @seconds long. Never fails: what cannot be resolved stays NULL. @hazards must live until @done is
 * called.
 */
void vf_symbols_resolve_async(GPtrArray *hazards, const char *addr2line, const char *vmlinux,
			      const char *system_map, guint seconds, GCancellable *cancellable,
			      GAsyncReadyCallback done, gpointer data);
void vf_symbols_resolve_finish(GAsyncResult *result);

/*
 * Reads what `addr2line -a -f -i` printed into a new table of guint64 * to char *
 * "function file:line", the innermost of inlined functions first named. For the fuzz target.
 */
GHashTable *vf_symbols_parse(const char *text, gsize length);
