// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What tests of the build room share: a cache of their own, a tiny tree whose Makefile answers
 * like the kernel's, patches, and blocking forms of asynchronous calls.
 */
#pragma once

#include <string.h>

#include "base/argv.h"
#include "base/dirs.h"
#include "base/error.h"
#include "kernel/build.h"
#include "kernel/child.h"
#include "kernel/sandbox.h"
#include "scratch.h"

/* Runs all tests with a cache that is removed at the end; what they find there is their own. */
static inline int build_fixture_main(void)
{
	g_autofree char *cache = g_dir_make_tmp("vifarm-cache-XXXXXX", NULL);
	int status;

	g_setenv("XDG_CACHE_HOME", cache, TRUE);
	/* a user's git configuration must not decide how a test ends */
	g_setenv("GIT_CONFIG_GLOBAL", "/dev/null", TRUE);
	status = g_test_run();
	vf_dirs_remove(cache, NULL);
	return status;
}

/* What is in @path. Caller frees. */
static inline char *build_read(const char *path)
{
	g_autoptr(GError) error = NULL;
	char *text = NULL;

	g_file_get_contents(path, &text, NULL, &error);
	g_assert_no_error(error);
	return text;
}

/* Exit status of a command; NULL ends its words. */
static inline int build_run(const char *first, ...)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;
	g_auto(VfChildEnd) end = {0};
	g_auto(GStrv) env =
		vf_child_env("GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.org",
			     "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.org", NULL);
	va_list args;

	va_start(args, first);
	for (const char *word = first; word; word = va_arg(args, const char *))
		vf_argv_add(words, word, NULL);
	va_end(args);
	argv = vf_argv_end(words);
	g_assert_true(vf_child_run(&(VfChild){.argv = argv, .env = env, .keep = 1000}, &end, NULL));
	return end.status;
}

/*
 * Knows CONFIG_A, CONFIG_B and CONFIG_SLOW (stops for five seconds in the middle), and notes each
 * object that it compiles in the object directory's file "compiled", and what it was made from as
 * kbuild does. Nothing is made from unused.c.
 */
static const char build_makefile[] =
	"allnoconfig:\n"
	"\t@echo '  GEN     Makefile'\n"
	"\t@grep -E '^CONFIG_(A|B|SLOW)=y' $(KCONFIG_ALLCONFIG) > $(O)/.new || true\n"
	"\t@cmp -s $(O)/.new $(O)/.config || mv $(O)/.new $(O)/.config\n"
	"\n"
	"vmlinux: $(O)/a.o $(O)/b.o\n"
	"\t@grep -q ^CONFIG_SLOW=y $(O)/.config && echo half > $(O)/half && sleep 5 || true\n"
	"\t@echo '  LD      vmlinux'\n"
	"\t@cat $^ > $(O)/vmlinux\n"
	"\t@nm $^ > $(O)/System.map\n"
	"\t@cp $(O)/vmlinux $(O)/image\n"
	"\t@mkdir -p $(O)/include/config && echo 6.12.0-tiny > $(O)/include/config/kernel.release\n"
	"\n"
	"$(O)/%.o: %.c common.h $(O)/.config\n"
	"\t@echo '  CC      $*.o'\n"
	"\t@echo $* >> $(O)/compiled\n"
	"\t@$(CC) $(KCFLAGS) -g -c -o $@ $(CURDIR)/$<\n"
	"\t@echo 'deps_$*.o := $(CURDIR)/$< $(CURDIR)/common.h' > $(O)/.$*.o.cmd\n";

static const char build_a_c[] = "#include \"common.h\"\nint a(void)\n{\n\treturn COMMON;\n}\n";
static const char build_b_c[] = "#include \"common.h\"\nint b(void)\n{\n\treturn COMMON + 1;\n}\n";
static const char build_common_h[] = "#define COMMON 7\n";

static inline void build_tree_file(const char *tree, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(tree, name, NULL);

	scratch_write(path, text);
}

/* @salt makes the tree another source than that of other tests. */
static inline void build_tree(const char *directory, const char *salt)
{
	build_tree_file(directory, "Makefile", build_makefile);
	build_tree_file(directory, "Kconfig", "# nothing\n");
	build_tree_file(directory, "a.c", build_a_c);
	build_tree_file(directory, "b.c", build_b_c);
	build_tree_file(directory, "common.h", build_common_h);
	build_tree_file(directory, "unused.c", build_b_c);
	build_tree_file(directory, "salt", salt);
}

