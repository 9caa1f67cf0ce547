// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tree.h"

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build-fixture.h"

typedef struct Trees {
	Scratch *scratch;
	int from, to;
} Trees;

static void set_up(Trees *trees, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	trees->scratch = scratch_new();
	scratch_write("from/dir/x.c", "new\n");
	scratch_write("to/dir/x.c", "old\n");
	trees->from = vf_tree_open("from", &error);
	trees->to = vf_tree_open("to", &error);
	g_assert_no_error(error);
}

static void tear_down(Trees *trees, G_GNUC_UNUSED gconstpointer data)
{
	close(trees->from);
	close(trees->to);
	scratch_free(trees->scratch);
}

static void test_identity(Trees *trees, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *plain = vf_tree_identity(trees->from, "dir/x.c", NULL);
	g_autofree char *absent = vf_tree_identity(trees->from, "dir/y.c", NULL);
	g_autofree char *nowhere = vf_tree_identity(trees->from, "no/dir/x.c", NULL);
	g_autofree char *executable = NULL;

	g_assert_cmpint(chmod("from/dir/x.c", 0700), ==, 0);
	executable = vf_tree_identity(trees->from, "dir/x.c", NULL);
	g_assert_cmpstr(plain, ==,
			"644 7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c");
	g_assert_cmpstr(absent, ==, VF_TREE_ABSENT);
	g_assert_cmpstr(nowhere, ==, VF_TREE_ABSENT);
	g_assert_true(g_str_has_prefix(executable, "755 7aa7"));
}

/* The other name of the inode, which is the pristine tree's, keeps what it has. */
static void test_hard_link(Trees *trees, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *kept = NULL, *replaced = NULL;

	g_assert_cmpint(link("to/dir/x.c", "pristine"), ==, 0);
	g_assert_true(vf_tree_replace(trees->to, trees->from, "dir/x.c", &error));
	g_assert_no_error(error);
	kept = build_read("pristine");
	replaced = build_read("to/dir/x.c");
	g_assert_cmpstr(kept, ==, "old\n");
	g_assert_cmpstr(replaced, ==, "new\n");
}

static void test_new_and_removed(Trees *trees, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *made = NULL;

	scratch_write("from/a/b/new", "x\n");
	scratch_write("to/gone", "x\n");
	g_assert_true(vf_tree_replace(trees->to, trees->from, "a/b/new", &error));
	g_assert_true(vf_tree_replace(trees->to, trees->from, "gone", &error));
	g_assert_true(vf_tree_replace(trees->to, trees->from, "never/was", &error));
	g_assert_no_error(error);
	made = build_read("to/a/b/new");
	g_assert_cmpstr(made, ==, "x\n");
	g_assert_false(g_file_test("to/gone", G_FILE_TEST_EXISTS));
}

/* Neither the last step nor one on the way may be a link, for reading or for writing. */
static void test_links(Trees *trees, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) last = NULL, way = NULL, write = NULL;

	scratch_write("secret", "s\n");
	g_assert_cmpint(symlink("../../secret", "from/dir/link"), ==, 0);
	g_assert_cmpint(symlink("dir", "from/way"), ==, 0);
	g_assert_cmpint(symlink("..", "to/out"), ==, 0);
	scratch_write("from/out/x", "x\n");
	g_assert_null(vf_tree_identity(trees->from, "dir/link", &last));
	g_assert_error(last, VF_ERROR, VF_ERROR_PATCH);
	g_assert_null(vf_tree_identity(trees->from, "way/x.c", &way));
	g_assert_error(way, VF_ERROR, VF_ERROR_PATCH);
	g_assert_false(vf_tree_replace(trees->to, trees->from, "out/x", &write));
	g_assert_nonnull(write);
	g_assert_false(g_file_test("x", G_FILE_TEST_EXISTS));
}

static void test_map(void)
{
	g_autoptr(GHashTable) a = vf_tree_map_new(), b = NULL;
	g_autoptr(GHashTable) none = NULL, some = NULL;
	json_t *json;

	g_hash_table_insert(a, g_strdup("x"), g_strdup("644 1"));
	g_hash_table_insert(a, g_strdup("y"), g_strdup(VF_TREE_ABSENT));
	json = vf_tree_map_to_json(a);
	b = vf_tree_map_from_json(json);
	none = vf_tree_map_difference(a, b);
	g_assert_cmpuint(g_hash_table_size(none), ==, 0);
	g_hash_table_remove(b, "y");
	g_hash_table_insert(b, g_strdup("x"), g_strdup("644 2"));
	g_hash_table_insert(b, g_strdup("z"), g_strdup("644 1"));
	some = vf_tree_map_difference(a, b);
	g_assert_cmpuint(g_hash_table_size(some), ==, 3);
	json_object_set_new(json, "x", json_integer(1));
	g_assert_null(vf_tree_map_from_json(json));
	g_assert_null(vf_tree_map_from_json(NULL));
	json_decref(json);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/tree/identity", Trees, NULL, set_up, test_identity, tear_down);
	g_test_add("/tree/hard-link", Trees, NULL, set_up, test_hard_link, tear_down);
	g_test_add("/tree/new-and-removed", Trees, NULL, set_up, test_new_and_removed, tear_down);
	g_test_add("/tree/links", Trees, NULL, set_up, test_links, tear_down);
	g_test_add_func("/tree/map", test_map);
	return g_test_run();
}
