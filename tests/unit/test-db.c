// SPDX-License-Identifier: GPL-2.0-or-later
/* results.db: what is stored comes back, and nothing that goes wrong damages it. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "golden.h"
#include "results-fixture.h"
#include "paths.h"

static const FixtureTask plain = {"hppa",	  "default", "boot", "full",
				  VF_STATUS_PASS, "passed",  FALSE,  FALSE,
				  FALSE,	  TRUE,	     1.5};

static gint64 sql_integer(const char *path, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *handle = NULL;
	gint64 value;

	g_assert_cmpint(sqlite3_open(path, &handle), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
	value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	return value;
}

static void assert_sound(const char *path)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *handle = NULL;

	g_assert_cmpint(sqlite3_open(path, &handle), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &statement, NULL),
			==, SQLITE_OK);
	g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
	g_assert_cmpstr((const char *)sqlite3_column_text(statement, 0), ==, "ok");
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	g_assert_cmpint(sql_integer(path, "SELECT count(*) FROM pragma_foreign_key_check"), ==, 0);
}

static void assert_error(GError *error, int code, const char *a, const char *b)
{
	g_assert_error(error, VF_ERROR, code);
	g_assert_nonnull(strstr(error->message, a));
	g_assert_nonnull(strstr(error->message, b));
	g_assert_null(strchr(error->message, '\n'));
}

/* the time at which a build was stored is the clock's */
static void fix_clock(json_t *document)
{
	json_t *build;
	gsize i;

	json_array_foreach (json_object_get(document, "builds"), i, build)
		json_object_set_new(build, "finished", json_string("(clock)"));
}

static void test_round_trip(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *document = NULL;
	g_autofree char *text = NULL;

	fixture_open(&fixture);
	fixture_first_run(&fixture);
	document = vf_db_run_json(fixture.db, "20260102-030405-aaaa", &error);
	g_assert_no_error(error);
	fix_clock(document);
	text = json_dumps(document, JSON_INDENT(2));
	golden_check("results/results.json", text);
	fixture_close(&fixture);
}

static void test_running(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *before = NULL, *after = NULL;

	fixture_open(&fixture);
	fixture_begin(&fixture, "r", "full", FIXTURE_START, 0);
	before = vf_db_run_json(fixture.db, "r", &error);
	g_assert_no_error(error);
	g_assert_true(json_is_false(json_object_get(json_object_get(before, "run"), "complete")));
	g_assert_null(json_object_get(json_object_get(before, "run"), "ended"));
	g_assert_null(json_object_get(before, "status"));
	g_assert_true(vf_db_run_end(fixture.db, "r", FIXTURE_START + 1500000, &error));
	after = vf_db_run_json(fixture.db, "r", &error);
	g_assert_no_error(error);
	g_assert_true(json_is_true(json_object_get(json_object_get(after, "run"), "complete")));
	g_assert_cmpfloat(json_number_value(
				  json_object_get(json_object_get(after, "run"), "seconds")),
			  ==, 1.5);
	fixture_close(&fixture);
}

static void assert_resolves(Fixture *fixture, const char *name, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *found = vf_db_resolve_run(fixture->db, name, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(found, ==, expected);
}

static void assert_no_run(Fixture *fixture, const char *name, const char *hint)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(vf_db_resolve_run(fixture->db, name, &error));
	assert_error(error, VF_ERROR_USAGE, "\"", hint);
}

