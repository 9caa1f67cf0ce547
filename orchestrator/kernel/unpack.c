// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

#define BLOCK_BYTES 65536
#define SHOWN_BYTES 200

const VfUnpackLimits vf_unpack_limits = {.bytes = G_GUINT64_CONSTANT(8) << 30, .members = 500000};

typedef struct Unpack {
	struct archive *in, *out;
	const VfUnpackLimits *limits;
	guint64 bytes;
	guint members;
} Unpack;

static void unpack_clear(Unpack *job)
{
	archive_read_free(job->in);
	archive_write_free(job->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Unpack, unpack_clear)

/* What libarchive says of a file that is none of its own. */
static gboolean fail_read(Unpack *job, GError **error)
{
	const char *said = archive_error_string(job->in);
	g_autofree char *shown = vf_text_escape(said ? said : "no reason given", -1, SHOWN_BYTES);

	if (strstr(shown, "Unrecognized archive format") || strstr(shown, "missing magic"))
		return vf_throw(error, VF_ERROR_IO,
				"this does not look like a tar archive (plain, xz, gzip, zstd or "
				"bzip2)");
	/* the latter is liblzma's for the end of a file that is none of a stream */
	if (strcasestr(shown, "truncated") || strstr(shown, "No progress is possible"))
		return vf_throw(error, VF_ERROR_IO, "the archive is cut short: %s", shown);
	return vf_throw(error, VF_ERROR_IO, "the archive is broken: %s", shown);
}

static gboolean fail_write(Unpack *job, const char *name, GError **error)
{
	const char *said = archive_error_string(job->out);
	g_autofree char *shown = vf_text_escape(name, -1, SHOWN_BYTES);

	return vf_throw(error, VF_ERROR_IO, "cannot write %s: %s", shown,
			said ? said : "no reason");
}

static gboolean refuse(const char *name, const char *why, GError **error)
{
	g_autofree char *shown = vf_text_escape(name, -1, SHOWN_BYTES);

	return vf_throw(error, VF_ERROR_IO, "refused: the member %s %s", shown, why);
}

/* Where the steps of @path lead from the directory of depth @depth; -1: out of the tree. */
static int depth_behind(const char *path, int depth)
{
	while (depth >= 0 && *path) {
		gsize length = strcspn(path, "/");

		if (length == 2 && !strncmp(path, "..", 2))
			depth--;
		else if (length && !(length == 1 && *path == '.'))
			depth++;
		path += length + (path[length] == '/');
	}
	return depth;
}

static gboolean has_dot_dot(const char *path)
{
	g_auto(GStrv) steps = g_strsplit(path, "/", -1);

	return g_strv_contains((const char *const *)steps, "..");
}

/* The part behind the first step; "" when there is no other. */
static const char *stripped(const char *name)
{
	const char *rest = name + strcspn(name, "/");

	return rest + strspn(rest, "/");
}

static const char *bad_name(const char *name)
{
	if (!name || !*name)
		return "has no name";
	if (*name == '/')
		return "has an absolute name";
	if (strlen(name) >= PATH_MAX)
		return "has too long a name";
	return has_dot_dot(name) ? "leads out of the tree" : NULL;
}

/* A link may only lead to where the archive's own top directory is. */
static const char *bad_link(const char *name, const char *target)
{
	const char *slash = strrchr(name, '/');
	g_autofree char *directory = g_strndup(name, slash ? (gsize)(slash - name) : 0);

	if (!*target || *target == '/' || depth_behind(target, depth_behind(directory, 0)) < 0)
		return "is a link that leads out of the tree";
	return NULL;
}

static const char *bad_member(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	const char *hard = archive_entry_hardlink(entry);
	const char *why = bad_name(name);

	if (why)
		return why;
	if (hard)
		return bad_name(hard) ? "is a link that leads out of the tree" : NULL;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
	case AE_IFDIR:
		return NULL;
	case AE_IFLNK:
		return bad_link(stripped(name), archive_entry_symlink(entry) ?: "");
	default:
		return "is a device, a FIFO or a socket";
	}
}

static void set_plain(struct archive_entry *entry)
{
	gboolean executable = archive_entry_perm(entry) & 0100;

	if (archive_entry_filetype(entry) == AE_IFDIR)
		executable = TRUE;
	archive_entry_set_perm(entry, executable ? 0755 : 0644);
	archive_entry_acl_clear(entry);
	archive_entry_xattr_clear(entry);
	archive_entry_set_fflags(entry, 0, 0);
}

