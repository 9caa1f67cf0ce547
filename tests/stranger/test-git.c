// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A repository whose configuration, attributes, hooks and submodule name programs: plain git runs
 * them, git on a view of it does not, and finds the same content.
 */
#include "base/git.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/dirs.h"
#include "both-users.h"
#include "build-fixture.h"
#include "kernel/child.h"
#include "mail/inbox.h"

typedef struct Fixture {
	Scratch *scratch;
	VfGitView *view;
} Fixture;

/* What the programs of the repository leave behind when they run. */
#define TRAP "trap"

static const char *const traps[][2] = {
	{"core.fsmonitor", "fsmonitor"},
	{"core.pager", "pager"},
	{"core.sshCommand", "ssh"},
	{"core.hooksPath", NULL},
	{"core.alternateRefsCommand", "alternates"},
	{"filter.evil.clean", "clean"},
	{"filter.evil.smudge", "smudge"},
	{"diff.external", "external"},
	{"diff.evil.textconv", "textconv"},
	{"diff.evil.command", "command"},
	{"gpg.program", "gpg"},
	{"remote.origin.uploadpack", "uploadpack"},
	{"credential.helper", "credential"},
	{"alias.write-tree", "alias"},
};

/* A program that says that it ran, and behaves as a filter that changes everything. */
static void set_trap(const char *repository, const char *key, const char *name)
{
	g_autofree char *here = g_get_current_dir();
	g_autofree char *program =
		g_strdup_printf("#!/bin/sh\ntouch '%s/%s/'%s\nsed s/^/evil:/\n", here, TRAP, name);
	g_autofree char *path = g_build_filename(here, "bin", name, NULL);

	scratch_write(path, program);
	g_assert_cmpint(g_chmod(path, 0755), ==, 0);
	if (key)
		g_assert_cmpint(build_run("git", "-C", repository, "config", key, path, NULL), ==,
				0);
}

static guint sprung(void)
{
	g_autoptr(GDir) dir = g_dir_open(TRAP, 0, NULL);
	const char *name;
	guint count = 0;

	while (dir && (name = g_dir_read_name(dir))) {
		g_test_message("%s ran", name);
		count++;
	}
	return count;
}

static void commit_all(const char *repository, const char *message)
{
	g_assert_cmpint(build_run("git", "-C", repository, "add", "-A", NULL), ==, 0);
	g_assert_cmpint(build_run("git", "-C", repository, "-c", "user.name=a", "-c",
				  "user.email=a@b", "commit", "-q", "-m", message, NULL),
			==, 0);
}

/* The attributes first: what is added later would go through the filter. */
static void set_traps(void)
{
	static const char *const hooks[] = {"post-index-change", "reference-transaction"};

	for (gsize i = 0; i < G_N_ELEMENTS(traps); i++)
		if (traps[i][1])
			set_trap("tree", traps[i][0], traps[i][1]);
	set_trap("tree/sub", "core.fsmonitor", "sub-fsmonitor");
	set_trap("tree/sub", "filter.evil.clean", "sub-clean");
	for (gsize i = 0; i < G_N_ELEMENTS(hooks); i++) {
		g_autofree char *from = g_build_filename("bin", hooks[i], NULL);
		g_autofree char *to = g_build_filename("tree/.git/hooks", hooks[i], NULL);

		set_trap("tree", NULL, hooks[i]);
		g_assert_cmpint(g_mkdir_with_parents("tree/.git/hooks", 0755), ==, 0);
		g_assert_cmpint(g_rename(from, to), ==, 0);
	}
}

