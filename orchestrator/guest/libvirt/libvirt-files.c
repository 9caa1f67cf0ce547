// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/libvirt/libvirt-files.h"

#include <fcntl.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "guest/libvirt/libvirt-host.h"

#define CHUNK	  (256 * 1024)
#define DAY	  (24 * 3600)
#define RUN_STAMP "vifarm-dddddddd-dddddd-" /* begins the name of a guest's file */

struct VfRemoteFiles {
	virConnectPtr connection;
	virStoragePoolPtr pool;
	char *shown;
};

VfRemoteFiles *vf_remote_files_new(virConnectPtr connection, const char *shown, GError **error)
{
	g_autoptr(VfRemoteFiles) files = g_new0(VfRemoteFiles, 1);

	files->shown = g_strdup(shown);
	files->connection = connection;
	virConnectRef(connection);
	files->pool = virStoragePoolLookupByName(connection, VF_LIBVIRT_POOL);
	if (!files->pool)
		return vf_throw_null(error, VF_ERROR_MISSING,
				     "%s: no storage pool \"" VF_LIBVIRT_POOL
				     "\" there to put kernels into (%s); docs/lab.md has the "
				     "commands that make one",
				     shown, virGetLastErrorMessage());
	if (!virStoragePoolIsActive(files->pool) && virStoragePoolCreate(files->pool, 0) < 0)
		return vf_throw_null(error, VF_ERROR_MISSING,
				     "%s: the storage pool \"" VF_LIBVIRT_POOL
				     "\" cannot be started: %s",
				     shown, virGetLastErrorMessage());
	virStoragePoolRefresh(files->pool, 0);
	return g_steal_pointer(&files);
}

void vf_remote_files_free(VfRemoteFiles *files)
{
	if (!files)
		return;
	if (files->pool)
		virStoragePoolFree(files->pool);
	virConnectClose(files->connection);
	g_free(files->shown);
	g_free(files);
}

static gboolean fail(const VfRemoteFiles *files, GError **error, const char *name)
{
	g_autofree char *prefix = g_strdup_printf("%s: %s", files->shown, name);

	return vf_host_throw(error, prefix);
}

/* A new one grows with what is written to it. */
static virStorageVolPtr make(VfRemoteFiles *files, const char *name)
{
	g_autofree char *xml = g_markup_printf_escaped(
		"<volume><name>%s</name><capacity>0</capacity><target><format type='raw'/>"
		"<permissions><mode>0600</mode></permissions></target></volume>",
		name);

	return virStorageVolCreateXML(files->pool, xml, 0);
}

static virStorageVolPtr find(VfRemoteFiles *files, const char *name)
{
	return virStorageVolLookupByName(files->pool, name);
}

static char *path_of(virStorageVolPtr volume)
{
	g_autofree char *theirs = virStorageVolGetPath(volume);

	return g_strdup(theirs);
}

static gboolean send_all(virStreamPtr stream, int fd)
{
	g_autofree char *bytes = g_malloc(CHUNK);
	ssize_t n;

	while ((n = read(fd, bytes, CHUNK)) > 0)
		for (ssize_t sent = 0, k; sent < n; sent += k) {
			k = virStreamSend(stream, bytes + sent, (size_t)(n - sent));
			if (k < 0)
				return FALSE;
		}
	return !n;
}

static gboolean upload(VfRemoteFiles *files, virStorageVolPtr volume, const char *path,
		       guint64 size, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	virStreamPtr stream = fd < 0 ? NULL : virStreamNew(files->connection, 0);
	gboolean ok;

	if (fd < 0)
		return vf_throw_errno(error, "%s", path);
	ok = stream && !virStorageVolUpload(volume, stream, 0, size, 0) && send_all(stream, fd) &&
	     !virStreamFinish(stream);
	if (!ok)
		fail(files, error, path);
	if (!ok && stream)
		virStreamAbort(stream);
	if (stream)
		virStreamFree(stream);
	close(fd);
	return ok;
}

/* The name is that of the contents; a file that is shorter is not whole yet. */
static gboolean is_whole(virStorageVolPtr volume, guint64 size)
{
	virStorageVolInfo info;

	return !virStorageVolGetInfo(volume, &info) && info.capacity == size;
}

char *vf_remote_files_put(VfRemoteFiles *files, const char *path, GError **error)
{
	g_autofree char *digest = vf_hash_of_file(path, error);
	g_autofree char *name = digest ? g_strconcat(digest, ".file", NULL) : NULL;
	virStorageVolPtr volume;
	struct stat status;
	char *there = NULL;

	if (!digest)
		return NULL;
	if (stat(path, &status) < 0) {
		vf_throw_errno(error, "%s", path);
		return NULL;
	}
	volume = find(files, name);
	if (!volume)
		volume = make(files, name);
	if (!volume) {
		fail(files, error, name);
		return NULL;
	}
	if (is_whole(volume, (guint64)status.st_size) ||
	    upload(files, volume, path, (guint64)status.st_size, error))
		there = path_of(volume);
	virStorageVolFree(volume);
	return there;
}

