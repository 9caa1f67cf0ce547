// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Letters on their way out of the host, each a file below vf_dirs_state()/spool/:
 *   pending/KEY.json  written and fsynced before anything is sent; stays until accepted
 *   sent/KEY.json     accepted: the answer instead of the body. Its presence stops a second one.
 *   dead/KEY.json     given up: refused for good, or for too long
 * The key is made of the target and the document's identity, so that the same document is never
 * two letters. A letter moves by being written in the new place before it goes from the old one; a
 * killed process leaves at worst both, and the next one removes the older.
 */
#pragma once

#include <glib.h>

#include "base/lock.h"

typedef struct VfLetter {
	char *key;    /* 64 hex digits: the idempotency key */
	char *target; /* name in the targets file */
	char *what;   /* for people: "run 2026...: results" */
	char *method, *url, *content_type;
	char *body;	    /* NULL in sent/ */
	GStrv envelope;	    /* mail: sender, then recipients; otherwise NULL */
	gint64 created;	    /* microseconds since the epoch */
	gint64 due;	    /* not to be tried before */
	guint64 attempts;   /* made so far */
	gboolean in_flight; /* an attempt was begun and its outcome was never recorded */
	char *outcome;	    /* of the last attempt: error, or what the server answered; or NULL */
} VfLetter;

void vf_letter_free(VfLetter *letter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfLetter, vf_letter_free)

/* The key for @parts (NULL-terminated): sha256 over them with their lengths. Caller frees. */
char *vf_letter_key(const char *const *parts);

typedef enum { VF_SPOOL_PENDING, VF_SPOOL_SENT, VF_SPOOL_DEAD } VfSpoolState;

typedef struct VfSpool VfSpool;

/* Makes the directories below @path and clears up what a killed process left in two places. */
VfSpool *vf_spool_open(const char *path, GError **error);
void vf_spool_free(VfSpool *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfSpool, vf_spool_free)

/*
 * Puts @letter into pending/, on disk when this returns. *added is FALSE when a letter with that
 * key is there already, in whatever state.
 */
gboolean vf_spool_add(VfSpool *spool, const VfLetter *letter, gboolean *added, GError **error);

/* All letters in @state, oldest first; of VfLetter, owned by the array. */
GPtrArray *vf_spool_list(VfSpool *spool, VfSpoolState state, GError **error);

/* Writes a pending letter's new state in place. */
gboolean vf_spool_update(VfSpool *spool, const VfLetter *letter, GError **error);

/* Moves @letter, as it is now, from pending to @state, or from dead to pending. */
gboolean vf_spool_move(VfSpool *spool, const VfLetter *letter, VfSpoolState from, VfSpoolState to,
		       GError **error);

/* Who sends: one process at a time. NULL without error: another does it. */
VfLock *vf_spool_lock(VfSpool *spool, GError **error);

/* One letter from its file's text; @name for errors. */
VfLetter *vf_letter_parse(const char *text, gsize length, const char *name, GError **error);
