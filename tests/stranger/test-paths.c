// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Directories of any name: of the cache, the checkout, the kernel's source, a mutant, a guest's files.
 * What separates options, lists of paths, lines and words is in one of them each.
 */
#include <string.h>

#include "guest-fixture.h"
#include "guest/qemu/qemu-argv.h"
#include "paths.h"
#include "source-fixture.h"

static const char *const names[] = {"a b",	"a:b",
				    "a,b",	"a\nb",
				    "a\"b",	"a'b",
				    "a%sb",	"-dash",
				    "a\\b",	"a=b=c",
				    "a#b$(c)",	"a;b&|",
				    "a*?[b]<>", "\xc3\xbc \xd0\xbc\xd0\xb8\xd1\x80 \xe6\x95\xb0",
				    "~",	"{b}"};

static VfKernel *build(const char *data, const char *source, const char *mutant, GError **error)
{
	g_autofree char *path = g_canonicalize_filename(source, NULL);
	VfArch *arch = build_arch("tiny", "CONFIG_A=y\n");
	g_autoptr(VfVariant) variant = build_variant("full", "");
	VfBuilder *builder = vf_builder_new(data, path, 2, error);
	VfKernel *kernel =
		builder ? build_kernel(builder, arch, variant, mutant, NULL, error) : NULL;

	if (builder)
		vf_builder_free(builder);
	vf_arch_free(arch);
	return kernel;
}

/* A directory, a git tree with changes and a tarball, each with a mutant beside it. */
static void test_build(gconstpointer name)
{
	static const char *const kinds[] = {"directory", "git", "tarball"};
	g_autoptr(Scratch) scratch = scratch_new();

	g_assert_cmpint(g_mkdir(name, 0755), ==, 0);
	g_assert_cmpint(g_chdir(name), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *here = g_get_current_dir();
		g_autofree char *salt = g_strconcat(name, kinds[i], NULL);
		g_autofree char *mutant = g_build_filename(here, "m,x y.patch", NULL);
		g_autofree char *tree = g_strconcat(kinds[i], name, NULL);
		g_autoptr(VfKernel) kernel = NULL;
		g_autoptr(GError) error = NULL;

		(i == 1 ? source_git : build_tree)(tree, salt);
		if (i == 1)
			build_tree_file(tree, "new file:x,y.c", "new\n");
		if (i == 2) {
			g_assert_cmpint(g_rename(tree, "linux"), ==, 0);
			g_assert_cmpint(build_run("tar", "-cf", "t.tar", "linux", NULL), ==, 0);
			g_assert_cmpint(g_rename("t.tar", tree), ==, 0);
		}
		build_patch(mutant, "a.c", build_a_c, "int a(void)\n{\n\treturn 5;\n}\n");
		kernel = build(here, tree, mutant, &error);
		g_assert_no_error(error);
		g_assert_true(g_file_test(kernel->image, G_FILE_TEST_IS_REGULAR));
		g_assert_nonnull(strstr(kernel->image, vf_dirs_cache()));
	}
}

/* The value of @key among options that commas separate and doubled commas do not. Caller frees. */
static char *option(const char *word, const char *key)
{
	g_autofree char *prefix = g_strconcat(key, "=", NULL);
	g_autoptr(GString) part = g_string_new(NULL);

	for (const char *at = word;; at++) {
		if (at[0] == ',' && at[1] == ',') {
			g_string_append_c(part, *at++);
		} else if (*at && *at != ',') {
			g_string_append_c(part, *at);
		} else if (g_str_has_prefix(part->str, prefix) || !*at) {
			return g_strdup(part->str + MIN(strlen(prefix), part->len));
		} else {
			g_string_truncate(part, 0);
		}
	}
}

static const char *behind(char **argv, const char *word)
{
	for (; argv[0] && argv[1]; argv++)
		if (!strcmp(argv[0], word))
			return argv[1];
	return "";
}

