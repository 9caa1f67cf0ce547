// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sandbox.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/child.h"
#include "kernel/seccomp.h"

/* What compilers and scripts of the kernel read outside of /usr. */
static const char *const etc[] = {"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf",
				  "/etc/ld.so.conf.d"};

/* On a merged-/usr system these are links into it, on others directories. */
static const char *const roots[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};

static void add_root(VfArgv *argv, const char *root)
{
	g_autofree char *target = g_file_read_link(root, NULL);

	if (target)
		vf_argv_add(argv, "--symlink", target, root, NULL);
	else if (g_file_test(root, G_FILE_TEST_IS_DIR))
		vf_argv_add(argv, "--ro-bind", root, root, NULL);
}

/* All but the user: what must not be root inside cannot come from a namespace of root's. */
static const char *const own_namespaces[] = {"--unshare-ipc",	     "--unshare-pid",
					     "--unshare-net",	     "--unshare-uts",
					     "--unshare-cgroup-try", NULL};

/* Far above the users of Debian, of containers and of systemd; below 2^31. */
#define UID_FIRST 2000000000u

uid_t vf_sandbox_uid(void)
{
	return UID_FIRST + (uid_t)getpid();
}

static gboolean changes_user(gboolean stranger)
{
	return stranger && geteuid() == 0;
}

uid_t vf_sandbox_owner(gboolean stranger)
{
	return changes_user(stranger) ? vf_sandbox_uid() : geteuid();
}

static void add_rights(VfArgv *argv, gboolean stranger)
{
	if (!changes_user(stranger)) {
		vf_argv_add(argv, "--unshare-all", "--cap-drop", "ALL", NULL);
		return;
	}
	vf_argv_strv(argv, own_namespaces);
	vf_argv_add(argv, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID",
		    "--cap-add", "CAP_SETPCAP", NULL);
}

/* Without it no sandbox: bwrap refuses the number -1, and vf_child_async() says why. */
static void add_filter(VfArgv *argv)
{
	vf_argv_add(argv, "--seccomp", NULL);
	vf_argv_format(argv, "%d", vf_seccomp_fd(NULL));
}

/*
 * The first process of the namespace is bwrap, which has the user of what runs inside: nobody must
 * write into its memory. /proc/keys lists what the user has.
 */
static void hide_processes(VfArgv *argv)
{
	vf_argv_add(argv, "--tmpfs", "/proc/1", "--remount-ro", "/proc/1", "--ro-bind", "/dev/null",
		    "/proc/keys", NULL);
}

static void add_memory(VfArgv *argv, const char *path)
{
	vf_argv_add(argv, "--perms", "1777", "--size", NULL);
	vf_argv_format(argv, "%" G_GUINT64_FORMAT, VF_SANDBOX_TMP);
	vf_argv_add(argv, "--tmpfs", path, NULL);
}

/* @bounded: nothing inside can be filled but small file systems in memory. */
static void add_host(VfArgv *argv, gboolean stranger, gboolean bounded)
{
	vf_argv_add(argv, VF_SANDBOX_PROGRAM, "--die-with-parent", NULL);
	add_filter(argv);
	add_rights(argv, stranger);
	vf_argv_add(argv, "--hostname", "vifarm", "--clearenv", "--ro-bind", "/usr", "/usr",
		    "--dev", "/dev", "--proc", "/proc", NULL);
	hide_processes(argv);
	if (bounded) {
		add_memory(argv, "/tmp");
		add_memory(argv, "/dev/shm");
		vf_argv_add(argv, "--remount-ro", "/dev", NULL);
	} else {
		vf_argv_add(argv, "--tmpfs", "/tmp", NULL);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(roots); i++)
		add_root(argv, roots[i]);
	/* what is not there is not there: bwrap would make it a directory that nobody may enter */
	vf_argv_add(argv, "--perms", "0755", "--dir", "/etc", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(etc); i++)
		vf_argv_add(argv, "--ro-bind-try", etc[i], etc[i], NULL);
}

static void add_env(VfArgv *argv, char **env)
{
	for (; *env; env++) {
		g_auto(GStrv) word = g_strsplit(*env, "=", 2);

		vf_argv_add(argv, "--setenv", word[0], word[1], NULL);
	}
}

