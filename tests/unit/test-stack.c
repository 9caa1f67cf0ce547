// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/stack.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build-fixture.h"
#include "kernel/tree.h"

static const char ten_lines[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

/* As `git format-patch` writes it: line 5 of ten.txt becomes "five". */
static const char change_five[] =
	"Subject: [PATCH] five\n\n---\n"
	"diff --git a/ten.txt b/ten.txt\n"
	"index 1111111..2222222 100644\n"
	"--- a/ten.txt\n+++ b/ten.txt\n"
	"@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n-- \n2.39.5\n";

typedef struct Fixture {
	Scratch *scratch;
	VfSource *source;
	GPtrArray *patches;
} Fixture;

/* Each test has a tree of another content, so that none finds what another has cached. */
static void set_up(Fixture *f, gconstpointer salt)
{
	g_autoptr(GAsyncResult) identified = NULL, unpacked = NULL;
	g_autoptr(GError) error = NULL;
	GAsyncResult *done = NULL;

	f->scratch = scratch_new();
	build_tree("linux", salt);
	scratch_write("linux/ten.txt", ten_lines);
	f->patches = g_ptr_array_new_with_free_func(g_free);
	f->source = vf_source_new("linux", &error);
	g_assert_no_error(error);
	vf_source_identify_async(f->source, NULL, build_done, &done);
	identified = build_wait(&done);
	g_assert_true(vf_source_identify_finish(identified, &error));
	vf_source_unpack_async(f->source, NULL, NULL, NULL, build_done, &done);
	unpacked = build_wait(&done);
	g_assert_true(vf_source_unpack_finish(unpacked, &error));
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_ptr_array_unref(f->patches);
	vf_source_free(f->source);
	scratch_free(f->scratch);
}

static void add(Fixture *f, const char *name)
{
	g_ptr_array_add(f->patches, g_canonicalize_filename(name, NULL));
}

static void add_text(Fixture *f, const char *name, const char *text)
{
	scratch_write(name, text);
	add(f, name);
}

static VfStack *apply(Fixture *f, char **log, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	GAsyncResult *done = NULL;

	vf_stack_apply_async(f->source, f->patches, NULL, build_done, &done);
	result = build_wait(&done);
	return vf_stack_apply_finish(result, log, error);
}

static VfStack *apply_well(Fixture *f)
{
	g_autoptr(GError) error = NULL;
	VfStack *stack = apply(f, NULL, &error);

	g_assert_no_error(error);
	return stack;
}

static char *result_of(const VfStack *stack, const char *path)
{
	g_autofree char *file = g_build_filename(stack->files_dir, path, NULL);

	return build_read(file);
}

static const char *identity_of(const VfStack *stack, const char *path)
{
	return g_hash_table_lookup(stack->files, path);
}

static void test_empty(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfStack) stack = apply_well(f);

	g_assert_cmpuint(g_hash_table_size(stack->files), ==, 0);
}

static void test_apply(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfStack) before = NULL, stack = NULL, loaded = NULL;
	g_autofree char *ten = NULL, *fresh = NULL;
	g_autoptr(GError) error = NULL;

	add_text(f, "1.patch", change_five);
	build_patch("2.patch", "sub/dir/fresh.c", NULL, "int x;\n");
	build_patch("3.patch", "b.c", build_b_c, NULL);
	add(f, "2.patch");
	add(f, "3.patch");
	before = vf_stack_load(f->source, f->patches, &error);
	g_assert_null(before);
	g_assert_no_error(error);

	stack = apply_well(f);
	ten = result_of(stack, "ten.txt");
	fresh = result_of(stack, "sub/dir/fresh.c");
	g_assert_cmpstr(ten, ==, "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n");
	g_assert_cmpstr(fresh, ==, "int x;\n");
	g_assert_cmpstr(identity_of(stack, "b.c"), ==, VF_TREE_ABSENT);
	g_assert_cmpuint(g_hash_table_size(stack->files), ==, 3);
	g_assert_cmpuint(g_strv_length(stack->skipped), ==, 0);

	loaded = vf_stack_load(f->source, f->patches, &error);
	g_assert_nonnull(loaded);
	g_assert_cmpuint(g_hash_table_size(loaded->files), ==, 3);
}

/* Another description is another stack with the same result: the kernel's key stays. */
static void test_description(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *other = g_strconcat("From: someone\n", change_five, NULL);
	g_autoptr(VfStack) first = NULL, second = NULL;
	g_autoptr(GHashTable) difference = NULL;

	add_text(f, "1.patch", change_five);
	first = apply_well(f);
	scratch_write("1.patch", other);
	second = apply_well(f);
	g_assert_cmpstr(first->key, !=, second->key);
	difference = vf_tree_map_difference(first->files, second->files);
	g_assert_cmpuint(g_hash_table_size(difference), ==, 0);
}

/* The source has it already, here because it comes twice. */
static void test_skipped(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfStack) stack = NULL, loaded = NULL;

	build_patch("0-new.patch", "a.c", NULL, build_a_c);
	add(f, "0-new.patch");
	add_text(f, "1-first.patch", change_five);
	add_text(f, "2-again.patch", change_five);
	stack = apply_well(f);
	g_assert_cmpuint(g_strv_length(stack->skipped), ==, 2);
	g_assert_cmpstr(stack->skipped[0], ==, "0-new.patch");
	g_assert_cmpstr(stack->skipped[1], ==, "2-again.patch");
	g_assert_cmpuint(g_hash_table_size(stack->files), ==, 1);
	loaded = vf_stack_load(f->source, f->patches, NULL);
	g_assert_cmpstr(loaded->skipped[1], ==, "2-again.patch");
}

