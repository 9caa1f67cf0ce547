// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where results go: the targets file, docs/results.md. A target's type knows which documents a
 * run becomes, and what the server's answers mean.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "output/post/http.h"
#include "output/post/spool.h"

typedef struct VfTarget {
	char *name;
	const struct VfTargetType *type;
	char *url;	       /* without a slash at its end */
	char *token_file;      /* read when something is sent, never kept; or NULL */
	char *group, *project; /* SQUAD */
	char *origin;	       /* KCIDB */
	char *link;	       /* where runs can be looked at, "{run}" is replaced; or NULL */
	char *policy;	       /* Patchwork: path of the policy file, or NULL: the default */
	char *user;	       /* SMTP: who logs in; or NULL: nobody */
	char *ca_file;	       /* SMTP: certificates to trust instead of the host's; or NULL */
	guint64 timeout;       /* seconds for one request */
} VfTarget;

/* What is known besides the run. */
typedef struct VfPostOptions {
	GStrv patches;	 /* ids at Patchwork, or NULL */
	GStrv pending;	 /* architectures whose checks are to be announced, or NULL */
	const char *tag; /* tells one announcement from the next */
} VfPostOptions;

typedef enum {
	VF_DELIVERY_DONE,
	VF_DELIVERY_LATER, /* worth another try */
	VF_DELIVERY_NEVER, /* refused for good */
} VfDelivery;

typedef struct VfTargetType {
	const char *name;
	const char *authorization; /* header with %s for the token */
	/* Appends the VfLetters of a run, which may be none. */
	gboolean (*write)(const VfTarget *target, const json_t *results,
			  const VfPostOptions *options, GPtrArray *letters, GError **error);
	/* An answer 2xx that is no HTML: NULL: it is enough; otherwise why it is not. */
	const char *(*doubt)(const VfHttpAnswer *answer);
	/*
	 * Asks whether @letter has arrived; for one whose sending was interrupted. NULL where the
	 * server knows the same document again by itself.
	 */
	gboolean (*arrived)(const VfTarget *target, const VfLetter *letter, gboolean *yes,
			    GError **error);
	/*
	 * Sends @letter by another protocol than HTTP, in which a repetition is never harmless: an
	 * attempt whose outcome is not known is the last. *why as vf_target_judge() sets it.
	 */
	VfDelivery (*deliver)(const VfTarget *target, const VfLetter *letter, char **why);
} VfTargetType;

void vf_target_free(VfTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfTarget, vf_target_free)

/* The targets file: of VfTarget, sorted by name. VF_ERROR_DATA names file and key. */
GPtrArray *vf_targets_load(const char *path, GError **error);
GPtrArray *vf_targets_parse(const char *text, gsize length, const char *name, GError **error);

/* VF_ERROR_USAGE names the known ones. */
const VfTarget *vf_targets_find(GPtrArray *targets, const char *name, GError **error);

/*
 * Whether @url has the origin of @target: its token goes nowhere else. VF_ERROR_USAGE says what
 * differs.
 */
gboolean vf_target_owns(const VfTarget *target, const char *url, GError **error);

/* One request to @target with its token; an error of vf_target_owns() for another's URL. */
VfHttpAnswer *vf_target_request(const VfTarget *target, const VfHttpRequest *request,
				GError **error);

/*
 * What @answer means for the letter; *why (caller frees) is one line about it, also for
 * VF_DELIVERY_DONE.
 */
VfDelivery vf_target_judge(const VfTargetType *type, const VfHttpAnswer *answer, char **why);

/* A letter to @target with its key from @identity (NULL-terminated, the target's name added). */
VfLetter *vf_target_letter(const VfTarget *target, const char *url, const char *content_type,
			   char *body, const char *what, const char *const *identity);

/* @target's link for @run, or NULL. Caller frees. */
char *vf_target_link(const VfTarget *target, const char *run);

extern const VfTargetType vf_target_webhook, vf_target_kcidb, vf_target_squad, vf_target_patchwork,
	vf_target_smtp;

/*
 * The number of the patch with that Message-ID (without <>) at the Patchwork @target, NULL in
 * *number when it has none. Asks the server; caller frees.
 */
gboolean vf_patchwork_find(const VfTarget *target, const char *message_id, char **number,
			   GError **error);
