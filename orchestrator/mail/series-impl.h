// SPDX-License-Identifier: GPL-2.0-or-later
/* Making a series out of a group of mails; for the assembler. */
#pragma once

#include "mail/part-info.h"
#include "mail/series.h"

/* An empty one; the caller fills it. */
VfSeries *vf_series_new(void);

/* The mails with one sender, thread and version. */
typedef struct VfGroup {
	GPtrArray *parts; /* of VfPartInfo */
	char *root;	  /* id of the thread's first mail */
} VfGroup;

VfGroup *vf_group_new(const char *root);
void vf_group_free(VfGroup *group);

/* The messages are shared with the parts. */
VfSeries *vf_group_series(VfGroup *group, gint64 now, gint64 patience);

/* The part with @number, or NULL. */
VfPartInfo *vf_group_part(const VfGroup *group, guint number);
guint vf_group_total(const VfGroup *group);
guint vf_group_version(const VfGroup *group);

/* Whether all mails belong to a concluded series. */
gboolean vf_group_is_context(const VfGroup *group);

/*
 * All series of @groups that are no context, oldest first; those of which there is a newer
 * revision are superseded. @index: group by Message-ID. Of VfSeries, owned by the array.
 */
GPtrArray *vf_revisions(const GPtrArray *groups, GHashTable *index, gint64 now, gint64 patience);