/* QEMU gets each path as it is, whatever separates its options. */
static void test_qemu(gconstpointer name)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *directory = g_build_filename("/state", name, NULL);
	g_autofree char *plugin = g_build_filename("/build", name, "vifarm.so", NULL);
	g_autofree char *image = g_build_filename("/cache", name, "image", NULL);
	g_autofree char *report = g_build_filename(directory, "hazards.jsonl", NULL);
	g_autoptr(VfArch) arch = vf_arch_load(VIFARM_SOURCE_DIR, "hppa", NULL);
	g_autofree char *file = NULL, *line = NULL, *out = NULL;
	g_auto(GStrv) argv = NULL, words = NULL;
	g_autoptr(GError) error = NULL;
	GuestFixture f;

	scratch_write("System.map", system_map);
	guest_fixture_init(&f, arch, vf_arch_board(arch, "default"), &model);
	f.spec.directory = directory;
	f.spec.plugin = plugin;
	f.kernel.image = image;
	argv = vf_qemu_argv(&f.spec, "qemu", VF_QEMU_RUN, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(behind(argv, "-kernel"), ==, image);
	file = option(behind(argv, "-plugin"), "file");
	g_assert_cmpstr(file, ==, plugin);
	out = option(behind(argv, "-plugin"), "out");
	g_test_message("%s", behind(argv, "-plugin"));
	g_assert_true(g_str_has_prefix(out, directory));
	/* the line that `repro` prints, read by a shell */
	f.task.job = &plain;
	line = vf_qemu_reproducer(&f.spec);
	*strstr(line, " 2>&1 | cat -v") = '\0';
	g_assert_true(g_shell_parse_argv(line, NULL, &words, &error));
	g_assert_cmpstr(behind(words, "-kernel"), ==, image);
}

/* make itself cannot: without bubblewrap that is said before anything is built. */
static void test_no_sandbox(void)
{
	g_autoptr(Scratch) scratch = NULL;
	g_autofree char *bin = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(VfKernel) kernel = NULL;
	g_auto(GStrv) tools = NULL;

	if (!g_test_subprocess()) {
		g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
		g_test_trap_assert_passed();
		return;
	}
	scratch = scratch_new();
	g_assert_cmpint(build_run("sh", "-ec",
				  "mkdir bin; for d in /usr/bin /bin; do for f in $d/*; do"
				  " ln -sf $f bin/; done; done; rm -f bin/bwrap",
				  NULL),
			==, 0);
	bin = g_canonicalize_filename("bin", NULL);
	g_setenv("PATH", bin, TRUE);
	build_tree("linux", "no sandbox");
	kernel = build(scratch->path, "linux", NULL, &error);
	g_assert_null(kernel);
	g_test_message("%s", error->message);
	g_assert_error(error, VF_ERROR, VF_ERROR_MISSING);
	g_assert_nonnull(strstr(error->message, "install bubblewrap"));
}

int main(int argc, char **argv)
{
	g_autofree char *base = g_dir_make_tmp("vifarm-cache-XXXXXX", NULL);
	g_autofree char *all =
		g_strjoinv("", (char **)(const char *[]){names[0], names[1], names[2], names[3],
							 names[4], names[5], names[6], names[7],
							 names[8], names[9], names[10], names[11],
							 names[12], names[13], NULL});
	g_autofree char *cache = g_build_filename(base, all, NULL);
	int status;

	g_test_init(&argc, &argv, NULL);
	g_setenv("XDG_CACHE_HOME", cache, TRUE);
	g_setenv("GIT_CONFIG_GLOBAL", "/dev/null", TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *build_name = g_strdup_printf("/paths/build/%zu", i);
		g_autofree char *qemu_name = g_strdup_printf("/paths/qemu/%zu", i);

		g_test_add_data_func(build_name, names[i], test_build);
		g_test_add_data_func(qemu_name, names[i], test_qemu);
	}
	g_test_add_func("/paths/no-sandbox", test_no_sandbox);
	status = g_test_run();
	vf_dirs_remove(base, NULL);
	return status;
}
