// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/libvirt/libvirt-root.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "guest/owner.h"

#define PREFIX	 "vifarm-libvirt-"
#define BASE_MAX (VF_LIBVIRT_ROOT_MAX - strlen("/" PREFIX "XXXXXX"))

/*
 * QEMU runs as the user who started the orchestrator and opens its own files; there is no log
 * daemon, no security driver, no cgroup and no mount namespace to ask for. Which of these a
 * container has cannot be relied on; QEMU's own sandbox stays.
 */
static const char settings[] = "stdio_handler = \"file\"\n"
			       "user = \"+%u\"\n"
			       "group = \"+%u\"\n"
			       "dynamic_ownership = 0\n"
			       "remember_owner = 0\n"
			       "security_driver = \"none\"\n"
			       "namespaces = []\n"
			       "cgroup_controllers = []\n"
			       "max_core = 0\n";

static const char *base_directory(void)
{
	const char *candidates[] = {g_getenv("XDG_RUNTIME_DIR"), g_get_tmp_dir()};

	for (guint i = 0; i < G_N_ELEMENTS(candidates); i++)
		if (candidates[i] && strlen(candidates[i]) <= BASE_MAX &&
		    !g_access(candidates[i], W_OK | X_OK))
			return candidates[i];
	return "/tmp";
}

gboolean vf_libvirt_root_set_up(const char *root, GError **error)
{
	g_autofree char *directory = g_build_filename(root, "etc", NULL);
	g_autofree char *path = g_build_filename(directory, "qemu.conf", NULL);
	g_autofree char *text = g_strdup_printf(settings, (guint)getuid(), (guint)getgid());

	if (strlen(root) > VF_LIBVIRT_ROOT_MAX)
		return vf_throw(error, VF_ERROR_USAGE,
				"%s: longer than the %d bytes that leave room for the names of "
				"libvirt's sockets",
				root, VF_LIBVIRT_ROOT_MAX);
	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return TRUE;
	return vf_dirs_make(directory, error) && vf_dirs_write(path, text, -1, error);
}

static gboolean share_cache(const char *root, GError **error)
{
	g_autofree char *link = g_build_filename(root, "cache", NULL);
	g_autofree char *kept = g_build_filename(vf_dirs_cache(), "libvirt", NULL);

	if (!vf_dirs_make(kept, error))
		return FALSE;
	return !symlink(kept, link) || vf_throw_errno(error, "%s", link);
}

static gboolean sign(const char *root, GError **error)
{
	g_autofree char *path = g_build_filename(root, "owner", NULL);
	g_autoptr(VfOwner) self = vf_owner_self("");
	g_autofree char *text = vf_owner_xml(self);

	return vf_dirs_write(path, text, -1, error);
}

char *vf_libvirt_root_new(GError **error)
{
	g_autofree char *root = g_build_filename(base_directory(), PREFIX "XXXXXX", NULL);

	if (!g_mkdtemp(root)) {
		vf_throw_errno(error, "%s", root);
		return NULL;
	}
	if (!sign(root, error) || !share_cache(root, error) ||
	    !vf_libvirt_root_set_up(root, error)) {
		vf_libvirt_root_remove(root);
		return NULL;
	}
	return g_steal_pointer(&root);
}

/* In a temporary directory what is left does no harm. */
void vf_libvirt_root_remove(const char *root)
{
	vf_dirs_remove(root, NULL);
}

static gboolean is_left_behind(const char *root)
{
	g_autofree char *path = g_build_filename(root, "owner", NULL);
	g_autofree char *text = NULL;
	g_autoptr(VfOwner) owner = NULL;
	struct stat status;
	gsize length;

	if (lstat(root, &status) < 0 || !S_ISDIR(status.st_mode) || status.st_uid != getuid() ||
	    !g_file_get_contents(path, &text, &length, NULL))
		return FALSE;
	owner = vf_owner_parse(text, length, NULL);
	return owner && vf_owner_is_gone(owner);
}

void vf_libvirt_root_sweep(void)
{
	g_autoptr(GDir) dir = g_dir_open(base_directory(), 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *root = g_build_filename(base_directory(), name, NULL);

		if (g_str_has_prefix(name, PREFIX) && is_left_behind(root))
			vf_libvirt_root_remove(root);
	}
}
