// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/message-wire.h"

#include <string.h>

#include "base/error.h"
#include "kernel/patch.h"
#include "mail/message-impl.h"

#define ADDRESS	  "(ss)"
#define ADDRESSES "a" ADDRESS
/* The members of VfMessage in their order. */
#define MESSAGE "(smsas" ADDRESS ADDRESSES ADDRESSES ADDRESSES "xs" ADDRESS "sasbba{ss}asmsmaymsas)"

static GVariant *maybe_string(const char *text)
{
	return g_variant_new_maybe(G_VARIANT_TYPE_STRING, text ? g_variant_new_string(text) : NULL);
}

static GVariant *strings(GStrv words)
{
	return g_variant_new_strv((const char *const *)words, -1);
}

static GVariant *pack_address(const VfMailAddress *address)
{
	return g_variant_new(ADDRESS, address->name, address->address);
}

static GVariant *pack_addresses(const GPtrArray *list)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE(ADDRESSES));
	for (guint i = 0; i < list->len; i++)
		g_variant_builder_add_value(&builder, pack_address(list->pdata[i]));
	return g_variant_builder_end(&builder);
}

static GVariant *pack_extra(GHashTable *extra)
{
	GVariantBuilder builder;
	GHashTableIter iter;
	gpointer name, value;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{ss}"));
	g_hash_table_iter_init(&iter, extra);
	while (g_hash_table_iter_next(&iter, &name, &value))
		g_variant_builder_add(&builder, "{ss}", name, value);
	return g_variant_builder_end(&builder);
}

static GVariant *pack_text(GBytes *text)
{
	const GVariantType *type = G_VARIANT_TYPE_BYTESTRING;

	return g_variant_new_maybe(type, text ? g_variant_new_from_bytes(type, text, TRUE) : NULL);
}

GBytes *vf_message_pack(const VfMessage *message)
{
	GVariant *members[] = {
		g_variant_new_string(message->id),
		maybe_string(message->in_reply_to),
		strings(message->references),
		pack_address(message->from),
		pack_addresses(message->to),
		pack_addresses(message->cc),
		pack_addresses(message->reply_to),
		g_variant_new_int64(message->date),
		g_variant_new_string(message->subject),
		pack_address(message->author),
		g_variant_new_string(message->patch_subject),
		strings(message->lists),
		g_variant_new_boolean(message->automatic),
		g_variant_new_boolean(message->opted_out),
		pack_extra(message->extra),
		strings(message->authentication),
		maybe_string(message->body),
		pack_text(message->text),
		maybe_string(message->damage),
		strings(message->paths),
	};
	g_autoptr(GVariant) all =
		g_variant_ref_sink(g_variant_new_tuple(members, G_N_ELEMENTS(members)));

	return g_variant_get_data_as_bytes(all);
}

static VfMailAddress *unpack_address(GVariant *tuple, gsize index)
{
	const char *name, *address;

	g_variant_get_child(tuple, index, "(&s&s)", &name, &address);
	return vf_mail_address_new(name, address);
}

static GPtrArray *unpack_addresses(GVariant *tuple, gsize index)
{
	g_autoptr(GVariant) list = g_variant_get_child_value(tuple, index);
	gsize count = g_variant_n_children(list);
	GPtrArray *out = g_ptr_array_new_with_free_func(vf_mail_address_free);

	for (gsize i = 0; i < count; i++) {
		VfMailAddress *address = unpack_address(list, i);

		if (address)
			g_ptr_array_add(out, address);
	}
	return out;
}

static GHashTable *unpack_extra(GVariant *tuple, gsize index)
{
	g_autoptr(GVariant) dictionary = g_variant_get_child_value(tuple, index);
	GHashTable *out = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	GVariantIter iter;
	char *name, *value;

	g_variant_iter_init(&iter, dictionary);
	while (g_variant_iter_next(&iter, "{ss}", &name, &value))
		g_hash_table_replace(out, name, value);
	return out;
}