static void test_resolve(void)
{
	Fixture fixture;

	fixture_open(&fixture);
	assert_no_run(&fixture, "LAST", "has no runs yet");
	fixture_begin(&fixture, "20260101-000000-0001", "full", FIXTURE_START, 0);
	fixture_begin(&fixture, "20260101-000000-0002", "full", FIXTURE_START + 1, 0);
	fixture_begin(&fixture, "20260203-000000-0003", "full", FIXTURE_START + 2, 0);
	assert_resolves(&fixture, "LAST", "20260203-000000-0003");
	assert_resolves(&fixture, "LAST~2", "20260101-000000-0001");
	assert_resolves(&fixture, "202602", "20260203-000000-0003");
	assert_resolves(&fixture, "20260101-000000-0001", "20260101-000000-0001");
	assert_no_run(&fixture, "LAST~3", "the latest are 20260203-000000-0003");
	assert_no_run(&fixture, "LAST~x", "the latest are");
	assert_no_run(&fixture, "LAST~-1", "the latest are");
	assert_no_run(&fixture, "202601", "more than one run");
	assert_no_run(&fixture, "", "the latest are");
	assert_no_run(&fixture, "%", "the latest are");
	assert_no_run(&fixture, "' OR 1=1 --\x1b[2J", "\\x1b[2J");
	fixture_close(&fixture);
}

static void assert_test(Fixture *fixture, const char *name, const char *expected)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *test = vf_db_task_json(fixture->db, name, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(json_string_value(json_object_get(test, "name")), ==, expected);
}

static void assert_no_test(Fixture *fixture, const char *name, const char *hint)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(vf_db_task_json(fixture->db, name, &error));
	assert_error(error, VF_ERROR_USAGE, "no ", hint);
}

static void test_find_test(void)
{
	Fixture fixture;
	g_autofree char *number = NULL;
	gint64 id;

	fixture_open(&fixture);
	assert_no_test(&fixture, "hppa/default/boot/full", "has no runs yet");
	fixture_first_run(&fixture);
	fixture_begin(&fixture, "20260303-000000-bbbb", "full", FIXTURE_START, 0);
	assert_no_test(&fixture, "hppa/default/boot/full", "has no results");
	id = fixture_task(&fixture, "20260303-000000-bbbb", &plain, FIXTURE_START);
	number = g_strdup_printf("%" G_GINT64_FORMAT, id);
	assert_test(&fixture, number, "hppa/default/boot/full");
	assert_test(&fixture, "hppa/default/boot/full", "hppa/default/boot/full");
	assert_test(&fixture, "202601:mips64/default/boot/full", "mips64/default/boot/full");
	assert_no_test(&fixture, "mips64/default/boot/full", "hppa/default/boot/full");
	assert_no_test(&fixture, "202601:hppa/default/bot/full", "hppa/default/boot/full");
	assert_no_test(&fixture, "99999", "99999");
	assert_no_test(&fixture, "-1", "no test");
	assert_no_test(&fixture, "nowhere:hppa/default/boot/full", "the latest are");
	fixture_close(&fixture);
}

/* A file that SQLite cannot read is refused in one line and stays as it was. */
static void assert_refused(const char *path, const char *what)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *before = NULL, *after = NULL;
	gsize before_size, after_size;

	g_assert_true(g_file_get_contents(path, &before, &before_size, NULL));
	g_assert_null(vf_db_open(path, &error));
	assert_error(error, VF_ERROR_IO, path, what);
	g_assert_true(g_file_get_contents(path, &after, &after_size, NULL));
	g_assert_cmpmem(before, before_size, after, after_size);
}

static void test_damaged(void)
{
	Fixture fixture;
	g_autofree char *runs = NULL;

	fixture_open(&fixture);
	fixture_first_run(&fixture);
	g_clear_pointer(&fixture.db, vf_db_close);
	g_assert_true(g_file_set_contents(fixture.path,
					  "this is no database, and is long enough "
					  "to have a header of one hundred bytes "
					  "or more, as SQLite wants it",
					  -1, NULL));
	assert_refused(fixture.path, "is damaged");
	runs = g_build_filename(fixture.dir, "runs", "20260102-030405-aaaa", NULL);
	g_assert_cmpint(g_mkdir_with_parents(runs, 0755), ==, 0);
	g_assert_true(g_file_set_contents(fixture.path, "", 0, NULL));
	assert_refused(fixture.path, "is damaged (empty");
	fixture_close(&fixture);
}

