// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/imap-answer.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static GUri *parse_url(const char *url)
{
	return g_uri_parse(url, G_URI_FLAGS_ENCODED_PATH, NULL);
}

/* Decoded, without the slash in front; NULL when there is none. */
static char *folder_of(GUri *uri)
{
	const char *path = g_uri_get_path(uri);

	return *path == '/' && path[1] ? g_uri_unescape_string(path + 1, "/") : NULL;
}

static gboolean plain(const char *folder)
{
	for (; *folder; folder++)
		if (g_ascii_iscntrl(*folder) || (guchar)*folder >= 0x80)
			return FALSE;
	return TRUE;
}

gboolean vf_imap_check_url(const char *url, GError **error)
{
	g_autoptr(GUri) uri = parse_url(url);
	g_autofree char *folder = uri ? folder_of(uri) : NULL;
	g_autofree char *shown = vf_text_escape(url, -1, 200);
	const char *scheme = uri ? g_uri_get_scheme(uri) : "";

	if (uri && folder && plain(folder) && !strchr(url, ';') && !g_uri_get_query(uri) &&
	    !g_uri_get_userinfo(uri) && !g_str_has_suffix(url, "/") &&
	    (!strcmp(scheme, "imap") || !strcmp(scheme, "imaps")))
		return TRUE;
	return vf_throw(error, VF_ERROR_DATA,
			"%s: expected imaps://HOST/FOLDER with an ASCII name of the folder", shown);
}

char *vf_imap_server(const char *url)
{
	const char *host = strstr(url, "://");
	gsize length = host ? (gsize)(host - url) + 3 + strcspn(host + 3, "/") : strlen(url);

	return g_strdup_printf("%.*s/", (int)length, url);
}

char *vf_imap_examine(const char *url)
{
	g_autoptr(GUri) uri = parse_url(url);
	g_autofree char *folder = folder_of(uri);
	GString *command = g_string_new("EXAMINE \"");

	for (const char *c = folder; *c; c++) {
		if (strchr("\"\\", *c))
			g_string_append_c(command, '\\');
		g_string_append_c(command, *c);
	}
	return g_string_free(g_string_append_c(command, '"'), FALSE);
}

gint64 vf_imap_validity(const char *answer)
{
	static const char word[] = "[UIDVALIDITY ";
	const char *at = strstr(answer, word);
	guint64 value = at ? g_ascii_strtoull(at + strlen(word), NULL, 10) : 0;

	return value <= G_MAXUINT32 ? (gint64)value : 0;
}

char *vf_imap_search(guint32 last, guint64 days)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) since = g_date_time_add_days(now, -(gint)MIN(days, 36500));

	if (!days)
		return g_strdup_printf("UID SEARCH UID %u:*", last + 1);
	return g_strdup_printf("UID SEARCH UID %u:* SINCE %d-%s-%d", last + 1,
			       g_date_time_get_day_of_month(since),
			       months[g_date_time_get_month(since) - 1],
			       g_date_time_get_year(since));
}

static int ascending(gconstpointer a, gconstpointer b)
{
	guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

	return x < y ? -1 : x > y;
}

/* The numbers of one line behind "* SEARCH". */
static void read_numbers(const char *at, guint32 last, GArray *uids)
{
	while (*at == ' ') {
		char *end;
		guint64 value = g_ascii_strtoull(at + 1, &end, 10);

		if (end == at + 1)
			return;
		if (value > last && value <= G_MAXUINT32) {
			guint32 uid = (guint32)value;

			g_array_append_val(uids, uid);
		}
		at = end;
	}
}

GArray *vf_imap_uids(const char *answer, guint32 last)
{
	static const char word[] = "* SEARCH";
	GArray *uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint kept = 0;

	for (const char *at = answer; (at = strstr(at, word)); at += strlen(word))
		read_numbers(at + strlen(word), last, uids);
	g_array_sort(uids, ascending);
	for (guint i = 0; i < uids->len; i++) {
		guint32 uid = g_array_index(uids, guint32, i);

		if (!kept || g_array_index(uids, guint32, kept - 1) != uid)
			g_array_index(uids, guint32, kept++) = uid;
	}
	g_array_set_size(uids, kept);
	return uids;
}
