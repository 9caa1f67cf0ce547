// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/json-reader.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/read.h"
#include "base/text.h"

#define FILE_MAX  (1 << 20)
#define SHOWN_MAX 60

struct VfJson {
	const char *file;
	const VfJson *parent; /* NULL: the whole file */
	const char *key;      /* of this object in @parent */
	gssize index;	      /* in the array @key, -1: @key is not an array */
	json_t *object;
};

static void put_path(GString *out, const VfJson *json)
{
	g_autofree char *key = NULL;

	if (!json->parent)
		return;
	put_path(out, json->parent);
	key = vf_text_escape(json->key, -1, SHOWN_MAX);
	g_string_append_printf(out, "%s%s", out->len ? "." : "", key);
	if (json->index >= 0)
		g_string_append_printf(out, "[%zd]", json->index);
}

gboolean vf_json_throw(VfJson *json, GError **error, const char *key, const char *format, ...)
{
	g_autoptr(GString) path = g_string_new(NULL);
	g_autofree char *what = NULL;
	g_autofree char *last = key ? vf_text_escape(key, -1, SHOWN_MAX) : NULL;
	va_list args;

	put_path(path, json);
	if (last)
		g_string_append_printf(path, "%s%s", path->len ? "." : "", last);
	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	return vf_throw(error, VF_ERROR_DATA, "%s: %s%s%s", json->file, path->str,
			path->len ? ": " : "", what);
}

/* What stands in the file, short enough for an error. Caller frees. */
static char *found(const json_t *value)
{
	g_autofree char *text = NULL;

	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_OBJECT:
		return g_strdup("an object");
	case JSON_ARRAY:
		return g_strdup("an array");
	case JSON_STRING:
		text = vf_text_escape(json_string_value(value), (gssize)json_string_length(value),
				      SHOWN_MAX);
		return g_strdup_printf("\"%s\"", text);
	case JSON_INTEGER:
		return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	case JSON_REAL:
		text = g_malloc(G_ASCII_DTOSTR_BUF_SIZE);
		return g_strdup(
			g_ascii_dtostr(text, G_ASCII_DTOSTR_BUF_SIZE, json_real_value(value)));
	case JSON_TRUE:
		return g_strdup("true");
	case JSON_FALSE:
		return g_strdup("false");
	default:
		return g_strdup(value ? "null" : "nothing");
	}
}

static gboolean unexpected(VfJson *json, const char *key, const char *expected, const json_t *value,
			   GError **error)
{
	g_autofree char *what = found(value);

	return vf_json_throw(json, error, key, "expected %s, found %s", expected, what);
}

static gboolean check_words(VfJson *json, const char *key, const json_t *value,
			    const char *const *words, GError **error)
{
	g_autofree char *all = NULL;
	g_autofree char *expected = NULL;

	if (!words || g_strv_contains(words, json_string_value(value)))
		return TRUE;
	all = g_strjoinv(", ", (char **)words);
	expected = g_strdup_printf("one of %s", all);
	return unexpected(json, key, expected, value, error);
}

static gboolean read_string(VfJson *json, const VfJsonMember *member, json_t *value, gpointer field,
			    GError **error)
{
	if (!json_is_string(value) || !json_string_length(value))
		return unexpected(json, member->key, "a non-empty string", value, error);
	if (!check_words(json, member->key, value, member->words, error))
		return FALSE;
	*(char **)field = g_strdup(json_string_value(value));
	return TRUE;
}

static gboolean read_text(VfJson *json, const VfJsonMember *member, json_t *value, gpointer field,
			  GError **error)
{
	if (!json_is_string(value) && !json_is_null(value))
		return unexpected(json, member->key, "a string or null", value, error);
	if (json_is_string(value) && !check_words(json, member->key, value, member->words, error))
		return FALSE;
	*(char **)field = g_strdup(json_string_value(value));
	return TRUE;
}

static gboolean read_positive(VfJson *json, const VfJsonMember *member, json_t *value,
			      gpointer field, GError **error)
{
	if (!json_is_integer(value) || json_integer_value(value) <= 0)
		return unexpected(json, member->key, "a positive integer", value, error);
	*(guint64 *)field = (guint64)json_integer_value(value);
	return TRUE;
}

static gboolean read_natural(VfJson *json, const VfJsonMember *member, json_t *value,
			     gpointer field, GError **error)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return unexpected(json, member->key, "an integer of at least 0", value, error);
	*(guint64 *)field = (guint64)json_integer_value(value);
	return TRUE;
}

