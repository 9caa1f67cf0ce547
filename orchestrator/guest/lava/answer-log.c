// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "guest/lava/answers.h"
#include "guest/lava/yaml.h"

static void take(const char *text, gsize length, VfLavaLine line, gpointer data)
{
	json_auto_t *entry = length ? vf_yaml_read(text, length, NULL) : NULL;
	const json_t *record = json_is_array(entry) ? json_array_get(entry, 0) : NULL;
	const char *level = json_string_value(json_object_get(record, "lvl"));
	const json_t *message = json_object_get(record, "msg");
	g_autofree char *dumped = NULL;

	if (!level || !message)
		return line("raw", text, length, data);
	if (json_is_string(message))
		return line(level, json_string_value(message), json_string_length(message), data);
	dumped = json_dumps(message, JSON_ENCODE_ANY | JSON_COMPACT);
	line(level, dumped, strlen(dumped), data);
}

guint vf_lava_log_parse(const char *text, gsize length, VfLavaLine line, gpointer data)
{
	const char *end = text + length;
	guint n = 0;

	while (text < end) {
		const char *newline = memchr(text, '\n', (gsize)(end - text));
		const char *stop = newline ? newline : end;

		take(text, (gsize)(stop - text), line, data);
		text = stop + 1;
		n++;
	}
	return n;
}
