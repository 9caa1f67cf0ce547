// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/filter.h"

#include <string.h>

/* A star, and where it was met: the last of a kind is the only one that can be worth a retry. */
typedef struct Star {
	const char *pattern, *path;
} Star;

/*
 * Goes back to the last star, which then takes one more character. A single one must not take a
 * slash; a double one may.
 */
static gboolean retry(Star *single, Star *twice, const char **pattern, const char **path)
{
	if (single->pattern && *single->path && *single->path != '/') {
		*pattern = single->pattern;
		*path = ++single->path;
		return TRUE;
	}
	single->pattern = NULL;
	if (!twice->pattern || !*twice->path)
		return FALSE;
	*pattern = twice->pattern;
	*path = ++twice->path;
	return TRUE;
}

static gboolean same(char pattern, char path)
{
	return pattern == path || (pattern == '?' && path && path != '/');
}

gboolean vf_mail_glob(const char *pattern, const char *path)
{
	Star single = {NULL, NULL}, twice = {NULL, NULL};

	for (;;) {
		if (pattern[0] == '*' && pattern[1] == '*') {
			pattern += 2;
			twice = (Star){pattern, path};
			single.pattern = NULL;
		} else if (*pattern == '*') {
			single = (Star){++pattern, path};
		} else if (*pattern && same(*pattern, *path)) {
			/* "drivers/media/" has matched as far as it goes */
			if (*pattern == '/' && !pattern[1])
				return path[1] != '\0';
			pattern++;
			path++;
		} else if (!*pattern && !*path) {
			return TRUE;
		} else if (!retry(&single, &twice, &pattern, &path)) {
			return FALSE;
		}
	}
}
