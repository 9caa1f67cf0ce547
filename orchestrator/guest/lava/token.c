// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/token.h"

#include "base/error.h"
#include "base/secret.h"

char *vf_lab_token(const VfLab *lab, const VfLabToken *token, const char *what, GError **error)
{
	const char *source = token->file ? token->file : token->environment;
	g_autofree char *text = NULL;

	if (!source)
		return NULL;
	if (token->file) {
		text = vf_secret_read(token->file, error);
		if (!text) {
			vf_prefix(error, "lab %s: %s", lab->name, what);
			return NULL;
		}
	} else {
		text = g_strdup(g_getenv(token->environment));
		if (!text)
			return vf_throw_null(error, VF_ERROR_USAGE,
					     "lab %s: %s: the environment variable %s is not set",
					     lab->name, what, source);
	}
	if (vf_secret_is_word(text))
		return g_steal_pointer(&text);
	return vf_throw_null(error, VF_ERROR_USAGE,
			     "lab %s: %s: %s: expected one word of printable ASCII", lab->name,
			     what, source);
}
