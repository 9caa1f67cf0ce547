// SPDX-License-Identifier: GPL-2.0-or-later
/* Tarballs that are no kernel's source, or not all of one. */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/unpack.h"
#include "source-fixture.h"

typedef struct Member {
	const char *name;
	int type;
	const char *link; /* of AE_IFLNK; of a regular file: a hard link */
	mode_t mode;
} Member;

static void write_member(struct archive *out, const Member *member)
{
	struct archive_entry *entry = archive_entry_new();
	static const char text[] = "x\n";

	archive_entry_set_pathname(entry, member->name);
	archive_entry_set_filetype(entry, (unsigned)member->type);
	archive_entry_set_perm(entry, member->mode ? member->mode : 0644);
	archive_entry_set_uid(entry, 1234);
	if (member->type == AE_IFLNK)
		archive_entry_set_symlink(entry, member->link);
	else if (member->link)
		archive_entry_set_hardlink(entry, member->link);
	else if (member->type == AE_IFREG)
		archive_entry_set_size(entry, 2);
	if (member->type == AE_IFCHR)
		archive_entry_set_rdev(entry, 0x103);
	g_assert_cmpint(archive_write_header(out, entry), >=, ARCHIVE_WARN);
	if (member->type == AE_IFREG && !member->link)
		archive_write_data(out, text, 2);
	archive_entry_free(entry);
}

/* A kernel tree named by @salt, and in it @members (the last has no name). */
static void write_tar(const char *path, const char *salt, const Member *members)
{
	static const Member tree[] = {{.name = "linux/", .type = AE_IFDIR},
				      {.name = "linux/Makefile", .type = AE_IFREG},
				      {.name = "linux/Kconfig", .type = AE_IFREG}};
	g_autofree char *name = g_strconcat("linux/", salt, NULL);
	struct archive *out = archive_write_new();

	archive_write_set_format_pax_restricted(out);
	g_assert_cmpint(archive_write_open_filename(out, path), ==, ARCHIVE_OK);
	for (gsize i = 0; i < G_N_ELEMENTS(tree); i++)
		write_member(out, &tree[i]);
	write_member(out, &(Member){.name = name, .type = AE_IFREG});
	for (; members->name; members++)
		write_member(out, members);
	archive_write_free(out);
}

static const struct {
	const char *says;
	Member members[3];
} refused[] = {
	{"a device", {{.name = "linux/null", .type = AE_IFCHR}}},
	{"a device", {{.name = "linux/fifo", .type = AE_IFIFO}}},
	{"absolute", {{.name = "/linux/evil", .type = AE_IFREG}}},
	{"leads out", {{.name = "linux/../../evil", .type = AE_IFREG}}},
	{"leads out", {{.name = "../evil/evil", .type = AE_IFREG}}},
	{"is a link", {{.name = "linux/link", .type = AE_IFLNK, .link = "/etc"}}},
	{"is a link", {{.name = "linux/link", .type = AE_IFLNK, .link = "../evil"}}},
	{"is a link", {{.name = "linux/dir/link", .type = AE_IFLNK, .link = "a/../../../evil"}}},
	{"is a link", {{.name = "linux/hard", .type = AE_IFREG, .link = "/etc/passwd"}}},
	{"is a link", {{.name = "linux/hard", .type = AE_IFREG, .link = "linux/../../evil"}}},
	/* through a link of the archive's own */
	{"link",
	 {{.name = "linux/link", .type = AE_IFLNK, .link = "dir"},
	  {.name = "linux/link/evil", .type = AE_IFREG}}},
};

static void assert_nothing_left(const VfSource *source)
{
	g_autofree char *path =
		g_strdup_printf("%s/sources/%s.tmp", vf_dirs_cache(), vf_source_id(source));

	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_refused(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
		g_autoptr(Scratch) scratch = scratch_new();
		g_autofree char *salt = g_strdup_printf("refused%zu", i);
		g_autoptr(VfSource) source = NULL;
		g_autoptr(GError) error = NULL;

		write_tar("t.tar", salt, refused[i].members);
		source = source_identified("t.tar");
		g_assert_false(source_unpack(source, &error));
		g_test_message("%s", error->message);
		g_assert_error(error, VF_ERROR, VF_ERROR_IO);
		g_assert_nonnull(strstr(error->message, "cannot unpack "));
		g_assert_nonnull(strstr(error->message, refused[i].says));
		g_assert_null(vf_source_tree(source));
		assert_nothing_left(source);
	}
}

static mode_t mode_of(const VfSource *source, const char *name, uid_t *owner)
{
	g_autofree char *path = g_build_filename(vf_source_tree((VfSource *)source), name, NULL);
	struct stat st;

	g_assert_cmpint(lstat(path, &st), ==, 0);
	*owner = st.st_uid;
	return st.st_mode;
}

/* Owners, setuid bits and links of the archive; links inside are what they are. */
static void test_bits(void)
{
	static const Member members[] = {
		{.name = "linux/setuid", .type = AE_IFREG, .mode = 04755},
		{.name = "linux/open", .type = AE_IFREG, .mode = 02666},
		{.name = "linux/dir/", .type = AE_IFDIR, .mode = 01777},
		{.name = "linux/dir/link", .type = AE_IFLNK, .link = "../Makefile"},
		{.name = "linux/hard", .type = AE_IFREG, .link = "linux/Makefile"},
		{.name = "linux/-x:\xc3\xbc,\n\"", .type = AE_IFREG},
		{NULL},
	};
	static const struct {
		const char *name;
		mode_t mode;
	} expected[] = {
		{"setuid", S_IFREG | 0755}, {"open", S_IFREG | 0644},
		{"dir", S_IFDIR | 0755},    {"dir/link", S_IFLNK | 0777},
		{"hard", S_IFREG | 0644},   {"-x:\xc3\xbc,\n\"", S_IFREG | 0644},
	};
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL;
	g_autoptr(GError) error = NULL;
	uid_t owner;

	write_tar("t.tar", "bits", members);
	source = source_identified("t.tar");
	source_unpack(source, &error);
	g_assert_no_error(error);
	for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
		g_assert_cmpint(mode_of(source, expected[i].name, &owner), ==, expected[i].mode);
		g_assert_cmpuint(owner, ==, geteuid());
	}
}

