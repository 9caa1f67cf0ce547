// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/qemu/qemu-check.h"

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/error.h"
#include "base/text.h"

#define ANSWER_SECONDS 10

/* What @fd gives until its end, at most @size - 1 bytes and ANSWER_SECONDS. */
static gboolean read_answer(int fd, char *text, gsize size)
{
	gint64 deadline = g_get_monotonic_time() + ANSWER_SECONDS * G_USEC_PER_SEC;
	gsize used = 0;

	while (used < size - 1) {
		gint64 left = (deadline - g_get_monotonic_time()) / 1000;
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
			return FALSE;
		n = read(fd, text + used, size - 1 - used);
		if (n <= 0)
			break;
		used += (gsize)n;
	}
	text[used] = '\0';
	return TRUE;
}

/* "QEMU emulator version 10.0.2 (Debian ...)" to "10.0.2". Caller frees. */
char *vf_qemu_parse_version(const char *text)
{
	const char *at = strstr(text, "QEMU emulator version ");
	gsize n;

	if (!at)
		return NULL;
	at += strlen("QEMU emulator version ");
	n = strspn(at, "0123456789.");
	return n && n < 32 ? g_strndup(at, n) : NULL;
}

static char *ask_version(const char *path, GError **error)
{
	g_autoptr(GSubprocess) process = NULL;
	GError *why = NULL;
	char text[512] = "";
	char *version;

	process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
				 &why, path, "--version", NULL);
	if (!process) {
		vf_throw(error, VF_ERROR_MISSING, "%s: %s", path, why->message);
		g_error_free(why);
		return NULL;
	}
	if (!read_answer(g_unix_input_stream_get_fd(
				 G_UNIX_INPUT_STREAM(g_subprocess_get_stdout_pipe(process))),
			 text, sizeof(text)))
		g_subprocess_force_exit(process);
	version = vf_qemu_parse_version(text);
	if (!version)
		return vf_throw_null(error, VF_ERROR_MISSING,
				     "%s --version: expected \"QEMU emulator version\"", path);
	return version;
}

int vf_qemu_compare_versions(const char *a, const char *b)
{
	while (*a || *b) {
		char *end_a, *end_b;
		guint64 x = g_ascii_strtoull(a, &end_a, 10), y = g_ascii_strtoull(b, &end_b, 10);

		if (x != y)
			return x < y ? -1 : 1;
		a = *end_a == '.' ? end_a + 1 : "";
		b = *end_b == '.' ? end_b + 1 : "";
	}
	return 0;
}

char *vf_qemu_find(const VfArch *arch, GError **error)
{
	char *path = g_find_program_in_path(arch->qemu.binary);

	if (!path)
		vf_throw(error, VF_ERROR_MISSING, "%s: not found; install the package %s",
			 arch->qemu.binary, arch->qemu.package);
	return path;
}

/* What was found out by asking, for as long as the file is the same: a child less in each run. */
static char *known_path(void)
{
	return g_build_filename(vf_dirs_cache(), "qemu-versions", NULL);
}

static char *identity_of(const struct stat *s)
{
	return g_strdup_printf("%lld.%09ld %lld", (long long)s->st_mtim.tv_sec, s->st_mtim.tv_nsec,
			       (long long)s->st_size);
}

static char *recall(const char *path, const char *identity)
{
	g_autoptr(GKeyFile) known = g_key_file_new();
	g_autofree char *file = known_path();
	g_autofree char *then = NULL;

	if (!g_key_file_load_from_file(known, file, G_KEY_FILE_NONE, NULL))
		return NULL;
	then = g_key_file_get_string(known, path, "file", NULL);
	return g_strcmp0(then, identity) ? NULL
					 : g_key_file_get_string(known, path, "version", NULL);
}

/* Not to be able to is no error: the next run asks again. */
static void remember(const char *path, const char *identity, const char *version)
{
	g_autoptr(GKeyFile) known = g_key_file_new();
	g_autofree char *file = known_path();
	g_autofree char *text = NULL;

	if (strpbrk(path, "[]\n")) /* cannot name a group */
		return;
	g_key_file_load_from_file(known, file, G_KEY_FILE_NONE, NULL);
	g_key_file_set_string(known, path, "file", identity);
	g_key_file_set_string(known, path, "version", version);
	text = g_key_file_to_data(known, NULL, NULL);
	if (vf_dirs_make(vf_dirs_cache(), NULL))
		vf_dirs_write(file, text, -1, NULL);
}

static char *version_of(const char *path, GError **error)
{
	struct stat status;
	g_autofree char *identity = NULL;
	char *version;

	if (stat(path, &status) < 0)
		return vf_throw_null(error, VF_ERROR_MISSING, "%s: %s", path, g_strerror(errno));
	identity = identity_of(&status);
	version = recall(path, identity);
	if (version)
		return version;
	version = ask_version(path, error);
	if (version)
		remember(path, identity, version);
	return version;
}

gboolean vf_qemu_check(const VfArch *arch, GError **error)
{
	g_autofree char *path = vf_qemu_find(arch, error);
	g_autofree char *version = path ? version_of(path, error) : NULL;

	if (!version)
		return FALSE;
	if (vf_qemu_compare_versions(version, arch->qemu.minimum) >= 0)
		return TRUE;
	return vf_throw(error, VF_ERROR_MISSING,
			"%s is version %s, at least %s is needed; install the package %s from "
			"bookworm-backports",
			path, version, arch->qemu.minimum, arch->qemu.package);
}
