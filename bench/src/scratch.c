// SPDX-License-Identifier: GPL-2.0-or-later
#include "scratch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/dirs.h"

static char *directory;

static void clean_up(void)
{
	g_autoptr(GError) error = NULL;

	if (!vf_dirs_remove(directory, &error))
		g_printerr("%s: %s\n", program_invocation_short_name, error->message);
	g_free(directory);
}

char *bench_directory(void)
{
	g_autoptr(GError) error = NULL;

	directory = g_dir_make_tmp("vifarm-bench-XXXXXX", &error);
	bench_must(directory != NULL, "a temporary directory", error);
	atexit(clean_up);
	return g_strdup(directory);
}

void bench_must(gboolean ok, const char *what, const GError *error)
{
	if (ok)
		return;
	g_printerr("%s: %s: %s\n", program_invocation_short_name, what,
		   error ? error->message : "failed");
	exit(2);
}