/* Damage that shows only when the rows are read. */
static void test_damaged_page(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	char junk[16384];
	json_t *document;
	int fd;

	fixture_open(&fixture);
	fixture_first_run(&fixture);
	g_clear_pointer(&fixture.db, vf_db_close);
	memset(junk, 0xa5, sizeof(junk));
	fd = open(fixture.path, O_WRONLY);
	for (off_t at = 4096; at < (off_t)lseek(fd, 0, SEEK_END); at += 4096)
		g_assert_cmpint(pwrite(fd, junk, 4096, at), ==, 4096);
	close(fd);
	fixture.db = vf_db_open(fixture.path, &error);
	document = fixture.db ? vf_db_run_json(fixture.db, "20260102-030405-aaaa", &error) : NULL;
	g_assert_null(document);
	assert_error(error, VF_ERROR_IO, fixture.path, "is damaged");
	fixture_close(&fixture);
}

/* Every schema that was ever released can be opened, and keeps its results. */
static void test_migration(void)
{
	g_autofree char *dump = NULL, *path = g_build_filename(VIFARM_SOURCE_DIR, "tests", "data",
							       "results-db", "schema-1.sql", NULL);
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	json_auto_t *test = NULL;
	sqlite3 *handle;

	fixture_open(&fixture);
	g_clear_pointer(&fixture.db, vf_db_close);
	g_unlink(fixture.path);
	g_assert_true(g_file_get_contents(path, &dump, NULL, NULL));
	g_assert_cmpint(sqlite3_open(fixture.path, &handle), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_exec(handle, dump, NULL, NULL, NULL), ==, SQLITE_OK);
	sqlite3_close(handle);
	fixture.db = vf_db_open(fixture.path, &error);
	g_assert_no_error(error);
	g_assert_cmpint(sql_integer(fixture.path, "PRAGMA user_version"), >=, 2);
	assert_sound(fixture.path);
	test = vf_db_task_json(fixture.db, "hppa/default/boot/full", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(json_string_value(json_object_get(test, "reason")), ==,
			"panic: it fell over");
	g_assert_cmpint(sql_integer(fixture.path, "SELECT count(*) FROM bisections"), ==, 0);
	fixture_close(&fixture);
}

static void test_other_versions(void)
{
	Fixture fixture;

	fixture_open(&fixture);
	g_clear_pointer(&fixture.db, vf_db_close);
	sql_integer(fixture.path, "PRAGMA user_version");
	{
		sqlite3 *handle;

		sqlite3_open(fixture.path, &handle);
		sqlite3_exec(handle, "PRAGMA user_version = 9999", NULL, NULL, NULL);
		sqlite3_close(handle);
	}
	assert_refused(fixture.path, "schema 9999");
	{
		sqlite3 *handle;

		g_unlink(fixture.path);
		sqlite3_open(fixture.path, &handle);
		sqlite3_exec(handle, "CREATE TABLE bookmarks (url TEXT)", NULL, NULL, NULL);
		sqlite3_close(handle);
	}
	assert_refused(fixture.path, "not a database of vifarm");
	fixture_close(&fixture);
}

/* The second task breaks a constraint in the middle of its transaction: nothing of it stays. */
static void test_one_transaction(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) attempts = g_ptr_array_new();
	g_autoptr(GPtrArray) patches = g_ptr_array_new();
	VfArch arch = {.name = (char *)"hppa"};
	VfBoard board = {.name = (char *)"default"};
	VfJob job = {.name = (char *)"new-job"};
	VfVariant variant = {.name = (char *)"full", .patches = patches};
	VfTask task = {.arch = &arch,
		       .board = &board,
		       .job = &job,
		       .variant = &variant,
		       .name = (char *)"hppa/default/new-job/full"};
	VfAttemptRecord attempt = {.number = 1, .reason = (char *)"r"};
	VfTaskRecord record = {.task = &task, .reason = (char *)"r", .attempts = attempts};

	fixture_open(&fixture);
	fixture_first_run(&fixture);
	g_ptr_array_add(attempts, &attempt);
	g_ptr_array_add(attempts, &attempt); /* the same number twice */
	g_assert_cmpint(vf_db_task(fixture.db, "20260102-030405-aaaa", &record, &error), ==, 0);
	assert_error(error, VF_ERROR_IO, fixture.path, "cannot store results");
	g_assert_cmpint(sql_integer(fixture.path, "SELECT count(*) FROM tasks"), ==, 6);
	g_assert_cmpint(sql_integer(fixture.path,
				    "SELECT count(*) FROM cells WHERE job = 'new-job'"),
			==, 0);
	g_ptr_array_set_size(attempts, 1);
	g_clear_error(&error);
	g_assert_cmpint(vf_db_task(fixture.db, "20260102-030405-aaaa", &record, &error), >, 0);
	g_assert_no_error(error);
	g_assert_cmpint(vf_db_task(fixture.db, "no-such-run", &record, &error), ==, 0);
	assert_error(error, VF_ERROR_IO, fixture.path, "no run \"no-such-run\"");
	fixture_close(&fixture);
}

