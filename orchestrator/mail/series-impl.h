// SPDX-License-Identifier: GPL-2.0-or-later
/* Making a series out of a group of mails; for the assembler. */
#pragma once

#include "mail/part-info.h"
#include "mail/series.h"

/* An empty one; the caller fills it. */
VfSeries *vf_series_new(void);

/* The mails with one sender, thread and version. */
typedef struct VfGroup {
	GPtrArray *parts;   /* of VfPartInfo */
	char *root;	    /* id of the cover letter, or of the thread's first mail */
	gboolean partial;   /* each of its patches answers the older one with the same number */
	gboolean opted_out; /* by a cover letter that may be this one's */
	char *hint;	    /* where a patch that is missing may be, one clause, or NULL */
} VfGroup;

VfGroup *vf_group_new(const char *root);
void vf_group_free(gpointer group);

/* The messages are shared with the parts. */
VfSeries *vf_group_series(VfGroup *group, gint64 now, gint64 patience);

/* The part with @number, or NULL. */
VfPartInfo *vf_group_part(const VfGroup *group, guint number);

/*
 * How many patches there should be: where mails say different things, what the patch says that was
 * sent last counts. The newest version and respin in one number (VF_REVISION()).
 */
guint vf_group_total(const VfGroup *group);
guint vf_group_revision(const VfGroup *group);

#define VF_REVISION(version, respin)  ((version)*10000 + (respin))
#define VF_REVISION_VERSION(revision) ((revision) / 10000)

/* Whether all mails belong to a concluded series. */
gboolean vf_group_is_context(const VfGroup *group);

/* Whether @part was sent in reply to the mail @id, or to an answer to it. */
gboolean vf_part_answers(const VfPartInfo *part, const char *id);

/* The mail that @message answers, or NULL. */
const char *vf_message_parent(const VfMessage *message);

/*
 * Puts together those of @groups (of VfGroup) that are one series although they are not one thread:
 * the rest was sent later, or a relay has changed the Message-IDs. Where it is not clear what
 * belongs together nothing is joined, and the groups' hints say so. @ids: part by Message-ID.
 */
void vf_groups_join(GPtrArray *groups, GHashTable *ids);

/*
 * All series of @groups that are no context, oldest first; those of which there is a newer
 * revision are superseded. @index: group by Message-ID. Of VfSeries, owned by the array.
 */
GPtrArray *vf_revisions(const GPtrArray *groups, GHashTable *index, gint64 now, gint64 patience);