static void set_up(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	f->scratch = scratch_new();
	g_assert_cmpint(g_mkdir(TRAP, 0755), ==, 0);
	g_assert_cmpint(build_run("git", "init", "-q", "tree", NULL), ==, 0);
	g_assert_cmpint(build_run("git", "init", "-q", "tree/sub", NULL), ==, 0);
	scratch_write("tree/sub/file", "in the submodule\n");
	scratch_write("tree/sub/.gitattributes", "file filter=evil\n");
	commit_all("tree/sub", "sub");
	scratch_write("tree/one.c", "one\n");
	scratch_write("tree/.gitattributes", "*.c filter=evil diff=evil\n");
	scratch_write("tree/.gitignore", "*.o\n");
	commit_all("tree", "first");
	set_traps();
	/* everything is to be looked at again */
	scratch_write("tree/one.c", "two\n");
	scratch_write("tree/new.c", "new\n");
	scratch_write("tree/new.o", "ignored\n");
	scratch_write("tree/sub/file", "IN THE SUBMODULE\n");
	g_assert_cmpuint(sprung(), ==, 0);
	f->view = vf_git_view_new("tree", &error);
	g_assert_no_error(error);
}

static void tear_down(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *directory = g_strdup(f->view->directory);

	vf_git_view_free(f->view);
	g_assert_false(g_file_test(directory, G_FILE_TEST_EXISTS));
	scratch_free(f->scratch);
}

/* git on the view, with an index of our own. */
static void run(const Fixture *f, int input, VfChildEnd *end, const char *first, va_list args)
{
	g_autofree char *index = g_strdup_printf("GIT_INDEX_FILE=%s/index", f->view->directory);
	g_auto(GStrv) env = vf_git_view_env(f->view, index, NULL);
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;
	g_autoptr(GError) error = NULL;

	vf_argv_add(words, "git", NULL);
	vf_git_options(words);
	for (const char *word = first; word; word = va_arg(args, const char *))
		vf_argv_add(words, word, NULL);
	argv = vf_argv_end(words);
	vf_child_run(&(VfChild){.argv = argv,
				.env = env,
				.directory = f->view->work ?: f->view->directory,
				.input = input,
				.keep = 100000},
		     end, &error);
	g_assert_no_error(error);
	g_test_message("git %s: %d: %s", first, end->status, end->output);
}

static char *git(const Fixture *f, const char *first, ...) G_GNUC_NULL_TERMINATED;

/* Its output; it must succeed. */
static char *git(const Fixture *f, const char *first, ...)
{
	g_auto(VfChildEnd) end = {0};
	va_list args;

	va_start(args, first);
	run(f, 0, &end, first, args);
	va_end(args);
	g_assert_cmpint(end.status, ==, 0);
	return g_strchomp(g_steal_pointer(&end.output));
}

static int try_git(const Fixture *f, int input, const char *first, ...) G_GNUC_NULL_TERMINATED;

static int try_git(const Fixture *f, int input, const char *first, ...)
{
	g_auto(VfChildEnd) end = {0};
	va_list args;

	va_start(args, first);
	run(f, input, &end, first, args);
	va_end(args);
	return end.status;
}

/* What `git add --all` does, without a look into submodules. */
static void add_all(const Fixture *f)
{
	g_autofree char *names = git(f, "ls-files", "--modified", "--deleted", "--others",
				     "--exclude-standard", NULL);
	int fd;

	scratch_write("names", names);
	fd = g_open("names", O_RDONLY | O_CLOEXEC, 0);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(try_git(f, fd, "update-index", "--add", "--remove", "--replace", "--stdin",
				NULL),
			==, 0);
	close(fd);
}

/* So that the rest of this file can fail. */
static void test_plain(G_GNUC_UNUSED Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_assert_cmpint(build_run("git", "-C", "tree", "add", "--all", NULL), ==, 0);
	g_assert_cmpuint(sprung(), >, 1);
}