/* An architecture that the host's compiler serves, with the fragment kernels/NAME/config. */
static inline VfArch *build_arch(const char *name, const char *fragment)
{
	VfArch *arch = g_new0(VfArch, 1);
	g_autofree char *config = g_strconcat(name, "/config", NULL);
	g_autofree char *path = g_strconcat("kernels/", config, NULL);

	scratch_write(path, fragment);
	arch->name = g_strdup(name);
	arch->kernel.arch = g_strdup("x86");
	arch->kernel.packages = g_strsplit("gcc", " ", -1);
	arch->kernel.target = g_strdup("vmlinux");
	arch->kernel.image = g_strdup("image");
	arch->kernel.config = g_strsplit(config, " ", -1);
	arch->kernel.objects = 3;
	arch->guest.cc = g_strsplit("gcc", " ", -1);
	arch->guest.flags = g_strsplit("-O1", " ", -1);
	arch->guest.packages = g_strsplit("gcc", " ", -1);
	return arch;
}

/* Of the patches in @names, separated by blanks, below the working directory. */
static inline VfVariant *build_variant(const char *name, const char *names)
{
	VfVariant *variant = g_new0(VfVariant, 1);
	g_auto(GStrv) words = g_strsplit_set(names, " ", -1);

	variant->name = g_strdup(name);
	variant->patches = g_ptr_array_new_with_free_func(g_free);
	variant->config = g_new0(char *, 1);
	variant->provides = g_new0(char *, 1);
	for (char **word = words; *word; word++)
		if (**word)
			g_ptr_array_add(variant->patches, g_canonicalize_filename(*word, NULL));
	return variant;
}

static inline void build_lines(GString *patch, char sign, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; line[0] && line[1]; line++)
		g_string_append_printf(patch, "%c%s\n", sign, *line);
}

static inline guint build_count(const char *text)
{
	guint n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* Writes to @file a patch that makes @path, which is @from (NULL: new), @to (NULL: removed). */
static inline void build_patch(const char *file, const char *path, const char *from, const char *to)
{
	g_autoptr(GString) patch = g_string_new("From 0123 Mon Sep 17 00:00:00 2001\n"
						"Subject: [PATCH] change\n\n---\n");

	g_string_append_printf(patch, "diff --git a/%s b/%s\n", path, path);
	if (!from)
		g_string_append(patch, "new file mode 100644\n");
	if (!to)
		g_string_append(patch, "deleted file mode 100644\n");
	g_string_append_printf(patch, "--- %s%s\n+++ %s%s\n", from ? "a/" : "/dev/null",
			       from ? path : "", to ? "b/" : "/dev/null", to ? path : "");
	g_string_append_printf(patch, "@@ -%u,%u +%u,%u @@\n", !!from,
			       build_count(from ? from : ""), !!to, build_count(to ? to : ""));
	build_lines(patch, '-', from ? from : "");
	build_lines(patch, '+', to ? to : "");
	g_string_append(patch, "-- \n2.39.5\n");
	scratch_write(file, patch->str);
}

/* The callback of an asynchronous call whose data is the address of a GAsyncResult pointer. */
static inline void build_done(G_GNUC_UNUSED GObject *object, GAsyncResult *result, gpointer data)
{
	*(GAsyncResult **)data = g_object_ref(result);
}

/* Runs the main loop until then. Caller unrefs. */
static inline GAsyncResult *build_wait(GAsyncResult **result)
{
	while (!*result)
		g_main_context_iteration(NULL, TRUE);
	return g_steal_pointer(result);
}

static inline VfKernel *build_kernel(VfBuilder *builder, const VfArch *arch,
				     const VfVariant *variant, const char *mutant, char **log,
				     GError **error)
{
	GAsyncResult *done = NULL;
	g_autoptr(GAsyncResult) result = NULL;

	vf_builder_kernel_async(builder, arch, variant, mutant, NULL, NULL, NULL, NULL, build_done,
				&done);
	result = build_wait(&done);
	return vf_builder_kernel_finish(builder, result, log, error);
}
