// SPDX-License-Identifier: GPL-2.0-or-later
#include <yaml.h>

#include "lava/yaml.h"

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

static void write_value(yaml_emitter_t *emitter, const json_t *value);

static void write_object(yaml_emitter_t *emitter, const json_t *object)
{
	yaml_event_t event;
	const char *key;
	json_t *value;

	yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
	emit(emitter, &event);
	json_object_foreach ((json_t *)object, key, value) {
		scalar(emitter, key, YAML_ANY_SCALAR_STYLE);
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
	number = json_dumps(value, JSON_ENCODE_ANY);
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
