// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeps directories of the cache from growing for ever. */
#pragma once

#include <glib.h>

/*
 * Removes the entries of the cache's directory @kind that were used longest ago, until @keep are
 * left, and what killed runs left half done (".tmp"); but nothing that was used within a day. The
 * time of use is that of the file @record in an entry, or of the entry itself (NULL, or no such).
 */
void vf_trim(const char *kind, const char *record, guint keep);
