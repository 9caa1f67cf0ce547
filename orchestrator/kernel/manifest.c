// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/manifest.h"

#include <jansson.h>
#include <string.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "plan/names.h"

static void program_free(gpointer data)
{
	VfProgram *program = data;

	g_free(program->path);
	g_strfreev(program->source);
	g_free(program);
}

static GStrv read_sources(json_t *names, const char *directory)
{
	g_autoptr(VfArgv) paths = vf_argv_new();
	json_t *name;
	gsize i;

	json_array_foreach (names, i, name) {
		const char *text = json_string_value(name);

		if (!text || !vf_name_is_path(text) || !g_str_has_suffix(text, ".c"))
			return NULL;
		g_ptr_array_add(paths, g_build_filename(directory, text, NULL));
	}
	return paths->len ? vf_argv_end(paths) : NULL;
}

static gboolean add_program(GPtrArray *programs, json_t *entry, const char *directory,
			    const char *file, GError **error)
{
	VfProgram *program = g_new0(VfProgram, 1);
	json_t *sources = NULL;
	const char *path = NULL;
	json_error_t problem;

	g_ptr_array_add(programs, program);
	if (json_unpack_ex(entry, &problem, JSON_STRICT, "{s:s, s:o}", "path", &path, "source",
			   &sources))
		return vf_throw(error, VF_ERROR_DATA, "%s: entry %u: %s", vf_dirs_shown(file),
				programs->len, problem.text);
	if (path[0] != '/' || !vf_name_is_path(path + 1))
		return vf_throw(error, VF_ERROR_DATA,
				"%s: entry %u: path: expected an absolute path",
				vf_dirs_shown(file), programs->len);
	program->path = g_strdup(path);
	program->source = read_sources(sources, directory);
	return program->source ||
	       vf_throw(error, VF_ERROR_DATA, "%s: entry %u: source: expected a list of C files",
			vf_dirs_shown(file), programs->len);
}

static gboolean add_programs(GPtrArray *programs, json_t *json, const char *directory,
			     const char *file, GError **error)
{
	json_t *entry;
	gsize i;

	if (!json_is_array(json) || !json_array_size(json))
		return vf_throw(error, VF_ERROR_DATA, "%s: expected a list of programs",
				vf_dirs_shown(file));
	json_array_foreach (json, i, entry)
		if (!add_program(programs, entry, directory, file, error))
			return FALSE;
	return TRUE;
}

GPtrArray *vf_manifest_load(const char *directory, GError **error)
{
	g_autofree char *file = g_build_filename(directory, "manifest.json", NULL);
	g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(program_free);
	json_error_t problem;
	json_t *json = json_load_file(file, JSON_REJECT_DUPLICATES, &problem);
	gboolean ok;

	if (!json)
		return vf_throw_null(error, VF_ERROR_DATA, "%s:%d:%d: %s", vf_dirs_shown(file),
				     problem.line, problem.column, problem.text);
	ok = add_programs(programs, json, directory, file, error);
	json_decref(json);
	return ok ? g_steal_pointer(&programs) : NULL;
}
