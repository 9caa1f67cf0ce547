// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/post/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json-reader.h"

struct VfSpool {
	char *path;
};

static const char *const places[] = {
	[VF_SPOOL_PENDING] = "pending",
	[VF_SPOOL_SENT] = "sent",
	[VF_SPOOL_DEAD] = "dead",
};

void vf_letter_free(VfLetter *letter)
{
	if (!letter)
		return;
	g_free(letter->key);
	g_free(letter->target);
	g_free(letter->what);
	g_free(letter->method);
	g_free(letter->url);
	g_free(letter->content_type);
	g_free(letter->body);
	g_strfreev(letter->envelope);
	g_free(letter->outcome);
	g_free(letter);
}

char *vf_letter_key(const char *const *parts)
{
	g_autoptr(VfHash) hash = vf_hash_new("letter");

	for (; *parts; parts++)
		vf_hash_string(hash, "part", *parts);
	return vf_hash_hex(hash);
}

void vf_spool_free(VfSpool *spool)
{
	if (!spool)
		return;
	g_free(spool->path);
	g_free(spool);
}

static char *place_of(const VfSpool *spool, VfSpoolState state)
{
	return g_build_filename(spool->path, places[state], NULL);
}

static char *file_of(const VfSpool *spool, VfSpoolState state, const char *key)
{
	g_autofree char *name = g_strconcat(key, ".json", NULL);

	return g_build_filename(spool->path, places[state], name, NULL);
}

/* rename() and unlink() last when the directory is on disk, not only the file */
static gboolean sync_directory(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean ok = fd >= 0 && fsync(fd) == 0;
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return ok || vf_throw_errno(error, "%s: cannot write to disk", path);
}

static json_t *envelope_json(const VfLetter *letter)
{
	json_t *words = letter->envelope ? json_array() : NULL;

	for (char **word = letter->envelope; word && *word; word++)
		json_array_append_new(words, json_string(*word));
	return words;
}

static char *letter_text(const VfLetter *letter)
{
	json_auto_t *object =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:s*, s:o*, s:I, s:I, s:I, s:b, s:s*}",
			  "key", letter->key, "target", letter->target, "what", letter->what,
			  "method", letter->method, "url", letter->url, "content_type",
			  letter->content_type, "body", letter->body, "envelope",
			  envelope_json(letter), "created", (json_int_t)letter->created, "due",
			  (json_int_t)letter->due, "attempts", (json_int_t)letter->attempts,
			  "in_flight", letter->in_flight, "outcome", letter->outcome);

	return object ? json_dumps(object, JSON_INDENT(1)) : NULL;
}

static gboolean write_letter(VfSpool *spool, VfSpoolState state, const VfLetter *letter,
			     GError **error)
{
	g_autofree char *directory = place_of(spool, state);
	g_autofree char *file = file_of(spool, state, letter->key);
	g_autofree char *text = letter_text(letter);

	if (!text)
		return vf_throw(error, VF_ERROR_PROTOCOL, "%s: the document is not UTF-8", file);
	return vf_dirs_write(file, text, -1, error) && sync_directory(directory, error);
}

static gboolean remove_letter(VfSpool *spool, VfSpoolState state, const char *key, GError **error)
{
	g_autofree char *directory = place_of(spool, state);
	g_autofree char *file = file_of(spool, state, key);

	if (g_unlink(file) != 0 && errno != ENOENT)
		return vf_throw_errno(error, "cannot remove %s", file);
	return sync_directory(directory, error);
}

static gboolean exists(const VfSpool *spool, VfSpoolState state, const char *key)
{
	g_autofree char *file = file_of(spool, state, key);

	return g_file_test(file, G_FILE_TEST_EXISTS);
}

gboolean vf_spool_add(VfSpool *spool, const VfLetter *letter, gboolean *added, GError **error)
{
	*added = FALSE;
	for (int state = VF_SPOOL_PENDING; state <= VF_SPOOL_DEAD; state++)
		if (exists(spool, state, letter->key))
			return TRUE;
	*added = TRUE;
	return write_letter(spool, VF_SPOOL_PENDING, letter, error);
}

gboolean vf_spool_update(VfSpool *spool, const VfLetter *letter, GError **error)
{
	return write_letter(spool, VF_SPOOL_PENDING, letter, error);
}

gboolean vf_spool_move(VfSpool *spool, const VfLetter *letter, VfSpoolState from, VfSpoolState to,
		       GError **error)
{
	return write_letter(spool, to, letter, error) &&
	       remove_letter(spool, from, letter->key, error);
}

