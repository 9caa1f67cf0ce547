// SPDX-License-Identifier: GPL-2.0-or-later
#include "build/config.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"

#define SHOWN_SYMBOLS 8

typedef struct Wish {
	char *value;
	char *from;
} Wish;

struct VfConfig {
	GTree *wishes; /* symbol without CONFIG_ to Wish */
};

static void wish_free(gpointer data)
{
	Wish *wish = data;

	g_free(wish->value);
	g_free(wish->from);
	g_free(wish);
}

static gint compare(gconstpointer a, gconstpointer b, G_GNUC_UNUSED gpointer data)
{
	return strcmp(a, b);
}

VfConfig *vf_config_new(void)
{
	VfConfig *config = g_new0(VfConfig, 1);

	config->wishes = g_tree_new_full(compare, NULL, g_free, wish_free);
	return config;
}

void vf_config_free(VfConfig *config)
{
	if (!config)
		return;
	g_tree_unref(config->wishes);
	g_free(config);
}

static gsize symbol_length(const char *text)
{
	gsize n = 0;

	while (g_ascii_isalnum(text[n]) || text[n] == '_')
		n++;
	return n;
}

/* Splits a line of .config form; FALSE when it is neither of the two. @value is "n" for the second.
 */
static gboolean split_line(const char *line, char **symbol, char **value)
{
	gboolean comment = g_str_has_prefix(line, "# CONFIG_");
	const char *name = line + strlen(comment ? "# CONFIG_" : "CONFIG_");
	gsize length;

	if (!comment && !g_str_has_prefix(line, "CONFIG_"))
		return FALSE;
	length = symbol_length(name);
	if (!length || (comment ? strcmp(name + length, " is not set") != 0 : name[length] != '='))
		return FALSE;
	*symbol = g_strndup(name, length);
	*value = g_strdup(comment ? "n" : name + length + 1);
	return TRUE;
}

static gboolean add_line(VfConfig *config, char *line, const char *name, guint number,
			 GError **error)
{
	char *symbol, *value;
	Wish *wish;

	g_strchomp(line);
	if (!split_line(line, &symbol, &value)) {
		if (!*line || *line == '#')
			return TRUE;
		return vf_throw(error, VF_ERROR_DATA,
				"%s:%u: expected CONFIG_NAME=value or a comment", name, number);
	}
	wish = g_new0(Wish, 1);
	wish->value = value;
	wish->from = g_strdup_printf("%s:%u", name, number);
	g_tree_replace(config->wishes, symbol, wish);
	return TRUE;
}

gboolean vf_config_add(VfConfig *config, const char *text, gsize length, const char *name,
		       GError **error)
{
	g_autofree char *copy = g_strndup(length ? text : "", length);
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);

	for (guint i = 0; lines[i]; i++)
		if (!add_line(config, lines[i], name, i + 1, error))
			return FALSE;
	return TRUE;
}

gboolean vf_config_add_file(VfConfig *config, const char *path, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *text = NULL;
	gsize length;

	if (!g_file_get_contents(path, &text, &length, &local))
		return vf_throw(error, VF_ERROR_DATA, "cannot read the Kconfig fragment: %s",
				local->message);
	return vf_config_add(config, text, length, vf_dirs_shown(path), error);
}

static gboolean add_text(gpointer symbol, gpointer data, gpointer text)
{
	const Wish *wish = data;

	g_string_append_printf(text, "CONFIG_%s=%s\n", (char *)symbol, wish->value);
	return FALSE;
}

char *vf_config_text(const VfConfig *config)
{
	GString *text = g_string_new(NULL);

	g_tree_foreach(config->wishes, add_text, text);
	return g_string_free(text, FALSE);
}

typedef struct Check {
	GHashTable *found; /* symbol to value */
	GString *wrong;
	guint count;
} Check;

static gboolean check_wish(gpointer symbol, gpointer data, gpointer user_data)
{
	const Wish *wish = data;
	Check *check = user_data;
	const char *found = g_hash_table_lookup(check->found, symbol);
	g_autofree char *shown = vf_text_escape(found ? found : "n", -1, 100);

	if (!strcmp(wish->value, found ? found : "n"))
		return FALSE;
	if (++check->count <= SHOWN_SYMBOLS)
		g_string_append_printf(check->wrong, "%sCONFIG_%s=%s (%s) came out as %s",
				       check->wrong->len ? ", " : "", (char *)symbol, wish->value,
				       wish->from, shown);
	return FALSE;
}

static GHashTable *read_result(const char *text)
{
	GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	char *symbol, *value;

	for (guint i = 0; lines[i]; i++)
		if (split_line(lines[i], &symbol, &value))
			g_hash_table_insert(found, symbol, value);
	return found;
}

gboolean vf_config_verify(const VfConfig *config, const char *path, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GHashTable) found = NULL;
	g_autoptr(GString) wrong = g_string_new(NULL);
	Check check = {.wrong = wrong};

	if (!g_file_get_contents(path, &text, NULL, &local))
		return vf_throw(error, VF_ERROR_IO, "cannot read the kernel's configuration: %s",
				local->message);
	found = read_result(text);
	check.found = found;
	g_tree_foreach(config->wishes, check_wish, &check);
	if (!check.count)
		return TRUE;
	if (check.count > SHOWN_SYMBOLS)
		g_string_append_printf(wrong, " and %u more", check.count - SHOWN_SYMBOLS);
	return vf_throw(
		error, VF_ERROR_CONFIG,
		"Kconfig did not do as asked (no such symbol, or a dependency is missing): %s",
		wrong->str);
}