static void test_failed_build(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) build_error =
		g_error_new(VF_ERROR, VF_ERROR_COMPILE, "drivers/x.c:12: error: expected ';'");
	g_autoptr(GPtrArray) patches = g_ptr_array_new();
	g_autofree char *patch = NULL;
	VfArch arch = {.name = (char *)"hppa"};
	VfVariant variant = {.name = (char *)"full", .patches = patches};
	VfTask task = {.arch = &arch, .variant = &variant};
	json_auto_t *document = NULL;
	json_t *build;

	fixture_open(&fixture);
	patch = g_build_filename(fixture.dir, "0001-a.patch", NULL);
	g_assert_true(g_file_set_contents(patch, "hello\n", -1, NULL));
	g_ptr_array_add(patches, patch);
	fixture_begin(&fixture, "r", "full", FIXTURE_START, 0);
	g_assert_true(
		vf_db_build(fixture.db, "r", &task, NULL, build_error, "/log/build.log", &error));
	g_assert_no_error(error);
	document = vf_db_run_json(fixture.db, "r", &error);
	build = json_array_get(json_object_get(document, "builds"), 0);
	g_assert_cmpstr(json_string_value(json_object_get(build, "status")), ==, "FAIL");
	g_assert_nonnull(strstr(json_string_value(json_object_get(build, "reason")), "x.c:12"));
	g_assert_cmpstr(json_string_value(json_object_get(build, "log")), ==, "/log/build.log");
	/* printf 'hello\n' | sha256sum | cut -c-64 | sha256sum */
	g_assert_cmpstr(json_string_value(json_object_get(build, "patchset_hash")), ==,
			"c31379f84f44b97b924ad817e32f750f69cdfaddf08140033bd441056ff7271d");
	fixture_close(&fixture);
}

/* Stores tasks of distinct jobs until it fails; returns how many went in. */
static int store_until_error(VfDb *db, const char *run, GError **error)
{
	g_autoptr(GPtrArray) patches = g_ptr_array_new();
	g_autofree char *reason = g_strnfill(4000, 'x');

	for (int i = 0; i < 100000; i++) {
		g_autofree char *job_name = g_strdup_printf("job%d", i);
		g_autofree char *name = g_strdup_printf("hppa/default/%s/full", job_name);
		VfArch arch = {.name = (char *)"hppa"};
		VfBoard board = {.name = (char *)"default"};
		VfJob job = {.name = job_name};
		VfVariant variant = {.name = (char *)"full", .patches = patches};
		VfTask task = {.arch = &arch,
			       .board = &board,
			       .job = &job,
			       .variant = &variant,
			       .name = name};
		VfTaskRecord record = {.task = &task, .status = VF_STATUS_PASS, .reason = reason};

		if (!vf_db_task(db, run, &record, error))
			return i;
	}
	g_assert_not_reached();
}

