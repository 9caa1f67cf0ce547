// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <yaml.h>

#include "base/error.h"
#include "base/text.h"
#include "guest/lava/yaml.h"

typedef struct Reader {
	yaml_parser_t parser;
	yaml_mark_t at;
	guint nodes, depth;
	GError **error;
} Reader;

static gpointer fail(Reader *r, const char *what)
{
	g_autofree char *text = vf_text_escape(what, -1, 200);

	return vf_throw_null(r->error, VF_ERROR_PROTOCOL, "line %zu, column %zu: %s",
			     r->at.line + 1, r->at.column + 1, text);
}

static gboolean next(Reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event)) {
		r->at = event->start_mark;
		return TRUE;
	}
	r->at = r->parser.problem_mark;
	fail(r, r->parser.problem ?: "not YAML");
	return FALSE;
}

static json_t *value_of(Reader *r, yaml_event_t *event);

/* libyaml has checked that it is UTF-8; what jansson refuses is a NUL inside. */
static json_t *take_scalar(Reader *r, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	gsize length = event->data.scalar.length;
	gboolean plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	g_autofree char *escaped = NULL;
	json_t *value;

	if (event->data.scalar.anchor)
		return fail(r, "anchors are not expected here");
	if (plain && (!length || !strcmp(text, "null") || !strcmp(text, "~")))
		return json_null();
	value = json_stringn(text, length);
	if (value && !memchr(text, 0, length))
		return value;
	json_decref(value);
	escaped = vf_text_escape(text, (gssize)length, 0);
	return json_string(escaped);
}

static json_t *take_sequence(Reader *r)
{
	json_auto_t *array = json_array();
	yaml_event_t event;

	for (;;) {
		json_t *value;

		if (!next(r, &event))
			return NULL;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return g_steal_pointer(&array);
		}
		value = value_of(r, &event);
		if (!value)
			return NULL;
		json_array_append_new(array, value);
	}
}

static json_t *take_mapping(Reader *r)
{
	json_auto_t *object = json_object();
	yaml_event_t event;

	for (;;) {
		json_auto_t *key = NULL, *value = NULL;

		if (!next(r, &event))
			return NULL;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return g_steal_pointer(&object);
		}
		key = value_of(r, &event);
		if (!key)
			return NULL;
		if (!next(r, &event))
			return NULL;
		value = value_of(r, &event);
		if (!value)
			return NULL;
		if (!json_is_string(key))
			return fail(r, "expected a word as key");
		json_object_set(object, json_string_value(key), value);
	}
}

static json_t *take(Reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return take_scalar(r, event);
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor ? fail(r, "anchors are not expected here")
							 : take_sequence(r);
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor ? fail(r, "anchors are not expected here")
							: take_mapping(r);
	default:
		return fail(r, "aliases are not expected here");
	}
}

/* Of the value that begins with @event, which is deleted. */
static json_t *value_of(Reader *r, yaml_event_t *event)
{
	json_t *value = NULL;

	if (++r->nodes > VF_YAML_NODES_MAX || r->depth == VF_YAML_DEPTH_MAX) {
		fail(r, "too deep or too many values");
	} else {
		r->depth++;
		value = take(r, event);
		r->depth--;
	}
	yaml_event_delete(event);
	return value;
}

static gboolean skip(Reader *r, yaml_event_type_t type, const char *otherwise)
{
	yaml_event_t event;
	gboolean right;

	if (!next(r, &event))
		return FALSE;
	right = event.type == type;
	yaml_event_delete(&event);
	return right || fail(r, otherwise);
}

static json_t *read_document(Reader *r)
{
	json_auto_t *value = NULL;
	yaml_event_t event;

	if (!skip(r, YAML_STREAM_START_EVENT, "not YAML") ||
	    !skip(r, YAML_DOCUMENT_START_EVENT, "empty") || !next(r, &event))
		return NULL;
	value = value_of(r, &event);
	if (!value || !skip(r, YAML_DOCUMENT_END_EVENT, "more than one value") ||
	    !skip(r, YAML_STREAM_END_EVENT, "more than one document"))
		return NULL;
	return g_steal_pointer(&value);
}

json_t *vf_yaml_read(const char *text, gsize length, GError **error)
{
	Reader r = {.error = error};
	json_t *value;

	yaml_parser_initialize(&r.parser);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text ?: ""), length);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	value = read_document(&r);
	yaml_parser_delete(&r.parser);
	return value;
}
