// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/diary.h"

#include "base/dirs.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/text.h"

#define DAY	     (24 * 3600)
#define ATTEMPTS_MAX 1000 /* keys remembered */
#define SHOWN	     200

struct VfMailDiary {
	char *path;
	json_t *begun;	  /* seconds since the epoch of each attempt of the last day */
	json_t *attempts; /* by key: {title, count, when, stage, problem (or null)} */
	VfLock *lock;
};

void vf_mail_diary_free(VfMailDiary *diary)
{
	if (!diary)
		return;
	g_free(diary->path);
	json_decref(diary->begun);
	json_decref(diary->attempts);
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

static char *directory_of(void)
{
	return g_build_filename(vf_dirs_state(), "mail", NULL);
}

/* A diary that cannot be read begins anew: it is a memory, no truth. */
static void load(VfMailDiary *diary, const char *directory)
{
	json_auto_t *file = NULL;

	diary->path = g_build_filename(directory, "diary.json", NULL);
	file = json_load_file(diary->path, 0, NULL);
	diary->begun = json_incref(json_object_get(file, "begun"));
	diary->attempts = json_incref(json_object_get(file, "attempts"));
	if (!json_is_array(diary->begun)) {
		json_decref(diary->begun);
		diary->begun = json_array();
	}
	if (!json_is_object(diary->attempts)) {
		json_decref(diary->attempts);
		diary->attempts = json_object();
	}
}

VfMailDiary *vf_mail_diary_open(GError **error)
{
	g_autoptr(VfMailDiary) diary = g_new0(VfMailDiary, 1);
	g_autofree char *directory = directory_of();

	if (!vf_dirs_make(directory, error) || !lock(diary, directory, error))
		return NULL;
	load(diary, directory);
	return g_steal_pointer(&diary);
}

static gint64 now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static gboolean write_diary(VfMailDiary *diary, GError **error)
{
	json_auto_t *file =
		json_pack("{s:O, s:O}", "begun", diary->begun, "attempts", diary->attempts);
	g_autofree char *text = json_dumps(file, JSON_INDENT(1));

	return vf_dirs_write(diary->path, text, -1, error);
}

static json_t *attempt_of(const VfMailDiary *diary, const char *key)
{
	return json_object_get(diary->attempts, key);
}

static json_int_t number_of(const json_t *attempt, const char *name)
{
	return json_integer_value(json_object_get(attempt, name));
}

/* Room for one more: what was attempted longest ago goes. */
static void make_room(VfMailDiary *diary)
{
	while (json_object_size(diary->attempts) >= ATTEMPTS_MAX) {
		const char *key, *oldest = NULL;
		json_int_t when = 0;
		json_t *attempt;

		json_object_foreach (diary->attempts, key, attempt) {
			if (oldest && number_of(attempt, "when") >= when)
				continue;
			oldest = key;
			when = number_of(attempt, "when");
		}
		json_object_del(diary->attempts, oldest);
	}
}

static void note_begin(VfMailDiary *diary)
{
	gint64 since = now() - DAY;

	while (json_array_size(diary->begun) &&
	       json_integer_value(json_array_get(diary->begun, 0)) < since)
		json_array_remove(diary->begun, 0);
	json_array_append_new(diary->begun, json_integer(now()));
}

gboolean vf_mail_diary_begin(VfMailDiary *diary, const char *key, const char *title, GError **error)
{
	guint count = vf_mail_diary_attempts(diary, key) + 1;
	g_autofree char *shown = vf_text_escape(title, -1, SHOWN);

	if (count == 1)
		make_room(diary);
	note_begin(diary);
	json_object_set_new(diary->attempts, key,
			    json_pack("{s:s, s:I, s:I, s:s, s:n}", "title", shown, "count",
				      (json_int_t)count, "when", (json_int_t)now(), "stage",
				      "reading it", "problem"));
	return write_diary(diary, error);
}

gboolean vf_mail_diary_stage(VfMailDiary *diary, const char *key, const char *stage, GError **error)
{
	json_object_set_new(attempt_of(diary, key), "stage", json_string(stage));
	return write_diary(diary, error);
}

gboolean vf_mail_diary_failed(VfMailDiary *diary, const char *key, const char *problem,
			      GError **error)
{
	g_autofree char *shown = vf_text_escape(problem, -1, SHOWN);

	json_object_set_new(attempt_of(diary, key), "problem", json_string(shown));
	return write_diary(diary, error);
}

gboolean vf_mail_diary_withdraw(VfMailDiary *diary, const char *key, GError **error)
{
	json_t *attempt = attempt_of(diary, key);
	json_int_t count = number_of(attempt, "count");

	if (count <= 1)
		json_object_del(diary->attempts, key);
	else
		json_object_set_new(attempt, "count", json_integer(count - 1));
	return write_diary(diary, error);
}

gboolean vf_mail_diary_done(VfMailDiary *diary, const char *key, GError **error)
{
	json_object_del(diary->attempts, key);
	return write_diary(diary, error);
}

guint vf_mail_diary_attempts(const VfMailDiary *diary, const char *key)
{
	return (guint)CLAMP(number_of(attempt_of(diary, key), "count"), 0, G_MAXINT);
}

const char *vf_mail_diary_died(const VfMailDiary *diary, const char *key)
{
	const json_t *attempt = attempt_of(diary, key);

	return json_is_string(json_object_get(attempt, "problem"))
		       ? NULL
		       : json_string_value(json_object_get(attempt, "stage"));
}

static char *reason_of(const json_t *attempt)
{
	const char *problem = json_string_value(json_object_get(attempt, "problem"));
	const char *stage = json_string_value(json_object_get(attempt, "stage")) ?: "reading it";
	json_int_t count = number_of(attempt, "count");

	return g_strdup_printf("%" JSON_INTEGER_FORMAT " %s without a result, the last one %s%s",
			       count, count == 1 ? "attempt ended" : "attempts ended",
			       problem ? "with: " : "with the end of the bot, while ",
			       problem ?: stage);
}

char *vf_mail_diary_reason(const VfMailDiary *diary, const char *key)
{
	return reason_of(attempt_of(diary, key));
}

guint vf_mail_diary_today(const VfMailDiary *diary)
{
	gint64 since = now() - DAY;
	const json_t *when;
	guint count = 0;
	gsize i;

	json_array_foreach (diary->begun, i, when)
		count += json_integer_value(when) >= since;
	return count;
}

json_t *vf_mail_diary_list(void)
{
	g_autoptr(VfMailDiary) diary = g_new0(VfMailDiary, 1);
	g_autofree char *directory = directory_of();
	json_t *list = json_array(), *attempt;
	const char *key;

	load(diary, directory);
	json_object_foreach (diary->attempts, key, attempt) {
		json_int_t count = number_of(attempt, "count");
		g_autofree char *reason = reason_of(attempt);

		json_array_append_new(list, json_pack("{s:s, s:O?, s:I, s:s, s:s}", "key", key,
						      "title", json_object_get(attempt, "title"),
						      "attempts", count, "state",
						      count >= VF_MAIL_TRIES_MAX ? "given up"
										 : "unfinished",
						      "reason", reason));
	}
	return list;
}