char *vf_remote_files_make(VfRemoteFiles *files, const char *name, GError **error)
{
	virStorageVolPtr volume = make(files, name);
	char *there = volume ? path_of(volume) : NULL;

	if (volume)
		virStorageVolFree(volume);
	else
		fail(files, error, name);
	return there;
}

/* Calls @take for what comes; FALSE with libvirt's error. */
static gboolean receive(virStreamPtr stream, gsize limit,
			gboolean (*take)(const char *bytes, gsize length, gpointer data),
			gpointer data, gboolean *refused)
{
	g_autofree char *bytes = g_malloc(CHUNK);
	gsize got = 0;
	int n = 1;

	while (got < limit && (n = virStreamRecv(stream, bytes, MIN(CHUNK, limit - got))) > 0) {
		got += (gsize)n;
		if (!take(bytes, (gsize)n, data)) {
			*refused = TRUE;
			break;
		}
	}
	if (n)
		virStreamAbort(stream);
	return n >= 0 && (n || !virStreamFinish(stream));
}

static gboolean download(VfRemoteFiles *files, const char *name, guint64 offset, gsize limit,
			 gboolean (*take)(const char *bytes, gsize length, gpointer data),
			 gpointer data, gboolean *refused, GError **error)
{
	virStorageVolPtr volume = find(files, name);
	virStreamPtr stream = volume ? virStreamNew(files->connection, 0) : NULL;
	gboolean ok = stream && !virStorageVolDownload(volume, stream, offset, 0, 0) &&
		      receive(stream, limit, take, data, refused);

	if (!ok)
		fail(files, error, name);
	if (stream)
		virStreamFree(stream);
	if (volume)
		virStorageVolFree(volume);
	return ok;
}

static gboolean append(const char *bytes, gsize length, gpointer data)
{
	g_byte_array_append(data, (const guint8 *)bytes, (guint)length);
	return TRUE;
}

gboolean vf_remote_files_read(VfRemoteFiles *files, const char *name, guint64 offset, gsize limit,
			      GByteArray *bytes, GError **error)
{
	gboolean refused = FALSE;

	return download(files, name, offset, limit, append, bytes, &refused, error);
}

static gboolean store(const char *bytes, gsize length, gpointer data)
{
	int fd = GPOINTER_TO_INT(data);

	for (gsize done = 0; done < length;) {
		ssize_t n = write(fd, bytes + done, length - done);

		if (n < 0)
			return FALSE;
		done += (gsize)n;
	}
	return TRUE;
}

gboolean vf_remote_files_get(VfRemoteFiles *files, const char *name, const char *path, gsize limit,
			     GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	gboolean refused = FALSE, ok;

	if (fd < 0)
		return vf_throw_errno(error, "%s", path);
	ok = download(files, name, 0, limit, store, GINT_TO_POINTER(fd), &refused, error);
	close(fd);
	return refused ? vf_throw(error, VF_ERROR_IO, "%s: cannot be written", path) : ok;
}

static void erase(virStorageVolPtr volume)
{
	virStorageVolDelete(volume, 0);
	virStorageVolFree(volume);
}

void vf_remote_files_remove(VfRemoteFiles *files, const char *name)
{
	virStorageVolPtr volume = find(files, name);

	if (volume)
		erase(volume);
}

/* The day in the name of a guest's file, or 0. */
static gint64 born(const char *name)
{
	g_autoptr(GDateTime) time = NULL;
	int year, month, day;

	for (gsize i = 0; i < strlen(RUN_STAMP); i++)
		if (RUN_STAMP[i] == 'd' ? !g_ascii_isdigit(name[i]) : name[i] != RUN_STAMP[i])
			return 0;
	if (sscanf(name + strlen("vifarm-"), "%4d%2d%2d", &year, &month, &day) != 3)
		return 0;
	time = g_date_time_new_utc(year, month, day, 0, 0, 0);
	return time ? g_date_time_to_unix(time) : 0;
}

void vf_remote_files_sweep(VfRemoteFiles *files)
{
	virStorageVolPtr *volumes = NULL;
	int n = virStoragePoolListAllVolumes(files->pool, &volumes, 0);
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	for (int i = 0; i < n; i++) {
		gint64 day = born(virStorageVolGetName(volumes[i]));

		if (day && now - day > 2 * DAY)
			erase(volumes[i]);
		else
			virStorageVolFree(volumes[i]);
	}
	free(volumes);
}