/* FALSE without an error: there is nothing to write. */
static gboolean rename_member(struct archive_entry *entry)
{
	g_autofree char *name = g_strdup(stripped(archive_entry_pathname(entry)));
	const char *hard = archive_entry_hardlink(entry);
	g_autofree char *target = hard ? g_strdup(stripped(hard)) : NULL;

	if (!*name || (target && !*target))
		return FALSE;
	archive_entry_set_pathname(entry, name);
	if (target)
		archive_entry_set_hardlink(entry, target);
	return TRUE;
}

static gboolean count(Unpack *job, struct archive_entry *entry, GError **error)
{
	gint64 size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;

	if (++job->members > job->limits->members)
		return vf_throw(
			error, VF_ERROR_IO,
			"refused: the archive has more than %u members, no kernel source has",
			job->limits->members);
	if (size >= 0 && (guint64)size <= job->limits->bytes - job->bytes) {
		job->bytes += (guint64)size;
		return TRUE;
	}
	return vf_throw(error, VF_ERROR_IO,
			"refused: the archive unpacks to more than %" G_GUINT64_FORMAT
			" MiB, no kernel source does",
			job->limits->bytes >> 20);
}

/* A member has as many bytes as its head says: libarchive sees to that. */
static gboolean copy_data(Unpack *job, const char *name, GError **error)
{
	const void *block;
	size_t size;
	la_int64_t offset;
	int status;

	while ((status = archive_read_data_block(job->in, &block, &size, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(job->out, block, size, offset) < ARCHIVE_OK)
			return fail_write(job, name, error);
	return status == ARCHIVE_EOF || fail_read(job, error);
}

static gboolean unpack_member(Unpack *job, struct archive_entry *entry, GError **error)
{
	const char *why = bad_member(entry), *name;

	if (why)
		return refuse(archive_entry_pathname(entry) ?: "", why, error);
	if (!count(job, entry, error))
		return FALSE;
	if (!rename_member(entry))
		return TRUE;
	set_plain(entry);
	name = archive_entry_pathname(entry);
	if (archive_write_header(job->out, entry) < ARCHIVE_WARN)
		return fail_write(job, name, error);
	if (archive_entry_size(entry) > 0 && !archive_entry_hardlink(entry) &&
	    !copy_data(job, name, error))
		return FALSE;
	return archive_write_finish_entry(job->out) >= ARCHIVE_WARN || fail_write(job, name, error);
}

/* Filters for which libarchive would start a program are left out. */
static void open_both(Unpack *job)
{
	job->in = archive_read_new();
	archive_read_support_filter_gzip(job->in);
	archive_read_support_filter_bzip2(job->in);
	archive_read_support_filter_xz(job->in);
	archive_read_support_filter_zstd(job->in);
	archive_read_support_format_tar(job->in);
	job->out = archive_write_disk_new();
	archive_write_disk_set_options(job->out, ARCHIVE_EXTRACT_TIME |
							 ARCHIVE_EXTRACT_SECURE_SYMLINKS |
							 ARCHIVE_EXTRACT_SECURE_NODOTDOT |
							 ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS);
}

gboolean vf_unpack(int archive, const char *directory, const VfUnpackLimits *limits, GError **error)
{
	g_auto(Unpack) job = {.limits = limits};
	struct archive_entry *entry;
	int status;

	if (chdir(directory) < 0)
		return vf_throw_errno(error, "cannot enter %s", directory);
	open_both(&job);
	if (archive_read_open_fd(job.in, archive, BLOCK_BYTES) != ARCHIVE_OK)
		return fail_read(&job, error);
	while ((status = archive_read_next_header(job.in, &entry)) == ARCHIVE_OK ||
	       status == ARCHIVE_WARN)
		if (!unpack_member(&job, entry, error))
			return FALSE;
	if (status != ARCHIVE_EOF)
		return fail_read(&job, error);
	if (!job.members)
		return vf_throw(error, VF_ERROR_IO, "the archive is empty");
	return archive_write_close(job.out) == ARCHIVE_OK || fail_write(&job, directory, error);
}
