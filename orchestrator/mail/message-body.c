// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/message-impl.h"

#include <string.h>

#include "mail/charset.h"
#include "mail/text.h"

/* Takes the diff of @text over, and its bytes behind @lead (may be NULL). */
static void take_text(VfMessage *message, VfMailText *text, const char *lead)
{
	GString *bytes = g_steal_pointer(&text->bytes);

	if (lead && *lead) {
		g_string_prepend_c(bytes, '\n');
		g_string_prepend(bytes, lead);
	}
	message->text = g_string_free_to_bytes(bytes);
	text->bytes = g_string_new(NULL);
	message->paths = g_steal_pointer(&text->diff.paths);
	message->damage = g_steal_pointer(&text->diff.damage);
}

/* Where the header block of `git format-patch` begins in an attached patch; NULL: it has none. */
static const char *patch_header(const VfPart *part)
{
	const char *text = part->bytes->str;

	if (g_str_has_prefix(text, "From ") && strspn(text + 5, "0123456789abcdef") >= 40) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text && (g_str_has_prefix(text, "From: ") || g_str_has_prefix(text, "Subject: "))
		       ? text
		       : NULL;
}

/* The text behind the header block, whose fields go to @message; NULL when that cannot be read. */
static VfMailText *attached_mail(VfMessage *message, const VfPart *part, const char *header)
{
	gsize length = part->bytes->len - (gsize)(header - part->bytes->str);
	g_autoptr(GMimeMessage) inner = vf_message_gmime(header, length, NULL);
	g_autoptr(GPtrArray) parts =
		inner ? vf_parts_collect(g_mime_message_get_mime_part(inner), NULL) : NULL;
	VfMailAddress *author =
		inner ? vf_mail_address_first(g_mime_message_get_from(inner)) : NULL;
	const char *subject = inner ? g_mime_message_get_subject(inner) : NULL;
	gint64 date = inner ? vf_message_seconds(g_mime_message_get_date(inner)) : 0;

	if (author) {
		vf_mail_address_free(message->author);
		message->author = author;
	}
	if (subject) {
		g_free(message->patch_subject);
		message->patch_subject = vf_charset_line(subject, VF_MESSAGE_LINE_MAX);
	}
	if (date)
		message->date = date;
	return parts && parts->len ? vf_mail_text(parts->pdata[0]) : NULL;
}

static void read_attached(VfMessage *message, const VfPart *part)
{
	const char *header = patch_header(part);
	g_autoptr(VfMailText) text =
		header ? attached_mail(message, part, header) : vf_mail_text(part);

	if (!text || !text->has_diff)
		return;
	if (message->text) {
		g_free(message->damage);
		message->damage = g_strdup("several patches are attached to one mail");
		return;
	}
	take_text(message, text, header ? NULL : message->body);
}

static gboolean opts_out(const char *body, gsize length)
{
	static const char word[] = "vifarm:";
	const char *end = body + length;

	for (const char *line = body; line < end;) {
		const char *newline = memchr(line, '\n', (gsize)(end - line));
		gsize size = (gsize)((newline ? newline : end) - line);

		if (size > strlen(word) && !g_ascii_strncasecmp(line, word, strlen(word))) {
			g_autofree char *value =
				g_strndup(line + strlen(word), size - strlen(word));

			if (vf_message_says_no(g_strstrip(value)))
				return TRUE;
		}
		line = newline ? newline + 1 : end;
	}
	return FALSE;
}

/* One of the parts with text of the mail's own. */
static void read_inline(VfMessage *message, const VfPart *part)
{
	g_autoptr(VfMailText) text = vf_mail_text(part);
	gboolean diff = text->has_diff && !message->text;

	if (opts_out(text->bytes->str, text->has_diff ? text->diff.start : text->bytes->len))
		message->opted_out = TRUE;
	if (!message->body || diff) {
		g_free(message->body);
		message->body = vf_charset_text(text->bytes->str, text->bytes->len, NULL);
	}
	if (diff)
		take_text(message, text, NULL);
}

gboolean vf_message_read_body(VfMessage *message, GMimeMessage *source, GError **error)
{
	g_autoptr(GPtrArray) parts = vf_parts_collect(g_mime_message_get_mime_part(source), error);
	gboolean has_inline;

	if (!parts)
		return FALSE;
	message->author = vf_mail_address_new(message->from->name, message->from->address);
	message->patch_subject = g_strdup(message->subject);
	for (guint i = 0; i < parts->len; i++)
		if (!((VfPart *)parts->pdata[i])->patch)
			read_inline(message, parts->pdata[i]);
	has_inline = message->text != NULL;
	for (guint i = 0; i < parts->len && !has_inline; i++)
		if (((VfPart *)parts->pdata[i])->patch)
			read_attached(message, parts->pdata[i]);
	if (!message->body)
		message->body = g_strdup("");
	if (!message->paths)
		message->paths = g_new0(char *, 1);
	return TRUE;
}