static void test_file_limit(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	struct rlimit old, limit;
	int stored;

	fixture_open(&fixture);
	fixture_begin(&fixture, "r", "full", FIXTURE_START, 0);
	signal(SIGXFSZ, SIG_IGN);
	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old), ==, 0);
	limit = (struct rlimit){.rlim_cur = 1 << 20, .rlim_max = old.rlim_max};
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	stored = store_until_error(fixture.db, "r", &error);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);
	assert_error(error, VF_ERROR_IO, fixture.path, "cannot store results");
	g_assert_cmpint(stored, >, 10);
	g_clear_pointer(&fixture.db, vf_db_close);
	assert_sound(fixture.path);
	g_assert_cmpint(sql_integer(fixture.path, "SELECT count(*) FROM tasks"), ==, stored);
	fixture_close(&fixture);
}

/* A mount namespace that shares nothing; also for those who are not root. */
static gboolean own_mounts(void)
{
	g_autofree char *map = g_strdup_printf("0 %u 1\n", getuid());

	if (unshare(CLONE_NEWNS) != 0 &&
	    (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
	     !g_file_set_contents_full("/proc/self/uid_map", map, -1, G_FILE_SET_CONTENTS_NONE, 0,
				       NULL)))
		return FALSE;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* In a child with its own mount namespace: a file system of 1 MiB really fills up. 77: cannot. */
static int fill_disk(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = g_dir_make_tmp("vifarm-full-XXXXXX", NULL);
	Fixture fixture = {.dir = dir, .path = g_build_filename(dir, "results.db", NULL)};
	int stored;

	if (!own_mounts() || mount("tmpfs", dir, "tmpfs", 0, "size=1m") != 0)
		return 77;
	fixture.db = vf_db_open(fixture.path, &error);
	g_assert_no_error(error);
	fixture_begin(&fixture, "r", "full", FIXTURE_START, 0);
	stored = store_until_error(fixture.db, "r", &error);
	assert_error(error, VF_ERROR_IO, fixture.path, "full");
	g_clear_pointer(&fixture.db, vf_db_close);
	assert_sound(fixture.path);
	g_assert_cmpint(stored, >, 10);
	g_assert_cmpint(sql_integer(fixture.path, "SELECT count(*) FROM tasks"), ==, stored);
	g_free(fixture.path);
	return 0;
}

static void test_disk_full(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fill_disk());
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		g_test_skip("no permission for a mount namespace");
	else
		g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

/* Writes tasks and tells the pipe the number of each that was stored. Never returns. */
static void write_forever(const char *path, const char *run, int pipe_fd, int count)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) patches = g_ptr_array_new();
	VfDb *db = vf_db_open(path, &error);

	g_assert_no_error(error);
	for (int i = 0; i < count; i++) {
		g_autofree char *job_name = g_strdup_printf("job%d", i);
		g_autofree char *name = g_strdup_printf("hppa/default/%s/full", job_name);
		VfArch arch = {.name = (char *)"hppa"};
		VfBoard board = {.name = (char *)"default"};
		VfJob job = {.name = job_name};
		VfVariant variant = {.name = (char *)"full", .patches = patches};
		VfTask task = {.arch = &arch,
			       .board = &board,
			       .job = &job,
			       .variant = &variant,
			       .name = name};
		VfTaskRecord record = {.task = &task, .reason = (char *)"stored"};
		gint64 id = vf_db_task(db, run, &record, &error);

		g_assert_no_error(error);
		g_assert_cmpint(write(pipe_fd, &id, sizeof(id)), ==, sizeof(id));
	}
	vf_db_close(db);
	_exit(0);
}

