// SPDX-License-Identifier: GPL-2.0-or-later
/* Comparing with tests/golden/NAME; VIFARM_REGENERATE=1 writes what was produced instead. */
#pragma once

#include <glib.h>
#include <string.h>

#include "paths.h"

/* Says where the texts part instead of printing both. */
static inline void golden_difference(const char *path, const char *text, const char *expected)
{
	guint line = 1;
	const char *start = text, *other = expected;

	for (gsize i = 0; text[i] && text[i] == expected[i]; i++)
		if (text[i] == '\n') {
			line++;
			start = text + i + 1;
			other = expected + i + 1;
		}
	g_error("%s:%u: expected \"%.*s\", found \"%.*s\" (VIFARM_REGENERATE=1 rewrites it)", path,
		line, (int)strcspn(other, "\n"), other, (int)strcspn(start, "\n"), start);
}

static inline void golden_check(const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(VIFARM_SOURCE_DIR, "tests", "golden", name, NULL);
	g_autofree char *expected = NULL;
	g_autoptr(GError) error = NULL;

	if (g_getenv("VIFARM_REGENERATE")) {
		g_autofree char *directory = g_path_get_dirname(path);

		g_mkdir_with_parents(directory, 0755);
		g_file_set_contents(path, text, -1, &error);
		g_assert_no_error(error);
	}
	g_file_get_contents(path, &expected, NULL, &error);
	g_assert_no_error(error);
	if (strcmp(text, expected))
		golden_difference(path, text, expected);
}
