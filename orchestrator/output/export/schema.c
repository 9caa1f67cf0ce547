// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/export/schema.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* A document of ours is 6 levels deep; hostile ones can be deeper. */
#define DEPTH_MAX 64

typedef struct Check {
	const json_t *root;  /* for $ref */
	GString *path;	     /* "tests[3].status" */
	const char *id;	     /* of the innermost object around that has one */
	GHashTable *regexes; /* pattern to GRegex */
	guint depth;
	GError **error;
} Check;

static gboolean check_value(Check *check, const json_t *schema, const json_t *value);

static gboolean violated(Check *check, const char *rule, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static gboolean violated(Check *check, const char *rule, const char *format, ...)
{
	g_autofree char *text = NULL, *id = NULL, *path = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	id = vf_text_escape(check->id ?: "", -1, 100);
	path = vf_text_escape(check->path->str, -1, 300);
	return vf_throw(check->error, VF_ERROR_PROTOCOL, "%s%s%s%s: %s: %s",
			*path ? path : "document", *id ? " (id \"" : "", id, *id ? "\")" : "", rule,
			text);
}

/* the value as one short printable line; caller frees */
static char *shown(const json_t *value)
{
	g_autofree char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	return vf_text_escape(text ?: "something unprintable", -1, 60);
}

static const char *type_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
		[JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
		[JSON_FALSE] = "boolean",   [JSON_NULL] = "null",
	};

	return names[json_typeof(value)];
}

static gboolean is_type(const json_t *value, const char *wanted)
{
	if (!strcmp(wanted, "number") && json_is_integer(value))
		return TRUE;
	return !strcmp(type_name(value), wanted);
}

static gboolean check_type(Check *check, const json_t *rule, const json_t *value)
{
	const json_t *one;
	gsize i;

	if (json_is_string(rule) && is_type(value, json_string_value(rule)))
		return TRUE;
	json_array_foreach (rule, i, one) {
		if (is_type(value, json_string_value(one)))
			return TRUE;
	}
	g_autofree char *wanted = shown(rule);
	return violated(check, "type", "expected %s, found %s", wanted, type_name(value));
}

static gboolean check_enum(Check *check, const json_t *rule, const json_t *value)
{
	const json_t *one;
	gsize i;

	json_array_foreach (rule, i, one) {
		if (json_equal(one, value))
			return TRUE;
	}
	g_autofree char *wanted = json_dumps(rule, JSON_COMPACT), *found = shown(value);
	return violated(check, "enum", "expected one of %s, found %s", wanted, found);
}

static gboolean check_const(Check *check, const json_t *rule, const json_t *value)
{
	g_autofree char *wanted = shown(rule), *found = shown(value);

	return json_equal(rule, value) ||
	       violated(check, "const", "expected %s, found %s", wanted, found);
}

static GRegex *regex_of(Check *check, const char *pattern)
{
	GRegex *regex = g_hash_table_lookup(check->regexes, pattern);

	if (regex)
		return regex;
	regex = g_regex_new(pattern, G_REGEX_DOLLAR_ENDONLY, 0, check->error);
	if (regex)
		g_hash_table_insert(check->regexes, g_strdup(pattern), regex);
	return regex;
}

static gboolean check_pattern(Check *check, const json_t *rule, const json_t *value)
{
	g_autofree char *found = shown(value);
	GRegex *regex;

	if (!json_is_string(value))
		return TRUE;
	regex = regex_of(check, json_string_value(rule));
	if (!regex)
		return FALSE;
	return g_regex_match(regex, json_string_value(value), 0, NULL) ||
	       violated(check, "pattern", "expected %s, found %s", json_string_value(rule), found);
}

static gboolean is_date_time(const char *text)
{
	/* without a default zone, a time that names none is refused */
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

	return time && strlen(text) >= 20 && text[10] == 'T';
}

static gboolean is_uri(const char *text)
{
	return g_uri_is_valid(text, G_URI_FLAGS_NONE, NULL);
}