static gboolean read_boolean(VfJson *json, const VfJsonMember *member, json_t *value,
			     gpointer field, GError **error)
{
	if (!json_is_boolean(value))
		return unexpected(json, member->key, "true or false", value, error);
	*(gboolean *)field = json_is_true(value);
	return TRUE;
}

static gboolean read_strings(VfJson *json, const VfJsonMember *member, json_t *value,
			     gpointer field, GError **error)
{
	g_autoptr(GStrvBuilder) all = g_strv_builder_new();
	json_t *item;
	gsize i;

	if (!json_is_array(value))
		return unexpected(json, member->key, "an array of strings", value, error);
	json_array_foreach (value, i, item) {
		g_autofree char *key = g_strdup_printf("%s[%zu]", member->key, i);

		if (!json_is_string(item))
			return unexpected(json, key, "a string", item, error);
		if (!check_words(json, key, item, member->words, error))
			return FALSE;
		g_strv_builder_add(all, json_string_value(item));
	}
	*(GStrv *)field = g_strv_builder_end(all);
	return TRUE;
}

static gboolean read_map(VfJson *json, const VfJsonMember *member, json_t *value, gpointer field,
			 GError **error)
{
	g_autoptr(GHashTable) map = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	const char *name;
	json_t *item;

	if (!json_is_object(value))
		return unexpected(json, member->key, "an object of strings", value, error);
	json_object_foreach (value, name, item) {
		g_autofree char *key = g_strdup_printf("%s.%s", member->key, name);

		if (!json_is_string(item))
			return unexpected(json, key, "a string", item, error);
		g_hash_table_insert(map, g_strdup(name), g_strdup(json_string_value(item)));
	}
	*(GHashTable **)field = g_steal_pointer(&map);
	return TRUE;
}

/* Hands one object on; @name as for VfJsonMember's @read. */
static gboolean descend(VfJson *child, const VfJsonMember *member, const char *name,
			gpointer target, GError **error)
{
	if (member->read)
		return member->read(child, name, target, error);
	return vf_json_read(child, member->members, (char *)target + member->offset, error);
}

static gboolean read_object(VfJson *json, const VfJsonMember *member, json_t *value,
			    gpointer target, GError **error)
{
	VfJson child = {json->file, json, member->key, -1, value};

	if (json_is_null(value) && (member->flags & VF_JSON_OPTIONAL))
		return TRUE;
	if (!json_is_object(value))
		return unexpected(json, member->key, "an object", value, error);
	return descend(&child, member, NULL, target, error);
}

