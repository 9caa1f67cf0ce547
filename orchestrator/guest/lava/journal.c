// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/lock.h"

#define SIZE_MAX_BYTES (64 * 1024 * 1024)

struct VfJournal {
	char *path;
	int fd;
	VfLock *lock;
	GPtrArray *entries;
};

void vf_journal_entry_free(gpointer data)
{
	VfJournalEntry *entry = data;

	g_free(entry->name);
	g_free(entry->sha256);
	g_free(entry->job);
	g_free(entry);
}

void vf_journal_close(VfJournal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	g_clear_pointer(&journal->lock, vf_lock_free);
	g_ptr_array_unref(journal->entries);
	g_free(journal->path);
	g_free(journal);
}

static VfJournalEntry *find(const GPtrArray *entries, const char *name)
{
	for (guint i = entries->len; i-- > 0;) {
		VfJournalEntry *entry = entries->pdata[i];

		if (!strcmp(entry->name, name))
			return entry;
	}
	return NULL;
}

const VfJournalEntry *vf_journal_find(const VfJournal *journal, const char *name)
{
	return find(journal->entries, name);
}

GPtrArray *vf_journal_entries(const VfJournal *journal)
{
	return journal->entries;
}

/* @entry: the one of that name, or NULL. Returns it, which may be new. */
static VfJournalEntry *note_wants(GPtrArray *entries, VfJournalEntry *entry, const char *name,
				  const char *sha256)
{
	if (!entry) {
		entry = g_new0(VfJournalEntry, 1);
		entry->name = g_strdup(name);
		g_ptr_array_add(entries, entry);
	}
	g_free(entry->sha256);
	entry->sha256 = g_strdup(sha256);
	entry->failed = FALSE;
	return entry;
}

/* @index: @entries by name. FALSE: the line says nothing that may stand there. */
static gboolean take(GPtrArray *entries, GHashTable *index, const json_t *line)
{
	const char *wants = json_string_value(json_object_get(line, "wants"));
	const char *sha256 = json_string_value(json_object_get(line, "sha256"));
	const char *job = json_string_value(json_object_get(line, "job"));
	const char *failed = json_string_value(json_object_get(line, "failed"));
	const char *name = job ? json_string_value(json_object_get(line, "name")) : failed;
	VfJournalEntry *entry = name ? g_hash_table_lookup(index, name) : NULL;

	if (wants && sha256) {
		entry = note_wants(entries, g_hash_table_lookup(index, wants), wants, sha256);
		g_hash_table_replace(index, entry->name, entry);
		return TRUE;
	}
	if (!entry)
		return FALSE;
	if (job) {
		g_free(entry->job);
		entry->job = g_strdup(job);
	}
	entry->failed = failed != NULL;
	return TRUE;
}

gboolean vf_journal_parse(const char *text, gsize length, const char *path, GPtrArray *entries,
			  GError **error)
{
	g_autoptr(GHashTable) index = g_hash_table_new(g_str_hash, g_str_equal);
	const char *end = text + length, *newline;
	guint number = 0;

	for (guint i = 0; i < entries->len; i++) {
		VfJournalEntry *entry = entries->pdata[i];

		g_hash_table_replace(index, entry->name, entry);
	}

	for (; text < end && (newline = memchr(text, '\n', (gsize)(end - text)));
	     text = newline + 1) {
		json_auto_t *line = json_loadb(text, (gsize)(newline - text), 0, NULL);

		number++;
		if (!take(entries, index, line))
			return vf_throw(error, VF_ERROR_DATA, "%s: line %u: no entry of a journal",
					path, number);
	}
	return TRUE;
}

static gboolean load(VfJournal *journal, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *text = NULL;
	const char *newline;
	gsize length;

	if (!g_file_get_contents(journal->path, &text, &length, &local))
		return vf_throw(error, VF_ERROR_IO, "%s: %s", journal->path, local->message);
	if (length > SIZE_MAX_BYTES)
		return vf_throw(error, VF_ERROR_DATA, "%s: too large", journal->path);
	if (!vf_journal_parse(text, length, journal->path, journal->entries, error))
		return FALSE;
	/* what was being written when the process ended */
	newline = memrchr(text, '\n', length);
	if (ftruncate(journal->fd, newline ? newline + 1 - text : 0) < 0)
		return vf_throw_errno(error, "%s", journal->path);
	return TRUE;
}

/* The file's name is to survive as well. */
static gboolean sync_directory(const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		vf_throw_errno(error, "%s", directory);
	if (fd >= 0)
		close(fd);
	return ok;
}

VfJournal *vf_journal_open(const char *path, GError **error)
{
	g_autoptr(VfJournal) journal = g_new0(VfJournal, 1);
	g_autofree char *lock = g_strconcat(path, ".lock", NULL);
	GError *local = NULL;

	journal->fd = -1;
	journal->path = g_strdup(path);
	journal->entries = g_ptr_array_new_with_free_func(vf_journal_entry_free);
	journal->lock = vf_lock_try(lock, VF_LOCK_EXCLUSIVE, &local);
	if (local) {
		g_propagate_error(error, local);
		return NULL;
	}
	if (!journal->lock)
		return vf_throw_null(error, VF_ERROR_USAGE, "%s: another process follows this run",
				     path);
	journal->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (journal->fd < 0) {
		vf_throw_errno(error, "%s", path);
		return NULL;
	}
	if (!sync_directory(path, error) || !load(journal, error))
		return NULL;
	return g_steal_pointer(&journal);
}

/* Takes @line. */
static gboolean append(VfJournal *journal, json_t *line, GError **error)
{
	g_autofree char *text = json_dumps(line, JSON_COMPACT);
	g_autofree char *whole = g_strconcat(text, "\n", NULL);
	gsize length = strlen(whole);

	json_decref(line);
	if (write(journal->fd, whole, length) != (gssize)length || fsync(journal->fd) < 0)
		return vf_throw_errno(error, "%s", journal->path);
	return TRUE;
}

gboolean vf_journal_wants(VfJournal *journal, const char *name, const char *sha256, GError **error)
{
	json_t *line = json_pack("{s:s, s:s, s:I}", "wants", name, "sha256", sha256, "time",
				 (json_int_t)g_get_real_time());

	if (!append(journal, line, error))
		return FALSE;
	note_wants(journal->entries, find(journal->entries, name), name, sha256);
	return TRUE;
}

gboolean vf_journal_job(VfJournal *journal, const char *name, const char *job, GError **error)
{
	VfJournalEntry *entry = find(journal->entries, name);

	g_return_val_if_fail(entry, FALSE);
	if (!append(journal, json_pack("{s:s, s:s}", "job", job, "name", name), error))
		return FALSE;
	g_free(entry->job);
	entry->job = g_strdup(job);
	return TRUE;
}

gboolean vf_journal_failed(VfJournal *journal, const char *name, GError **error)
{
	VfJournalEntry *entry = find(journal->entries, name);

	g_return_val_if_fail(entry, FALSE);
	if (!append(journal, json_pack("{s:s}", "failed", name), error))
		return FALSE;
	entry->failed = TRUE;
	return TRUE;
}
