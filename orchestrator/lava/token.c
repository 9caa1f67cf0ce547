// SPDX-License-Identifier: GPL-2.0-or-later
#include "lava/token.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define TOKEN_MAX 4096

static char *read_file(const VfLab *lab, const char *path, const char *what, GError **error)
{
	char text[TOKEN_MAX];
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	gssize n;

	if (fd < 0)
		return vf_throw_null(error, VF_ERROR_USAGE, "lab %s: %s: %s: %s", lab->name, what,
				     path, g_strerror(errno));
	if (fstat(fd, &status) < 0 || (status.st_mode & 077)) {
		close(fd);
		return vf_throw_null(error, VF_ERROR_USAGE,
				     "lab %s: %s: %s: others may read it; chmod 600 %s", lab->name,
				     what, path, path);
	}
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[MAX(n, 0)] = '\0';
	return g_strdup(g_strstrip(text));
}

char *vf_lab_token(const VfLab *lab, const VfLabToken *token, const char *what, GError **error)
{
	const char *source = token->file ? token->file : token->environment;
	g_autofree char *text = NULL;

	if (!source)
		return NULL;
	if (token->file) {
		text = read_file(lab, token->file, what, error);
		if (!text)
			return NULL;
	} else {
		text = g_strdup(g_getenv(token->environment));
		if (!text)
			return vf_throw_null(error, VF_ERROR_USAGE,
					     "lab %s: %s: the environment variable %s is not set",
					     lab->name, what, source);
	}
	if (!*text || strlen(text) >= TOKEN_MAX - 1)
		return vf_throw_null(error, VF_ERROR_USAGE, "lab %s: %s: %s: expected one line",
				     lab->name, what, source);
	for (const char *c = text; *c; c++)
		if (!g_ascii_isgraph(*c))
			return vf_throw_null(error, VF_ERROR_USAGE,
					     "lab %s: %s: %s: expected one word of printable ASCII",
					     lab->name, what, source);
	return g_steal_pointer(&text);
}
