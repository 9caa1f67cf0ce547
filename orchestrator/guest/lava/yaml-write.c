// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <yaml.h>

#include "guest/lava/yaml.h"

static int on_bytes(void *data, unsigned char *bytes, size_t length)
{
	g_string_append_len(data, (const char *)bytes, (gssize)length);
	return 1;
}

static void emit(yaml_emitter_t *emitter, yaml_event_t *event)
{
	/* fails only without memory, or when events do not nest, which is a bug of this file */
	if (!yaml_emitter_emit(emitter, event))
		g_error("yaml: %s", emitter->problem);
}

static void scalar(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;

	yaml_scalar_event_initialize(&event, NULL, NULL, (yaml_char_t *)text, -1, 1, 1, style);
	emit(emitter, &event);
}

/*
 * Whether YAML 1.1 takes @text for a string without quotes. It reads words such as "null" and "on",
 * numbers, dates, "=" and "<<" as something else; what does not begin with a letter is quoted.
 */
static gboolean is_plain(const char *text)
{
	static const char *const words[] = {"y",    "yes",   "n",    "no",  "on",
					    "true", "false", "null", "off", NULL};
	g_autofree char *lower = g_ascii_strdown(text, -1);

	if (!g_ascii_isalpha(*text) || g_strv_contains(words, lower))
		return FALSE;
	for (; *text; text++)
		if (!g_ascii_isalnum(*text) && !strchr("_-./", *text) && !(*text == ' ' && text[1]))
			return FALSE;
	return TRUE;
}

/* YAML 1.1 takes an exponent for one only behind a point and with a sign. Caller frees. */
static char *number_text(const json_t *value)
{
	g_autofree char *text = json_dumps(value, JSON_ENCODE_ANY);
	const char *exponent = strchr(text, 'e');
	int mantissa = (int)(exponent ? exponent - text : 0);

	if (!json_is_real(value) || !exponent)
		return g_steal_pointer(&text);
	return g_strdup_printf("%.*s%se%s%s", mantissa, text,
			       memchr(text, '.', (gsize)mantissa) ? "" : ".0",
			       strchr("+-", exponent[1]) ? "" : "+", exponent + 1);
}

static void write_value(yaml_emitter_t *emitter, const json_t *value);

static void write_object(yaml_emitter_t *emitter, const json_t *object)
{
	yaml_event_t event;
	const char *key;
	json_t *value;

	yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
	emit(emitter, &event);
	json_object_foreach ((json_t *)object, key, value) {
		scalar(emitter, key,
		       is_plain(key) ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
		write_value(emitter, value);
	}
	yaml_mapping_end_event_initialize(&event);
	emit(emitter, &event);
}

static void write_array(yaml_emitter_t *emitter, const json_t *array)
{
	yaml_event_t event;
	json_t *value;
	gsize i;

	yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
	emit(emitter, &event);
	json_array_foreach ((json_t *)array, i, value)
		write_value(emitter, value);
	yaml_sequence_end_event_initialize(&event);
	emit(emitter, &event);
}

static void write_value(yaml_emitter_t *emitter, const json_t *value)
{
	g_autofree char *number = NULL;

	if (json_is_object(value))
		return write_object(emitter, value);
	if (json_is_array(value))
		return write_array(emitter, value);
	if (json_is_string(value))
		return scalar(emitter, json_string_value(value), YAML_DOUBLE_QUOTED_SCALAR_STYLE);
	number = number_text(value);
	scalar(emitter, number, YAML_PLAIN_SCALAR_STYLE);
}

char *vf_yaml_write(const json_t *value)
{
	GString *text = g_string_new(NULL);
	yaml_emitter_t emitter;
	yaml_event_t event;

	yaml_emitter_initialize(&emitter);
	yaml_emitter_set_output(&emitter, on_bytes, text);
	yaml_emitter_set_encoding(&emitter, YAML_UTF8_ENCODING);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
	emit(&emitter, &event);
	yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
	emit(&emitter, &event);
	write_value(&emitter, value);
	yaml_document_end_event_initialize(&event, 1);
	emit(&emitter, &event);
	yaml_stream_end_event_initialize(&event);
	emit(&emitter, &event);
	yaml_emitter_delete(&emitter);
	return g_string_free(text, FALSE);
}
