// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/qemu/qmp.h"

#include <string.h>

#include "base/text.h"

#define SHOWN 80

struct VfQmp {
	VfQmpCalls calls;
	GString *line;
	GQueue waiting; /* of char *: commands before the greeting */
	gboolean greeted;
	char *emulator;
	char *error;
};

VfQmp *vf_qmp_new(const VfQmpCalls *calls)
{
	VfQmp *qmp = g_new0(VfQmp, 1);

	qmp->calls = *calls;
	qmp->line = g_string_new(NULL);
	g_queue_init(&qmp->waiting);
	return qmp;
}

void vf_qmp_free(VfQmp *qmp)
{
	g_string_free(qmp->line, TRUE);
	g_queue_clear_full(&qmp->waiting, g_free);
	g_free(qmp->emulator);
	g_free(qmp->error);
	g_free(qmp);
}

const char *vf_qmp_emulator(const VfQmp *qmp)
{
	return qmp->emulator;
}

const char *vf_qmp_error(const VfQmp *qmp)
{
	return qmp->error;
}

static void fail(VfQmp *qmp, const char *what, const char *bytes, gsize length)
{
	g_autofree char *shown = vf_text_escape(bytes, (gssize)length, SHOWN);

	qmp->error = g_strdup_printf("QMP: %s: \"%s\"", what, shown);
}

static void send_command(VfQmp *qmp, const char *command)
{
	g_autofree char *text = g_strdup_printf("{\"execute\": \"%s\"}\n", command);

	qmp->calls.send(text, strlen(text), qmp->calls.data);
}

void vf_qmp_execute(VfQmp *qmp, const char *command)
{
	if (qmp->greeted)
		send_command(qmp, command);
	else
		g_queue_push_tail(&qmp->waiting, g_strdup(command));
}

char *vf_qmp_version(const json_t *version)
{
	json_int_t major, minor, micro;
	const char *package = "";
	g_autofree char *name = NULL;

	if (json_unpack((json_t *)version, "{s:{s:I,s:I,s:I},s:s}", "qemu", "major", &major,
			"minor", &minor, "micro", &micro, "package", &package))
		return NULL;
	name = g_strdup_printf("QEMU %" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT
			       ".%" JSON_INTEGER_FORMAT "%s%s%s",
			       major, minor, micro, *package ? " (" : "", package,
			       *package ? ")" : "");
	return vf_text_escape(name, -1, 200);
}

static void take_greeting(VfQmp *qmp, json_t *message)
{
	char *emulator =
		vf_qmp_version(json_object_get(json_object_get(message, "QMP"), "version"));

	if (!emulator)
		return fail(qmp, "the greeting names no version", qmp->line->str, qmp->line->len);
	g_free(qmp->emulator);
	qmp->emulator = emulator;
	send_command(qmp, "qmp_capabilities");
	for (char *command; (command = g_queue_pop_head(&qmp->waiting)); g_free(command))
		send_command(qmp, command);
	qmp->greeted = TRUE;
}

static void take_message(VfQmp *qmp)
{
	json_auto_t *message = json_loadb(qmp->line->str, qmp->line->len, 0, NULL);
	const char *event = json_string_value(json_object_get(message, "event"));

	if (!json_is_object(message))
		return fail(qmp, "expected a JSON object", qmp->line->str, qmp->line->len);
	if (json_object_get(message, "QMP"))
		return take_greeting(qmp, message);
	if (event)
		return qmp->calls.event(event, json_object_get(message, "data"), qmp->calls.data);
	if (json_object_get(message, "return"))
		return;
	fail(qmp, json_object_get(message, "error") ? "a command failed" : "unknown message",
	     qmp->line->str, qmp->line->len);
}

void vf_qmp_feed(VfQmp *qmp, const char *bytes, gsize length)
{
	while (length && !qmp->error) {
		const char *newline = memchr(bytes, '\n', length);
		gsize n = newline ? (gsize)(newline - bytes) : length;

		if (qmp->line->len + n > VF_QMP_LINE_MAX)
			return fail(qmp, "a message that is too long", qmp->line->str,
				    qmp->line->len);
		g_string_append_len(qmp->line, bytes, (gssize)n);
		if (!newline)
			return;
		if (qmp->line->len)
			take_message(qmp);
		g_string_truncate(qmp->line, 0);
		bytes += n + 1;
		length -= n + 1;
	}
}
