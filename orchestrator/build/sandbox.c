// SPDX-License-Identifier: GPL-2.0-or-later
#include "build/sandbox.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "build/child.h"

/* What compilers and scripts of the kernel read outside of /usr. */
static const char *const etc[] = {"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf",
				  "/etc/ld.so.conf.d"};

/* On a merged-/usr system these are links into it, on others directories. */
static const char *const roots[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};

static void add_root(VfArgv *argv, const char *root)
{
	g_autofree char *target = g_file_read_link(root, NULL);

	if (target)
		vf_argv_add(argv, "--symlink", target, root, NULL);
	else if (g_file_test(root, G_FILE_TEST_IS_DIR))
		vf_argv_add(argv, "--ro-bind", root, root, NULL);
}

static void add_host(VfArgv *argv)
{
	vf_argv_add(argv, "bwrap", "--die-with-parent", "--unshare-all", "--cap-drop", "ALL",
		    "--hostname", "vifarm", "--clearenv", "--ro-bind", "/usr", "/usr", "--dev",
		    "/dev", "--proc", "/proc", "--tmpfs", "/tmp", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(roots); i++)
		add_root(argv, roots[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(etc); i++)
		vf_argv_add(argv, "--ro-bind-try", etc[i], etc[i], NULL);
}

void vf_sandbox_wrap(VfArgv *argv, const VfSandbox *sandbox, char **env)
{
	add_host(argv);
	vf_argv_add(argv, "--ro-bind", sandbox->tree, VF_SANDBOX_TREE, "--bind", sandbox->objects,
		    VF_SANDBOX_OBJECTS, "--bind", sandbox->ccache, VF_SANDBOX_CCACHE, "--chdir",
		    VF_SANDBOX_OBJECTS, NULL);
	for (; *env; env++) {
		g_auto(GStrv) word = g_strsplit(*env, "=", 2);

		vf_argv_add(argv, "--setenv", word[0], word[1], NULL);
	}
	vf_argv_add(argv, "--", NULL);
}

static gboolean try_once(GError **error)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;
	g_auto(VfChildEnd) end = {0};
	VfChild child = {.keep = 4096};

	add_host(words);
	vf_argv_add(words, "--", "/usr/bin/true", NULL);
	argv = vf_argv_end(words);
	child.argv = argv;
	if (!vf_child_run(&child, &end, error))
		return vf_prefix(error, "no sandbox (install bubblewrap)");
	return vf_child_check(&end, VF_ERROR_MISSING, error,
			      "bubblewrap does not work on this host");
}

gboolean vf_sandbox_available(GError **error)
{
	static gboolean tried;
	static GError *problem;

	if (!tried) {
		try_once(&problem);
		tried = TRUE;
	}
	if (problem && error)
		*error = g_error_copy(problem);
	return !problem;
}
