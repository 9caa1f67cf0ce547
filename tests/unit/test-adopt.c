// SPDX-License-Identifier: GPL-2.0-or-later
#include <gio/gio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/adopt.h"

#define PATIENCE_MS 30000

static gboolean on_step(gpointer data)
{
	*(gboolean *)data = TRUE;
	return G_SOURCE_REMOVE;
}

static void run_for(guint ms)
{
	gboolean over = FALSE;

	g_timeout_add(ms, on_step, &over);
	while (!over)
		g_main_context_iteration(NULL, TRUE);
}

static int wait_for(pid_t pid)
{
	int status;

	for (guint i = 0; i < PATIENCE_MS / 10; i++) {
		if (vf_adopt_status(pid, &status))
			return status;
		run_for(10);
	}
	g_error("process %d was not buried", pid);
}

/* As libvirt does it: the parent leads a session and goes; the child stays. */
static pid_t put_into_background(void (*life)(void))
{
	int fds[2];
	pid_t parent, child = 0;

	g_assert_cmpint(pipe(fds), ==, 0);
	parent = fork();
	if (!parent) {
		setsid();
		child = fork();
		if (!child) {
			life();
			_exit(0);
		}
		_exit(write(fds[1], &child, sizeof(child)) != sizeof(child));
	}
	g_assert_cmpint(waitpid(parent, NULL, 0), ==, parent);
	g_assert_cmpint(read(fds[0], &child, sizeof(child)), ==, sizeof(child));
	close(fds[0]);
	close(fds[1]);
	return child;
}

static void leave(void)
{
	_exit(7);
}

static void stay(void)
{
	for (;;)
		pause();
}

static void test_exit(void)
{
	pid_t child = put_into_background(leave);
	int status = wait_for(child);

	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, 7);
	g_assert_false(vf_adopt_status(child, &status)); /* told once */
}

static void test_kill(void)
{
	pid_t child = put_into_background(stay);
	int status;

	vf_adopt_kill(child);
	status = wait_for(child);
	g_assert_true(WIFSIGNALED(status));
	g_assert_cmpint(WTERMSIG(status), ==, SIGKILL);
}

static void count(gpointer data)
{
	(*(guint *)data)++;
}

static void test_notify(void)
{
	pid_t child = put_into_background(stay);
	guint told = 0, late = 0, never = 0;
	int status;

	vf_adopt_notify(child, count, &never);
	vf_adopt_forget(child);
	vf_adopt_notify(child, count, &told);
	run_for(100);
	g_assert_cmpuint(told, ==, 0);
	vf_adopt_kill(child);
	for (guint i = 0; i < PATIENCE_MS / 10 && !told; i++)
		run_for(10);
	g_assert_cmpuint(told, ==, 1);
	vf_adopt_notify(child, count, &late);
	g_assert_cmpuint(late, ==, 1);
	g_assert_true(vf_adopt_status(child, &status));
	run_for(100);
	g_assert_cmpuint(told + late, ==, 2);
	g_assert_cmpuint(never, ==, 0);
}

/* Children that somebody waits for are left to him. */
static void test_own(void)
{
	pid_t own = fork();
	int status;

	if (!own)
		leave();
	run_for(300);
	g_assert_cmpint(waitpid(own, &status, WNOHANG), ==, own);
	g_assert_cmpint(WEXITSTATUS(status), ==, 7);
}

static void test_subprocess(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) child =
		g_subprocess_new(G_SUBPROCESS_FLAGS_NONE, &error, "sh", "-c", "exit 3", NULL);

	g_assert_no_error(error);
	run_for(300);
	g_assert_true(g_subprocess_wait(child, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpint(g_subprocess_get_exit_status(child), ==, 3);
}

/* One that nobody waits for does not lie before the others for ever. */
static void test_orphan(void)
{
	pid_t orphan = fork(), child;
	int status;

	if (!orphan)
		_exit(9);
	child = put_into_background(leave);
	g_assert_cmpint(WEXITSTATUS(wait_for(orphan)), ==, 9);
	status = wait_for(child);
	g_assert_cmpint(WEXITSTATUS(status), ==, 7);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	vf_adopt_begin();
	g_test_add_func("/adopt/exit", test_exit);
	g_test_add_func("/adopt/kill", test_kill);
	g_test_add_func("/adopt/notify", test_notify);
	g_test_add_func("/adopt/own", test_own);
	g_test_add_func("/adopt/process", test_subprocess);
	g_test_add_func("/adopt/orphan", test_orphan);
	return g_test_run();
}
