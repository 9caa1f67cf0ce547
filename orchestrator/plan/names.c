// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/names.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"

#define NAME_MAX_LENGTH 64
#define SHOWN_MAX	60

gboolean vf_name_valid(const char *name)
{
	gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return length && !name[length] && length <= NAME_MAX_LENGTH && name[0] != '-';
}

gboolean vf_name_is_path(const char *path)
{
	g_auto(GStrv) steps = g_strsplit(path, "/", -1);

	if (!*path)
		return FALSE;
	for (char **step = steps; *step; step++) {
		if (!**step || !strcmp(*step, ".") || !strcmp(*step, "..") || **step == '-')
			return FALSE;
		for (const char *c = *step; *c; c++)
			if (!g_ascii_isalnum(*c) && !strchr("._+,@=-", *c))
				return FALSE;
	}
	return TRUE;
}

/* The name that @entry gives to a description, or NULL when it is none. Caller frees. */
static char *name_of(const char *directory, const char *entry, const char *suffix)
{
	g_autofree char *file = NULL;

	if (entry[0] == '.')
		return NULL;
	if (suffix[0] == '/') {
		file = g_strconcat(directory, "/", entry, suffix, NULL);
		return g_file_test(file, G_FILE_TEST_EXISTS) ? g_strdup(entry) : NULL;
	}
	if (!g_str_has_suffix(entry, suffix))
		return NULL;
	return g_strndup(entry, strlen(entry) - strlen(suffix));
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GStrv vf_names_in(const char *directory, const char *suffix, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *entry;

	if (!dir)
		return vf_throw_null(error, VF_ERROR_DATA,
				     "%s: expected a directory that can be read",
				     vf_dirs_shown(directory));
	while ((entry = g_dir_read_name(dir))) {
		char *name = name_of(directory, entry, suffix);
		g_autofree char *shown = vf_text_escape(entry, -1, 0);

		if (!name)
			continue;
		g_ptr_array_add(names, name);
		if (!vf_name_valid(name))
			return vf_throw_null(error, VF_ERROR_DATA,
					     "%s/%s: expected a name of at most %d characters a-z, "
					     "0-9, - and _",
					     vf_dirs_shown(directory), shown, NAME_MAX_LENGTH);
	}
	g_ptr_array_sort(names, by_name);
	g_ptr_array_add(names, NULL);
	return (GStrv)g_ptr_array_steal(names, NULL);
}

gboolean vf_names_refuse(VfJson *json, const char *key, const char *expected, const char *value,
			 GError **error)
{
	g_autofree char *shown = vf_text_escape(value, -1, SHOWN_MAX);

	return vf_json_throw(json, error, key, "expected %s, found \"%s\"", expected, shown);
}

gboolean vf_names_check_each(VfJson *json, const char *key, const char *const *values,
			     gboolean (*check)(const char *value), const char *expected,
			     GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; values[i]; i++) {
		g_autofree char *place = g_strdup_printf("%s[%u]", key, i);

		if (!check(values[i]))
			return vf_names_refuse(json, place, expected, values[i], error);
		if (!g_hash_table_add(seen, (gpointer)values[i]))
			return vf_names_refuse(json, place, "every value once", values[i], error);
	}
	return TRUE;
}

gboolean vf_names_check(VfJson *json, const char *key, const char *const *names, GError **error)
{
	return vf_names_check_each(json, key, names, vf_name_valid, "a name of a-z, 0-9, - and _",
				   error);
}

gboolean vf_names_check_paths(VfJson *json, const char *key, const char *const *paths,
			      GError **error)
{
	return vf_names_check_each(json, key, paths, vf_name_is_path, "a relative path without ..",
				   error);
}

gboolean vf_name_is_package(const char *name)
{
	gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return length > 1 && !name[length] && g_ascii_isalnum(name[0]);
}

gboolean vf_names_check_packages(VfJson *json, const char *key, const char *const *names,
				 GError **error)
{
	return vf_names_check_each(json, key, names, vf_name_is_package,
				   "the name of a Debian package", error);
}

static gboolean printable(const char *text)
{
	for (; *text; text++)
		if (!g_ascii_isprint(*text))
			return FALSE;
	return TRUE;
}

gboolean vf_names_check_words(VfJson *json, const char *key, const char *const *words,
			      const char *known, GError **error)
{
	for (guint i = 0; words[i]; i++) {
		g_autofree char *place = g_strdup_printf("%s[%u]", key, i);
		g_autofree char *expected = NULL;
		const char *brace = words[i];

		if (!*words[i] || !printable(words[i]))
			return vf_names_refuse(json, place, "a word of printable ASCII", words[i],
					       error);
		expected = known ? g_strdup_printf("no placeholder but %s", known)
				 : g_strdup("no placeholder");
		for (; (brace = strpbrk(brace, "{}")); brace += strlen(known))
			if (!known || !g_str_has_prefix(brace, known))
				return vf_names_refuse(json, place, expected, words[i], error);
	}
	return TRUE;
}

gboolean vf_names_check_token(VfJson *json, const char *key, const char *token, GError **error)
{
	if (!token || (*token && printable(token) && !strpbrk(token, " \"'")))
		return TRUE;
	return vf_names_refuse(json, key, "one word of printable ASCII without quotes", token,
			       error);
}

gboolean vf_names_check_line(VfJson *json, const char *key, const char *line, GError **error)
{
	if (!line || (printable(line) && !strpbrk(line, "\"'")))
		return TRUE;
	return vf_names_refuse(json, key, "printable ASCII without quotes", line, error);
}

static gboolean is_key(const char *key)
{
	return *key && !key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}

static gboolean check_entry(VfJson *json, const char *place, const char *key, const char *value,
			    const char *const *taken, GError **error)
{
	g_autofree char *known = NULL;

	if (!is_key(key))
		return vf_json_throw(json, error, place, "expected a key of a-z, 0-9 and _");
	if (!g_strv_contains(taken, key))
		return vf_names_check_token(json, place, value, error);
	known = vf_text_list(taken);
	return vf_json_throw(json, error, place, "expected a key other than %s", known);
}

gboolean vf_names_check_map(VfJson *json, const char *key, GHashTable *map,
			    const char *const *taken, GError **error)
{
	g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(map), (GCompareFunc)strcmp);

	for (GList *item = keys; item; item = item->next) {
		const char *name = item->data;
		g_autofree char *place = g_strdup_printf("%s.%s", key, name);

		if (!check_entry(json, place, name, g_hash_table_lookup(map, name), taken, error))
			return FALSE;
	}
	return TRUE;
}

gboolean vf_names_check_own(VfJson *json, const char *found, const char *expected, GError **error)
{
	g_autofree char *as_file = NULL;

	if (!strcmp(found, expected))
		return TRUE;
	as_file = g_strdup_printf("\"%s\" as the file is called", expected);
	return vf_names_refuse(json, "name", as_file, found, error);
}
