// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/diary.h"

#include <jansson.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/lock.h"

#define DAY	     (24 * 3600)
#define FAILURES_MAX 1000 /* series remembered */

struct VfMailDiary {
	char *path;
	json_t *tested; /* seconds since the epoch of each */
	json_t *failed; /* number by series */
	VfLock *lock;
};

void vf_mail_diary_free(VfMailDiary *diary)
{
	if (!diary)
		return;
	g_free(diary->path);
	json_decref(diary->tested);
	json_decref(diary->failed);
	vf_lock_free(diary->lock);
	g_free(diary);
}

static gboolean lock(VfMailDiary *diary, const char *directory, GError **error)
{
	g_autofree char *path = g_build_filename(directory, "lock", NULL);
	g_autoptr(GError) local = NULL;

	diary->lock = vf_lock_try(path, VF_LOCK_EXCLUSIVE, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	return diary->lock ||
	       vf_throw(error, VF_ERROR_HARNESS, "another bot is at work in %s", directory);
}

/* A diary that cannot be read begins anew: it is a memory, no truth. */
VfMailDiary *vf_mail_diary_open(GError **error)
{
	g_autoptr(VfMailDiary) diary = g_new0(VfMailDiary, 1);
	g_autofree char *directory = g_build_filename(vf_dirs_state(), "mail", NULL);
	json_auto_t *file = NULL;

	if (!vf_dirs_make(directory, error) || !lock(diary, directory, error))
		return NULL;
	diary->path = g_build_filename(directory, "diary.json", NULL);
	file = json_load_file(diary->path, 0, NULL);
	diary->tested = json_incref(json_object_get(file, "tested"));
	diary->failed = json_incref(json_object_get(file, "failed"));
	if (!json_is_array(diary->tested)) {
		json_decref(diary->tested);
		diary->tested = json_array();
	}
	if (!json_is_object(diary->failed)) {
		json_decref(diary->failed);
		diary->failed = json_object();
	}
	return g_steal_pointer(&diary);
}

static gint64 now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static gboolean write_diary(VfMailDiary *diary, GError **error)
{
	json_auto_t *file =
		json_pack("{s:O, s:O}", "tested", diary->tested, "failed", diary->failed);
	g_autofree char *text = json_dumps(file, JSON_INDENT(1));

	return vf_dirs_write(diary->path, text, -1, error);
}

gboolean vf_mail_diary_tested(VfMailDiary *diary, const char *series, GError **error)
{
	gint64 since = now() - DAY;

	while (json_array_size(diary->tested) &&
	       json_integer_value(json_array_get(diary->tested, 0)) < since)
		json_array_remove(diary->tested, 0);
	json_array_append_new(diary->tested, json_integer(now()));
	json_object_del(diary->failed, series);
	return write_diary(diary, error);
}

guint vf_mail_diary_today(const VfMailDiary *diary)
{
	gint64 since = now() - DAY;
	const json_t *when;
	guint count = 0;
	gsize i;

	json_array_foreach (diary->tested, i, when)
		count += json_integer_value(when) >= since;
	return count;
}

guint vf_mail_diary_failed(VfMailDiary *diary, const char *series)
{
	json_int_t count = json_integer_value(json_object_get(diary->failed, series)) + 1;

	if (json_object_size(diary->failed) >= FAILURES_MAX)
		json_object_clear(diary->failed);
	json_object_set_new(diary->failed, series, json_integer(count));
	write_diary(diary, NULL);
	return (guint)count;
}
