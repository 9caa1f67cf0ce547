// SPDX-License-Identifier: GPL-2.0-or-later
/* Which stack of patches a kernel takes. */
#include "plan/stacks.h"

#include "build-fixture.h"

static void test_file(void)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{"mainline\n",
		 "patches/stacks:1: expected \"NAME MAJOR.MINOR\", found \"mainline\""},
		{"# x\n\na/b 7.2\n",
		 "patches/stacks:3: expected \"NAME MAJOR.MINOR\", found \"a/b 7.2\""},
		{"m 7.2.1\n", "patches/stacks:1: expected \"NAME MAJOR.MINOR\", found \"m 7.2.1\""},
		{".. 7.2\n", "patches/stacks:1: expected \"NAME MAJOR.MINOR\", found \".. 7.2\""},
	};
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GPtrArray) none = vf_stacks_load(".", NULL);

	g_assert_cmpuint(none->len, ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		scratch_write("patches/stacks", bad[i].text);
		g_assert_null(vf_stacks_load(".", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_assert_true(g_str_has_suffix(error->message, bad[i].message));
	}
}

static const char *best_for(const GPtrArray *stacks)
{
	return ((const VfStackName *)stacks->pdata[0])->name;
}

static void test_version(void)
{
	static const struct {
		const char *makefile, *stack;
	} trees[] = {
		{"# x\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\n", "6.12"},
		{"VERSION = 6\nPATCHLEVEL = 18\n", "6.12"},
		{"VERSION = 7\nPATCHLEVEL = 2\n", "mainline"},
		{"VERSION = 7\nPATCHLEVEL = 10\nEXTRAVERSION = -rc7\n", "mainline"},
		{"VERSION = 10\nPATCHLEVEL = 0\n", "mainline"},
		{"VERSION = 5\nPATCHLEVEL = 4\n", "mainline"},
		{"nothing\n", "mainline"},
	};
	g_autoptr(Scratch) scratch = scratch_new();

	scratch_write("patches/stacks", "6.12 6.12\nmainline 7.2\n");
	for (gsize i = 0; i < G_N_ELEMENTS(trees); i++) {
		g_autoptr(GPtrArray) stacks = vf_stacks_load(".", NULL);

		vf_stacks_sort(stacks, vf_stacks_version(trees[i].makefile));
		g_assert_cmpstr(best_for(stacks), ==, trees[i].stack);
	}
}

/* A data directory with a series in which a patch differs, and one that only one stack has. */
static void make_data(void)
{
	scratch_write("patches/stacks", "mainline 7.2\n6.12 6.12\n");
	scratch_write("patches/linux/series", "6.12/0001-only.patch\n0002-both.patch\n");
	scratch_write("patches/variants/full.json",
		      "{\"name\": \"full\", \"title\": \"t\", \"series\": \"linux/series\", "
		      "\"skip\": [], "
		      "\"extra\": [], \"config\": [], \"provides\": []}");
	build_patch("patches/linux/6.12/0001-only.patch", "old", NULL, "only\n");
	build_patch("patches/linux/0002-both.patch", "a.c", "new\n", "new, patched\n");
	build_patch("patches/linux/6.12/0002-both.patch", "a.c", "old\n", "old, patched\n");
}

static void make_tree(const char *directory, const char *version, const char *text)
{
	g_autofree char *makefile = g_strconcat(version, build_makefile, NULL);

	build_tree(directory, directory);
	build_tree_file(directory, "Makefile", makefile);
	build_tree_file(directory, "a.c", text);
}

/* The kernel of the tree @tree. */
static VfKernel *build(const char *tree, GError **error)
{
	g_autoptr(VfVariant) variant = vf_variant_load(".", "full", error);
	g_autoptr(VfArch) arch = build_arch("host", "");
	g_autoptr(VfBuilder) builder = variant ? vf_builder_new(".", tree, 1, error) : NULL;

	return builder ? build_kernel(builder, arch, variant, NULL, NULL, error) : NULL;
}

static void assert_stack(const char *directory, const char *version, const char *text,
			 const char *stack)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfKernel) kernel = NULL;

	make_tree(directory, version, text);
	for (guint again = 0; again < 2; again++) {
		g_clear_pointer(&kernel, vf_kernel_free);
		kernel = build(directory, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(kernel->stack, ==, stack);
	}
}

#define V612 "VERSION = 6\nPATCHLEVEL = 12\n"
#define V618 "VERSION = 6\nPATCHLEVEL = 18\n"
#define V72  "VERSION = 7\nPATCHLEVEL = 2\n"

/* What the tree is decides, not what its version promises. */
static void test_choice(void)
{
	g_autoptr(Scratch) scratch = scratch_new();

	make_data();
	build_patch("patches/linux/0002-both.patch", "text", "new\n", "new, patched\n");
	build_patch("patches/linux/6.12/0002-both.patch", "text", "old\n", "old, patched\n");
	for (guint i = 0; i < 2; i++) {
		g_autofree char *old = g_strdup_printf("old%u", i),
				*new = g_strdup_printf("new%u", i);

		build_tree_file(old, "text", "old\n");
		build_tree_file(new, "text", "new\n");
	}
	assert_stack("old0", V612, build_a_c, "6.12");
	assert_stack("new0", V72, build_a_c, "mainline");
	assert_stack("old1", V72, build_a_c, "6.12");
	assert_stack("new1", V618, build_a_c, "mainline");
}

/* A tree that no stack fits names a patch of each. */
static void test_none(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;

	make_data();
	make_tree("other", V618, "other\n");
	g_assert_null(build("other", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
	g_assert_cmpstr(error->message, ==,
			"no stack of patches fits this kernel: "
			"6.12: patches/linux/6.12/0002-both.patch: hunk 1 at a.c:1 does not apply; "
			"mainline: patches/linux/0002-both.patch: hunk 1 at a.c:1 does not apply");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/stacks/file", test_file);
	g_test_add_func("/stacks/version", test_version);
	g_test_add_func("/stacks/choice", test_choice);
	g_test_add_func("/stacks/none", test_none);
	return build_fixture_main();
}
