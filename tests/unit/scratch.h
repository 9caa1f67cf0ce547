// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A directory of a test's own, which is the working directory as long as it lives: paths in
 * errors are relative to it, and so the same everywhere.
 */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>

#include "base/dirs.h"

typedef struct Scratch {
	char *path, *before;
} Scratch;

static inline void scratch_free(Scratch *scratch)
{
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(g_chdir(scratch->before), ==, 0);
	vf_dirs_remove(scratch->path, &error);
	g_assert_no_error(error);
	g_free(scratch->path);
	g_free(scratch->before);
	g_free(scratch);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scratch, scratch_free)

static inline Scratch *scratch_new(void)
{
	Scratch *scratch = g_new0(Scratch, 1);
	g_autoptr(GError) error = NULL;
	g_autofree char *made = g_dir_make_tmp("vifarm-test-XXXXXX", &error);

	g_assert_no_error(error);
	scratch->before = g_get_current_dir();
	g_assert_cmpint(g_chdir(made), ==, 0);
	scratch->path = g_get_current_dir();
	return scratch;
}

/* Writes @text to @name, with the directories on the way. */
static inline void scratch_write(const char *name, const char *text)
{
	g_autofree char *directory = g_path_get_dirname(name);
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
	g_file_set_contents(name, text, -1, &error);
	g_assert_no_error(error);
}
