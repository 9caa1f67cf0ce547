// SPDX-License-Identifier: GPL-2.0-or-later
/* What holds for the loader of any description file, whatever it is given. */
#pragma once

#include <glib.h>
#include <string.h>

#include "base/error.h"

/* @loaded: the loader gave an object. Aborts where its error is not one printable line. */
static inline void description_check(gboolean loaded, const GError *error, const char *file)
{
	if (loaded) {
		g_assert_no_error(error);
		return;
	}
	g_assert_error(error, VF_ERROR, VF_ERROR_DATA);
	g_assert_true(g_utf8_validate(error->message, -1, NULL));
	g_assert_nonnull(strstr(error->message, file));
	for (const char *c = error->message; *c; c++)
		g_assert_false(g_ascii_iscntrl(*c));
}
