// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/make.h"

#include "base/argv.h"
#include "base/text.h"
#include "kernel/cache.h"
#include "kernel/sandbox.h"

char *vf_make_ccache(void)
{
	return vf_cache_path("ccache", NULL);
}

static const char *tree_of(const VfMake *make)
{
	return make->sandbox ? VF_SANDBOX_TREE : make->slot->tree;
}

static const char *objects_of(const VfMake *make)
{
	return make->sandbox ? VF_SANDBOX_OBJECTS : make->slot->objects;
}

char *vf_make_source_prefix(const VfMake *make)
{
	return g_strconcat(tree_of(make), "/", NULL);
}

/* Who built where and when must not make two kernels of one key differ. */
static void add_make(VfArgv *argv, const VfMake *make, const char *target)
{
	const VfArch *arch = make->arch;
	const char *cross = arch->kernel.cross_compile ? arch->kernel.cross_compile : "";

	vf_argv_add(argv, "make", "-C", tree_of(make), NULL);
	vf_argv_format(argv, "O=%s", objects_of(make));
	vf_argv_format(argv, "ARCH=%s", arch->kernel.arch);
	vf_argv_format(argv, "CROSS_COMPILE=%s", cross);
	vf_argv_format(argv, "CC=ccache %sgcc", cross);
	vf_argv_add(argv, "HOSTCC=ccache gcc", "LOCALVERSION=", "KBUILD_BUILD_USER=vifarm",
		    "KBUILD_BUILD_HOST=vifarm", "KBUILD_BUILD_VERSION=1",
		    "KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970", NULL);
	vf_argv_format(argv, "-j%u", make->jobs);
	vf_argv_add(argv, target, NULL);
}

static char *prefix_maps(const VfMake *make, const char *variable)
{
	return g_strdup_printf("%s=-fdebug-prefix-map=%s=%s -fdebug-prefix-map=%s=%s", variable,
			       make->slot->tree, VF_SANDBOX_TREE, make->slot->objects,
			       VF_SANDBOX_OBJECTS);
}

static void add_prefix_maps(VfArgv *argv, const VfMake *make)
{
	g_autofree char *c = prefix_maps(make, "KCFLAGS");
	g_autofree char *assembler = prefix_maps(make, "KAFLAGS");

	if (!make->sandbox)
		vf_argv_add(argv, c, assembler, NULL);
}

/*
 * What strangers compile is not kept, so that nothing of it can come into a kernel of ours.
 * Patched files are younger than the build that compiles them, which ccache would mistrust; it
 * still goes by their content. Depend mode saves a run of the preprocessor on each miss.
 */
static char **make_env(const VfMake *make, const char *ccache)
{
	g_autofree char *directory =
		g_strconcat("CCACHE_DIR=", make->sandbox ? VF_SANDBOX_CCACHE : ccache, NULL);
	g_autofree char *fragment =
		g_strconcat("KCONFIG_ALLCONFIG=", objects_of(make), "/" VF_MAKE_FRAGMENT, NULL);

	return vf_child_env(directory, fragment, "CCACHE_DEPEND=1", "CCACHE_MAXSIZE=5G",
			    "CCACHE_SLOPPINESS=include_file_mtime,include_file_ctime,time_macros",
			    "HOME=/nonexistent", make->stranger ? "CCACHE_READONLY=1" : NULL,
			    "CCACHE_NOSTATS=1", "CCACHE_TEMPDIR=/tmp", NULL);
}

char **vf_make_argv(const VfMake *make, const char *target, char ***env)
{
	g_autoptr(VfArgv) argv = vf_argv_new();
	g_autofree char *ccache = vf_make_ccache();
	const VfSandbox sandbox = {
		.tree = make->slot->tree,
		.objects = make->slot->objects,
		.ccache = ccache,
		.stranger = make->stranger != NULL,
		.processes = make->stranger ? make->stranger->processes : 0,
	};

	*env = make_env(make, ccache);
	if (make->sandbox)
		vf_sandbox_wrap(argv, &sandbox, *env);
	add_make(argv, make, target);
	add_prefix_maps(argv, make);
	return vf_argv_end(argv);
}

char *vf_make_command(const VfMake *make)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;

	add_make(words, make, make->arch->kernel.target);
	add_prefix_maps(words, make);
	argv = vf_argv_end(words);
	return vf_text_shell((const char *const *)argv);
}
