// SPDX-License-Identifier: GPL-2.0-or-later
/* Binary hunks that are small in the patch and large in memory. */
#include "kernel/binary-patch.h"

#include <string.h>
#include <sys/resource.h>
#include <zlib.h>

#include "base/git.h"
#include "both-users.h"
#include "build-fixture.h"
#include "kernel/cache.h"
#include "kernel/git-sandbox.h"
#include "kernel/stack.h"
#include "mail/diff.h"

#define SOURCE_BYTES 65536

static const char header[] = "diff --git a/bin b/bin\n"
			     "index 0123456789012345678901234567890123456789.."
			     "9876543210987654321098765432109876543210 100644\n"
			     "GIT binary patch\n";

static void add_line(GString *patch, const guchar *bytes, gsize length)
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`"
		"{|}~";

	g_string_append_c(patch, (char)(length <= 26 ? 'A' + length - 1 : 'a' + length - 27));
	for (gsize i = 0; i < length; i += 4) {
		guint32 value = 0;
		char group[6] = {0};

		for (gsize k = 0; k < 4; k++)
			value = value << 8 | (i + k < length ? bytes[i + k] : 0);
		for (int k = 4; k >= 0; k--, value /= 85)
			group[k] = digits[value % 85];
		g_string_append(patch, group);
	}
	g_string_append_c(patch, '\n');
}

/* Adds a hunk that states @stated and inflates to @bytes. */
static void add_hunk(GString *patch, const char *kind, const char *stated, const GByteArray *bytes)
{
	uLongf length = compressBound(bytes->len);
	g_autofree guchar *deflated = g_malloc(length);

	g_assert_cmpint(compress2(deflated, &length, bytes->data, bytes->len, 9), ==, Z_OK);
	g_string_append_printf(patch, "%s %s\n", kind, stated);
	for (gsize i = 0; i < length; i += 52)
		add_line(patch, deflated + i, MIN(52, length - i));
	g_string_append_c(patch, '\n');
}

static void add_number(GByteArray *bytes, guint64 value)
{
	do {
		guint8 byte = (guint8)(value & 0x7f) | (value > 0x7f ? 0x80 : 0);

		g_byte_array_append(bytes, &byte, 1);
		value >>= 7;
	} while (value);
}

/* Adds a delta that makes @copies times a file of SOURCE_BYTES of it: one byte each. */
static void add_delta(GString *patch, guint64 copies)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree char *stated = NULL;
	guint8 copy = 0x80;

	add_number(bytes, SOURCE_BYTES);
	add_number(bytes, copies * SOURCE_BYTES);
	for (guint64 i = 0; i < copies; i++)
		g_byte_array_append(bytes, &copy, 1);
	stated = g_strdup_printf("%u", bytes->len);
	add_hunk(patch, "delta", stated, bytes);
}

static void add_literal(GString *patch, const char *stated, gsize real)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	g_byte_array_set_size(bytes, (guint)real);
	if (real)
		memset(bytes->data, 0, real);
	add_hunk(patch, "literal", stated, bytes);
}

/* As the parsers of mails and of patch files see it. */
static void assert_problem(const GString *patch, const char *expected)
{
	g_autofree char *problem = vf_binary_patch_problem(patch->str, patch->len);
	g_auto(VfDiff) diff = {0};

	g_test_message("%s", problem ?: "none");
	if (!expected) {
		g_assert_cmpstr(problem, ==, NULL);
		return;
	}
	g_assert_nonnull(problem);
	g_assert_nonnull(strstr(problem, expected));
	g_assert_true(vf_diff_scan(patch->str, patch->len, &diff));
	g_assert_cmpstr(diff.damage, ==, problem);
}

static void test_sizes(void)
{
	static const struct {
		const char *stated;
		gsize real;
		const char *expected;
	} cases[] = {
		{"1000", 1000, NULL},
		{"0", 0, NULL},
		{"1000", 1001, "larger than it states"},
		{"1000", 30 << 20, "larger than it states"},
		{"1001", 1000, "smaller than it states"},
		{"33554433", 10, "more than 32 MiB"},
		{"1850000000", 10, "more than 32 MiB"},
		{"18446744073709551615", 10, "more than 32 MiB"},
		{"99999999999999999999999999", 10, "more than 32 MiB"},
		{"-1", 10, "without a size"},
		{" 10", 10, "without a size"},
		{"+10", 10, "without a size"},
		{"10x", 10, "without a size"},
		{"", 10, "without a size"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) patch = g_string_new(header);

		add_literal(patch, cases[i].stated, cases[i].real);
		assert_problem(patch, cases[i].expected);
	}
}

static void test_delta(void)
{
	static const struct {
		guint64 copies;
		const char *expected;
	} cases[] = {
		{1, NULL},
		{512, NULL},
		{513, "more than 32 MiB"},
		{28000, "more than 32 MiB"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) patch = g_string_new(header);

		add_delta(patch, cases[i].copies);
		assert_problem(patch, cases[i].expected);
	}
}

/* Each of them would do, all together not; the hunk that leads back counts as well. */
static void test_total(void)
{
	g_autoptr(GString) patch = g_string_new(NULL);

	for (guint i = 0; i < 3; i++) {
		g_string_append(patch, header);
		add_delta(patch, 200);
		add_delta(patch, 100);
		assert_problem(patch, NULL);
	}
	g_string_append(patch, header);
	add_delta(patch, 200);
	add_delta(patch, 100);
	assert_problem(patch, "more than 64 MiB together");
	g_string_truncate(patch, 0);
	g_string_append(patch, header);
	add_literal(patch, "10", 10);
	add_delta(patch, 28000);
	assert_problem(patch, "more than 32 MiB");
}

/* The numbers of a delta behind 100,000 empty blocks. */
static void test_late_head(void)
{
	static const guchar empty[5] = {0, 0, 0, 0xff, 0xff};
	g_autoptr(GByteArray) stream = g_byte_array_new();
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GString) patch = g_string_new(header);
	guchar deflated[100];
	uLongf length = sizeof(deflated);

	add_number(bytes, SOURCE_BYTES);
	add_number(bytes, G_GUINT64_CONSTANT(1) << 40);
	g_assert_cmpint(compress(deflated, &length, bytes->data, bytes->len), ==, Z_OK);
	g_byte_array_append(stream, deflated, 2);
	for (guint i = 0; i < 100000; i++)
		g_byte_array_append(stream, empty, sizeof(empty));
	g_byte_array_append(stream, deflated + 2, (guint)length - 2);
	g_string_append_printf(patch, "delta %u\n", bytes->len);
	for (gsize i = 0; i < stream->len; i += 52)
		add_line(patch, stream->data + i, MIN(52, stream->len - i));
	g_string_append_c(patch, '\n');
	assert_problem(patch, "more than 32 MiB");
}

static void test_lines(void)
{
	static const struct {
		const char *lines, *expected;
	} cases[] = {
		{"literal 0\nHcmV?d00001\n\n", NULL},
		{"literal 0\r\nHcmV?d00001\r\n\r\n", NULL},
		{"literal 0\nHcmV?d0000\n\n", "no line of a binary hunk"},
		{"literal 0\n-cmV?d00001\n\n", "no line of a binary hunk"},
		{"literal 0\nHcmV?\"00001\n\n", "no base85"},
		{"literal 0\nH~~~~~~~~~~\n\n", "no base85"},
		{"literal 0\nHcmV?d00002\n\n", "cannot be inflated"},
		{"literal 0\nHcmV?d00001\nHcmV?d00001\n\n", "goes on behind its end"},
		{"literal 0\n\n", "smaller than it states"},
		{"literal 0", "smaller than it states"},
		{"delta 0\nHcmV?d00001\n\n", "delta without sizes"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) patch = g_string_new(header);

		g_string_append(patch, cases[i].lines);
		assert_problem(patch, cases[i].expected);
	}
}

static VfStack *apply(const char *path, GError **error)
{
	g_autoptr(GPtrArray) patches = g_ptr_array_new();
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autoptr(GAsyncResult) identified = NULL, unpacked = NULL, applied = NULL;
	GAsyncResult *done = NULL;
	g_autoptr(VfSource) source = vf_source_new("linux", error);

	g_assert_nonnull(source);
	vf_source_identify_async(source, NULL, build_done, &done);
	identified = build_wait(&done);
	g_assert_true(vf_source_identify_finish(identified, error));
	vf_source_unpack_async(source, NULL, NULL, NULL, build_done, &done);
	unpacked = build_wait(&done);
	g_assert_true(vf_source_unpack_finish(unpacked, error));
	g_ptr_array_add(patches, whole);
	vf_stack_apply_async(source, patches, NULL, build_done, &done);
	applied = build_wait(&done);
	return vf_stack_apply_finish(applied, NULL, error);
}

/* A patch of the user's, a mutant, a series: git is not asked about it. */
static void test_stack(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GString) patch = g_string_new(header);
	g_autofree char *source = g_strnfill(SOURCE_BYTES, 'x');
	g_autoptr(GError) error = NULL;
	struct rusage usage;

	build_tree("linux", "binary");
	scratch_write("linux/bin", source);
	add_delta(patch, 28000); /* 1.8 GB out of 200 bytes */
	scratch_write("bomb.patch", patch->str);
	g_assert_null(apply("bomb.patch", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
	g_assert_cmpstr(error->message, ==,
			"bomb.patch: line 7: a binary hunk for more than 32 MiB");
	getrusage(RUSAGE_CHILDREN, &usage);
	g_assert_cmpint(usage.ru_maxrss, <, 300 * 1024);
}

/* What a patch leaves in the place of rejects is not followed into the log. */
static void test_reject_link(void)
{
	static const char patch[] = "diff --git a/one.txt b/one.txt\n--- a/one.txt\n+++ b/one.txt\n"
				    "@@ -1 +1 @@\n-one\n+two\n"
				    "diff --git a/one.txt.rej b/one.txt.rej\nnew file mode 120000\n"
				    "--- /dev/null\n+++ b/one.txt.rej\n@@ -0,0 +1 @@\n+%s/secret\n"
				    "\\ No newline at end of file\n"
				    "diff --git a/two.txt b/two.txt\n--- a/two.txt\n+++ b/two.txt\n"
				    "@@ -1 +1 @@\n-absent\n+two\n";
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *text = g_strdup_printf(patch, scratch->path);
	g_autofree char *logs = vf_cache_path("logs", NULL);
	g_autoptr(GDir) dir = NULL;
	g_autoptr(GError) error = NULL;
	const char *name;
	guint seen = 0;

	build_tree("linux", "rejects");
	scratch_write("linux/one.txt", "one\n");
	scratch_write("linux/two.txt", "here\n");
	scratch_write("secret", "PRIVATE-KEY\n");
	scratch_write("link.patch", text);
	g_assert_null(apply("link.patch", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_PATCH);
	dir = g_dir_open(logs, 0, NULL);
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(logs, name, NULL);
		g_autofree char *log = NULL;

		g_assert_true(g_file_get_contents(path, &log, NULL, NULL));
		g_assert_null(strstr(log, "PRIVATE-KEY"));
		seen += strstr(log, "two.txt") != NULL;
	}
	g_assert_cmpuint(seen, >, 0);
}

/* A program beside the patch, which a git outside of the sandbox would run. */
static void test_sandbox(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree char *before = g_strdup(g_getenv("PATH"));
	g_autofree char *bin = g_build_filename(scratch->path, "bin", NULL);
	g_autofree char *path = g_strconcat(bin, ":", before, NULL);
	g_autofree char *program =
		g_strdup_printf("#!/bin/sh\ncase \"$*\" in *numstat*) touch %s/outside;; esac\n"
				"exec /usr/bin/git \"$@\"\n",
				scratch->path);
	g_autoptr(VfStack) stack = NULL;
	g_autoptr(GError) error = NULL;

	build_tree("linux", "sandbox");
	scratch_write("linux/one.txt", "one\n");
	scratch_write("one.patch", "--- a/one.txt\n+++ b/one.txt\n@@ -1 +1 @@\n-one\n+two\n");
	scratch_write("bin/git", program);
	g_assert_cmpint(g_chmod("bin/git", 0755), ==, 0);
	g_setenv("PATH", path, TRUE);
	stack = apply("one.patch", &error);
	g_setenv("PATH", before, TRUE);
	g_assert_no_error(error);
	g_assert_false(g_file_test("outside", G_FILE_TEST_EXISTS));
}

/* What no parser sees is held by the limits: 7 GB out of 300 bytes. */
static void test_limits(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GString) patch = g_string_new(header);
	const char *writable[] = {scratch->path, NULL};
	g_auto(GStrv) env = vf_git_env(NULL, NULL);
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;
	g_auto(VfChildEnd) end = {0};
	g_autoptr(GError) error = NULL;

	add_literal(patch, "7000000000", 10);
	scratch_write("bomb.patch", patch->str);
	vf_git_sandbox(words, NULL, writable, scratch->path, env);
	vf_argv_add(words, "apply", "--", "bomb.patch", NULL);
	argv = vf_argv_end(words);
	g_assert_true(vf_child_run(
		&(VfChild){.argv = argv, .env = env, .keep = 1000, .limits = &vf_git_limits}, &end,
		&error));
	g_test_message("%d: %s", end.status, end.output);
	g_assert_cmpint(end.status, !=, 0);
	g_assert_true(end.exceeded || strstr(end.output, "emory"));
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	both_users();
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/stranger/binary/sizes", test_sizes);
	g_test_add_func("/stranger/binary/delta", test_delta);
	g_test_add_func("/stranger/binary/total", test_total);
	g_test_add_func("/stranger/binary/late-head", test_late_head);
	g_test_add_func("/stranger/binary/lines", test_lines);
	if (vf_sandbox_available(FALSE, &error)) {
		g_test_add_func("/stranger/binary/stack", test_stack);
		g_test_add_func("/stranger/binary/sandbox", test_sandbox);
		g_test_add_func("/stranger/binary/reject-link", test_reject_link);
		g_test_add_func("/stranger/binary/limits", test_limits);
	}
	return build_fixture_main();
}
