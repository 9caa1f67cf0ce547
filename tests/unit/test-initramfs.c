// SPDX-License-Identifier: GPL-2.0-or-later
#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "build-fixture.h"
#include "kernel/cpio.h"
#include "kernel/manifest.h"

typedef struct Fixture {
	Scratch *scratch;
	VfBuilder *builder;
	VfArch *arch;
} Fixture;

static const char manifest[] = "[{\"path\": \"/init\", \"source\": [\"init.c\", \"other.c\"]},"
			       " {\"path\": \"/bin/x\", \"source\": [\"x.c\"]}]";

static void set_up(Fixture *f, gconstpointer salt)
{
	g_autoptr(GError) error = NULL;

	f->scratch = scratch_new();
	f->arch = build_arch("tiny", "CONFIG_A=y\n");
	build_tree("linux", salt);
	scratch_write("rootfs/manifest.json", manifest);
	scratch_write("rootfs/init.c", "#include \"x.h\"\nint other(void);\n"
				       "int main(void)\n{\n\treturn other() + X;\n}\n");
	scratch_write("rootfs/other.c", "int other(void)\n{\n\treturn 1;\n}\n");
	scratch_write("rootfs/x.c", "int main(void)\n{\n\treturn 0;\n}\n");
	scratch_write("rootfs/x.h", "#define X 4\n");
	scratch_write("rootfs/salt.c", salt);
	f->builder = vf_builder_new(".", "linux", 2, &error);
	g_assert_no_error(error);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	vf_builder_free(f->builder);
	vf_arch_free(f->arch);
	scratch_free(f->scratch);
}

static VfInitramfs *build(Fixture *f, GError **error)
{
	g_autoptr(GAsyncResult) result = NULL;
	GAsyncResult *done = NULL;

	vf_builder_initramfs_async(f->builder, f->arch, NULL, build_done, &done);
	result = build_wait(&done);
	return vf_builder_initramfs_finish(f->builder, result, error);
}

static VfInitramfs *build_well(Fixture *f)
{
	g_autoptr(GError) error = NULL;
	VfInitramfs *initramfs = build(f, &error);

	g_assert_no_error(error);
	return initramfs;
}

/* "PATH TYPE+MODE MTIME" of each entry. */
static char *list(const char *path)
{
	struct archive *archive = archive_read_new();
	GString *text = g_string_new(NULL);
	struct archive_entry *entry;

	archive_read_support_filter_gzip(archive);
	archive_read_support_format_cpio(archive);
	g_assert_cmpint(archive_read_open_filename(archive, path, 65536), ==, ARCHIVE_OK);
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		g_string_append_printf(text, "%s %o %ld\n", archive_entry_pathname(entry),
				       (unsigned)archive_entry_mode(entry),
				       (long)archive_entry_mtime(entry));
	g_assert_cmpstr(archive_format_name(archive), ==, "ASCII cpio (SVR4 with no CRC)");
	archive_read_free(archive);
	return g_string_free(text, FALSE);
}

static void test_content(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfInitramfs) initramfs = build_well(f);
	g_autofree char *listed = list(initramfs->path);

	g_assert_false(initramfs->cached);
	g_assert_cmpstr(
		listed, ==,
		"dev 40755 0\ndev/console 20600 0\nbin 40755 0\nbin/x 100755 0\ninit 100755 0\n");
}

static void test_cached(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(VfInitramfs) first = build_well(f), again = build_well(f);
	g_autoptr(VfInitramfs) header = NULL, near = NULL, far = NULL, flags = NULL;

	g_assert_true(again->cached);
	g_assert_cmpstr(again->path, ==, first->path);
	scratch_write("rootfs/x.h", "#define X 5\n");
	header = build_well(f);
	g_assert_false(header->cached);
	scratch_write("machine/far.h", "#define FAR 1\n");
	scratch_write("rootfs/x.h", "#include \"../machine/far.h\"\n#define X FAR\n");
	near = build_well(f);
	scratch_write("machine/far.h", "#define FAR 2\n");
	far = build_well(f);
	g_assert_false(near->cached || far->cached);
	g_assert_cmpstr(near->path, !=, far->path);
	g_strfreev(f->arch->guest.flags);
	f->arch->guest.flags = g_strsplit("-O2", " ", -1);
	flags = build_well(f);
	g_assert_false(flags->cached);
}

