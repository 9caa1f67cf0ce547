// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/message-impl.h"

#include <string.h>

#include "base/error.h"
#include "mail/charset.h"

#define ID_MAX_BYTES  500
#define ADDRESS_MAX   254 /* RFC 5321 */
#define ADDRESSES_MAX 500
#define IDS_MAX	      200
#define EXTRA_PREFIX  "x-vifarm-"

VfMailAddress *vf_mail_address_new(const char *name, const char *address)
{
	g_autofree char *line = address ? vf_charset_line(address, ADDRESS_MAX + 1) : NULL;
	const char *at = line ? strrchr(line, '@') : NULL;
	VfMailAddress *new;

	if (!at || at == line || !at[1] || strlen(line) > ADDRESS_MAX || strpbrk(line, " <>,;\"()"))
		return NULL;
	new = g_new0(VfMailAddress, 1);
	new->name = vf_charset_line(name ?: "", VF_MESSAGE_LINE_MAX);
	new->address = g_steal_pointer(&line);
	return new;
}

static void add_addresses(InternetAddressList *list, GPtrArray *out, guint depth)
{
	int length = list && depth < 2 ? internet_address_list_length(list) : 0;

	for (int i = 0; i < length && out->len < ADDRESSES_MAX; i++) {
		InternetAddress *one = internet_address_list_get_address(list, i);
		VfMailAddress *address;

		if (INTERNET_ADDRESS_IS_GROUP(one)) {
			add_addresses(internet_address_group_get_members(
					      INTERNET_ADDRESS_GROUP(one)),
				      out, depth + 1);
			continue;
		}
		address = vf_mail_address_new(internet_address_get_name(one),
					      internet_address_mailbox_get_addr(
						      INTERNET_ADDRESS_MAILBOX(one)));
		if (address)
			g_ptr_array_add(out, address);
	}
}

static GPtrArray *addresses(InternetAddressList *list)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(vf_mail_address_free);

	add_addresses(list, out, 0);
	return out;
}

/* NULL when there is no mailbox in it. */
VfMailAddress *vf_mail_address_first(InternetAddressList *list)
{
	g_autoptr(GPtrArray) all = addresses(list);

	return all->len ? g_ptr_array_steal_index(all, 0) : NULL;
}

static gboolean id_char(char c)
{
	return g_ascii_isgraph(c) && c != '<' && c != '>';
}

/* The ids in angle brackets; a long thread loses its middle. */
static GStrv ids_in(const char *text)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	for (const char *at = text ?: ""; (at = strchr(at, '<'));) {
		gsize length = 0;

		at++;
		while (id_char(at[length]))
			length++;
		if (at[length] != '>' || !length || length > ID_MAX_BYTES)
			continue;
		if (ids->len >= IDS_MAX)
			g_ptr_array_remove_index(ids, 1);
		g_ptr_array_add(ids, g_strndup(at, length));
	}
	g_ptr_array_add(ids, NULL);
	return (GStrv)g_ptr_array_steal(ids, NULL);
}

static char *id_in(const char *text)
{
	g_auto(GStrv) ids = ids_in(text);

	return g_strdup(ids[0]);
}

gboolean vf_message_is_id(const char *text)
{
	gsize length = 0;

	while (id_char(text[length]))
		length++;
	return length && length <= ID_MAX_BYTES && !text[length];
}

char *vf_message_find_id(const char *bytes, gsize length)
{
	static const char name[] = "message-id:";
	const char *end = bytes + length, *next;

	for (const char *line = bytes; line < end && *line != '\n' && *line != '\r'; line = next) {
		const char *newline = memchr(line, '\n', (gsize)(end - line));
		gsize size;

		/* a long one stands on a line of its own */
		if (newline && newline + 1 < end && (newline[1] == ' ' || newline[1] == '\t'))
			newline = memchr(newline + 1, '\n', (gsize)(end - newline - 1));
		size = (gsize)((newline ?: end) - line);
		if (size > strlen(name) && !g_ascii_strncasecmp(line, name, strlen(name))) {
			g_autofree char *value = g_strndup(line, MIN(size, 2 * ID_MAX_BYTES));

			return id_in(value);
		}
		next = newline ? newline + 1 : end;
	}
	return NULL;
}

gboolean vf_message_is_date(gint64 seconds)
{
	return seconds >= 0 && seconds < G_GINT64_CONSTANT(1) << 33;
}

