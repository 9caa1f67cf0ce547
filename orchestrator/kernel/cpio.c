// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cpio.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/error.h"

typedef struct Pack {
	struct archive *archive;
	const char *output;
	gint64 inode; /* of the last entry: the kernel takes equal ones for hard links */
} Pack;

static gboolean complain(Pack *pack, GError **error)
{
	const char *why = archive_error_string(pack->archive);

	return vf_throw(error, VF_ERROR_IO, "cannot write %s: %s", pack->output,
			why ? why : "libarchive gave no reason");
}

static gboolean add_entry(Pack *pack, const char *path, mode_t type, mode_t mode, const char *bytes,
			  gsize length, GError **error)
{
	struct archive_entry *entry = archive_entry_new();
	gboolean ok;

	archive_entry_set_pathname(entry, path + 1);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, mode);
	archive_entry_set_nlink(entry, type == AE_IFDIR ? 2 : 1);
	archive_entry_set_ino64(entry, ++pack->inode);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, (gint64)length);
	if (type == AE_IFCHR)
		archive_entry_set_rdev(entry, makedev(5, 1));
	ok = archive_write_header(pack->archive, entry) == ARCHIVE_OK &&
	     archive_write_data(pack->archive, bytes, length) == (la_ssize_t)length;
	archive_entry_free(entry);
	return ok || complain(pack, error);
}

static gboolean add_file(Pack *pack, const VfCpioFile *file, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *bytes = NULL;
	gsize length;

	if (!g_file_get_contents(file->from, &bytes, &length, &local))
		return vf_throw(error, VF_ERROR_IO, "%s", local->message);
	return add_entry(pack, file->path, AE_IFREG, 0755, bytes, length, error);
}

static gboolean add_parents(Pack *pack, GHashTable *made, const char *path, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(path);

	if (!strcmp(parent, "/") || g_hash_table_contains(made, parent))
		return TRUE;
	return add_parents(pack, made, parent, error) && g_hash_table_add(made, g_strdup(parent)) &&
	       add_entry(pack, parent, AE_IFDIR, 0755, "", 0, error);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const VfCpioFile *)a)->path, ((const VfCpioFile *)b)->path);
}

static gboolean add_all(Pack *pack, const VfCpioFile *files, guint count, GError **error)
{
	g_autofree VfCpioFile *sorted = g_memdup2(files, count * sizeof(*files));
	g_autoptr(GHashTable) made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	qsort(sorted, count, sizeof(*sorted), by_path);
	if (!add_parents(pack, made, "/dev/console", error) ||
	    !add_entry(pack, "/dev/console", AE_IFCHR, 0600, "", 0, error))
		return FALSE;
	for (guint i = 0; i < count; i++)
		if (!add_parents(pack, made, sorted[i].path, error) ||
		    !add_file(pack, &sorted[i], error))
			return FALSE;
	return TRUE;
}

gboolean vf_cpio_write(const char *output, const VfCpioFile *files, guint count, GError **error)
{
	struct archive *archive = archive_write_new();
	Pack pack = {archive, output, 0};
	gboolean ok =
		archive_write_add_filter_gzip(archive) == ARCHIVE_OK &&
		archive_write_set_format_cpio_newc(archive) == ARCHIVE_OK &&
		archive_write_set_filter_option(archive, "gzip", "timestamp", NULL) == ARCHIVE_OK &&
		archive_write_open_filename(archive, output) == ARCHIVE_OK;

	if (!ok)
		complain(&pack, error);
	ok = ok && add_all(&pack, files, count, error);
	if (ok && archive_write_close(archive) != ARCHIVE_OK)
		ok = complain(&pack, error);
	archive_write_free(archive);
	return ok;
}
