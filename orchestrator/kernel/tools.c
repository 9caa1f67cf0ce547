// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tools.h"

#include <string.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/cache.h"
#include "kernel/child.h"

/* What is not essential in Debian of what the kernel's Documentation/process/changes.rst asks for.
 */
static const struct {
	const char *program;
	const char *package;
} host_tools[] = {
	{"gcc", "gcc"},	      {"ld", "binutils"}, {"make", "make"},
	{"flex", "flex"},     {"bison", "bison"}, {"bc", "bc"},
	{"ccache", "ccache"}, {"git", "git"},	  {"xz", "xz-utils"},
};

/* Development packages that an architecture may ask for, and a file that shows them. */
static const struct {
	const char *package;
	const char *file;
} libraries[] = {
	{"libelf-dev", "/usr/include/libelf.h"},
	{"libssl-dev", "/usr/include/openssl/ssl.h"},
};

static gboolean check_program(const char *program, const char *packages, GError **error)
{
	g_autofree char *found = g_find_program_in_path(program);

	return found ||
	       vf_throw(error, VF_ERROR_MISSING, "no program %s: install %s", program, packages);
}

static gboolean check_libraries(const VfArch *arch, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(libraries); i++)
		if (g_strv_contains((const char *const *)arch->kernel.packages,
				    libraries[i].package) &&
		    !g_file_test(libraries[i].file, G_FILE_TEST_EXISTS))
			return vf_throw(error, VF_ERROR_MISSING, "no file %s: install %s",
					libraries[i].file, libraries[i].package);
	return TRUE;
}

static char *cross(const VfArch *arch, const char *tool)
{
	return g_strconcat(arch->kernel.cross_compile ? arch->kernel.cross_compile : "", tool,
			   NULL);
}

gboolean vf_tools_check(const VfArch *arch, GError **error)
{
	g_autofree char *gcc = cross(arch, "gcc");
	g_autofree char *ld = cross(arch, "ld");
	g_autofree char *kernel = vf_text_list((const char *const *)arch->kernel.packages);
	g_autofree char *guest = vf_text_list((const char *const *)arch->guest.packages);

	for (gsize i = 0; i < G_N_ELEMENTS(host_tools); i++)
		if (!check_program(host_tools[i].program, host_tools[i].package, error))
			return FALSE;
	return check_program(gcc, kernel, error) && check_program(ld, kernel, error) &&
	       check_program(arch->guest.cc[0], guest, error) && check_libraries(arch, error);
}

static char *ask_version(const char *const *command, GError **error)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;
	g_auto(VfChildEnd) end = {0};
	VfChild child = {.keep = 4096};

	vf_argv_strv(words, command);
	vf_argv_add(words, "--version", NULL);
	argv = vf_argv_end(words);
	child.argv = argv;
	if (!vf_child_run(&child, &end, error) ||
	    !vf_child_check(&end, VF_ERROR_MISSING, error, "%s --version", command[0]))
		return NULL;
	return vf_text_escape(end.output, (gssize)strcspn(end.output, "\n"), 200);
}

/* Where the answer of the program at @path is remembered, as long as its file is the same. */
static char *memo_of(const char *path)
{
	g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, path, -1);
	g_autofree char *name = g_strdup_printf("%.16s.json", digest);

	return vf_cache_path("tools", name, NULL);
}

static void remember(const char *memo, const char *path, const char *version)
{
	g_autofree char *directory = g_path_get_dirname(memo);
	json_t *json = json_pack("{s:s, s:s}", "path", path, "version", version);

	/* without a memory the next run asks again */
	if (vf_dirs_make(directory, NULL) && vf_cache_note_file(json, path, NULL))
		vf_cache_write(memo, json, NULL);
	else
		json_decref(json);
}

static char *version_of(const char *const *command, GError **error)
{
	g_autofree char *path = g_find_program_in_path(command[0]);
	g_autofree char *memo = path ? memo_of(path) : NULL;
	json_t *json = memo ? vf_cache_read(memo) : NULL;
	char *version = NULL;

	/* only of a program alone: "ccache gcc" stays the same file when gcc is another */
	if (json && !command[1] && vf_cache_same_file(json, path))
		version = g_strdup(json_string_value(json_object_get(json, "version")));
	json_decref(json);
	if (version)
		return version;
	version = ask_version(command, error);
	if (version && memo && !command[1])
		remember(memo, path, version);
	return version;
}

char *vf_tools_kernel_compiler(const VfArch *arch, GError **error)
{
	g_autofree char *gcc = cross(arch, "gcc");
	g_autofree char *ld = cross(arch, "ld");
	g_autofree char *gcc_version = version_of((const char *[]){gcc, NULL}, error);
	g_autofree char *ld_version =
		gcc_version ? version_of((const char *[]){ld, NULL}, error) : NULL;

	return ld_version ? g_strdup_printf("%s, %s", gcc_version, ld_version) : NULL;
}

char *vf_tools_guest_compiler(const VfArch *arch, GError **error)
{
	return version_of((const char *const *)arch->guest.cc, error);
}
