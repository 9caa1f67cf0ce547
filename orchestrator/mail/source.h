// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where mails come from: mbox, Maildir, a public-inbox git repository (v2), IMAP. A source is read
 * from a cursor on; the cursor is a short JSON text that only the source's own type understands.
 */
#pragma once

#include <glib.h>

typedef struct VfMailSource VfMailSource;

/* One mail, borrowed. @where is for errors. FALSE stops the reading with @error. */
typedef gboolean (*VfMailTake)(VfMailSource *source, const char *bytes, gsize length,
			       const char *where, gpointer data, GError **error);
/* A mail that was passed over: @why is one line with the place. */
typedef void (*VfMailSkip)(const char *why, gpointer data);

typedef struct VfMailSourceConfig {
	char *type;	     /* "mbox", "maildir", "public-inbox", "imap" */
	char *path;	     /* of the first three */
	char *url;	     /* imaps://host/folder */
	char *user;	     /* IMAP */
	char *password_file; /* mode 0600, one line: the IMAP password */
	guint64 days; /* how far back the first reading of public-inbox and IMAP goes; 0: all */
	char *name;   /* unique; under it the cursor is kept */
} VfMailSourceConfig;

void vf_mail_source_config_free(VfMailSourceConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailSourceConfig, vf_mail_source_config_free)

/* @config is borrowed for the life of the source. VF_ERROR_DATA: a member that its type lacks. */
VfMailSource *vf_mail_source_new(const VfMailSourceConfig *config, GError **error);
void vf_mail_source_free(VfMailSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfMailSource, vf_mail_source_free)

const char *vf_mail_source_name(const VfMailSource *source);

/*
 * Gives every mail behind @cursor (NULL: from the beginning) to @take, oldest first; blocks. Mails
 * over VF_MESSAGE_BYTES_MAX go to @skip without being read. Errors: VF_ERROR_IO, VF_ERROR_HARNESS
 * (server, git), VF_ERROR_DATA (no such mailbox).
 */
gboolean vf_mail_source_read(VfMailSource *source, const char *cursor, VfMailTake take,
			     VfMailSkip skip, gpointer data, GError **error);

/*
 * Where reading would go on behind the mail that @take has now, or behind all. Caller frees.
 */
char *vf_mail_source_cursor(const VfMailSource *source);