static void test_index(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *copy = g_build_filename(f->view->directory, "index", NULL);
	g_autofree char *bytes = NULL, *object = NULL, *file = NULL, *list = NULL;
	gsize length;

	g_assert_true(g_file_get_contents(f->view->index, &bytes, &length, NULL));
	g_assert_true(g_file_set_contents(copy, bytes, (gssize)length, NULL));
	/* refused, because of the submodule: nothing of it is run */
	g_assert_cmpint(try_git(f, 0, "add", "--all", NULL), !=, 0);
	g_assert_cmpint(try_git(f, 0, "status", NULL), !=, 0);
	g_assert_cmpint(try_git(f, 0, "diff", "HEAD", NULL), !=, 0);
	g_assert_cmpuint(sprung(), ==, 0);
	add_all(f);
	object = git(f, "write-tree", NULL);
	list = git(f, "ls-tree", "-r", "--name-only", object, NULL);
	g_assert_cmpstr(list, ==, ".gitattributes\n.gitignore\nnew.c\none.c\nsub");
	g_free(git(f, "cat-file", "-e", object, NULL));
	g_free(git(f, "log", "-p", NULL));
	g_free(git(f, "diff-tree", "-p", "HEAD", object, NULL));
	g_assert_cmpint(g_mkdir("out", 0755), ==, 0);
	file = g_strdup_printf("--prefix=%s/out/", f->scratch->path);
	g_free(git(f, "checkout-index", "--all", file, NULL));
	g_clear_pointer(&file, g_free);
	g_assert_true(g_file_get_contents("out/one.c", &file, NULL, NULL));
	g_assert_cmpstr(file, ==, "two\n");
	g_assert_cmpuint(sprung(), ==, 0);
}

/* An index in two files. */
static void test_split_index(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *copy = NULL, *list = NULL, *bytes = NULL;
	gsize length;
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(build_run("git", "-C", "tree", "-c", "core.fsmonitor=false", "-c",
				  "core.hooksPath=/dev/null", "update-index", "--split-index",
				  NULL),
			==, 0);
	vf_git_view_free(f->view);
	f->view = vf_git_view_new("tree", &error);
	g_assert_no_error(error);
	copy = g_build_filename(f->view->directory, "index", NULL);
	g_assert_true(g_file_get_contents(f->view->index, &bytes, &length, NULL));
	g_assert_true(g_file_set_contents(copy, bytes, (gssize)length, NULL));
	list = git(f, "ls-files", NULL);
	g_assert_cmpstr(list, ==, ".gitattributes\n.gitignore\none.c\nsub");
}

/* What we write goes into the view, and nothing of theirs changes. */
static void test_unchanged(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	static const char list[] =
		"find tree -path tree/sub -prune -o -type f -print0 | sort -z | xargs -0 sha256sum";
	g_autofree char *before = g_strconcat(list, " > before", NULL);
	g_autofree char *after = g_strconcat(list, " > after", NULL);

	g_assert_cmpint(build_run("sh", "-c", before, NULL), ==, 0);
	add_all(f);
	g_free(git(f, "write-tree", NULL));
	g_assert_cmpint(build_run("sh", "-c", after, NULL), ==, 0);
	g_assert_cmpint(build_run("cmp", "before", "after", NULL), ==, 0);
	g_assert_cmpuint(sprung(), ==, 0);
}

/* A promisor remote: what is missing is missing, and nobody is asked for it. */
static void test_lazy(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_assert_cmpint(build_run("sh", "-ec",
				  "cd tree; git config remote.origin.url ssh://nobody@localhost/x;"
				  "git config remote.origin.promisor true;"
				  "git config core.repositoryformatversion 1;"
				  "git config extensions.partialClone origin;"
				  "rm -rf .git/objects/[0-9a-f]*",
				  NULL),
			==, 0);
	g_assert_cmpint(try_git(f, 0, "rev-parse", "--verify", "--end-of-options", "HEAD^{tree}",
				NULL),
			!=, 0);
	g_assert_cmpuint(sprung(), ==, 0);
}

static void log_nothing(G_GNUC_UNUSED const char *why, G_GNUC_UNUSED gpointer data)
{
}

