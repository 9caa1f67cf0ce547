// SPDX-License-Identifier: GPL-2.0-or-later
/* What the bot remembers of its own doings: vf_dirs_state()/mail/diary.json. */
#pragma once

#include <glib.h>

typedef struct VfMailDiary VfMailDiary;

/* VF_ERROR_HARNESS when another bot runs, VF_ERROR_IO. */
VfMailDiary *vf_mail_diary_open(GError **error);
void vf_mail_diary_free(VfMailDiary *diary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailDiary, vf_mail_diary_free)

/* A series was tested now; on disk when this returns. */
gboolean vf_mail_diary_tested(VfMailDiary *diary, const char *series, GError **error);

/* Series tested in the last 24 hours. */
guint vf_mail_diary_today(const VfMailDiary *diary);

/* A test of @series ended with an error of ours; how often it did so far. */
guint vf_mail_diary_failed(VfMailDiary *diary, const char *series);
