// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/maintainers.h"

#include <fnmatch.h>
#include <string.h>

#include "base/read.h"

/* Of a series that touches more, the first ones decide about expressions, which are slow. */
#define EXPRESSION_PATHS_MAX 500

typedef enum { FILES, EXCLUDED, EXPRESSIONS, PEOPLE, LISTS, KINDS } Kind;

static const struct {
	const char *tag;
	Kind kind;
} tags[] = {
	{"F:", FILES},	{"X:", EXCLUDED}, {"N:", EXPRESSIONS},
	{"M:", PEOPLE}, {"R:", PEOPLE},	  {"L:", LISTS},
};

typedef struct Search {
	char **paths;
	guint count;		   /* of them */
	GPtrArray *section[KINDS]; /* of char *: values of the lines with each kind of tag */
	GHashTable *found;
} Search;

/* The number of the first path that does not come before @prefix. */
static guint lower_bound(const Search *search, const char *prefix, gsize length)
{
	guint from = 0, to = search->count;

	while (from < to) {
		guint middle = from + (to - from) / 2;

		if (strncmp(search->paths[middle], prefix, length) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* "dir/" is all below it, and so is "dir" if it is one; a star takes no slash. */
static gboolean matches(const char *pattern, const char *path)
{
	gsize length = strlen(pattern);
	gboolean below = length && pattern[length - 1] == '/';
	g_autofree char *whole = g_strndup(pattern, below ? length - 1 : length);

	if (!below && !fnmatch(whole, path, FNM_PATHNAME))
		return TRUE;
	return !fnmatch(whole, path, FNM_PATHNAME | FNM_LEADING_DIR) &&
	       fnmatch(whole, path, FNM_PATHNAME);
}

static gboolean is_excluded(const Search *search, const char *path)
{
	const GPtrArray *patterns = search->section[EXCLUDED];

	for (guint i = 0; i < patterns->len; i++)
		if (matches(patterns->pdata[i], path))
			return TRUE;
	return FALSE;
}

/* Whether the pattern of a section is met by a path that the section does not exclude. */
static gboolean file_is_met(const Search *search, const char *pattern)
{
	gsize literal = strcspn(pattern, "*?[\\");

	/* "dir/" is met by what begins with it */
	for (guint i = lower_bound(search, pattern, literal);
	     i < search->count && !strncmp(search->paths[i], pattern, literal); i++)
		if (matches(pattern, search->paths[i]) && !is_excluded(search, search->paths[i]))
			return TRUE;
	return FALSE;
}

static gboolean expression_is_met(const Search *search, const char *pattern)
{
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_RAW, 0, NULL);
	guint count = MIN(search->count, EXPRESSION_PATHS_MAX);

	for (guint i = 0; regex && i < count; i++)
		if (g_regex_match(regex, search->paths[i], 0, NULL) &&
		    !is_excluded(search, search->paths[i]))
			return TRUE;
	return FALSE;
}

static gboolean section_is_met(const Search *search)
{
	for (guint i = 0; i < search->section[FILES]->len; i++)
		if (file_is_met(search, search->section[FILES]->pdata[i]))
			return TRUE;
	for (guint i = 0; i < search->section[EXPRESSIONS]->len; i++)
		if (expression_is_met(search, search->section[EXPRESSIONS]->pdata[i]))
			return TRUE;
	return FALSE;
}

static gboolean is_about_everything(const Search *search)
{
	for (guint i = 0; i < search->section[FILES]->len; i++)
		if (!strcmp(search->section[FILES]->pdata[i], "*"))
			return TRUE;
	return FALSE;
}

/* "Name <user@host>", or "user@host (a remark)". */
static void add_address(GHashTable *found, const char *text)
{
	const char *open = strrchr(text, '<');
	const char *start = open ? open + 1 : text;
	g_autofree char *address = g_strndup(start, strcspn(start, "> \t("));

	if (strchr(address, '@'))
		g_hash_table_add(found, g_ascii_strdown(address, -1));
}

static void end_section(Search *search)
{
	if (section_is_met(search)) {
		for (guint i = 0; i < search->section[LISTS]->len; i++)
			add_address(search->found, search->section[LISTS]->pdata[i]);
		for (guint i = 0; !is_about_everything(search) && i < search->section[PEOPLE]->len;
		     i++)
			add_address(search->found, search->section[PEOPLE]->pdata[i]);
	}
	for (Kind kind = 0; kind < KINDS; kind++)
		g_ptr_array_set_size(search->section[kind], 0);
}

static void take_line(Search *search, VfLine line)
{
	for (gsize i = 0; i < G_N_ELEMENTS(tags); i++) {
		VfLine value = line;

		if (vf_line_skip(&value, tags[i].tag))
			g_ptr_array_add(search->section[tags[i].kind],
					g_strstrip(g_strndup(value.text, value.length)));
	}
}

GHashTable *vf_maintainers_find(const char *text, gsize length, char **paths)
{
	Search search = {
		.paths = paths,
		.count = g_strv_length(paths),
		.found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};
	const char *at = text, *end = text + length;
	VfLine line;

	for (Kind kind = 0; kind < KINDS; kind++)
		search.section[kind] = g_ptr_array_new_with_free_func(g_free);
	while (vf_read_line(&at, end, &line)) {
		if (line.length)
			take_line(&search, line);
		else
			end_section(&search);
	}
	end_section(&search);
	for (Kind kind = 0; kind < KINDS; kind++)
		g_ptr_array_unref(search.section[kind]);
	return search.found;
}
