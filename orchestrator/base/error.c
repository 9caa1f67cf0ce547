// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.h"

#include <errno.h>

GQuark vf_error_quark(void)
{
	return g_quark_from_static_string("vifarm-error");
}

static void set_va(GError **error, VfErrorCode code, const char *format, va_list args)
{
	g_autofree char *message = g_strdup_vprintf(format, args);

	g_set_error_literal(error, VF_ERROR, code, message);
}

gboolean vf_throw(GError **error, VfErrorCode code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_va(error, code, format, args);
	va_end(args);
	return FALSE;
}

gpointer vf_throw_null(GError **error, VfErrorCode code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_va(error, code, format, args);
	va_end(args);
	return NULL;
}

gboolean vf_throw_errno(GError **error, const char *format, ...)
{
	int saved = errno;
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	return vf_throw(error, VF_ERROR_IO, "%s: %s", what, g_strerror(saved));
}

gboolean vf_prefix(GError **error, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_prefix_error(error, "%s: ", what);
	return FALSE;
}
