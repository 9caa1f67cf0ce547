// SPDX-License-Identifier: GPL-2.0-or-later
/* What a build can leave in place of the files that are read of it. */
#include "kernel/product.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "both-users.h"
#include "build-fixture.h"

#define SECRET	  "VIFARM-SECRET-77aa\n"
#define BYTES_MAX 100

static void make_link(const char *path)
{
	g_assert_cmpint(symlink("../secret", path), ==, 0);
}

static void make_directory_link(const char *path)
{
	g_autofree char *directory = g_path_get_dirname(path);

	g_assert_cmpint(rmdir(directory), ==, 0);
	g_assert_cmpint(symlink("../outside", directory), ==, 0);
}

static void make_fifo(const char *path)
{
	g_assert_cmpint(mkfifo(path, 0644), ==, 0);
}

static void make_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	close(fd);
}

static void make_directory(const char *path)
{
	g_assert_cmpint(g_mkdir(path, 0755), ==, 0);
}

static void make_second_name(const char *path)
{
	g_assert_cmpint(link("secret", path), ==, 0);
}

static void make_large(const char *path)
{
	scratch_write(path, "");
	g_assert_cmpint(truncate(path, BYTES_MAX + 2), ==, 0);
}

static void make_foreign(const char *path)
{
	/* root's sandbox has another user than root */
	if (geteuid() != 0)
		return;
	scratch_write(path, SECRET);
	g_assert_cmpint(chown(path, 1, 1), ==, 0);
}

static void make_nothing(G_GNUC_UNUSED const char *path)
{
}

static void make_lines(const char *path)
{
	scratch_write(path, "6.12.0\n6.12.1\n");
}

static void make_escape(const char *path)
{
	scratch_write(path, "6.12.0\x1b[2J\n");
}

static const struct {
	const char *name;
	void (*make)(const char *path);
	gboolean text; /* wrong as a line only */
} cases[] = {
	{"link", make_link, FALSE},	      {"directory-link", make_directory_link, FALSE},
	{"fifo", make_fifo, FALSE},	      {"socket", make_socket, FALSE},
	{"directory", make_directory, FALSE}, {"second-name", make_second_name, FALSE},
	{"large", make_large, FALSE},	      {"foreign", make_foreign, FALSE},
	{"nothing", make_nothing, FALSE},     {"lines", make_lines, TRUE},
	{"escape", make_escape, TRUE},
};

static void test_refused(gconstpointer data)
{
	guint i = GPOINTER_TO_UINT(data);
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) copied = NULL, read = NULL;
	g_autofree char *line = NULL;
	gboolean ok;

	scratch_write("secret", SECRET);
	scratch_write("outside/release", SECRET);
	g_assert_cmpint(g_chmod("secret", 0600), ==, 0);
	g_assert_cmpint(g_mkdir_with_parents("objects/config", 0755), ==, 0);
	cases[i].make("objects/config/release");
	ok = vf_product_copy("objects", "config/release", geteuid(), BYTES_MAX, "copy", &copied);
	g_assert_true(ok == cases[i].text);
	g_assert_true(ok == g_file_test("copy", G_FILE_TEST_EXISTS));
	line = vf_product_line("objects", "config/release", geteuid(), BYTES_MAX, &read);
	g_assert_null(line);
	g_assert_error(read, VF_ERROR, VF_ERROR_COMPILE);
	g_assert_nonnull(strstr(read->message, "release"));
}

static void test_taken(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *line = NULL, *copy = NULL;

	scratch_write("objects/config/release", "6.12.0-x\n");
	line = vf_product_line("objects", "config/release", geteuid(), 8, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(line, ==, "6.12.0-x");
	g_assert_true(vf_product_copy("objects", "config/release", geteuid(), 9, "copy", &error));
	copy = build_read("copy");
	g_assert_cmpstr(copy, ==, "6.12.0-x\n");
	/* what is there already is nobody's to follow */
	g_assert_false(vf_product_copy("objects", "config/release", geteuid(), 9, "copy", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_IO);
}

/* A file that is exchanged after it was looked at is the one that was looked at. */
static void test_exchanged(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	char text[100] = "";
	int fd;

	scratch_write("secret", SECRET);
	scratch_write("objects/release", "6.12.0\n");
	fd = vf_product_open("objects", "release", geteuid(), BYTES_MAX, NULL);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(g_unlink("objects/release"), ==, 0);
	g_assert_cmpint(symlink("../secret", "objects/release"), ==, 0);
	g_assert_cmpint(read(fd, text, sizeof(text) - 1), ==, 7);
	g_assert_cmpstr(text, ==, "6.12.0\n");
	close(fd);
}

int main(int argc, char **argv)
{
	both_users();
	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strconcat("/product/refused/", cases[i].name, NULL);

		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_refused);
	}
	g_test_add_func("/product/taken", test_taken);
	g_test_add_func("/product/exchanged", test_exchanged);
	return g_test_run();
}
