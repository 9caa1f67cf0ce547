// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Putting series together from mails in any order, as b4 does: "[PATCH RFC net-next v3 2/7] ...".
 * Replies (Reviewed-by and the rest) are no patches, duplicates are dropped, of several revisions
 * only the newest counts.
 */
#pragma once

#include <jansson.h>

#include "mail/message.h"

/* A series of more is VF_SERIES_BROKEN; patches with a higher number are not even kept. */
#define VF_SERIES_PATCHES_MAX 200
#define VF_SERIES_BYTES_MAX   (32 * 1024 * 1024)

typedef enum {
	VF_SERIES_WAITING,    /* patches are missing, the deadline is ahead */
	VF_SERIES_COMPLETE,   /* can be tested */
	VF_SERIES_INCOMPLETE, /* patches are still missing at the deadline */
	VF_SERIES_SUPERSEDED, /* a newer revision has begun to arrive */
	VF_SERIES_BROKEN,     /* @problem: a damaged diff, too many patches, two for one number */
} VfSeriesState;

typedef struct VfSeries {
	VfSeriesState state;
	char *id;	  /* Message-ID of the cover letter, or of the first patch that is there */
	char *lineage;	  /* the same for all revisions of one series; 64 hex digits */
	char *title;	  /* subject without prefixes: the cover letter's or the first patch's */
	guint version;	  /* 1, 2, ... */
	guint total;	  /* patches that there should be */
	GStrv prefixes;	  /* further words in the brackets: "RFC", "net-next"; never NULL */
	gboolean resend;  /* "RESEND" among them */
	VfMessage *cover; /* or NULL */
	GPtrArray *patches;  /* of VfMessage: @total of them, NULL where one is missing */
	char *base_commit;   /* 40 or 64 lower-case hex digits, or NULL */
	GStrv prerequisites; /* prerequisite-patch-id: lines, hex; never NULL */
	char *change_id;     /* or NULL */
	char *patchset_hash; /* KCIDB's, over the texts for git am; NULL while patches are missing
			      */
	GStrv paths;	     /* touched by all patches, sorted; never NULL */
	gint64 first, last;  /* arrival of its mails, microseconds since the epoch */
	gboolean opted_out;  /* by header or line in the cover letter or any patch */
	char *problem;	     /* one sentence for INCOMPLETE, SUPERSEDED and BROKEN, or NULL */
	char *remark;	     /* how the mails were understood where they leave a choice, or NULL */
	GPtrArray *others;   /* ids of mails that belong to it and are not used; never NULL */
} VfSeries;

/* Reference counted: g_ptr_array_new_with_free_func() takes vf_series_unref(). */
VfSeries *vf_series_ref(VfSeries *series);
void vf_series_unref(VfSeries *series);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfSeries, vf_series_unref)

/* Whether the mail with the Message-ID @id is its cover letter or one of its patches. */
gboolean vf_series_has(const VfSeries *series, const char *id);

/* A name for what is kept of it on disk: nothing of a mail is part of a path. Caller frees. */
char *vf_series_directory_name(const VfSeries *series);

/* The mail that an answer about patch @number (0, or one that is missing: the whole) goes to. */
const VfMessage *vf_series_parent(const VfSeries *series, guint number);

/*
 * All patches in order, with their texts in memory (vf_inbox_load() brings them), for
 * `git am -3 --keep-cr --scissors --patch-format=mboxrd`. Caller frees.
 */
GString *vf_series_mbox(const VfSeries *series);

/* For tests and --json. New reference. */
json_t *vf_series_json(const VfSeries *series);

/* "complete", "waiting", ... */
const char *vf_series_state_name(VfSeriesState state);

typedef struct VfAssembler VfAssembler;

VfAssembler *vf_assembler_new(void);
void vf_assembler_free(VfAssembler *assembler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfAssembler, vf_assembler_free)

/* Whether a mail can be part of a series: a patch or a cover letter by its subject. */
gboolean vf_assembler_wants(const VfMessage *message);

typedef enum {
	VF_PART_LIGHT = 1, /* the series gets it without body and text: thousands fit into memory */
	VF_PART_CONTEXT = 2, /* of a series that is concluded: helps to understand the others */
} VfPartFlags;

/* Takes @message over. @arrived: microseconds since the epoch. What is no part is dropped. */
void vf_assembler_add(VfAssembler *assembler, VfMessage *message, gint64 arrived, guint flags);

/*
 * All series, oldest first; of VfSeries, owned by the array. @now against @first + @patience
 * (both microseconds) tells waiting from incomplete. Series of nothing but context are left out.
 * Empties the assembler.
 */
GPtrArray *vf_assembler_finish(VfAssembler *assembler, gint64 now, gint64 patience);