static gboolean check_format(Check *check, const json_t *rule, const json_t *value)
{
	static const struct {
		const char *name;
		gboolean (*is)(const char *text);
	} formats[] = {{"date-time", is_date_time}, {"uri", is_uri}};
	g_autofree char *found = shown(value);

	if (!json_is_string(value))
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
		if (!strcmp(formats[i].name, json_string_value(rule)))
			return formats[i].is(json_string_value(value)) ||
			       violated(check, "format", "expected a %s, found %s", formats[i].name,
					found);
	return vf_throw(check->error, VF_ERROR_DATA, "schema: unknown format \"%s\"",
			json_string_value(rule));
}

static gboolean check_minimum(Check *check, const json_t *rule, const json_t *value)
{
	g_autofree char *found = shown(value);

	return !json_is_number(value) || json_number_value(value) >= json_number_value(rule) ||
	       violated(check, "minimum", "expected at least %g, found %s", json_number_value(rule),
			found);
}

static gboolean check_maximum(Check *check, const json_t *rule, const json_t *value)
{
	g_autofree char *found = shown(value);

	return !json_is_number(value) || json_number_value(value) <= json_number_value(rule) ||
	       violated(check, "maximum", "expected at most %g, found %s", json_number_value(rule),
			found);
}

static gboolean check_max_length(Check *check, const json_t *rule, const json_t *value)
{
	glong length = json_is_string(value) ? g_utf8_strlen(json_string_value(value), -1) : 0;

	return length <= json_integer_value(rule) ||
	       violated(check, "maxLength",
			"expected at most %" JSON_INTEGER_FORMAT " characters, found %ld",
			json_integer_value(rule), length);
}

static gboolean check_min_items(Check *check, const json_t *rule, const json_t *value)
{
	return !json_is_array(value) ||
	       (json_int_t)json_array_size(value) >= json_integer_value(rule) ||
	       violated(check, "minItems", "expected at least %" JSON_INTEGER_FORMAT ", found %zu",
			json_integer_value(rule), json_array_size(value));
}

static gboolean check_required(Check *check, const json_t *rule, const json_t *value)
{
	const json_t *name;
	gsize i;

	json_array_foreach (rule, i, name) {
		if (json_is_object(value) && !json_object_get(value, json_string_value(name)))
			return violated(check, "required", "\"%s\" is missing",
					json_string_value(name));
	}
	return TRUE;
}

static gboolean check_member(Check *check, const json_t *schema, const char *key,
			     const json_t *value)
{
	gsize length = check->path->len;
	gboolean valid;

	g_string_append_printf(check->path, "%s%s", length ? "." : "", key);
	valid = check_value(check, schema, value);
	g_string_truncate(check->path, length);
	return valid;
}

static gboolean check_properties(Check *check, const json_t *rule, const json_t *value)
{
	const char *key;
	const json_t *member;

	json_object_foreach ((json_t *)value, key, member) {
		const json_t *schema = json_object_get(rule, key);

		if (schema && !check_member(check, schema, key, member))
			return FALSE;
	}
	return TRUE;
}

static gboolean check_additional(Check *check, const json_t *schema, const json_t *rule,
				 const json_t *value)
{
	const json_t *known = json_object_get(schema, "properties");
	const char *key;
	const json_t *member;

	json_object_foreach ((json_t *)value, key, member) {
		g_autofree char *name = vf_text_escape(key, -1, 60);

		if (json_object_get(known, key))
			continue;
		if (json_is_false(rule))
			return violated(check, "additionalProperties", "unknown member \"%s\"",
					name);
		if (json_is_object(rule) && !check_member(check, rule, key, member))
			return FALSE;
	}
	return TRUE;
}

static gboolean check_items(Check *check, const json_t *rule, const json_t *value)
{
	gsize length = check->path->len;
	const json_t *item;
	gsize i;

	json_array_foreach (value, i, item) {
		g_string_append_printf(check->path, "[%zu]", i);
		if (!check_value(check, rule, item))
			return FALSE;
		g_string_truncate(check->path, length);
	}
	return TRUE;
}