static pid_t start_writer(Fixture *fixture, const char *run, int *fd, int count)
{
	int ends[2];
	pid_t pid;

	g_assert_cmpint(pipe(ends), ==, 0);
	pid = fork();
	if (pid == 0)
		write_forever(fixture->path, run, ends[1], count);
	close(ends[1]);
	*fd = ends[0];
	return pid;
}

static void test_killed_writer(void)
{
	Fixture fixture;
	g_autoptr(GError) error = NULL;
	int fd, status, finished = 0;
	gint64 id;
	pid_t pid;

	fixture_open(&fixture);
	fixture_begin(&fixture, "r", "full", FIXTURE_START, 0);
	g_clear_pointer(&fixture.db, vf_db_close);
	pid = start_writer(&fixture, "r", &fd, G_MAXINT);
	while (finished < 20 && read(fd, &id, sizeof(id)) == sizeof(id))
		finished++;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	g_assert_true(WIFSIGNALED(status));
	while (read(fd, &id, sizeof(id)) == sizeof(id))
		finished++;
	close(fd);
	fixture.db = vf_db_open(fixture.path, &error);
	g_assert_no_error(error);
	assert_sound(fixture.path);
	/* one more may have been stored but not told */
	g_assert_cmpint(sql_integer(fixture.path, "SELECT count(*) FROM tasks"), >=, finished);
	g_assert_cmpint(sql_integer(fixture.path, "SELECT count(*) FROM tasks"), <=, finished + 1);
	fixture_close(&fixture);
}

/* Two runs at once, both of which find no database when they start. */
static void test_two_writers(void)
{
	g_autofree char *dir = g_dir_make_tmp("vifarm-results-XXXXXX", NULL);
	Fixture fixture = {.dir = dir, .path = g_build_filename(dir, "results.db", NULL)};
	const char *runs[] = {"one", "two"};
	pid_t pids[2];
	int fds[2];
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			Fixture own = {.path = fixture.path};

			own.db = vf_db_open(fixture.path, &error);
			g_assert_no_error(error);
			fixture_begin(&own, runs[i], "full", FIXTURE_START, 0);
			vf_db_close(own.db);
			_exit(0);
		}
	}
	for (int i = 0; i < 2; i++) {
		int status;

		waitpid(pids[i], &status, 0);
		g_assert_cmpint(status, ==, 0);
	}
	for (int i = 0; i < 2; i++)
		pids[i] = start_writer(&fixture, runs[i], &fds[i], 100);
	for (int i = 0; i < 2; i++) {
		int status;

		waitpid(pids[i], &status, 0);
		g_assert_cmpint(status, ==, 0);
		close(fds[i]);
	}
	assert_sound(fixture.path);
	g_assert_cmpint(sql_integer(fixture.path, "SELECT count(*) FROM tasks"), ==, 200);
	g_assert_cmpint(sql_integer(fixture.path, "SELECT count(*) FROM cells"), ==, 100);
	g_assert_true(vf_dirs_remove(dir, NULL));
	g_free(fixture.path);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/db/round-trip", test_round_trip);
	g_test_add_func("/db/running", test_running);
	g_test_add_func("/db/resolve", test_resolve);
	g_test_add_func("/db/find-test", test_find_test);
	g_test_add_func("/db/damaged", test_damaged);
	g_test_add_func("/db/damaged-page", test_damaged_page);
	g_test_add_func("/db/migration", test_migration);
	g_test_add_func("/db/other-versions", test_other_versions);
	g_test_add_func("/db/one-transaction", test_one_transaction);
	g_test_add_func("/db/failed-build", test_failed_build);
	g_test_add_func("/db/file-limit", test_file_limit);
	g_test_add_func("/db/disk-full", test_disk_full);
	g_test_add_func("/db/killed-writer", test_killed_writer);
	g_test_add_func("/db/two-writers", test_two_writers);
	return g_test_run();
}