VfLetter *vf_letter_parse(const char *text, gsize length, const char *name, GError **error)
{
	static const VfJsonMember members[] = {
		VF_JSON_MEMBER("key", STRING, VfLetter, key),
		VF_JSON_MEMBER("target", STRING, VfLetter, target),
		VF_JSON_MEMBER("what", STRING, VfLetter, what),
		VF_JSON_MEMBER("method", STRING, VfLetter, method),
		VF_JSON_MEMBER("url", STRING, VfLetter, url),
		VF_JSON_MEMBER("content_type", STRING, VfLetter, content_type,
			       .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("body", TEXT, VfLetter, body, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("envelope", STRINGS, VfLetter, envelope, .flags = VF_JSON_OPTIONAL),
		VF_JSON_MEMBER("created", NATURAL, VfLetter, created),
		VF_JSON_MEMBER("due", NATURAL, VfLetter, due),
		VF_JSON_MEMBER("attempts", NATURAL, VfLetter, attempts),
		VF_JSON_MEMBER("in_flight", BOOLEAN, VfLetter, in_flight),
		VF_JSON_MEMBER("outcome", TEXT, VfLetter, outcome, .flags = VF_JSON_OPTIONAL),
		{NULL},
	};
	g_autoptr(VfLetter) letter = g_new0(VfLetter, 1);

	if (!vf_json_read_text(text, length, name, members, letter, error))
		return NULL;
	return g_steal_pointer(&letter);
}

static VfLetter *read_letter(VfSpool *spool, VfSpoolState state, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(spool->path, places[state], name, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) local = NULL;
	gsize length;

	if (!g_file_get_contents(path, &text, &length, &local))
		return vf_throw_null(error, VF_ERROR_IO, "%s", local->message);
	return vf_letter_parse(text, length, path, error);
}

static int by_age(gconstpointer a, gconstpointer b)
{
	const VfLetter *x = *(VfLetter *const *)a, *y = *(VfLetter *const *)b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	return strcmp(x->key, y->key);
}

GPtrArray *vf_spool_list(VfSpool *spool, VfSpoolState state, GError **error)
{
	g_autoptr(GPtrArray) letters =
		g_ptr_array_new_with_free_func((GDestroyNotify)vf_letter_free);
	g_autofree char *directory = place_of(spool, state);
	g_autoptr(GError) local = NULL;
	g_autoptr(GDir) dir = g_dir_open(directory, 0, &local);
	const char *name;

	if (!dir)
		return vf_throw_null(error, VF_ERROR_IO, "%s", local->message);
	while ((name = g_dir_read_name(dir))) {
		VfLetter *letter;

		/* an unfinished temporary file has another ending */
		if (!g_str_has_suffix(name, ".json"))
			continue;
		letter = read_letter(spool, state, name, error);
		if (!letter)
			return NULL;
		g_ptr_array_add(letters, letter);
	}
	g_ptr_array_sort(letters, by_age);
	return g_steal_pointer(&letters);
}

/* Sent or dead and still pending: killed between the two halves of a move. */
static gboolean finish_moves(VfSpool *spool, GError **error)
{
	g_autoptr(GPtrArray) pending = vf_spool_list(spool, VF_SPOOL_PENDING, error);

	for (guint i = 0; pending && i < pending->len; i++) {
		const VfLetter *letter = pending->pdata[i];

		if ((exists(spool, VF_SPOOL_SENT, letter->key) ||
		     exists(spool, VF_SPOOL_DEAD, letter->key)) &&
		    !remove_letter(spool, VF_SPOOL_PENDING, letter->key, error))
			return FALSE;
	}
	return pending != NULL;
}

VfSpool *vf_spool_open(const char *path, GError **error)
{
	g_autoptr(VfSpool) spool = g_new0(VfSpool, 1);

	spool->path = g_strdup(path);
	for (int state = VF_SPOOL_PENDING; state <= VF_SPOOL_DEAD; state++) {
		g_autofree char *directory = place_of(spool, state);

		if (!vf_dirs_make(directory, error))
			return NULL;
	}
	return finish_moves(spool, error) ? g_steal_pointer(&spool) : NULL;
}

VfLock *vf_spool_lock(VfSpool *spool, GError **error)
{
	g_autofree char *path = g_build_filename(spool->path, "lock", NULL);

	return vf_lock_try(path, VF_LOCK_EXCLUSIVE, error);
}
