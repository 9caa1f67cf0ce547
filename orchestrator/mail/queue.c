// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/queue.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"

#define DAY ((gint64)24 * 3600 * G_USEC_PER_SEC)

struct VfMailQueue {
	VfSpool *waiting, *out;
};

void vf_mail_queue_free(VfMailQueue *queue)
{
	if (!queue)
		return;
	vf_spool_free(queue->waiting);
	vf_spool_free(queue->out);
	g_free(queue);
}

VfMailQueue *vf_mail_queue_open(GError **error)
{
	g_autoptr(VfMailQueue) queue = g_new0(VfMailQueue, 1);
	g_autofree char *waiting = g_build_filename(vf_dirs_state(), "mail", "queue", NULL);
	g_autofree char *out = g_build_filename(vf_dirs_state(), "spool", NULL);

	queue->waiting = vf_spool_open(waiting, error);
	queue->out = queue->waiting ? vf_spool_open(out, error) : NULL;
	return queue->out ? g_steal_pointer(&queue) : NULL;
}

char *vf_mail_queue_message_id(const char *address)
{
	const char *at = strchr(address, '@');
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *time = g_date_time_format(now, "%Y%m%d%H%M%S");
	g_autofree char *uuid = g_uuid_string_random();

	return g_strdup_printf("%s.%.8s-vifarm@%s", time, uuid, at ? at + 1 : "localhost");
}

static char *key_of(const VfSeries *series, const char *again)
{
	g_autofree char *version = g_strdup_printf("v%u", series->version);
	/* a revision that was sent twice under one number is another series after all */
	const char *parts[] = {"mail",	series->lineage,
			       version, series->patchset_hash ?: series->id,
			       again,	NULL};

	return vf_letter_key(parts);
}

VfLetter *vf_mail_queue_letter(const VfReply *reply, const VfMailPolicy *policy, const char *text,
			       GStrv recipients, const char *again)
{
	VfLetter *letter = g_new0(VfLetter, 1);
	g_autoptr(GStrvBuilder) envelope = g_strv_builder_new();
	g_autofree char *title = vf_text_escape(reply->series->title, -1, 100);

	letter->key = key_of(reply->series, again);
	letter->target = g_strdup(policy->reply.smtp ?: "smtp");
	letter->what = g_strdup_printf("mail: %s: %s (v%u)", vf_outcome_name(reply->outcome), title,
				       reply->series->version);
	letter->method = g_strdup("MAIL");
	letter->url = g_strdup_printf("mid:%s", reply->message_id);
	letter->content_type = g_strdup("message/rfc822");
	letter->body = g_strdup(text);
	g_strv_builder_add(envelope, policy->reply.address);
	g_strv_builder_addv(envelope, (const char **)recipients);
	letter->envelope = g_strv_builder_end(envelope);
	letter->created = letter->due = g_get_real_time();
	return letter;
}

static gboolean list_has(VfSpool *spool, const char *key, gboolean *found, GError **error)
{
	for (int state = VF_SPOOL_PENDING; state <= VF_SPOOL_DEAD && !*found; state++) {
		g_autoptr(GPtrArray) letters = vf_spool_list(spool, (VfSpoolState)state, error);

		if (!letters)
			return FALSE;
		for (guint i = 0; i < letters->len; i++)
			*found |= !strcmp(((VfLetter *)letters->pdata[i])->key, key);
	}
	return TRUE;
}

gboolean vf_mail_queue_has(VfMailQueue *queue, const VfSeries *series, const char *again,
			   GError **error)
{
	g_autofree char *key = key_of(series, again);
	gboolean found = FALSE;

	/* an error shows up again, and is told, when the answer is put there */
	return list_has(queue->waiting, key, &found, error) &&
	       list_has(queue->out, key, &found, error) && found;
}

