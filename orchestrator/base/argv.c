// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/argv.h"

VfArgv *vf_argv_new(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

void vf_argv_add(VfArgv *argv, ...)
{
	const char *word;
	va_list args;

	va_start(args, argv);
	while ((word = va_arg(args, const char *)))
		g_ptr_array_add(argv, g_strdup(word));
	va_end(args);
}

void vf_argv_format(VfArgv *argv, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(argv, g_strdup_vprintf(format, args));
	va_end(args);
}

void vf_argv_strv(VfArgv *argv, const char *const *words)
{
	for (; words && *words; words++)
		g_ptr_array_add(argv, g_strdup(*words));
}

char **vf_argv_end(VfArgv *argv)
{
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_steal(argv, NULL);
}
