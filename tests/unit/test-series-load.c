// SPDX-License-Identifier: GPL-2.0-or-later
/* What `run --series` takes: files of git format-patch, mailboxes, standard input. */
#include "mail/load.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "scratch.h"
#include "paths.h"

static VfSeries *load(const char *path, const char *id, GError **error)
{
	g_autoptr(VfMailParser) parser = vf_mail_parser_new(NULL, NULL);

	return vf_series_load(path, id, parser, NULL, NULL, error);
}

static void git(const char *first, ...)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	static const char *const before[] = {"git",
					     "-c",
					     "user.name=Ada Example",
					     "-c",
					     "user.email=ada@example.org",
					     "-c",
					     "core.hooksPath=/dev/null"};
	g_autoptr(GError) error = NULL;
	va_list args;
	int status;

	for (gsize i = 0; i < G_N_ELEMENTS(before); i++)
		g_ptr_array_add(argv, (char *)before[i]);
	va_start(args, first);
	for (const char *word = first; word; word = va_arg(args, const char *))
		g_ptr_array_add(argv, (char *)word);
	va_end(args);
	g_ptr_array_add(argv, NULL);
	g_spawn_sync(NULL, (char **)argv->pdata, NULL,
		     G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
		     &status, &error);
	g_assert_no_error(error);
	g_assert_cmpint(status, ==, 0);
}

/* A repository with a commit, and two more on top of it. */
static void commit_two(void)
{
	git("init", "-q", "-b", "main", "tree", NULL);
	for (guint i = 0; i < 3; i++) {
		g_autofree char *name = g_strdup_printf("tree/file-%u.c", i);
		g_autofree char *title = g_strdup_printf("lib: add file %u", i);

		scratch_write(name, "int x;\n");
		git("-C", "tree", "add", "-A", NULL);
		git("-C", "tree", "commit", "-q", "-m", title, NULL);
	}
}

static void check_two(VfSeries *series, const GError *error)
{
	g_assert_no_error(error);
	g_assert_nonnull(series);
	g_assert_cmpuint(series->total, ==, 2);
	g_assert_cmpstr(series->paths[0], ==, "file-1.c");
	g_assert_cmpstr(series->paths[1], ==, "file-2.c");
	g_assert_nonnull(((VfMessage *)series->patches->pdata[1])->text);
}

static void test_format_patch(gconstpointer options)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(VfSeries) series = NULL;

	commit_two();
	git("-C", "tree", "format-patch", "-q", "-o", "../out", options, "HEAD~2", NULL);
	series = load("out", NULL, &error);
	check_two(series, error);
}

/* One patch alone is "[PATCH]"; a file of its own is an mbox. */
static void test_one_file(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(VfSeries) series = NULL;

	commit_two();
	git("-C", "tree", "format-patch", "-q", "-o", "../out", "HEAD~1", NULL);
	series = load("out/0001-lib-add-file-2.patch", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(series->total, ==, 1);
	g_assert_cmpstr(series->title, ==, "lib: add file 2");
}

static void test_maildir(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(VfSeries) series = NULL;

	commit_two();
	git("-C", "tree", "format-patch", "-q", "--thread", "-o", "../box/cur", "HEAD~2", NULL);
	g_assert_cmpint(g_mkdir("box/new", 0755), ==, 0);
	g_assert_cmpint(g_mkdir("box/tmp", 0755), ==, 0);
	series = load("box", NULL, &error);
	check_two(series, error);
}

static void test_input(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(VfSeries) series = NULL;
	int before = dup(STDIN_FILENO), fd;

	fd = open(VIFARM_SOURCE_DIR "/tests/mail/missing-vflush.mbox", O_RDONLY | O_CLOEXEC);
	g_assert_cmpint(dup2(fd, STDIN_FILENO), ==, STDIN_FILENO);
	close(fd);
	series = load("-", NULL, &error);
	dup2(before, STDIN_FILENO);
	close(before);
	g_assert_no_error(error);
	g_assert_cmpuint(series->state, ==, VF_SERIES_COMPLETE);
}

static void test_choice(void)
{
	static const char path[] = VIFARM_SOURCE_DIR "/tests/mail/incomplete.mbox";
	g_autoptr(GError) none = NULL, wrong = NULL, error = NULL;
	g_autoptr(VfSeries) series = NULL;

	g_assert_null(load(path, NULL, &none));
	g_assert_error(none, VF_ERROR, VF_ERROR_DATA);
	g_assert_nonnull(
		strstr(none->message, "choose one with --message-id: \"media: no cover: one\""));
	g_assert_null(strchr(none->message, '\n'));
	g_assert_null(load(path, "gap-0@i", &wrong));
	g_assert_nonnull(strstr(wrong->message, "no complete series with that Message-ID"));
	series = load(path, "nocover-1@i", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(series->title, ==, "media: no cover: one");
}

static void test_refused(void)
{
	g_autoptr(Scratch) scratch = scratch_new();
	static const struct {
		const char *path, *message;
	} cases[] = {
		{"missing", "missing: cannot open the mbox: No such file or directory"},
		{"empty", "empty: neither a Maildir nor a directory with *.patch files"},
		{"talk", "talk: no mail in it has a patch's subject: [PATCH ...]"},
		{"text", "text: not an mbox: no line \"From ADDRESS DATE\" begins a mail"},
	};

	g_assert_cmpint(g_mkdir("empty", 0755), ==, 0);
	scratch_write("text", "hello\n");
	scratch_write("talk", "From a@example.org Thu Jan  1 00:00:00 1970\nFrom: a@example.org\n"
			      "Subject: hello\nMessage-ID: <1@example.org>\n\nhello\n");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(load(cases[i].path, NULL, &error));
		g_assert_cmpstr(error->message, ==, cases[i].message);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/series-load/format-patch", "--no-thread", test_format_patch);
	g_test_add_data_func("/series-load/cover-letter", "--cover-letter", test_format_patch);
	g_test_add_data_func("/series-load/threaded", "--thread", test_format_patch);
	g_test_add_func("/series-load/one-file", test_one_file);
	g_test_add_func("/series-load/maildir", test_maildir);
	g_test_add_func("/series-load/input", test_input);
	g_test_add_func("/series-load/choice", test_choice);
	g_test_add_func("/series-load/refused", test_refused);
	return g_test_run();
}
