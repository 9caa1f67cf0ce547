// SPDX-License-Identifier: GPL-2.0-or-later
/* Sources of kernels: blocking forms of their calls, and a git tree. */
#pragma once

#include <string.h>

#include "build-fixture.h"
#include "kernel/source.h"

static inline gboolean source_identify(VfSource *source, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	GAsyncResult *done = NULL;

	vf_source_identify_async(source, NULL, build_done, &done);
	result = build_wait(&done);
	return vf_source_identify_finish(result, error);
}

static inline gboolean source_unpack(VfSource *source, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	GAsyncResult *done = NULL;

	vf_source_unpack_async(source, NULL, NULL, NULL, build_done, &done);
	result = build_wait(&done);
	return vf_source_unpack_finish(result, error);
}

static inline VfSource *source_open(const char *path)
{
	g_autoptr(GError) error = NULL;
	VfSource *source = vf_source_new(path, &error);

	g_assert_no_error(error);
	return source;
}

static inline VfSource *source_identified(const char *path)
{
	g_autoptr(GError) error = NULL;
	VfSource *source = source_open(path);

	source_identify(source, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(strlen(vf_source_key(source)), ==, 64);
	return source;
}

static inline void source_assert_file(VfSource *source, const char *name, const char *expected)
{
	g_autofree char *path = g_build_filename(vf_source_tree(source), name, NULL);
	g_autofree char *text = build_read(path);

	g_assert_cmpstr(text, ==, expected);
}

/* A repository in @directory with one commit. */
static inline void source_git(const char *directory, const char *salt)
{
	build_tree(directory, salt);
	build_tree_file(directory, ".gitignore", "*.o\n");
	g_assert_cmpint(build_run("git", "init", "-q", directory, NULL), ==, 0);
	g_assert_cmpint(build_run("git", "-C", directory, "add", "-A", NULL), ==, 0);
	g_assert_cmpint(build_run("git", "-C", directory, "commit", "-q", "-m", "x", NULL), ==, 0);
}
