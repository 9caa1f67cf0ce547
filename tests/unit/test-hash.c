// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/hash.h"

#include "base/error.h"
#include "scratch.h"

typedef struct Part {
	const char *label, *text;
} Part;

/* The key of up to three parts; caller frees. */
static char *key_of(const char *purpose, const Part *parts, gsize n)
{
	g_autoptr(VfHash) hash = vf_hash_new(purpose);

	for (gsize i = 0; i < n; i++)
		vf_hash_string(hash, parts[i].label, parts[i].text);
	return vf_hash_hex(hash);
}

/* Inputs that a careless concatenation would take for the same. */
static void test_distinct(void)
{
	static const struct {
		const char *purpose;
		Part parts[3];
		gsize n;
	} inputs[] = {
		{"kernel", {{"a", "bc"}}, 1},
		{"kernel", {{"ab", "c"}}, 1},
		{"kernel", {{"a", "b"}, {"a", "c"}}, 2},
		{"kernel", {{"a", "c"}, {"a", "b"}}, 2},
		{"kernel", {{"a", ""}}, 1},
		{"kernel", {{"a", NULL}}, 1},
		{"kernel", {{"", ""}}, 1},
		{"kernel", {{NULL, NULL}}, 0},
		{"initramfs", {{"a", "bc"}}, 1},
	};
	g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(inputs); i++) {
		char *key = key_of(inputs[i].purpose, inputs[i].parts, inputs[i].n);
		g_autofree char *again = key_of(inputs[i].purpose, inputs[i].parts, inputs[i].n);

		g_assert_cmpstr(key, ==, again);
		g_assert_cmpuint(strlen(key), ==, 64);
		g_assert_true(g_hash_table_add(keys, key));
	}
}

static void test_goes_on(void)
{
	g_autoptr(VfHash) hash = vf_hash_new("x");
	g_autofree char *first = vf_hash_hex(hash);
	g_autofree char *same = vf_hash_hex(hash);
	g_autofree char *later = NULL;

	g_assert_cmpstr(first, ==, same);
	vf_hash_bytes(hash, "more", "\0\1", 2);
	later = vf_hash_hex(hash);
	g_assert_cmpstr(first, !=, later);
}

/* A key must not move between versions of this program: caches would be lost. */
static void test_known(void)
{
	g_autoptr(VfHash) hash = vf_hash_new("test");
	g_autofree char *key = NULL;

	vf_hash_string(hash, "text", "value");
	key = vf_hash_hex(hash);
	g_assert_cmpstr(key, ==,
			"31ffafc6674d2d2366f84b97c02f90b5c0922259877cb8a681fc968ed253abc6");
}

static void test_file(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfHash) one = vf_hash_new("x");
	g_autoptr(VfHash) two = vf_hash_new("x");
	g_autoptr(GError) error = NULL;
	g_autofree char *digest = NULL, *before = NULL, *after = NULL;

	scratch_write("file", "abc");
	digest = vf_hash_of_file("file", &error);
	g_assert_cmpstr(digest, ==,
			"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	g_assert_true(vf_hash_file(one, "part", "file", &error));
	scratch_write("file", "abd");
	g_assert_true(vf_hash_file(two, "part", "file", &error));
	before = vf_hash_hex(one);
	after = vf_hash_hex(two);
	g_assert_cmpstr(before, !=, after);
}

static void test_errors(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfHash) hash = vf_hash_new("x");
	g_autoptr(GError) error = NULL;

	g_assert_false(vf_hash_file(hash, "part", "missing", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_cmpstr(error->message, ==, "cannot open missing: No such file or directory");
	g_clear_error(&error);
	g_assert_null(vf_hash_of_file(".", &error));
	g_assert_cmpstr(error->message, ==, "cannot read .: Is a directory");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hash/distinct", test_distinct);
	g_test_add_func("/hash/goes-on", test_goes_on);
	g_test_add_func("/hash/known", test_known);
	g_test_add_func("/hash/file", test_file);
	g_test_add_func("/hash/errors", test_errors);
	return g_test_run();
}
