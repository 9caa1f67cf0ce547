// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/part-info.h"

#include <string.h>

#define PREREQUISITES_MAX 200
#define CHANGE_ID_MAX	  200

static void info_clear(gpointer data)
{
	VfPartInfo *info = data;

	vf_message_unref(info->message);
	vf_subject_clear(&info->subject);
	g_free(info->sender);
	g_free(info->hash);
	g_free(info->base_commit);
	g_free(info->change_id);
	g_strfreev(info->prerequisites);
}

VfPartInfo *vf_part_info_ref(VfPartInfo *info)
{
	return g_rc_box_acquire(info);
}

void vf_part_info_unref(gpointer info)
{
	g_rc_box_release_full(info, info_clear);
}

/* The first word behind "@key: " at the beginning of @line, or NULL. */
static char *value_of(const char *line, gsize length, const char *key)
{
	gsize skip = strlen(key);
	const char *end = line + length, *word;

	if (length <= skip || g_ascii_strncasecmp(line, key, skip))
		return NULL;
	for (word = line + skip; word < end && (*word == ' ' || *word == '\t'); word++)
		;
	length = 0;
	while (word + length < end && g_ascii_isgraph(word[length]))
		length++;
	return length ? g_strndup(word, length) : NULL;
}

/* Takes @value over; NULL when it is no object name in full. */
static char *object_name(char *value)
{
	g_autofree char *lower = value ? g_ascii_strdown(value, -1) : NULL;
	gsize length = lower ? strlen(lower) : 0;

	g_free(value);
	if ((length != 40 && length != 64) || strspn(lower, "0123456789abcdef") != length)
		return NULL;
	return g_steal_pointer(&lower);
}

static void read_line(VfPartInfo *info, GPtrArray *prerequisites, const char *line, gsize length)
{
	char *value;

	if (!info->base_commit)
		info->base_commit = object_name(value_of(line, length, "base-commit:"));
	if (!info->change_id)
		info->change_id = value_of(line, MIN(length, CHANGE_ID_MAX), "change-id:");
	value = object_name(value_of(line, length, "prerequisite-patch-id:"));
	if (value && prerequisites->len < PREREQUISITES_MAX)
		g_ptr_array_add(prerequisites, value);
	else
		g_free(value);
}

/* git and b4 write them behind the message or behind the diff, never indented. */
static void read_lines(VfPartInfo *info, GPtrArray *prerequisites)
{
	const char *line = info->message->body ?: "";

	while (*line) {
		gsize length = strcspn(line, "\n");

		if (strchr("bBcCpP", *line))
			read_line(info, prerequisites, line, length);
		line += length + (line[length] == '\n');
	}
}

/*
 * A list that must not forge signatures sends as "NAME via LIST <list@...>" for everybody, and has
 * the sender in Reply-To.
 */
static char *sender_of(const VfMessage *message)
{
	const VfMailAddress *from = message->from, *real = from;

	if (message->reply_to->len && strstr(from->name, " via "))
		real = message->reply_to->pdata[0];
	return g_utf8_strdown(real->address, -1);
}

VfPartInfo *vf_part_info_new(VfMessage *message, gint64 arrived)
{
	VfPartInfo *info = g_rc_box_new0(VfPartInfo);
	GPtrArray *prerequisites = g_ptr_array_new();
	gboolean own;

	info->message = message;
	info->arrived = arrived;
	info->sender = sender_of(message);
	vf_subject_parse(message->subject, &info->subject);
	own = info->subject.patch || info->subject.numbered || info->subject.reply;
	if (!own && strcmp(message->subject, message->patch_subject)) {
		vf_subject_clear(&info->subject);
		vf_subject_parse(message->patch_subject, &info->subject);
	}
	if (message->text) {
		info->hash = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, message->text);
		info->bytes = g_bytes_get_size(message->text);
	}
	read_lines(info, prerequisites);
	g_ptr_array_add(prerequisites, NULL);
	info->prerequisites = (GStrv)g_ptr_array_free(prerequisites, FALSE);
	return info;
}