/* The same of a directory that is copied. */
static void test_directory(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL, special = NULL;
	g_autoptr(GError) error = NULL;
	uid_t owner;

	build_tree("linux", "directory bits");
	g_assert_cmpint(chmod("linux/a.c", 04755), ==, 0);
	if (!geteuid()) {
		g_assert_cmpint(chown("linux/a.c", 1234, 1234), ==, 0);
		g_assert_cmpint(chmod("linux/a.c", 06755), ==, 0);
	}
	source = source_identified("linux");
	g_assert_true(source_unpack(source, &error));
	g_assert_cmpint(mode_of(source, "a.c", &owner) & 07000, ==, 0);
	g_assert_cmpuint(owner, ==, geteuid());
	g_assert_cmpint(mkfifo("linux/fifo", 0644), ==, 0);
	special = source_open("linux");
	g_assert_false(source_identify(special, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "fifo"));
}

static void test_limits(void)
{
	static const Member members[] = {{.name = "linux/a", .type = AE_IFREG},
					 {.name = "linux/b", .type = AE_IFREG},
					 {NULL}};
	static const struct {
		VfUnpackLimits limits;
		const char *says;
	} cases[] = {
		{{.bytes = 100, .members = 5}, "more than 5 members"},
		{{.bytes = 7, .members = 100}, "unpacks to more than"},
	};
	g_autoptr(Scratch) scratch = scratch_new();

	write_tar("t.tar", "limits", members);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *out = g_strdup_printf("%s/out%zu", scratch->path, i);
		g_autofree char *tar = g_build_filename(scratch->path, "t.tar", NULL);
		int fd = open(tar, O_RDONLY | O_CLOEXEC);

		g_assert_cmpint(g_mkdir(out, 0755), ==, 0);
		g_assert_false(vf_unpack(fd, out, &cases[i].limits, &error));
		g_assert_nonnull(strstr(error->message, cases[i].says));
		close(fd);
	}
}

/* Small, and large when it is unpacked. */
static void test_bomb(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(VfSource) source = NULL;
	g_autoptr(GError) error = NULL;
	gint64 start = g_get_monotonic_time();

	build_tree("linux", "bomb");
	for (char name[] = "linux/a"; name[6] <= 'e'; name[6]++) {
		scratch_write(name, "");
		g_assert_cmpint(truncate(name, G_GINT64_CONSTANT(3) << 30), ==, 0);
	}
	/* sparse: in the archive they take a kilobyte each */
	g_assert_cmpint(build_run("tar", "-cSzf", "t.tar.gz", "linux", NULL), ==, 0);
	source = source_identified("t.tar.gz");
	g_assert_false(source_unpack(source, &error));
	g_assert_nonnull(strstr(error->message, "unpacks to more than 8192 MiB"));
	g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
}

/* A download that broke off, and files that are something else. */
static void test_broken(void)
{
	static const char *const options[] = {"-czf", "-cJf", "-cjf", "-cf", "--zstd -cf"};
	g_autoptr(Scratch) scratch = scratch_new();
	g_autofree guint8 *noise = g_malloc(300000);

	for (gsize i = 0; i < 300000; i++)
		noise[i] = (guint8)g_random_int();
	build_tree("linux", "broken");
	g_assert_true(g_file_set_contents("linux/blob", (char *)noise, 300000, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
		g_auto(GStrv) words = g_strsplit(options[i], " ", 2);
		g_autoptr(VfSource) source = NULL;
		g_autoptr(GError) error = NULL;

		if (build_run("tar", words[0], words[1] ? words[1] : "t", words[1] ? "t" : "linux",
			      words[1] ? "linux" : NULL, NULL))
			continue;
		g_assert_cmpint(truncate("t", 150000), ==, 0);
		source = source_identified("t");
		g_assert_false(source_unpack(source, &error));
		g_test_message("%s: %s", options[i], error->message);
		g_assert_nonnull(strstr(error->message, "archive is cut short"));
	}
}

static void test_other_files(void)
{
	static const char *const texts[] = {"PK\003\004zip", "plain text\n",
					    "\x7f"
					    "ELF"};
	g_autoptr(Scratch) scratch = scratch_new();

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(VfSource) source = NULL;
		g_autoptr(GError) error = NULL;

		scratch_write("t.tar", texts[i]);
		source = source_identified("t.tar");
		g_assert_false(source_unpack(source, &error));
		g_test_message("%s", error->message);
		g_assert_nonnull(strstr(error->message, "does not look like a tar archive"));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/source-tarball/refused", test_refused);
	g_test_add_func("/source-tarball/bits", test_bits);
	g_test_add_func("/source-tarball/directory", test_directory);
	g_test_add_func("/source-tarball/limits", test_limits);
	g_test_add_func("/source-tarball/bomb", test_bomb);
	g_test_add_func("/source-tarball/broken", test_broken);
	g_test_add_func("/source-tarball/other-files", test_other_files);
	return build_fixture_main();
}
