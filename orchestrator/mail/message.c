// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/message-impl.h"

#include <string.h>

#include "base/error.h"
#include "mail/encoded-word.h"
#include "mail/excess.h"

void vf_mail_address_free(gpointer data)
{
	VfMailAddress *address = data;

	if (!address)
		return;
	g_free(address->name);
	g_free(address->address);
	g_free(address);
}

static void message_clear(gpointer data)
{
	VfMessage *message = data;

	g_free(message->id);
	g_free(message->in_reply_to);
	g_strfreev(message->references);
	vf_mail_address_free(message->from);
	g_clear_pointer(&message->to, g_ptr_array_unref);
	g_clear_pointer(&message->cc, g_ptr_array_unref);
	g_clear_pointer(&message->reply_to, g_ptr_array_unref);
	g_free(message->subject);
	vf_mail_address_free(message->author);
	g_free(message->patch_subject);
	g_strfreev(message->lists);
	g_clear_pointer(&message->extra, g_hash_table_unref);
	g_strfreev(message->authentication);
	g_free(message->body);
	g_clear_pointer(&message->text, g_bytes_unref);
	g_free(message->damage);
	g_strfreev(message->paths);
}

VfMessage *vf_message_new(void)
{
	return g_rc_box_new0(VfMessage);
}

VfMessage *vf_message_ref(VfMessage *message)
{
	return g_rc_box_acquire(message);
}

void vf_message_unref(VfMessage *message)
{
	if (message)
		g_rc_box_release_full(message, message_clear);
}

void vf_message_lighten(VfMessage *message)
{
	g_clear_pointer(&message->body, g_free);
	g_clear_pointer(&message->text, g_bytes_unref);
}

void vf_message_start(void)
{
	static gsize once;

	if (g_once_init_enter(&once)) {
		g_mime_init();
		g_once_init_leave(&once, 1);
	}
}

/* Length of the block that ends in front of the first empty line. */
static gsize header_length(const char *bytes, gsize length)
{
	for (gsize i = 0; i + 1 < length; i++)
		if (bytes[i] == '\n' && (bytes[i + 1] == '\n' || bytes[i + 1] == '\r'))
			return i + 1;
	return length;
}

static GMimeMessage *parse_stream(const char *bytes, gsize length)
{
	static const char *charsets[] = {"utf-8", "iso-8859-1", NULL};
	GMimeParserOptions *options = g_mime_parser_options_new();
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(bytes, length);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message;

	g_mime_parser_options_set_fallback_charsets(options, charsets);
	message = g_mime_parser_construct_message(parser, options);
	g_mime_parser_options_free(options);
	return message;
}

GMimeMessage *vf_message_gmime(const char *bytes, gsize length, GError **error)
{
	const char *problem = vf_message_excess(bytes, length);
	g_autoptr(GString) rewritten = NULL;
	GMimeMessage *message;
	gsize header;

	if (problem)
		return vf_throw_null(error, VF_ERROR_DATA, "it has %s", problem);
	header = header_length(bytes, length);
	rewritten = vf_encoded_words_rewrite(bytes, header);
	if (rewritten)
		g_string_append_len(rewritten, bytes + header, (gssize)(length - header));
	vf_message_start();
	message = rewritten ? parse_stream(rewritten->str, rewritten->len)
			    : parse_stream(bytes, length);
	return message ?: vf_throw_null(error, VF_ERROR_DATA, "not a mail");
}

static gboolean is_report(GMimeMessage *source)
{
	GMimeObject *top = g_mime_message_get_mime_part(source);
	GMimeContentType *type = top ? g_mime_object_get_content_type(top) : NULL;

	return type && g_mime_content_type_is_type(type, "multipart", "report");
}

static gboolean read_message(VfMessage *message, const char *bytes, gsize length, GError **error)
{
	g_autoptr(GMimeMessage) source = NULL;

	if (length > VF_MESSAGE_BYTES_MAX)
		return vf_throw(error, VF_ERROR_DATA,
				"it has %" G_GSIZE_FORMAT " bytes, more than the %d that are read",
				length, VF_MESSAGE_BYTES_MAX);
	source = vf_message_gmime(bytes, length, error);
	if (!source || !vf_message_read_headers(message, source, error) ||
	    !vf_message_read_body(message, source, error))
		return FALSE;
	message->automatic |= is_report(source);
	return TRUE;
}

VfMessage *vf_message_parse(const char *bytes, gsize length, const char *where, GError **error)
{
	g_autoptr(VfMessage) message = vf_message_new();

	if (read_message(message, bytes, length, error))
		return g_steal_pointer(&message);
	if (where)
		vf_prefix(error, "%s", where);
	return NULL;
}
