// SPDX-License-Identifier: GPL-2.0-or-later
#include <gio/gio.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include "guest/guest.h"
#include "guest/qemu/qemu-reap.h"

static gboolean is_stray(const char *run, int pid, guint64 start)
{
	g_autoptr(GString) environment = g_string_new("HOME=/root");

	g_string_append_c(environment, 0);
	if (run)
		g_string_append_printf(environment, "VIFARM_RUN=%s", run);
	g_string_append_c(environment, 0);
	g_string_append_printf(environment, "VIFARM_PID=%d", pid);
	g_string_append_c(environment, 0);
	g_string_append_printf(environment, "VIFARM_START=%" G_GUINT64_FORMAT, start);
	g_string_append_c(environment, 0);
	return vf_qemu_is_stray(environment->str, environment->len);
}

static void test_environment(void)
{
	guint64 mine = vf_qemu_start_time(getpid());

	g_assert_cmpuint(mine, >, 0);
	g_assert_false(is_stray("r", getpid(), mine));
	g_assert_true(is_stray("r", getpid(), mine - 1)); /* the id was used again */
	g_assert_true(is_stray("r", 0x7ffffff0, mine));
	g_assert_false(is_stray(NULL, 0x7ffffff0, mine)); /* not ours at all */
	g_assert_false(vf_qemu_is_stray("", 0));
	g_assert_false(vf_qemu_is_stray("VIFARM_RUN=r", 12)); /* cut off */
}

static GSubprocess *start(const char *pid, const char *start_time)
{
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(0);
	g_autoptr(GError) error = NULL;
	GSubprocess *process;

	g_subprocess_launcher_setenv(launcher, VF_QEMU_ENV_RUN, "reap-test", TRUE);
	g_subprocess_launcher_setenv(launcher, VF_QEMU_ENV_PID, pid, TRUE);
	g_subprocess_launcher_setenv(launcher, VF_QEMU_ENV_START, start_time, TRUE);
	process = g_subprocess_launcher_spawn(launcher, &error, "sleep", "60", NULL);
	g_assert_no_error(error);
	return process;
}

static void test_reap(void)
{
	g_autofree char *pid = g_strdup_printf("%d", getpid());
	g_autofree char *mine = g_strdup_printf("%" G_GUINT64_FORMAT, vf_qemu_start_time(getpid()));
	g_autoptr(GSubprocess) stray = start(pid, "1");
	g_autoptr(GSubprocess) held = start(pid, mine);

	vf_guest_qemu_reap(); /* or a farm beside this test was faster */
	g_assert_true(g_subprocess_wait(stray, NULL, NULL));
	g_assert_true(g_subprocess_get_if_signaled(stray));
	g_assert_cmpint(g_subprocess_get_term_sig(stray), ==, SIGKILL);
	g_assert_nonnull(g_subprocess_get_identifier(held));
	g_subprocess_force_exit(held);
	g_subprocess_wait(held, NULL, NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/qemu-reap/environment", test_environment);
	g_test_add_func("/qemu-reap/reap", test_reap);
	return g_test_run();
}
