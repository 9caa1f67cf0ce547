// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/config.h"

#include <string.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/read.h"
#include "base/text.h"

#define SHOWN_SYMBOLS  8
#define FRAGMENT_BYTES (1 << 20)
#define RESULT_BYTES   (4 << 20) /* a kernel with all options has 300 KiB */

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

static gsize symbol_length(const char *text, gsize length)
{
	gsize n = 0;

	while (n < length && (g_ascii_isalnum(text[n]) || text[n] == '_'))
		n++;
	return n;
}

/* Splits a line of .config form; FALSE when it is neither of the two. @value is "n" for the second.
 */
static gboolean split_line(VfLine line, VfLine *symbol, VfLine *value)
{
	gboolean comment = vf_line_skip(&line, "# CONFIG_");

	if ((!comment && !vf_line_skip(&line, "CONFIG_")) || memchr(line.text, '\0', line.length))
		return FALSE;
	*symbol = (VfLine){line.text, symbol_length(line.text, line.length)};
	line.text += symbol->length;
	line.length -= symbol->length;
	*value = comment ? (VfLine){"n", 1} : line;
	if (!symbol->length)
		return FALSE;
	if (comment)
		return vf_line_skip(&line, " is not set") && !line.length;
	return vf_line_skip(value, "=");
}

static char *text_of(VfLine line)
{
	return g_strndup(line.text, line.length);
}

static gboolean add_line(VfConfig *config, VfLine line, const char *name, guint number,
			 GError **error)
{
	VfLine symbol, value;
	Wish *wish;

	while (line.length && g_ascii_isspace(line.text[line.length - 1]))
		line.length--;
	if (!split_line(line, &symbol, &value)) {
		if (!line.length || *line.text == '#')
			return TRUE;
		return vf_throw(error, VF_ERROR_DATA,
				"%s:%u: expected CONFIG_NAME=value or a comment", name, number);
	}
	wish = g_new0(Wish, 1);
	wish->value = text_of(value);
	wish->from = g_strdup_printf("%s:%u", name, number);
	g_tree_replace(config->wishes, text_of(symbol), wish);
	return TRUE;
}

gboolean vf_config_add(VfConfig *config, const char *text, gsize length, const char *name,
		       GError **error)
{
	const char *at = text, *end = text + length;
	VfLine line;

	for (guint number = 1; vf_read_line(&at, end, &line); number++)
		if (!add_line(config, line, name, number, error))
			return FALSE;
	return TRUE;
}

gboolean vf_config_add_file(VfConfig *config, const char *path, GError **error)
{
	g_autoptr(GError) local = NULL;
	gsize length;
	g_autofree char *text = vf_read_bounded(path, FRAGMENT_BYTES, &length, &local);

	if (!text)
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

/* How a value is written says of which kind an option is. */
typedef enum { SWITCH, NUMBER, OTHER } Kind;

static Kind kind_of(const char *value)
{
	const char *digits = value + (*value == '-');

	if (!strcmp(value, "y") || !strcmp(value, "m") || !strcmp(value, "n"))
		return SWITCH;
	if (g_str_has_prefix(digits, "0x") || g_str_has_prefix(digits, "0X"))
		return strspn(digits + 2, "0123456789abcdefABCDEF") == strlen(digits + 2) ? NUMBER
											  : OTHER;
	return *digits && strspn(digits, "0123456789") == strlen(digits) ? NUMBER : OTHER;
}

/* @wished in the kind that @found is of, or NULL: it is of that kind, or has no such form. */
static char *translate(const char *wished, const char *found)
{
	Kind from = kind_of(wished), to = kind_of(found);

	if (from == SWITCH && to == NUMBER)
		return g_strconcat(g_str_has_prefix(found, "0x") ? "0x" : "",
				   strcmp(wished, "n") ? "1" : "0", NULL);
	if (from == NUMBER && to == SWITCH)
		return g_strdup(g_ascii_strtoll(wished, NULL, 0) ? "y" : "n");
	return NULL;
}

typedef struct Adapt {
	VfConfig *adapted;
	GHashTable *found; /* symbol to value */
	guint count;
} Adapt;

static gboolean adapt_wish(gpointer symbol, gpointer data, gpointer user_data)
{
	const Wish *wish = data;
	Adapt *adapt = user_data;
	const char *found = g_hash_table_lookup(adapt->found, symbol);
	char *translated = found ? translate(wish->value, found) : NULL;
	Wish *copy = g_new0(Wish, 1);

	adapt->count += translated != NULL;
	copy->from = translated ? g_strdup_printf("%s says %s", wish->from, wish->value)
				: g_strdup(wish->from);
	copy->value = translated ? translated : g_strdup(wish->value);
	g_tree_replace(adapt->adapted->wishes, g_strdup(symbol), copy);
	return FALSE;
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

/* What came out of the symbols that were asked for, of a file that may name any number of others.
 */
static GHashTable *read_result(const VfConfig *config, const char *text, gsize length)
{
	GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	const char *at = text, *end = text + length;
	VfLine line, symbol, value;

	while (vf_read_line(&at, end, &line)) {
		g_autofree char *name = NULL;

		if (!split_line(line, &symbol, &value))
			continue;
		name = text_of(symbol);
		if (g_tree_lookup(config->wishes, name))
			g_hash_table_insert(found, g_steal_pointer(&name), text_of(value));
	}
	return found;
}

static char *read_file(const char *path, gsize *length, GError **error)
{
	g_autoptr(GError) local = NULL;
	char *text = vf_read_bounded(path, RESULT_BYTES, length, &local);

	if (!text)
		vf_throw(error, VF_ERROR_IO, "cannot read the kernel's configuration: %s",
			 local->message);
	return text;
}

VfConfig *vf_config_adapt(const VfConfig *config, const char *path)
{
	gsize length;
	g_autofree char *text = read_file(path, &length, NULL);
	g_autoptr(VfConfig) adapted = vf_config_new();
	g_autoptr(GHashTable) found = NULL;
	Adapt adapt = {.adapted = adapted};

	if (!text)
		return NULL;
	adapt.found = found = read_result(config, text, length);
	g_tree_foreach(config->wishes, adapt_wish, &adapt);
	return adapt.count ? g_steal_pointer(&adapted) : NULL;
}

gboolean vf_config_verify(const VfConfig *config, const char *path, GError **error)
{
	gsize length;
	g_autofree char *text = read_file(path, &length, error);
	g_autoptr(GHashTable) found = NULL;
	g_autoptr(GString) wrong = g_string_new(NULL);
	Check check = {.wrong = wrong};

	if (!text)
		return FALSE;
	found = read_result(config, text, length);
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
