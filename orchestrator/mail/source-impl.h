// SPDX-License-Identifier: GPL-2.0-or-later
/* What the types of sources share. */
#pragma once

#include <jansson.h>

#include "mail/source.h"

/* What is done with one mail, and how the position behind it is told. */
typedef struct VfMailSink {
	VfMailTake take;
	VfMailSkip skip;
	gpointer data;
} VfMailSink;

typedef struct VfMailSourceType {
	const char *name;
	gboolean url; /* needs url and user, otherwise path */
	/* From the cursor in source->cursor on, which it keeps up to date before each mail. */
	gboolean (*read)(VfMailSource *source, const VfMailSink *sink, GError **error);
} VfMailSourceType;

struct VfMailSource {
	const VfMailSourceConfig *config;
	const VfMailSourceType *type;
	json_t *cursor; /* object, never NULL */
};

extern const VfMailSourceType vf_mail_source_mbox, vf_mail_source_maildir,
	vf_mail_source_public_inbox, vf_mail_source_imap;

/* Integer @key of the cursor, 0 when it has none; text, or NULL. */
gint64 vf_mail_cursor_number(const VfMailSource *source, const char *key);
void vf_mail_cursor_set_number(VfMailSource *source, const char *key, gint64 value);
const char *vf_mail_cursor_text(const VfMailSource *source, const char *key);
void vf_mail_cursor_set_text(VfMailSource *source, const char *key, const char *value);

/* "WHERE: N bytes are more than a mail has" to the sink's skip. */
void vf_mail_skip_large(const VfMailSink *sink, const char *where, guint64 bytes);