static gboolean read_objects(VfJson *json, const VfJsonMember *member, json_t *value,
			     gpointer target, GError **error)
{
	json_t *item;
	gsize i;

	if (!json_is_array(value))
		return unexpected(json, member->key, "an array of objects", value, error);
	json_array_foreach (value, i, item) {
		VfJson child = {json->file, json, member->key, (gssize)i, item};

		if (!json_is_object(item))
			return unexpected(&child, NULL, "an object", item, error);
		if (!descend(&child, member, NULL, target, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_named(VfJson *json, const VfJsonMember *member, json_t *value, gpointer target,
			   GError **error)
{
	VfJson list = {json->file, json, member->key, -1, value};
	const char *name;
	json_t *item;

	if (!json_is_object(value))
		return unexpected(json, member->key, "an object of objects", value, error);
	json_object_foreach (value, name, item) {
		VfJson child = {json->file, &list, name, -1, item};

		if (!json_is_object(item))
			return unexpected(&child, NULL, "an object", item, error);
		if (!descend(&child, member, name, target, error))
			return FALSE;
	}
	return TRUE;
}

/*
 * @whole: what is read goes to the structure's functions, not to one field. A @value of NULL is a
 * missing member, which is never what a reader expects.
 */
static const struct {
	gboolean (*read)(VfJson *json, const VfJsonMember *member, json_t *value, gpointer place,
			 GError **error);
	gboolean whole;
} readers[] = {
	[VF_JSON_STRING] = {read_string, FALSE},     [VF_JSON_TEXT] = {read_text, FALSE},
	[VF_JSON_POSITIVE] = {read_positive, FALSE}, [VF_JSON_NATURAL] = {read_natural, FALSE},
	[VF_JSON_BOOLEAN] = {read_boolean, FALSE},   [VF_JSON_STRINGS] = {read_strings, FALSE},
	[VF_JSON_MAP] = {read_map, FALSE},	     [VF_JSON_OBJECT] = {read_object, TRUE},
	[VF_JSON_OBJECTS] = {read_objects, TRUE},    [VF_JSON_NAMED] = {read_named, TRUE},
};

static void free_field(const VfJsonMember *member, gpointer field)
{
	switch (member->type) {
	case VF_JSON_STRING:
	case VF_JSON_TEXT:
		g_clear_pointer((char **)field, g_free);
		break;
	case VF_JSON_STRINGS:
		g_clear_pointer((GStrv *)field, g_strfreev);
		break;
	case VF_JSON_MAP:
		g_clear_pointer((GHashTable **)field, g_hash_table_unref);
		break;
	default:
		break;
	}
}

/* Lists and maps are never NULL, not even when they are left out. */
static void set_empty(const VfJsonMember *member, gpointer field)
{
	if (member->type == VF_JSON_STRINGS && !*(GStrv *)field)
		*(GStrv *)field = g_new0(char *, 1);
	if (member->type == VF_JSON_MAP && !*(GHashTable **)field)
		*(GHashTable **)field =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static gboolean read_member(VfJson *json, const VfJsonMember *member, gpointer target,
			    GError **error)
{
	json_t *value = json_object_get(json->object, member->key);
	gpointer place = readers[member->type].whole ? target : (char *)target + member->offset;

	if (!value && (member->flags & VF_JSON_OPTIONAL)) {
		set_empty(member, place);
		return TRUE;
	}
	free_field(member, place);
	return readers[member->type].read(json, member, value, place, error);
}

static gboolean check_known(VfJson *json, const VfJsonMember *members, GError **error)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new();
	g_autofree char *all = NULL;
	const char *key, *near;
	json_t *value;

	for (; members->key; members++)
		g_ptr_array_add(keys, (gpointer)members->key);
	g_ptr_array_add(keys, NULL);
	json_object_foreach (json->object, key, value) {
		const char *const *known = (const char *const *)keys->pdata;

		if (g_strv_contains(known, key))
			continue;
		near = vf_text_nearest(key, known);
		all = g_strjoinv(", ", (char **)keys->pdata);
		return vf_json_throw(json, error, key, "unknown key; expected one of %s%s%s%s", all,
				     near ? "; did you mean " : "", near ? near : "",
				     near ? "?" : "");
	}
	return TRUE;
}

gboolean vf_json_read(VfJson *json, const VfJsonMember *members, gpointer target, GError **error)
{
	if (!check_known(json, members, error))
		return FALSE;
	for (; members->key; members++)
		if (!read_member(json, members, target, error))
			return FALSE;
	return TRUE;
}

/* NULL and @error unless @text is one JSON object; *json stands for it. */
static json_t *parse(const char *text, gsize length, const char *name, VfJson *json, GError **error)
{
	json_error_t bad;
	json_auto_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &bad);
	g_autofree char *what = NULL;

	*json = (VfJson){name, NULL, NULL, -1, root};
	if (!root) {
		what = vf_text_escape(bad.text, -1, 0);
		return vf_throw_null(error, VF_ERROR_DATA, "%s:%d:%d: %s", name, bad.line,
				     bad.column, what);
	}
	if (!json_is_object(root)) {
		unexpected(json, NULL, "an object", root, error);
		return NULL;
	}
	return json_incref(root);
}

gboolean vf_json_read_text(const char *text, gsize length, const char *name,
			   const VfJsonMember *members, gpointer target, GError **error)
{
	VfJson json;
	json_auto_t *root = parse(text, length, name, &json, error);

	return root && vf_json_read(&json, members, target, error);
}

gboolean vf_json_parse(const char *text, gsize length, const char *name, VfJsonRead read,
		       gpointer target, GError **error)
{
	VfJson json;
	json_auto_t *root = parse(text, length, name, &json, error);

	return root && read(&json, NULL, target, error);
}

char *vf_json_load(const char *path, gsize *length, GError **error)
{
	g_autoptr(GError) local = NULL;
	char *text = vf_read_bounded(path, FILE_MAX, length, &local);

	if (!text)
		vf_throw(error, VF_ERROR_DATA, "%s", local->message);
	return text;
}

gboolean vf_json_read_file(const char *path, const VfJsonMember *members, gpointer target,
			   GError **error)
{
	gsize length;
	g_autofree char *text = vf_json_load(path, &length, error);

	return text && vf_json_read_text(text, length, vf_dirs_shown(path), members, target, error);
}
