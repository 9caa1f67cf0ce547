// SPDX-License-Identifier: GPL-2.0-or-later
/* An inbox of a test's own, and git in the test's directory. */
#pragma once

#include "mail/inbox.h"
#include "scratch.h"
#include "paths.h"

#define MAIL_DIR VIFARM_SOURCE_DIR "/tests/mail"

typedef struct Mail {
	Scratch *scratch;
	VfDb *db;
	VfMailParser *parser;
	VfInbox *inbox;
	VfInboxCounts counts;
	GString *log; /* one line for each mail that was passed over */
} Mail;

static inline void mail_log(const char *why, gpointer data)
{
	Mail *mail = data;

	g_string_append_printf(mail->log, "%s\n", why);
}

static inline Mail *mail_new(void)
{
	Mail *mail = g_new0(Mail, 1);
	g_autoptr(GError) error = NULL;

	mail->scratch = scratch_new();
	mail->db = vf_db_open("results.db", &error);
	g_assert_no_error(error);
	mail->parser = vf_mail_parser_new(NULL, NULL);
	mail->inbox = vf_inbox_new(mail->db, mail->parser);
	mail->log = g_string_new(NULL);
	return mail;
}

/* Another parser than the usual one. */
static inline void mail_set_parser(Mail *mail, const char *program,
				   const VfMailParserLimits *limits)
{
	vf_inbox_free(mail->inbox);
	vf_mail_parser_free(mail->parser);
	mail->parser = vf_mail_parser_new(program, limits);
	mail->inbox = vf_inbox_new(mail->db, mail->parser);
}

static inline void mail_free(Mail *mail)
{
	vf_inbox_free(mail->inbox);
	vf_mail_parser_free(mail->parser);
	vf_db_close(mail->db);
	g_string_free(mail->log, TRUE);
	scratch_free(mail->scratch);
	g_free(mail);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mail, mail_free)

/* Reads what is new; the counts are those of this call. */
static inline gboolean mail_poll(Mail *mail, const VfMailSourceConfig *config, GError **error)
{
	g_autoptr(VfMailSource) source = vf_mail_source_new(config, error);

	memset(&mail->counts, 0, sizeof(mail->counts));
	return source && vf_inbox_poll(mail->inbox, source, mail_log, mail, &mail->counts, error);
}

static inline void mail_read(Mail *mail, const char *type, const char *path)
{
	VfMailSourceConfig config = {.type = (char *)type, .path = (char *)path, .name = "test"};
	g_autoptr(GError) error = NULL;

	mail_poll(mail, &config, &error);
	g_assert_no_error(error);
}

/* @hours after the arrival; patience is one hour. */
static inline GPtrArray *mail_series(Mail *mail, gint64 hours)
{
	g_autoptr(GError) error = NULL;
	gint64 hour = G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC;
	GPtrArray *series =
		vf_inbox_series(mail->inbox, g_get_real_time() + hours * hour, hour, &error);

	g_assert_no_error(error);
	return series;
}