static gboolean move_out(VfMailQueue *queue, VfLetter *letter, GError **error)
{
	gboolean added;

	/* killed in between, the letter is in both, and approved once more it is not added again */
	letter->due = g_get_real_time();
	return vf_spool_add(queue->out, letter, &added, error) &&
	       vf_spool_move(queue->waiting, letter, VF_SPOOL_PENDING, VF_SPOOL_SENT, error);
}

gboolean vf_mail_queue_add(VfMailQueue *queue, const VfLetter *letter, gboolean approved,
			   gboolean *added, GError **error)
{
	g_autoptr(VfLetter) again = NULL;

	if (!vf_spool_add(queue->waiting, letter, added, error))
		return FALSE;
	if (!*added || !approved)
		return TRUE;
	again = vf_mail_queue_find(queue, letter->key, error);
	return again && move_out(queue, again, error);
}

GPtrArray *vf_mail_queue_list(VfMailQueue *queue, VfSpoolState state, GError **error)
{
	return vf_spool_list(queue->waiting, state, error);
}

VfLetter *vf_mail_queue_find(VfMailQueue *queue, const char *key, GError **error)
{
	g_autoptr(GPtrArray) letters = vf_spool_list(queue->waiting, VF_SPOOL_PENDING, error);
	g_autofree char *escaped = vf_text_escape(key, -1, 64);
	g_autoptr(GString) known = g_string_new(NULL);
	gint found = -1;

	for (guint i = 0; letters && i < letters->len; i++) {
		const VfLetter *letter = letters->pdata[i];

		g_string_append_printf(known, "%s%.12s", i ? ", " : "", letter->key);
		if (!g_str_has_prefix(letter->key, key))
			continue;
		if (found >= 0)
			return vf_throw_null(error, VF_ERROR_USAGE, "\"%s\" is not unique",
					     escaped);
		found = (gint)i;
	}
	if (!letters)
		return NULL;
	if (found >= 0 && *key)
		return g_ptr_array_steal_index(letters, (guint)found);
	return vf_throw_null(error, VF_ERROR_USAGE, "no answer \"%s\" waits; there are: %s",
			     escaped, known->len ? known->str : "none");
}

gboolean vf_mail_queue_approve(VfMailQueue *queue, VfLetter *letter, GError **error)
{
	return move_out(queue, letter, error);
}

gboolean vf_mail_queue_reject(VfMailQueue *queue, VfLetter *letter, const char *why, GError **error)
{
	g_free(letter->outcome);
	letter->outcome = g_strdup(why);
	return vf_spool_move(queue->waiting, letter, VF_SPOOL_PENDING, VF_SPOOL_DEAD, error);
}

static gboolean count(VfMailQueue *queue, VfSpoolState state, const char *author, guint *all,
		      guint *his, GError **error)
{
	g_autoptr(GPtrArray) letters = vf_spool_list(queue->waiting, state, error);
	gint64 since = g_get_real_time() - DAY;

	for (guint i = 0; letters && i < letters->len; i++) {
		const VfLetter *letter = letters->pdata[i];
		const char *to =
			letter->envelope && letter->envelope[0] ? letter->envelope[1] : NULL;

		if (letter->created < since)
			continue;
		(*all)++;
		*his += to && !g_ascii_strcasecmp(to, author);
	}
	return letters != NULL;
}

char *vf_mail_queue_full(VfMailQueue *queue, const VfMailPolicy *policy, const char *author,
			 GError **error)
{
	guint all = 0, his = 0;

	if (!count(queue, VF_SPOOL_PENDING, author, &all, &his, error) ||
	    !count(queue, VF_SPOOL_SENT, author, &all, &his, error))
		return NULL;
	if (all >= policy->mails_day)
		return g_strdup_printf("%u mails in 24 hours are enough (mails_day)", all);
	if (his >= policy->author_mails_day)
		return g_strdup_printf("%u mails to one author in 24 hours are enough "
				       "(author_mails_day)",
				       his);
	return NULL;
}
