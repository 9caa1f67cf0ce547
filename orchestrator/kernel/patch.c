// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/patch.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define PATH_MAX_BYTES 1024

static const char *step_problem(const char *step, gsize length)
{
	if (!length)
		return "has an empty step or a slash at an end";
	if (length == 1 && step[0] == '.')
		return "has a step \".\"";
	if (length == 2 && step[0] == '.' && step[1] == '.')
		return "leads out of the tree";
	if (length == 4 && !g_ascii_strncasecmp(step, ".git", 4))
		return "lies in a .git directory";
	return NULL;
}

const char *vf_patch_path_problem(const char *path)
{
	const char *problem = NULL;

	if (!*path || strlen(path) > PATH_MAX_BYTES)
		return "is empty or too long";
	for (const char *c = path; *c; c++)
		if (g_ascii_iscntrl(*c))
			return "has control characters";
	if (!g_utf8_validate(path, -1, NULL))
		return "is not UTF-8";
	while (!problem) {
		gsize length = strcspn(path, "/");

		problem = step_problem(path, length);
		if (!path[length])
			break;
		path += length + 1;
	}
	return problem;
}

/* Takes @path over. */
static gboolean add_path(GHashTable *paths, char *path, GError **error)
{
	const char *problem = vf_patch_path_problem(path);
	g_autofree char *shown = NULL;

	if (!problem) {
		g_hash_table_add(paths, path);
		return TRUE;
	}
	shown = vf_text_escape(path, -1, 200);
	g_free(path);
	return vf_throw(error, VF_ERROR_PATCH, "the path \"%s\" %s", shown, problem);
}

/* Behind a decimal number or "-" (binary) and a tab; NULL when it is neither. */
static const char *skip_count(const char *at, const char *end)
{
	const char *start = at;

	if (at < end && *at == '-')
		at++;
	else
		while (at < end && g_ascii_isdigit(*at))
			at++;
	return at > start && at < end && *at == '\t' ? at + 1 : NULL;
}

gboolean vf_patch_read_numstat(const char *text, gsize length, GHashTable *paths, GError **error)
{
	const char *end = text + length;

	while (text < end) {
		const char *name = skip_count(text, end);
		const char *nul;

		name = name ? skip_count(name, end) : NULL;
		nul = name ? memchr(name, '\0', (gsize)(end - name)) : NULL;
		if (!nul)
			return vf_throw(error, VF_ERROR_PATCH,
					"git apply --numstat printed something else");
		if (!add_path(paths, g_strdup(name), error))
			return FALSE;
		text = nul + 1;
	}
	return TRUE;
}

/* The quote that ends a name is none when a backslash takes it. */
static gboolean quote_is_escaped(const char *name, gsize quote)
{
	gsize backslashes = 0;

	while (backslashes < quote && name[quote - 1 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2;
}

char *vf_patch_read_name(const char *text, gsize length)
{
	g_autofree char *name = g_strndup(text, length);

	length = strlen(name);
	if (length && name[length - 1] == '\r')
		name[--length] = '\0';
	if (name[0] != '"')
		return g_steal_pointer(&name);
	if (length < 2 || name[length - 1] != '"' || quote_is_escaped(name, length - 1))
		return NULL;
	name[length - 1] = '\0';
	return g_strcompress(name + 1);
}

/* The name behind "rename from " or "copy from ", or NULL. */
static const char *source_name(const char *line, gsize length, gsize *name_length)
{
	static const char *const words[] = {"rename from ", "copy from "};

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		gsize skip = strlen(words[i]);

		if (length > skip && !memcmp(line, words[i], skip)) {
			*name_length = length - skip;
			return line + skip;
		}
	}
	return NULL;
}

static gboolean begins(const char *line, gsize length, const char *word)
{
	return length >= strlen(word) && !memcmp(line, word, strlen(word));
}

gboolean vf_patch_read_sources(const char *text, gsize length, GHashTable *paths, GError **error)
{
	const char *end = text + length;
	gboolean header = FALSE; /* between "diff --git" and the first hunk */

	while (text < end) {
		const char *newline = memchr(text, '\n', (gsize)(end - text));
		gsize line = (gsize)((newline ? newline : end) - text);
		gsize name_length;
		const char *name;

		if (begins(text, line, "diff --git "))
			header = TRUE;
		else if (begins(text, line, "@@ ") || begins(text, line, "--- "))
			header = FALSE;
		name = header ? source_name(text, line, &name_length) : NULL;
		if (name) {
			char *path = vf_patch_read_name(name, name_length);

			if (!path)
				return vf_throw(error, VF_ERROR_PATCH, "a name with broken quotes");
			if (!add_path(paths, path, error))
				return FALSE;
		}
		text = newline ? newline + 1 : end;
	}
	return TRUE;
}
