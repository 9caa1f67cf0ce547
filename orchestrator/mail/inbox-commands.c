// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/inbox-impl.h"

#include "base/error.h"

typedef struct Commands {
	VfInbox *inbox;
	const VfMailSenders *senders;
	GPtrArray *found;   /* of VfMailCommand */
	GPtrArray *refused; /* ids */
	GPtrArray *threads; /* of GStrv: for each found one what it may answer, nearest first */
	VfMailSkip log;
	gpointer log_data;
} Commands;

static void free_command(gpointer command)
{
	vf_mail_command_free(command);
}

static void free_strings(gpointer strings)
{
	g_strfreev(strings);
}

static GStrv ancestors(const VfMessage *message)
{
	g_autoptr(GStrvBuilder) ids = g_strv_builder_new();

	if (message->in_reply_to)
		g_strv_builder_add(ids, message->in_reply_to);
	for (guint i = g_strv_length(message->references); i-- > 0;)
		g_strv_builder_add(ids, message->references[i]);
	return g_strv_builder_end(ids);
}

static gboolean on_command(const VfMailRecord *record, gpointer data, GError **error)
{
	Commands *commands = data;
	g_autoptr(GError) local = NULL;
	g_autoptr(VfMessage) message = vf_inbox_parse(commands->inbox, record, &local);
	VfMailCommand *command;

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	command = message ? vf_mail_command_parse(message, commands->senders, &local) : NULL;
	if (command) {
		g_ptr_array_add(commands->found, command);
		g_ptr_array_add(commands->threads, ancestors(message));
		return TRUE;
	}
	if (local && commands->log)
		commands->log(local->message, commands->log_data);
	g_ptr_array_add(commands->refused, g_strdup(record->id));
	return TRUE;
}

/* A command may stand in an answer to an answer: the nearest mail that is part of a series. */
static gboolean find_parent(VfInbox *inbox, VfMailCommand *command, const char *const *ids,
			    GError **error)
{
	for (; *ids; ids++) {
		g_autofree char *series = NULL;
		gboolean known;

		if (!vf_db_mail_find(inbox->db, *ids, &known, &series, error))
			return FALSE;
		if (known) {
			g_free(command->parent);
			command->parent = g_strdup(*ids);
			return TRUE;
		}
	}
	return TRUE;
}

GPtrArray *vf_inbox_commands(VfInbox *inbox, const VfMailSenders *senders, VfMailSkip log,
			     gpointer data, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(free_command);
	g_autoptr(GPtrArray) refused = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) threads = g_ptr_array_new_with_free_func(free_strings);
	Commands commands = {.inbox = inbox,
			     .senders = senders,
			     .found = found,
			     .refused = refused,
			     .threads = threads,
			     .log = log,
			     .log_data = data};

	if (!vf_db_mail_open(inbox->db, TRUE, on_command, &commands, error) ||
	    !vf_inbox_settle(inbox, error))
		return NULL;
	for (guint i = 0; i < refused->len; i++)
		if (!vf_db_mail_done(inbox->db, refused->pdata[i], error))
			return NULL;
	for (guint i = 0; i < found->len; i++)
		if (!find_parent(inbox, found->pdata[i], threads->pdata[i], error))
			return NULL;
	return g_steal_pointer(&found);
}

gboolean vf_inbox_command_done(VfInbox *inbox, const VfMailCommand *command, GError **error)
{
	return vf_db_mail_done(inbox->db, command->id, error);
}
