// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A Maildir. Files are taken in the order of their change times, which a delivery's rename sets;
 * the cursor is the last one less a margin for coarse clocks. What is read twice for that, or
 * because another program has changed its flags, is known by its Message-ID.
 */
#include "mail/source-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "mail/message.h"

#define MARGIN_NS (G_GINT64_CONSTANT(2) * 1000000000)

typedef struct Entry {
	gint64 changed; /* nanoseconds */
	char *path;
	guint64 size;
} Entry;

static void free_entry(gpointer data)
{
	Entry *entry = data;

	g_free(entry->path);
	g_free(entry);
}

static int by_change(gconstpointer a, gconstpointer b)
{
	const Entry *x = *(Entry *const *)a, *y = *(Entry *const *)b;

	if (x->changed != y->changed)
		return x->changed < y->changed ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void add_entry(GPtrArray *entries, const char *directory, const char *name, gint64 since)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	struct stat status;
	Entry *entry;
	gint64 changed;

	if (*name == '.' || lstat(path, &status) != 0 || !S_ISREG(status.st_mode))
		return;
	changed = (gint64)status.st_ctim.tv_sec * 1000000000 + status.st_ctim.tv_nsec;
	if (changed < since)
		return;
	entry = g_new0(Entry, 1);
	entry->changed = changed;
	entry->path = g_steal_pointer(&path);
	entry->size = (guint64)status.st_size;
	g_ptr_array_add(entries, entry);
}

static gboolean list(const char *maildir, const char *sub, gint64 since, GPtrArray *entries,
		     GError **error)
{
	g_autofree char *directory = g_build_filename(maildir, sub, NULL);
	g_autoptr(GError) local = NULL;
	g_autoptr(GDir) dir = g_dir_open(directory, 0, &local);
	const char *name;

	if (!dir)
		return vf_throw(error, VF_ERROR_DATA,
				"%s: not a Maildir (new/ and cur/ are missing): %s",
				vf_dirs_shown(maildir), local->message);
	while ((name = g_dir_read_name(dir)))
		add_entry(entries, directory, name, since);
	return TRUE;
}

/* NULL without error when the file has gone: another program has moved or read it. */
static char *load(const Entry *entry, gsize *length, GError **error)
{
	int fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	g_autofree char *bytes = NULL;
	gssize got = 0;

	if (fd < 0) {
		if (errno != ENOENT)
			vf_throw_errno(error, "%s: cannot open", vf_dirs_shown(entry->path));
		return NULL;
	}
	bytes = g_malloc(entry->size + 1);
	*length = 0;
	while (*length < entry->size &&
	       (got = read(fd, bytes + *length, entry->size - *length)) > 0)
		*length += (gsize)got;
	if (got < 0)
		vf_throw_errno(error, "%s: cannot read", vf_dirs_shown(entry->path));
	close(fd);
	return got < 0 ? NULL : g_steal_pointer(&bytes);
}

static gboolean take(VfMailSource *source, const VfMailSink *sink, const Entry *entry,
		     GError **error)
{
	const char *where = vf_dirs_shown(entry->path);
	g_autofree char *bytes = NULL;
	g_autoptr(GError) local = NULL;
	gsize length;

	vf_mail_cursor_set_number(source, "changed", entry->changed - MARGIN_NS);
	if (entry->size > VF_MESSAGE_BYTES_MAX) {
		vf_mail_skip_large(sink, where, entry->size);
		return TRUE;
	}
	bytes = load(entry, &length, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	return !bytes || sink->take(source, bytes, length, where, sink->data, error);
}

static gboolean read_maildir(VfMailSource *source, const VfMailSink *sink, GError **error)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(free_entry);
	gint64 since = vf_mail_cursor_number(source, "changed");

	if (!list(source->config->path, "cur", since, entries, error) ||
	    !list(source->config->path, "new", since, entries, error))
		return FALSE;
	g_ptr_array_sort(entries, by_change);
	for (guint i = 0; i < entries->len; i++)
		if (!take(source, sink, entries->pdata[i], error))
			return FALSE;
	return TRUE;
}

const VfMailSourceType vf_mail_source_maildir = {
	.name = "maildir",
	.read = read_maildir,
};