/* The end of the options, and what drops the rest of the rights inside. */
static void add_end(VfArgv *argv, gboolean stranger, gboolean bounded, guint64 processes)
{
	if (bounded)
		vf_argv_add(argv, "--remount-ro", "/", NULL);
	vf_argv_add(argv, "--", NULL);
	if (changes_user(stranger)) {
		vf_argv_add(argv, "setpriv", NULL);
		vf_argv_format(argv, "--reuid=%u", vf_sandbox_uid());
		vf_argv_format(argv, "--regid=%u", vf_sandbox_uid());
		vf_argv_add(argv, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
			    "--no-new-privs", "--", NULL);
	}
	/* only in here does it count the processes of the sandbox alone */
	if (processes) {
		vf_argv_add(argv, "prlimit", NULL);
		vf_argv_format(argv, "--nproc=%" G_GUINT64_FORMAT, processes);
		vf_argv_add(argv, "--core=0", "--", NULL);
	}
}

void vf_sandbox_wrap(VfArgv *argv, const VfSandbox *sandbox, char **env)
{
	add_host(argv, sandbox->stranger, sandbox->stranger);
	vf_argv_add(argv, "--perms", "0755", "--dir", "/vifarm", "--ro-bind", sandbox->tree,
		    VF_SANDBOX_TREE, "--bind", sandbox->objects, VF_SANDBOX_OBJECTS,
		    sandbox->stranger ? "--ro-bind" : "--bind", sandbox->ccache, VF_SANDBOX_CCACHE,
		    "--chdir", VF_SANDBOX_OBJECTS, NULL);
	add_env(argv, env);
	add_end(argv, sandbox->stranger, sandbox->stranger, sandbox->processes);
}

static void add_binds(VfArgv *argv, const char *option, const char *const *paths)
{
	for (; paths && *paths; paths++)
		vf_argv_add(argv, option, *paths, *paths, NULL);
}

void vf_sandbox_wrap_paths(VfArgv *argv, const char *const *read_only, const char *const *writable,
			   char **env)
{
	add_host(argv, FALSE, TRUE);
	add_binds(argv, "--ro-bind", read_only);
	add_binds(argv, "--bind", writable);
	add_env(argv, env);
	add_end(argv, FALSE, TRUE, 0);
}

/* bwrap makes the directories above a file that it binds for its own user alone. */
static void add_parents(VfArgv *argv, const char *const *paths)
{
	for (; paths && *paths; paths++)
		for (const char *end = strchr(*paths + 1, '/'); end; end = strchr(end + 1, '/')) {
			g_autofree char *parent = g_strndup(*paths, (gsize)(end - *paths));

			vf_argv_add(argv, "--perms", "0755", "--dir", parent, NULL);
		}
}

void vf_sandbox_wrap_guest(VfArgv *argv, const char *const *read_only, const char *const *writable,
			   char **env)
{
	add_host(argv, TRUE, TRUE);
	add_parents(argv, read_only);
	add_parents(argv, writable);
	/* of a file that is not there the emulator has better words */
	add_binds(argv, "--ro-bind-try", read_only);
	add_binds(argv, "--bind", writable);
	add_env(argv, env);
	add_end(argv, TRUE, TRUE, 0);
}

static gboolean try_once(gboolean stranger, GError **error)
{
	g_autoptr(VfArgv) words = vf_argv_new();
	g_auto(GStrv) argv = NULL;
	g_auto(VfChildEnd) end = {0};
	VfChild child = {.keep = 4096};

	add_host(words, stranger, stranger);
	add_end(words, stranger, stranger, 0);
	vf_argv_add(words, "/usr/bin/true", NULL);
	argv = vf_argv_end(words);
	child.argv = argv;
	if (!vf_child_run(&child, &end, error))
		return vf_prefix(error, "no sandbox (install bubblewrap)");
	return vf_child_check(&end, VF_ERROR_MISSING, error,
			      "bubblewrap does not work on this host");
}

gboolean vf_sandbox_available(gboolean stranger, GError **error)
{
	static gboolean tried[2];
	static GError *problem[2];
	guint i = stranger ? 1 : 0;

	if (!tried[i]) {
		try_once(stranger, &problem[i]);
		tried[i] = TRUE;
	}
	if (problem[i] && error)
		*error = g_error_copy(problem[i]);
	return !problem[i];
}
