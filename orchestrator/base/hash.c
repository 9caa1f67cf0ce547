// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

struct VfHash {
	GChecksum *sum;
};

/* What a part is; a NULL string and an empty one must not have the same key. */
typedef enum { PART_BYTES = 'b', PART_NULL = 'n', PART_FILE = 'f' } PartKind;

static void put(VfHash *hash, const void *bytes, gsize length)
{
	guint64 size = GUINT64_TO_BE((guint64)length);

	g_checksum_update(hash->sum, (const guchar *)&size, sizeof(size));
	g_checksum_update(hash->sum, bytes, (gssize)length);
}

static void part(VfHash *hash, PartKind kind, const char *label, const void *bytes, gsize length)
{
	guchar byte = (guchar)kind;

	put(hash, label, strlen(label));
	g_checksum_update(hash->sum, &byte, 1);
	put(hash, length ? bytes : "", length);
}

VfHash *vf_hash_new(const char *purpose)
{
	VfHash *hash = g_new0(VfHash, 1);

	hash->sum = g_checksum_new(G_CHECKSUM_SHA256);
	vf_hash_string(hash, "purpose", purpose);
	return hash;
}

void vf_hash_free(VfHash *hash)
{
	if (!hash)
		return;
	g_checksum_free(hash->sum);
	g_free(hash);
}

void vf_hash_bytes(VfHash *hash, const char *label, const void *bytes, gsize length)
{
	part(hash, PART_BYTES, label, bytes, length);
}

void vf_hash_string(VfHash *hash, const char *label, const char *text)
{
	if (text)
		part(hash, PART_BYTES, label, text, strlen(text));
	else
		part(hash, PART_NULL, label, NULL, 0);
}

gboolean vf_hash_file(VfHash *hash, const char *label, const char *path, GError **error)
{
	g_autofree char *digest = vf_hash_of_file(path, error);

	if (!digest)
		return FALSE;
	part(hash, PART_FILE, label, digest, strlen(digest));
	return TRUE;
}

char *vf_hash_hex(const VfHash *hash)
{
	g_autoptr(GChecksum) copy = g_checksum_copy(hash->sum);

	return g_strdup(g_checksum_get_string(copy));
}

char *vf_hash_of_file(const char *path, GError **error)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree guchar *buffer = g_malloc(1 << 16);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	gssize n = -1;

	if (fd < 0) {
		vf_throw_errno(error, "cannot open %s", path);
		return NULL;
	}
	while ((n = read(fd, buffer, 1 << 16)) != 0) {
		if (n > 0)
			g_checksum_update(sum, buffer, n);
		else if (errno != EINTR)
			break;
	}
	if (n < 0)
		vf_throw_errno(error, "cannot read %s", path);
	close(fd);
	return n < 0 ? NULL : g_strdup(g_checksum_get_string(sum));
}
