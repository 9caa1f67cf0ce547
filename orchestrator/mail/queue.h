// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers on their way to a human's approval: letters in a spool of their own below
 * vf_dirs_state()/mail/queue. Approved, they go to the spool of everything that is sent. The key
 * is made of the series and its version, so that no version is answered twice, whatever happens.
 */
#pragma once

#include "mail/compose.h"
#include "output/post/spool.h"

typedef struct VfMailQueue VfMailQueue;

VfMailQueue *vf_mail_queue_open(GError **error);
void vf_mail_queue_free(VfMailQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailQueue, vf_mail_queue_free)

/*
 * The letter that carries @text to @recipients. @again: what makes it another answer to the same
 * version (the Message-ID of the command that asked for it), or NULL.
 */
VfLetter *vf_mail_queue_letter(const VfReply *reply, const VfMailPolicy *policy, const char *text,
			       GStrv recipients, const char *again);

/* Whether that version was answered, rejected or waits already. */
gboolean vf_mail_queue_has(VfMailQueue *queue, const VfSeries *series, const char *again,
			   GError **error);

/*
 * Puts @letter there, on disk when this returns; *added as for vf_spool_add(). @approved: straight
 * to what is sent.
 */
gboolean vf_mail_queue_add(VfMailQueue *queue, const VfLetter *letter, gboolean approved,
			   gboolean *added, GError **error);

/* Why no more mail may go out today, one clause for people; NULL: it may. Caller frees. */
char *vf_mail_queue_full(VfMailQueue *queue, const VfMailPolicy *policy, const char *author,
			 GError **error);

/* Letters in @state (pending: wait for a human; sent: approved; dead: rejected), oldest first. */
GPtrArray *vf_mail_queue_list(VfMailQueue *queue, VfSpoolState state, GError **error);

/* The letter that waits whose key begins with @key; VF_ERROR_USAGE names those that wait. */
VfLetter *vf_mail_queue_find(VfMailQueue *queue, const char *key, GError **error);

/* @letter waits; afterwards it is on its way, or never will be. */
gboolean vf_mail_queue_approve(VfMailQueue *queue, VfLetter *letter, GError **error);
gboolean vf_mail_queue_reject(VfMailQueue *queue, VfLetter *letter, const char *why,
			      GError **error);

/* A fresh Message-ID without <>, at the domain of @address. Caller frees. */
char *vf_mail_queue_message_id(const char *address);
