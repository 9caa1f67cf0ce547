// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/parts.h"

#include <string.h>

#include "base/error.h"
#include "mail/excess.h"
#include "mail/message.h"

static void part_free(gpointer data)
{
	VfPart *part = data;

	g_string_free(part->bytes, TRUE);
	g_free(part->charset);
	g_free(part);
}

static gboolean named_patch(GMimePart *part)
{
	const char *name = g_mime_part_get_filename(part);
	g_autofree char *lower = name ? g_ascii_strdown(name, -1) : NULL;

	return lower && (g_str_has_suffix(lower, ".patch") || g_str_has_suffix(lower, ".diff"));
}

static gboolean has_parameter(GMimeContentType *type, const char *name, const char *value)
{
	const char *found = g_mime_content_type_get_parameter(type, name);

	return found && !g_ascii_strcasecmp(found, value);
}

/*
 * CRLF at every line is the transport's and goes. Where only some lines have it, it is the file's
 * own.
 */
static void plain_lines(GString *text)
{
	gsize out = 0;

	for (gsize i = 0; i < text->len; i++)
		if (text->str[i] == '\n' && (!i || text->str[i - 1] != '\r'))
			return;
	for (gsize i = 0; i < text->len; i++)
		if (text->str[i] != '\r' || i + 1 == text->len || text->str[i + 1] != '\n')
			text->str[out++] = text->str[i];
	g_string_truncate(text, out);
}

static GString *content_of(GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
	GString *text;

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	if (wrapper)
		g_mime_data_wrapper_write_to_stream(wrapper, stream);
	g_object_unref(stream);
	text = g_string_new_len((const char *)bytes->data, bytes->len);
	if (g_str_has_prefix(text->str, "\xef\xbb\xbf"))
		g_string_erase(text, 0, 3);
	plain_lines(text);
	return text;
}

static VfPart *read_part(GMimePart *source)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(source));
	gboolean patch = g_mime_content_type_is_type(type, "text", "x-patch") ||
			 g_mime_content_type_is_type(type, "text", "x-diff") || named_patch(source);
	VfPart *part;

	if (!patch && (!g_mime_content_type_is_type(type, "text", "plain") ||
		       g_mime_part_is_attachment(source)))
		return NULL;
	part = g_new0(VfPart, 1);
	part->bytes = content_of(source);
	part->charset = g_strdup(g_mime_content_type_get_parameter(type, "charset"));
	part->flowed = has_parameter(type, "format", "flowed");
	part->delsp = has_parameter(type, "delsp", "yes");
	part->patch = patch;
	return part;
}

static gboolean collect(GMimeObject *object, guint depth, guint *left, GPtrArray *parts,
			GError **error)
{
	if (depth > VF_MESSAGE_DEPTH_MAX)
		return vf_throw(error, VF_ERROR_DATA, "its parts are nested deeper than %d levels",
				VF_MESSAGE_DEPTH_MAX);
	if (!(*left)--)
		return vf_throw(error, VF_ERROR_DATA, "it has more than %d parts",
				VF_MESSAGE_PARTS_MAX);
	if (GMIME_IS_MULTIPART(object)) {
		int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));

		for (int i = 0; i < count; i++)
			if (!collect(g_mime_multipart_get_part(GMIME_MULTIPART(object), i),
				     depth + 1, left, parts, error))
				return FALSE;
	} else if (GMIME_IS_PART(object)) {
		VfPart *part = read_part(GMIME_PART(object));

		if (part)
			g_ptr_array_add(parts, part);
	}
	return TRUE;
}

GPtrArray *vf_parts_collect(GMimeObject *top, GError **error)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(part_free);
	guint left = VF_MESSAGE_PARTS_MAX;

	if (top && !collect(top, 0, &left, parts, error))
		return NULL;
	return g_steal_pointer(&parts);
}
