// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the bot remembers of its own doings: vf_dirs_state()/mail/diary.json. An attempt is on disk
 * before it begins: what kills the bot, or the host, is counted.
 */
#pragma once

#include <jansson.h>

#include <glib.h>

typedef struct VfMailDiary VfMailDiary;

/* So many attempts are made of what ends without a result. */
#define VF_MAIL_TRIES_MAX 3

/* VF_ERROR_HARNESS when another bot runs, VF_ERROR_IO. */
VfMailDiary *vf_mail_diary_open(GError **error);
void vf_mail_diary_free(VfMailDiary *diary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailDiary, vf_mail_diary_free)

/*
 * An attempt begins of what @key (Message-ID of a series or a command) names; @title is for
 * people. On disk when this returns.
 */
gboolean vf_mail_diary_begin(VfMailDiary *diary, const char *key, const char *title,
			     GError **error);

/* What is done of it from here on: "running its base", ... On disk when this returns. */
gboolean vf_mail_diary_stage(VfMailDiary *diary, const char *key, const char *stage,
			     GError **error);

/* The attempt ended with @problem, one of ours. */
gboolean vf_mail_diary_failed(VfMailDiary *diary, const char *key, const char *problem,
			      GError **error);

/* The attempt ended for a reason that has nothing to do with it, and does not count. */
gboolean vf_mail_diary_withdraw(VfMailDiary *diary, const char *key, GError **error);

/* There is a result: @key is forgotten. */
gboolean vf_mail_diary_done(VfMailDiary *diary, const char *key, GError **error);

/* Attempts of @key that began and have no result. */
guint vf_mail_diary_attempts(const VfMailDiary *diary, const char *key);

/* What was done last of @key when its attempt ended without a word; or NULL. */
const char *vf_mail_diary_died(const VfMailDiary *diary, const char *key);

/* "3 attempts ended without a result, the last one ...". Never NULL; caller frees. */
char *vf_mail_diary_reason(const VfMailDiary *diary, const char *key);

/* Attempts that began in the last 24 hours. */
guint vf_mail_diary_today(const VfMailDiary *diary);

/*
 * What has attempts without a result, for `mail status`: an array of {key, title, attempts, state
 * ("unfinished", which it also is while it is tested, or "given up"), reason}. Needs no lock. New reference.
 */
json_t *vf_mail_diary_list(void);