/* A source that has a stack of which no patch can be reversed alone but the last. */
static void test_skipped_all(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	static const char five[] = "int a(void)\n{\n\treturn 5;\n}\n";
	static const char six[] = "int a(void)\n{\n\treturn 6;\n}\n";
	g_autoptr(VfStack) stack = NULL;

	build_patch("1.patch", "a.c", five, six);
	build_patch("2.patch", "a.c", six, build_a_c);
	add(f, "1.patch");
	add(f, "2.patch");
	stack = apply_well(f);
	g_assert_cmpuint(g_strv_length(stack->skipped), ==, 2);
	g_assert_cmpuint(g_hash_table_size(stack->files), ==, 0);
}

static void test_rename(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfStack) stack = NULL;
	g_autofree char *moved = NULL;

	add_text(f, "1.patch",
		 "diff --git a/ten.txt b/moved/eleven.txt\n"
		 "similarity index 100%\n"
		 "rename from ten.txt\n"
		 "rename to moved/eleven.txt\n");
	stack = apply_well(f);
	moved = result_of(stack, "moved/eleven.txt");
	g_assert_cmpstr(moved, ==, ten_lines);
	g_assert_cmpstr(identity_of(stack, "ten.txt"), ==, VF_TREE_ABSENT);
}

static void test_mode(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfStack) stack = NULL;

	add_text(f, "1.patch",
		 "diff --git a/ten.txt b/ten.txt\nold mode 100644\nnew mode 100755\n");
	stack = apply_well(f);
	g_assert_true(g_str_has_prefix(identity_of(stack, "ten.txt"), "755 "));
}

static void test_reject(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *log = NULL, *text = NULL;

	add_text(f, "1.patch", change_five);
	add_text(f, "sub/2.patch",
		 "diff --git a/ten.txt b/ten.txt\n"
		 "--- a/ten.txt\n+++ b/ten.txt\n"
		 "@@ -1,3 +1,3 @@\n-1\n+one\n 2\n 3\n"
		 "@@ -7,4 +7,4 @@\n 7\n 8\n-nine\n+NINE\n 10\n");
	g_assert_null(apply(f, &log, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
	g_assert_cmpstr(error->message, ==, "sub/2.patch: hunk 2 at ten.txt:7 does not apply");
	text = build_read(log);
	g_assert_nonnull(strstr(text, "Hunk #1 applied cleanly."));
	g_assert_nonnull(strstr(text, "+NINE"));
}

static void test_missing_file(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(GError) error = NULL;

	build_patch("1.patch", "nowhere.c", "x\n", "y\n");
	add(f, "1.patch");
	g_assert_null(apply(f, NULL, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
	g_assert_cmpstr(error->message, ==, "1.patch: nowhere.c: No such file or directory");
}

static void test_unsafe(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	static const char *const paths[] = {"../escaped", "x/../../escaped",
					    ".git/hooks/post-checkout"};

	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GError) error = NULL;

		g_ptr_array_set_size(f->patches, 0);
		build_patch("1.patch", paths[i], NULL, "x\n");
		add(f, "1.patch");
		g_assert_null(apply(f, NULL, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
		g_assert_true(g_str_has_prefix(error->message, "1.patch: "));
	}
}

/* A link that a patch makes could lead the next patch, or the build, anywhere. */
static void test_symbolic_link(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(GError) error = NULL;

	add_text(f, "1.patch",
		 "diff --git a/link b/link\nnew file mode 120000\n--- /dev/null\n+++ b/link\n"
		 "@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n");
	g_assert_null(apply(f, NULL, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
}

static void test_no_patch(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(GError) text = NULL, corrupt = NULL, missing = NULL;

	add_text(f, "1.patch", "this is a letter\n");
	g_assert_null(apply(f, NULL, &text));
	g_assert_error(text, VF_ERROR, VF_ERROR_PATCH);
	scratch_write("1.patch", "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n cut\n");
	g_assert_null(apply(f, NULL, &corrupt));
	g_assert_error(corrupt, VF_ERROR, VF_ERROR_PATCH);
	g_assert_cmpint(unlink("1.patch"), ==, 0);
	g_assert_null(apply(f, NULL, &missing));
	g_assert_error(missing, VF_ERROR, VF_ERROR_DATA);
}

/* The cache of a user can lie in a git repository: git must not think that the files are its. */
static void test_inside_repository(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autofree char *git = g_build_filename(vf_dirs_cache(), ".git", NULL);
	g_autoptr(VfStack) stack = NULL;

	g_assert_cmpint(build_run("git", "init", "-q", vf_dirs_cache(), NULL), ==, 0);
	add_text(f, "1.patch", change_five);
	stack = apply_well(f);
	g_assert_cmpuint(g_hash_table_size(stack->files), ==, 1);
	g_assert_true(vf_dirs_remove(git, NULL));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *path;
		void (*run)(Fixture *, gconstpointer);
	} tests[] = {
		{"/stack/empty", test_empty},
		{"/stack/apply", test_apply},
		{"/stack/description", test_description},
		{"/stack/skipped", test_skipped},
		{"/stack/skipped-all", test_skipped_all},
		{"/stack/rename", test_rename},
		{"/stack/mode", test_mode},
		{"/stack/reject", test_reject},
		{"/stack/missing-file", test_missing_file},
		{"/stack/unsafe", test_unsafe},
		{"/stack/symbolic-link", test_symbolic_link},
		{"/stack/no-patch", test_no_patch},
		{"/stack/inside-repository", test_inside_repository},
	};

	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add(tests[i].path, Fixture, tests[i].path, set_up, tests[i].run, tear_down);
	return build_fixture_main();
}