static gboolean check_any_of(Check *check, const json_t *rule, const json_t *value)
{
	g_autofree char *found = shown(value);
	GError **error = check->error;
	const json_t *one;
	gsize i;

	json_array_foreach (rule, i, one) {
		g_autoptr(GError) local = NULL;
		gboolean valid;

		check->error = &local;
		valid = check_value(check, one, value);
		check->error = error;
		if (valid)
			return TRUE;
	}
	return violated(check, "anyOf", "none of %zu forms fits %s", json_array_size(rule), found);
}

static gboolean check_ref(Check *check, const json_t *rule, const json_t *value)
{
	const char *name = json_string_value(rule);
	const json_t *definition = NULL;

	if (g_str_has_prefix(name, "#/$defs/"))
		definition = json_object_get(json_object_get(check->root, "$defs"),
					     name + strlen("#/$defs/"));
	if (!definition)
		return vf_throw(check->error, VF_ERROR_DATA, "schema: no definition \"%s\"", name);
	return check_value(check, definition, value);
}

static const struct {
	const char *keyword;
	gboolean (*check)(Check *check, const json_t *rule, const json_t *value);
} rules[] = {
	{"$ref", check_ref},
	{"type", check_type},
	{"enum", check_enum},
	{"const", check_const},
	{"pattern", check_pattern},
	{"format", check_format},
	{"minimum", check_minimum},
	{"maximum", check_maximum},
	{"maxLength", check_max_length},
	{"minItems", check_min_items},
	{"required", check_required},
	{"properties", check_properties},
	{"items", check_items},
	{"anyOf", check_any_of},
	/* say nothing about values */
	{"$schema", NULL},
	{"$id", NULL},
	{"$defs", NULL},
	{"title", NULL},
	{"description", NULL},
	{"examples", NULL},
};

static gboolean check_rule(Check *check, const json_t *schema, const char *keyword,
			   const json_t *rule, const json_t *value)
{
	if (!strcmp(keyword, "additionalProperties"))
		return check_additional(check, schema, rule, value);
	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
		if (!strcmp(rules[i].keyword, keyword))
			return !rules[i].check || rules[i].check(check, rule, value);
	return vf_throw(check->error, VF_ERROR_DATA, "schema: unknown keyword \"%s\"", keyword);
}

static gboolean check_rules(Check *check, const json_t *schema, const json_t *value)
{
	const char *keyword;
	const json_t *rule;

	if (json_is_string(value) && strlen(json_string_value(value)) != json_string_length(value))
		return violated(check, "string", "a NUL character is not allowed");
	json_object_foreach ((json_t *)schema, keyword, rule) {
		if (!check_rule(check, schema, keyword, rule, value))
			return FALSE;
	}
	return TRUE;
}

static gboolean check_value(Check *check, const json_t *schema, const json_t *value)
{
	const char *outer = check->id;
	const char *own = json_string_value(json_object_get(value, "id"));
	gboolean valid;

	if (check->depth == DEPTH_MAX)
		return violated(check, "depth", "nested deeper than %d levels", DEPTH_MAX);
	check->depth++;
	check->id = own ?: outer;
	valid = check_rules(check, schema, value);
	check->id = outer;
	check->depth--;
	return valid;
}

gboolean vf_schema_check(const json_t *schema, const json_t *value, GError **error)
{
	g_autoptr(GString) path = g_string_new(NULL);
	g_autoptr(GHashTable) regexes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
							      (GDestroyNotify)g_regex_unref);
	Check check = {.root = schema, .path = path, .regexes = regexes, .error = error};

	return check_value(&check, schema, value);
}

json_t *vf_schema_embedded(const unsigned char *text)
{
	json_error_t problem;
	json_t *schema = json_loads((const char *)text, 0, &problem);

	if (!schema)
		g_error("embedded schema:%d: %s", problem.line, problem.text);
	return schema;
}
