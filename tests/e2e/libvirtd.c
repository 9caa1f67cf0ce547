// SPDX-License-Identifier: GPL-2.0-or-later
#include "libvirtd.h"

#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"

#define START_SECONDS 30

static uid_t user(void)
{
	const struct passwd *nobody = getuid() ? NULL : getpwnam("nobody");

	return nobody ? nobody->pw_uid : getuid();
}

static char *make_directory(const Libvirtd *host, const char *name)
{
	char *path = g_build_filename(host->directory, name, NULL);

	g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
	g_assert_cmpint(chown(path, user(), (gid_t)-1), ==, 0);
	return path;
}

static void set_directories(GSubprocessLauncher *launcher, const Libvirtd *host)
{
	static const char *const names[] = {"HOME",	      "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
					    "XDG_CACHE_HOME", "XDG_DATA_HOME",	 "XDG_STATE_HOME"};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = make_directory(host, names[i]);

		g_subprocess_launcher_setenv(launcher, names[i], path, TRUE);
	}
}

static void spawn(Libvirtd *host)
{
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
	const char *as_nobody[] = {"setpriv",	     "--reuid=nobody",	   "--regid=nogroup",
				   "--clear-groups", "/usr/sbin/libvirtd", NULL};
	const char *const *argv = getuid() ? as_nobody + 4 : as_nobody;
	g_autoptr(GError) error = NULL;

	set_directories(launcher, host);
	host->daemon = g_subprocess_launcher_spawnv(launcher, argv, &error);
	g_assert_no_error(error);
}

static void ignore_error(G_GNUC_UNUSED void *data, G_GNUC_UNUSED virErrorPtr error)
{
}

static virConnectPtr wait_for(const Libvirtd *host)
{
	for (guint i = 0; i < START_SECONDS * 10; i++) {
		virConnectPtr connection = virConnectOpen(host->uri);

		if (connection)
			return connection;
		g_usleep(G_USEC_PER_SEC / 10);
	}
	g_error("libvirtd did not answer within %d s", START_SECONDS);
}

/* As docs/lab.md tells the operator; the farm starts it. */
static void make_pool(const Libvirtd *host, virConnectPtr connection)
{
	g_autofree char *target = make_directory(host, "pool");
	g_autofree char *xml = g_strdup_printf("<pool type='dir'><name>vifarm</name><target>"
					       "<path>%s</path></target></pool>",
					       target);
	virStoragePoolPtr pool = virStoragePoolDefineXML(connection, xml, 0);

	g_assert_nonnull(pool);
	virStoragePoolFree(pool);
}

Libvirtd *libvirtd_start(gboolean pool)
{
	Libvirtd *host = g_new0(Libvirtd, 1);
	virConnectPtr connection;

	host->directory = g_dir_make_tmp("vifarm-lv-XXXXXX", NULL);
	g_assert_nonnull(host->directory);
	g_assert_cmpint(chmod(host->directory, 0755), ==, 0);
	host->uri = g_strdup_printf(
		"qemu+unix:///session?socket=%s/XDG_RUNTIME_DIR/libvirt/libvirt-sock",
		host->directory);
	virSetErrorFunc(NULL, ignore_error);
	spawn(host);
	connection = wait_for(host);
	if (pool)
		make_pool(host, connection);
	virConnectClose(connection);
	return host;
}

/* The daemon's QEMUs and helpers have its runtime directory in their environment. */
static void kill_all(const Libvirtd *host)
{
	g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
	const char *name;

	while (proc && (name = g_dir_read_name(proc))) {
		g_autofree char *path = g_build_filename("/proc", name, "cmdline", NULL);
		g_autofree char *words = NULL;
		gsize length;

		if (!g_ascii_isdigit(name[0]) || !g_file_get_contents(path, &words, &length, NULL))
			continue;
		if (memmem(words, length, host->directory, strlen(host->directory)) &&
		    !strstr(words, "orchestrator") && atoi(name) != getpid())
			kill(atoi(name), SIGKILL);
	}
}

void libvirtd_crash(Libvirtd *host)
{
	if (!host->daemon)
		return;
	g_subprocess_force_exit(host->daemon);
	g_subprocess_wait(host->daemon, NULL, NULL);
	g_clear_object(&host->daemon);
	kill_all(host);
}

void libvirtd_stop(Libvirtd *host)
{
	if (!host)
		return;
	libvirtd_crash(host);
	vf_dirs_remove(host->directory, NULL);
	g_free(host->directory);
	g_free(host->uri);
	g_free(host);
}
