// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The jobs that a run has put into a lab: one JSON line each, on disk (fsync) before anything
 * depends on it.
 *   {"wants": NAME, "sha256": HASH, "time": TIME}  before a submission; HASH of the definition,
 *                                                  TIME in microseconds
 *   {"job": ID, "name": NAME}                      as soon as the id is known
 *   {"failed": NAME}                               the lab refused it
 * A last line without its newline was never written. Locked while it is open.
 */
#pragma once

#include <glib.h>

typedef struct VfJournal VfJournal;

typedef struct VfJournalEntry {
	char *name;
	char *sha256;
	char *job;	 /* NULL: nobody knows whether it was submitted */
	gboolean failed; /* it was not */
} VfJournalEntry;

/*
 * Opens or creates @path. VF_ERROR_IO; VF_ERROR_USAGE when another process has it; VF_ERROR_DATA
 * with the line when it is no journal.
 */
VfJournal *vf_journal_open(const char *path, GError **error);
void vf_journal_close(VfJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfJournal, vf_journal_close)

/* The latest about @name, or NULL; valid until the next write. */
const VfJournalEntry *vf_journal_find(const VfJournal *journal, const char *name);

/* All entries in their order: of VfJournalEntry, owned by @journal. */
GPtrArray *vf_journal_entries(const VfJournal *journal);

gboolean vf_journal_wants(VfJournal *journal, const char *name, const char *sha256, GError **error);
gboolean vf_journal_job(VfJournal *journal, const char *name, const char *job, GError **error);
gboolean vf_journal_failed(VfJournal *journal, const char *name, GError **error);

/* For tests: the lines of a journal into @entries (of VfJournalEntry). VF_ERROR_DATA. */
gboolean vf_journal_parse(const char *text, gsize length, const char *path, GPtrArray *entries,
			  GError **error);
void vf_journal_entry_free(gpointer entry);