gint64 vf_message_seconds(GDateTime *date)
{
	gint64 seconds = date ? g_date_time_to_unix(date) : 0;

	return vf_message_is_date(seconds) ? seconds : 0;
}

gboolean vf_message_says_no(const char *value)
{
	static const char *const words[] = {"no", "ignore", "off", "skip"};

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (!g_ascii_strcasecmp(words[i], value))
			return TRUE;
	return FALSE;
}

typedef struct Headers {
	VfMessage *message;
	GStrvBuilder *lists, *authentication;
} Headers;

static void take_list(Headers *headers, const char *value)
{
	g_auto(GStrv) ids = ids_in(value);
	g_autofree char *lower = ids[0] ? g_ascii_strdown(ids[0], -1) : NULL;

	if (lower)
		g_strv_builder_add(headers->lists, lower);
}

static void take_authentication(Headers *headers, const char *value)
{
	g_strv_builder_add(headers->authentication, value);
}

static void take_auto_submitted(Headers *headers, const char *value)
{
	if (g_ascii_strncasecmp(value, "no", 2) || g_ascii_isalnum(value[2]))
		headers->message->automatic = TRUE;
}

static void take_opt_out(Headers *headers, const char *value)
{
	if (vf_message_says_no(value))
		headers->message->opted_out = TRUE;
}

static const struct {
	const char *name;
	void (*take)(Headers *headers, const char *value);
} taken[] = {
	{"List-Id", take_list},
	{"Authentication-Results", take_authentication},
	{"Auto-Submitted", take_auto_submitted},
	{"X-Vifarm", take_opt_out},
};

static void take_header(Headers *headers, GMimeHeader *header)
{
	const char *name = g_mime_header_get_name(header);
	const char *value;
	g_autofree char *line = NULL;
	gboolean extra = !g_ascii_strncasecmp(name, EXTRA_PREFIX, strlen(EXTRA_PREFIX));
	gsize i = 0;

	while (i < G_N_ELEMENTS(taken) && g_ascii_strcasecmp(taken[i].name, name))
		i++;
	if (!extra && i == G_N_ELEMENTS(taken))
		return;
	value = g_mime_header_get_value(header);
	line = vf_charset_line(value ?: "", VF_MESSAGE_LINE_MAX);
	if (extra) {
		g_autofree char *key = vf_charset_line(name + strlen(EXTRA_PREFIX), ID_MAX_BYTES);

		g_hash_table_replace(headers->message->extra, g_ascii_strdown(key, -1),
				     g_steal_pointer(&line));
	} else {
		taken[i].take(headers, line);
	}
}

static void read_other_headers(VfMessage *message, GMimeObject *object)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	g_autoptr(GStrvBuilder) lists = g_strv_builder_new();
	g_autoptr(GStrvBuilder) authentication = g_strv_builder_new();
	Headers headers = {message, lists, authentication};

	message->extra = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (int i = 0; i < g_mime_header_list_get_count(list); i++)
		take_header(&headers, g_mime_header_list_get_header_at(list, i));
	message->lists = g_strv_builder_end(lists);
	message->authentication = g_strv_builder_end(authentication);
}

gboolean vf_message_read_headers(VfMessage *message, GMimeMessage *source, GError **error)
{
	GMimeObject *object = GMIME_OBJECT(source);
	const char *subject = g_mime_message_get_subject(source);

	message->id = id_in(g_mime_object_get_header(object, "Message-ID"));
	message->from = vf_mail_address_first(g_mime_message_get_from(source));
	message->to = addresses(g_mime_message_get_to(source));
	message->cc = addresses(g_mime_message_get_cc(source));
	message->reply_to = addresses(g_mime_message_get_reply_to(source));
	message->in_reply_to = id_in(g_mime_object_get_header(object, "In-Reply-To"));
	message->references = ids_in(g_mime_object_get_header(object, "References"));
	message->date = vf_message_seconds(g_mime_message_get_date(source));
	message->subject = vf_charset_line(subject ?: "", VF_MESSAGE_LINE_MAX);
	read_other_headers(message, object);
	if (!message->id)
		return vf_throw(error, VF_ERROR_DATA, "it has no Message-ID");
	if (!message->from)
		return vf_throw(error, VF_ERROR_DATA, "it has no sender");
	return TRUE;
}
