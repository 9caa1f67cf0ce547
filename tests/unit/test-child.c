// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/child.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "build-fixture.h"

static void run_shell(const char *script, VfChild *child, VfChildEnd *end)
{
	char *argv[] = {"sh", "-c", (char *)script, NULL};
	g_autoptr(GError) error = NULL;

	child->argv = argv;
	vf_child_run(child, end, &error);
	g_assert_no_error(error);
}

static void test_status(void)
{
	static const struct {
		const char *script;
		int status;
	} cases[] = {{"exit 0", 0}, {"exit 7", 7}, {"kill -9 $$", 137}};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(VfChildEnd) end = {0};

		run_shell(cases[i].script, &(VfChild){0}, &end);
		g_assert_cmpint(end.status, ==, cases[i].status);
	}
}

static void test_output(void)
{
	g_auto(VfChildEnd) end = {0};

	run_shell("echo out; echo err >&2; yes | head -c 100000", &(VfChild){.keep = 10}, &end);
	g_assert_cmpuint(end.length, ==, 10);
	g_assert_cmpstr(end.output, ==, "out\nerr\ny\n");
}

static void test_environment(void)
{
	g_auto(GStrv) env = vf_child_env("ONE=1", NULL);
	g_auto(VfChildEnd) end = {0};

	g_setenv("SECRET", "x", TRUE);
	run_shell("echo $ONE$SECRET$HOME$LC_ALL; cat", &(VfChild){.env = env, .keep = 100}, &end);
	g_assert_cmpstr(end.output, ==, "1C\n");
}

static void add_line(const char *line, gsize length, gpointer lines)
{
	g_ptr_array_add(lines, g_strndup(line, length));
}

static void test_lines(void)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	g_auto(VfChildEnd) end = {0};

	run_shell("printf 'a\\n\\nb\\n'; head -c 100000 /dev/zero | tr '\\0' x; printf '\\nlast'",
		  &(VfChild){.line = add_line, .line_data = lines}, &end);
	g_assert_cmpuint(lines->len, ==, 5);
	g_assert_cmpstr(lines->pdata[1], ==, "");
	g_assert_cmpstr(lines->pdata[2], ==, "b");
	g_assert_cmpuint(strlen(lines->pdata[3]), ==, 4096);
	g_assert_cmpstr(lines->pdata[4], ==, "last");
}

static void test_missing(void)
{
	char *argv[] = {"no-such-program-anywhere", NULL};
	g_auto(VfChildEnd) end = {0};
	g_autoptr(GError) error = NULL;

	g_assert_false(vf_child_run(&(VfChild){.argv = argv}, &end, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_MISSING);
}

/* Whoever the child leaves behind, with the pipe open, dies with it. */
static void test_descendants(void)
{
	g_auto(VfChildEnd) end = {0};
	pid_t left;

	run_shell("sleep 300 & echo $!", &(VfChild){.keep = 100}, &end);
	left = (pid_t)atoi(end.output);
	g_assert_cmpint(left, >, 1);
	/* it belongs to init now, which takes a moment to notice */
	for (int i = 0; i < 500 && kill(left, 0) == 0; i++)
		g_usleep(10000);
	g_assert_cmpint(kill(left, 0), ==, -1);
	g_assert_cmpfloat(end.seconds, <, 60);
}

static gboolean cancel(gpointer cancellable)
{
	g_cancellable_cancel(cancellable);
	return G_SOURCE_REMOVE;
}

static void test_cancel(void)
{
	char *argv[] = {"sh", "-c", "sleep 300; sleep 300", NULL};
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;
	GAsyncResult *done = NULL;
	g_auto(VfChildEnd) end = {0};

	vf_child_async(&(VfChild){.argv = argv}, cancellable, build_done, &done);
	g_timeout_add(50, cancel, cancellable);
	result = build_wait(&done);
	g_assert_false(vf_child_finish(result, &end, &error));
	g_assert_error(error, VF_ERROR, VF_ERROR_CANCELLED);
}

static void test_limits(void)
{
	static const VfLimits wall = {.seconds = 1}, file = {.file_size = 1000};
	char *argv[] = {"sleep", "300", NULL};
	g_autoptr(GAsyncResult) result = NULL;
	g_autoptr(GError) error = NULL;
	GAsyncResult *done = NULL;
	g_auto(VfChildEnd) slept = {0}, wrote = {0};
	g_autoptr(Scratch) scratch = scratch_new();
	GStatBuf st;

	vf_child_async(&(VfChild){.argv = argv, .limits = &wall}, NULL, build_done, &done);
	result = build_wait(&done);
	g_assert_true(vf_child_finish(result, &slept, &error));
	g_assert_true(slept.timed_out);
	g_assert_false(vf_child_check(&slept, VF_ERROR_HARNESS, &error, "sleeping"));
	g_assert_true(g_str_has_prefix(error->message, "sleeping: stopped after "));

	run_shell("exec head -c 100000 /dev/zero > big", &(VfChild){.limits = &file}, &wrote);
	g_assert_cmpint(wrote.status, !=, 0);
	g_assert_cmpint(g_stat("big", &st), ==, 0);
	g_assert_cmpint(st.st_size, ==, 1000);
}

static void test_check(void)
{
	static const char text[] = "one\nfatal: two \x1b[31m\nhint: three\n\n";
	g_autoptr(GError) said = NULL, silent = NULL;
	g_auto(VfChildEnd)
		loud = {.status = 1, .output = g_strdup(text), .length = sizeof(text) - 1};
	g_auto(VfChildEnd) quiet = {.status = 3, .output = g_strdup("")};

	g_assert_false(vf_child_check(&loud, VF_ERROR_IO, &said, "copying %s", "x"));
	g_assert_error(said, VF_ERROR, VF_ERROR_IO);
	g_assert_cmpstr(said->message, ==, "copying x: fatal: two \\x1b[31m");
	g_assert_false(vf_child_check(&quiet, VF_ERROR_IO, &silent, "copying"));
	g_assert_cmpstr(silent->message, ==, "copying: exit status 3");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/child/status", test_status);
	g_test_add_func("/child/output", test_output);
	g_test_add_func("/child/environment", test_environment);
	g_test_add_func("/child/lines", test_lines);
	g_test_add_func("/child/missing", test_missing);
	g_test_add_func("/child/descendants", test_descendants);
	g_test_add_func("/child/cancel", test_cancel);
	g_test_add_func("/child/limits", test_limits);
	g_test_add_func("/child/check", test_check);
	return g_test_run();
}
