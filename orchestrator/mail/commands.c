// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/commands.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "kernel/patch.h"

#define WORD	   "#vifarm"
#define COMMIT_MAX 100
#define SHOWN	   120

static const struct {
	const char *name;
	VfMailCommandKind kind;
	gboolean commit;
} kinds[] = {
	{"test", VF_COMMAND_TEST, FALSE},
	{"test-base", VF_COMMAND_TEST_BASE, TRUE},
	{"ignore", VF_COMMAND_IGNORE, FALSE},
};

void vf_mail_command_free(VfMailCommand *command)
{
	if (!command)
		return;
	g_free(command->commit);
	g_free(command->sender);
	g_free(command->id);
	g_free(command->parent);
	g_free(command);
}

static gboolean is_command(const char *line, gsize length)
{
	gsize word = strlen(WORD);

	return length >= word && !memcmp(line, WORD, word) &&
	       (length == word || g_ascii_isspace(line[word]));
}

/* The last one; NULL when there is none. Behind a signature's separator nothing counts. */
static char *command_line(const char *body)
{
	char *found = NULL;

	while (body && *body) {
		gsize length = strcspn(body, "\n");

		if (length == 3 && !memcmp(body, "-- ", 3))
			break;
		if (is_command(body, length)) {
			g_free(found);
			found = g_strndup(body, length);
		}
		body += length + (body[length] == '\n');
	}
	return found;
}

gboolean vf_mail_command_wanted(const VfMessage *message)
{
	g_autofree char *line = message->automatic ? NULL : command_line(message->body);

	return line != NULL;
}

static gboolean allowed(const VfMailSenders *senders, const char *sender)
{
	const char *domain = strrchr(sender, '@');

	for (guint i = 0; senders->allow && senders->allow[i]; i++) {
		const char *entry = senders->allow[i];

		if (!g_ascii_strcasecmp(entry, *entry == '@' ? domain : sender))
			return TRUE;
	}
	return FALSE;
}

/* The value of "header.d=" or "header.i=@" in a result, with the ";" or space behind it. */
static gboolean names_domain(const char *result, const char *domain)
{
	static const char *const keys[] = {"header.d=", "header.i=@"};
	gsize length = strlen(domain);

	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		const char *at = strstr(result, keys[i]);

		if (at && !g_ascii_strncasecmp(at + strlen(keys[i]), domain, length) &&
		    strchr(" ;", at[strlen(keys[i]) + length]))
			return TRUE;
	}
	return FALSE;
}

/* "mx.example.org; dkim=pass header.d=example.org header.s=s1; spf=..." */
static gboolean passes(const char *header, const char *server, const char *domain)
{
	g_auto(GStrv) results = g_strsplit(header, ";", 50);
	g_auto(GStrv) first = results[0] ? g_strsplit(g_strstrip(results[0]), " ", 2) : NULL;

	if (!first || !first[0] || g_ascii_strcasecmp(first[0], server))
		return FALSE;
	for (guint i = 1; results[i]; i++) {
		const char *result = g_strstrip(results[i]);

		if (!g_ascii_strncasecmp(result, "dkim=pass", 9) && strchr(" ", result[9]) &&
		    names_domain(result, domain))
			return TRUE;
	}
	return FALSE;
}

/*
 * Only the topmost header of the server counts: it is the one that our own server added, what
 * stands below may have come with the mail.
 */
static gboolean authenticated(const VfMessage *message, const char *server, const char *sender)
{
	const char *domain = strrchr(sender, '@') + 1;

	return message->authentication[0] && passes(message->authentication[0], server, domain);
}

/* What `git rev-parse` takes for a commit without being able to do anything else. */
static gboolean is_commit(const char *word)
{
	gsize length = strlen(word);
	gsize hex = strspn(word, "0123456789abcdef");

	if (length >= 7 && length <= 64 && hex == length)
		return TRUE;
	return length <= COMMIT_MAX && g_ascii_isalpha(*word) && !strstr(word, "..") &&
	       !vf_patch_path_problem(word) &&
	       strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789.-_/") == length;
}

static gboolean refuse(GError **error, const VfMessage *message, const char *line, const char *why)
{
	g_autofree char *shown = vf_text_escape(line, -1, SHOWN);

	return vf_throw(error, VF_ERROR_DATA, "<%s> from %s: \"%s\": %s", message->id,
			message->from->address, shown, why);
}

static gboolean read_words(VfMailCommand *command, const VfMessage *message, const char *line,
			   GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(line + strlen(WORD), " \t\r", 64);
	const char *given[3];
	guint count = 0;
	gsize i = 0;

	for (guint k = 0; words[k]; k++)
		if (*words[k] && count++ < G_N_ELEMENTS(given))
			given[count - 1] = words[k];
	while (count && i < G_N_ELEMENTS(kinds) && strcmp(kinds[i].name, given[0]))
		i++;
	if (!count || i == G_N_ELEMENTS(kinds))
		return refuse(error, message, line, "known are test, test-base COMMIT and ignore");
	if (count != 1u + kinds[i].commit)
		return refuse(error, message, line,
			      kinds[i].commit ? "expected one commit"
					      : "expected nothing behind it");
	if (kinds[i].commit && !is_commit(given[1]))
		return refuse(error, message, line,
			      "expected 7 to 64 hexadecimal digits or the name of a tag");
	command->kind = kinds[i].kind;
	command->commit = kinds[i].commit ? g_strdup(given[1]) : NULL;
	return TRUE;
}

static gboolean may(const VfMessage *message, const VfMailSenders *senders, const char *line,
		    GError **error)
{
	const char *sender = message->from->address;

	if (!allowed(senders, sender))
		return refuse(error, message, line, "the sender is not among those who may");
	if (senders->authenticated && !authenticated(message, senders->authenticated, sender))
		return refuse(error, message, line,
			      "no DKIM signature of the sender's domain was found valid");
	if (!message->in_reply_to && !*message->references)
		return refuse(error, message, line, "the mail answers no patch");
	return TRUE;
}

VfMailCommand *vf_mail_command_parse(const VfMessage *message, const VfMailSenders *senders,
				     GError **error)
{
	g_autofree char *line = message->automatic ? NULL : command_line(message->body);
	g_autoptr(VfMailCommand) command = g_new0(VfMailCommand, 1);
	guint count = g_strv_length(message->references);

	if (!line || !may(message, senders, line, error) ||
	    !read_words(command, message, line, error))
		return NULL;
	command->sender = g_ascii_strdown(message->from->address, -1);
	command->id = g_strdup(message->id);
	command->parent = g_strdup(message->in_reply_to ?: message->references[count - 1]);
	return g_steal_pointer(&command);
}