/* An archive of mails that lacks one, and names a program that would bring it. */
static void test_archive(G_GNUC_UNUSED Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	static const char make[] =
		"git init -q archive; echo mail > archive/m; git -C archive add m;"
		"git -C archive commit -q -m 1; cd archive;"
		"git config remote.origin.url \"$PWD/nowhere\"; git config remote.origin.promisor "
		"true;"
		"git config remote.origin.uploadpack \"$PWD/../bin/uploadpack\";"
		"git config core.repositoryformatversion 1;"
		"git config extensions.partialClone origin;"
		"rm -f .git/objects/$(git rev-parse HEAD:m | sed 's,^..,&/,')";
	const VfMailSourceConfig config = {.type = (char *)"public-inbox",
					   .path = (char *)"archive",
					   .name = (char *)"a"};
	g_autoptr(VfMailSource) source = NULL;
	g_autoptr(VfMailParser) parser = vf_mail_parser_new(NULL, NULL);
	g_autoptr(VfInbox) inbox = NULL;
	g_autoptr(VfDb) db = NULL;
	VfInboxCounts counts = {0};
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(build_run("sh", "-ec", make, NULL), ==, 0);
	db = vf_db_open("results.db", &error);
	g_assert_no_error(error);
	inbox = vf_inbox_new(db, parser);
	source = vf_mail_source_new(&config, &error);
	g_assert_no_error(error);
	vf_inbox_poll(inbox, source, log_nothing, NULL, &counts, NULL);
	g_assert_cmpuint(counts.kept, ==, 0);
	g_assert_cmpuint(sprung(), ==, 0);
	/* which git itself would run */
	build_run("timeout", "5", "git", "-C", "archive", "cat-file", "-p", "HEAD:m", NULL);
	g_assert_cmpuint(sprung(), ==, 1);
}

/* A linked work tree, a bare one, one that borrows, one with other paths, and what is none. */
static void test_kinds(Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	static const char *const kinds[] = {"linked", "bare.git", "shared", "a:b \"c\" ü"};
	g_autofree char *head = git(f, "rev-parse", "HEAD", NULL);
	g_autoptr(GError) error = NULL;

	/* their own git may run what it wants to */
	g_assert_cmpint(build_run("sh", "-ec",
				  "git -C tree worktree add -q --detach ../linked;"
				  "git clone -q --bare tree bare.git;"
				  "git clone -q --shared tree shared;"
				  "git clone -q --shared shared 'a:b \"c\" ü'",
				  NULL),
			==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *again = NULL;

		vf_git_view_free(f->view);
		f->view = vf_git_view_new(kinds[i], &error);
		g_assert_no_error(error);
		g_assert_cmpint(f->view->work == NULL, ==, i == 1);
		again = git(f, "rev-parse", "HEAD", NULL);
		g_assert_cmpstr(again, ==, head);
		g_free(git(f, "log", "--oneline", "HEAD", "--", "one.c", NULL));
	}
	g_assert_null(vf_git_view_new("bin", &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
}

/* A HEAD that is a device, a link, or another thing. */
static void test_head(G_GNUC_UNUSED Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	static const char *const heads[] = {
		"ln -s /dev/zero",
		"mkfifo",
		"mkdir",
		"ln -s /etc/passwd",
		"dd status=none if=/dev/zero bs=1M count=3 of=",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(heads); i++) {
		g_autofree char *command =
			g_strdup_printf("rm -rf tree/.git/HEAD; %s%stree/.git/HEAD", heads[i],
					g_str_has_suffix(heads[i], "=") ? "" : " ");
		g_autoptr(GError) error = NULL;

		g_assert_cmpint(build_run("sh", "-ec", command, NULL), ==, 0);
		g_assert_null(vf_git_view_new("tree", &error));
		g_assert_error(error, VF_ERROR, VF_ERROR_USAGE);
	}
}

static void add(const char *path, void (*test)(Fixture *, gconstpointer))
{
	g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
	both_users();
	g_test_init(&argc, &argv, NULL);
	add("/stranger/git/plain", test_plain);
	add("/stranger/git/index", test_index);
	add("/stranger/git/split-index", test_split_index);
	add("/stranger/git/unchanged", test_unchanged);
	add("/stranger/git/lazy", test_lazy);
	add("/stranger/git/archive", test_archive);
	add("/stranger/git/kinds", test_kinds);
	add("/stranger/git/head", test_head);
	return build_fixture_main();
}