static void test_compile_error(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) dir = NULL;
	g_autofree char *path = g_build_filename(vf_dirs_cache(), "initramfs", NULL);
	const char *name;

	scratch_write("rootfs/x.c", "int main(void)\n{\n\treturn missing;\n}\n");
	g_assert_null(build(f, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_HARNESS);
	g_assert_nonnull(strstr(error->message, "x.c:3:16: error: 'missing' undeclared"));
	dir = g_dir_open(path, 0, NULL);
	while (dir && (name = g_dir_read_name(dir)))
		g_assert_false(g_str_has_suffix(name, ".tmp"));
}

static void test_missing_compiler(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	g_autoptr(GError) error = NULL;

	g_strfreev(f->arch->guest.cc);
	f->arch->guest.cc = g_strsplit("no-such-gcc", " ", -1);
	g_assert_null(build(f, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_MISSING);
}

static void test_manifest(Fixture *f, G_GNUC_UNUSED gconstpointer salt)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"{}", "rootfs/manifest.json: expected a list"},
		{"[]", "rootfs/manifest.json: expected a list"},
		{"[\n 1,]", "rootfs/manifest.json:2:"},
		{"[1]", "entry 1: "},
		{"[{\"path\": \"/x\"}]", "entry 1: "},
		{"[{\"path\": \"x\", \"source\": [\"x.c\"]}]", "entry 1: path: "},
		{"[{\"path\": \"/../x\", \"source\": [\"x.c\"]}]", "entry 1: path: "},
		{"[{\"path\": \"/x\", \"source\": []}]", "entry 1: source: "},
		{"[{\"path\": \"/x\", \"source\": [\"../x.c\"]}]", "entry 1: source: "},
		{"[{\"path\": \"/x\", \"source\": [\"x.o\"]}]", "entry 1: source: "},
		{"[{\"path\": \"/x\", \"source\": [\"x.c\"], \"flags\": []}]", "entry 1: "},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		scratch_write("rootfs/manifest.json", cases[i].text);
		g_assert_null(build(f, &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
		g_test_message("%s", error->message);
		g_assert_nonnull(strstr(error->message, cases[i].says));
	}
}

/* Neither times, owners nor the order of the list make a difference. */
static void test_deterministic(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	const VfCpioFile one[] = {{"/init", "a"}, {"/bin/b", "b"}},
			 two[] = {{"/bin/b", "b"}, {"/init", "a"}};
	const struct utimbuf old = {1, 1};
	g_autofree char *first = NULL, *second = NULL;
	g_autoptr(GError) error = NULL;
	gsize length, second_length;

	scratch_write("a", "a\n");
	scratch_write("b", "b\n");
	vf_cpio_write("1", one, 2, &error);
	utime("a", &old);
	chmod("b", 0600);
	g_usleep(G_USEC_PER_SEC * 11 / 10);
	vf_cpio_write("2", two, 2, &error);
	g_assert_no_error(error);
	g_file_get_contents("1", &first, &length, NULL);
	g_file_get_contents("2", &second, &second_length, NULL);
	g_assert_cmpmem(first, length, second, second_length);
}

static void test_unwritable(void)
{
	const VfCpioFile files[] = {{"/init", "/bin/sh"}};
	g_autoptr(GError) error = NULL, missing = NULL;
	g_autoptr(Scratch) scratch = scratch_new();
	const VfCpioFile gone[] = {{"/init", "gone"}};

	g_assert_false(vf_cpio_write("/nonexistent/x", files, 1, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_nonnull(strstr(error->message, "/nonexistent/x"));
	g_assert_false(vf_cpio_write("x", gone, 1, &missing));
	g_assert_error(missing, VF_ERROR, VF_ERROR_IO);
}

static void test_full_disk(void)
{
	const VfCpioFile files[] = {{"/init", "/bin/sh"}};
	g_autoptr(GError) error = NULL;

	g_assert_false(vf_cpio_write("/dev/full", files, 1, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
	g_assert_nonnull(strstr(error->message, "/dev/full"));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *path;
		void (*run)(Fixture *, gconstpointer);
	} tests[] = {
		{"/initramfs/content", test_content},
		{"/initramfs/cached", test_cached},
		{"/initramfs/compile-error", test_compile_error},
		{"/initramfs/missing-compiler", test_missing_compiler},
		{"/initramfs/manifest", test_manifest},
	};

	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add(tests[i].path, Fixture, tests[i].path, set_up, tests[i].run, tear_down);
	g_test_add_func("/initramfs/deterministic", test_deterministic);
	g_test_add_func("/initramfs/unwritable", test_unwritable);
	g_test_add_func("/initramfs/full-disk", test_full_disk);
	return build_fixture_main();
}
