// SPDX-License-Identifier: GPL-2.0-or-later
/* Mails that have arrived and how far their sources were read; for mail/inbox.h. */
#pragma once

#include "results-db/db.h"

typedef struct VfMailRecord {
	char *id; /* Message-ID */
	gint64 arrived;
	gboolean command;
	gboolean done;
	GBytes *raw; /* the mail */
} VfMailRecord;

void vf_mail_record_free(VfMailRecord *record);

/* A mail that was passed over. */
typedef struct VfMailRefusal {
	char *key;	/* SHA-256 of the mail, or of @why where it was not read */
	char *id;	/* Message-ID, or NULL */
	char *why;	/* one line that begins with the place */
	gsize length;	/* bytes; 0: not read */
	gboolean fatal; /* ends or stalls its parser */
	gint64 met;	/* microseconds */
} VfMailRefusal;

void vf_mail_refusal_free(VfMailRefusal *refusal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailRefusal, vf_mail_refusal_free)

/* NULL in *cursor when @source was never read. */
gboolean vf_db_mail_cursor(VfDb *db, const char *source, char **cursor, GError **error);

/*
 * Stores those of @records (of VfMailRecord) that are not there yet, @refusals (of VfMailRefusal)
 * and the cursor behind them, in one transaction. *added: how many records were new.
 */
gboolean vf_db_mail_store(VfDb *db, const char *source, const GPtrArray *records,
			  const GPtrArray *refusals, const char *cursor, guint64 *added,
			  GError **error);

/* The mail with the id of @refusal is here already and turns out to be fatal: it is done. */
gboolean vf_db_mail_refuse(VfDb *db, const VfMailRefusal *refusal, GError **error);

/* The newest @max, newest first, or all that are fatal; of VfMailRefusal, owned by the array. */
GPtrArray *vf_db_mail_refusals(VfDb *db, guint max, GError **error);
GPtrArray *vf_db_mail_fatal(VfDb *db, GError **error);

/* @record is borrowed. FALSE stops. */
typedef gboolean (*VfMailRow)(const VfMailRecord *record, gpointer data, GError **error);

/* What is not done, by arrival: patches and cover letters, or commands. */
gboolean vf_db_mail_open(VfDb *db, gboolean commands, VfMailRow row, gpointer data, GError **error);
/* The mails of a concluded series that are not pruned. */
gboolean vf_db_mail_of_series(VfDb *db, const char *series, VfMailRow row, gpointer data,
			      GError **error);
/* One mail; no row is no error. */
gboolean vf_db_mail_one(VfDb *db, const char *id, VfMailRow row, gpointer data, GError **error);

/*
 * *series: the concluded series that the patch or cover letter belongs to, or NULL. *known:
 * whether there is such a mail.
 */
gboolean vf_db_mail_find(VfDb *db, const char *id, gboolean *known, char **series, GError **error);

typedef struct VfMailSeriesRecord {
	const char *id, *lineage;
	guint version;
	const char *patchset_hash; /* or NULL */
	const char *outcome;
} VfMailSeriesRecord;

/* @ids, NULL-terminated: its mails that are not of a concluded series yet. */
gboolean vf_db_mail_conclude(VfDb *db, const VfMailSeriesRecord *record, const char *const *ids,
			     GError **error);

/* Newest outcome of a series with the same patches, NULL: none. */
gboolean vf_db_mail_outcome(VfDb *db, const char *patchset_hash, char **outcome, GError **error);

/* *version: the greatest concluded one of the lineage; 0: none. */
gboolean vf_db_mail_newest(VfDb *db, const char *lineage, guint *version, GError **error);

gboolean vf_db_mail_done(VfDb *db, const char *id, GError **error);

/*
 * Forgets the text, not the id, of what is done and arrived before @before, and what was passed
 * over before that, unless it is fatal.
 */
gboolean vf_db_mail_prune(VfDb *db, gint64 before, GError **error);