/* The bytes are the answer's own: no copy. */
static GBytes *unpack_text(GVariant *tuple, gsize index)
{
	g_autoptr(GVariant) maybe = g_variant_get_child_value(tuple, index);
	g_autoptr(GVariant) text = g_variant_get_maybe(maybe);

	return text ? g_variant_get_data_as_bytes(text) : NULL;
}

static VfMessage *unpack_members(GVariant *all)
{
	VfMessage *message = vf_message_new();

	g_variant_get_child(all, 0, "s", &message->id);
	g_variant_get_child(all, 1, "ms", &message->in_reply_to);
	g_variant_get_child(all, 2, "^as", &message->references);
	message->from = unpack_address(all, 3);
	message->to = unpack_addresses(all, 4);
	message->cc = unpack_addresses(all, 5);
	message->reply_to = unpack_addresses(all, 6);
	g_variant_get_child(all, 7, "x", &message->date);
	g_variant_get_child(all, 8, "s", &message->subject);
	message->author = unpack_address(all, 9);
	g_variant_get_child(all, 10, "s", &message->patch_subject);
	g_variant_get_child(all, 11, "^as", &message->lists);
	g_variant_get_child(all, 12, "b", &message->automatic);
	g_variant_get_child(all, 13, "b", &message->opted_out);
	message->extra = unpack_extra(all, 14);
	g_variant_get_child(all, 15, "^as", &message->authentication);
	g_variant_get_child(all, 16, "ms", &message->body);
	message->text = unpack_text(all, 17);
	g_variant_get_child(all, 18, "ms", &message->damage);
	g_variant_get_child(all, 19, "^as", &message->paths);
	return message;
}

static gboolean is_line(const char *text)
{
	for (; *text; text++)
		if (g_ascii_iscntrl(*text))
			return FALSE;
	return TRUE;
}

static gboolean are_lines(GStrv texts)
{
	for (; *texts; texts++)
		if (!is_line(*texts))
			return FALSE;
	return TRUE;
}

static gboolean are_ids(GStrv ids)
{
	for (; *ids; ids++)
		if (!vf_message_is_id(*ids))
			return FALSE;
	return TRUE;
}

static gboolean are_paths(GStrv paths)
{
	for (; *paths; paths++)
		if (vf_patch_path_problem(*paths))
			return FALSE;
	return TRUE;
}

static gboolean are_extra(GHashTable *extra)
{
	GHashTableIter iter;
	gpointer name, value;

	g_hash_table_iter_init(&iter, extra);
	while (g_hash_table_iter_next(&iter, &name, &value))
		if (!is_line(name) || !is_line(value))
			return FALSE;
	return TRUE;
}

static gboolean holds(const VfMessage *message)
{
	return vf_message_is_id(message->id) &&
	       (!message->in_reply_to || vf_message_is_id(message->in_reply_to)) &&
	       are_ids(message->references) && message->from && message->author &&
	       vf_message_is_date(message->date) && is_line(message->subject) &&
	       is_line(message->patch_subject) && are_lines(message->lists) &&
	       are_extra(message->extra) && are_lines(message->authentication) && message->body &&
	       (!message->damage || is_line(message->damage)) && are_paths(message->paths);
}

VfMessage *vf_message_unpack(GBytes *bytes, GError **error)
{
	g_autoptr(GVariant) all =
		g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(MESSAGE), bytes, FALSE));
	g_autoptr(VfMessage) message = NULL;

	if (!g_variant_is_normal_form(all))
		return vf_throw_null(error, VF_ERROR_PROTOCOL,
				     "the parser's answer is not a message");
	message = unpack_members(all);
	if (!holds(message))
		return vf_throw_null(error, VF_ERROR_PROTOCOL,
				     "the parser's answer has what no mail has");
	return g_steal_pointer(&message);
}
