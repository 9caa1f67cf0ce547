// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/message.h"

#include <string.h>

/* What would end a name early, or make git decode it. */
static void add_name(GString *out, const char *name)
{
	for (; *name; name++)
		if (!strchr("<>\"\\()", *name))
			g_string_append_c(out, *name);
}

static void add_date(GString *out, gint64 seconds)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(seconds);

	g_string_append_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\n",
			       days[g_date_time_get_day_of_week(date) - 1],
			       g_date_time_get_day_of_month(date),
			       months[g_date_time_get_month(date) - 1], g_date_time_get_year(date),
			       g_date_time_get_hour(date), g_date_time_get_minute(date),
			       g_date_time_get_second(date));
}

static gboolean looks_like_from(const char *line, const char *end)
{
	while (line < end && *line == '>')
		line++;
	return end - line >= 5 && !memcmp(line, "From ", 5);
}

static void add_quoted(GString *out, const char *text, gsize length)
{
	const char *end = text + length;

	while (text < end) {
		const char *newline = memchr(text, '\n', (gsize)(end - text));
		const char *next = newline ? newline + 1 : end;

		if (looks_like_from(text, end))
			g_string_append_c(out, '>');
		g_string_append_len(out, text, next - text);
		text = next;
	}
}

GString *vf_message_mbox(const VfMessage *message)
{
	GString *out;
	const char *text;
	gsize length;

	if (!message->text)
		return NULL;
	text = g_bytes_get_data(message->text, &length);
	out = g_string_sized_new(length + 1024);
	g_string_append(out, "From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: ");
	add_name(out, message->author->name);
	g_string_append_printf(out, " <%s>\n", message->author->address);
	add_date(out, message->date);
	g_string_append_printf(out,
			       "Subject: %s\nMessage-ID: <%s>\nMIME-Version: 1.0\n"
			       "Content-Type: text/plain; charset=UTF-8\n"
			       "Content-Transfer-Encoding: 8bit\n\n",
			       message->patch_subject, message->id);
	add_quoted(out, text, length);
	if (!length || text[length - 1] != '\n')
		g_string_append_c(out, '\n');
	g_string_append_c(out, '\n');
	return out;
}
