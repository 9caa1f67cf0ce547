// SPDX-License-Identifier: GPL-2.0-or-later
/* Building argument vectors. */
#pragma once

#include <glib.h>

typedef GPtrArray VfArgv; /* of char *, not NULL-terminated until vf_argv_end() */

VfArgv *vf_argv_new(void); /* free with g_ptr_array_unref() */
void vf_argv_add(VfArgv *argv, ...) G_GNUC_NULL_TERMINATED;
void vf_argv_format(VfArgv *argv, const char *format, ...) G_GNUC_PRINTF(2, 3);
void vf_argv_strv(VfArgv *argv, const char *const *words);
char **vf_argv_end(VfArgv *argv); /* steals; caller frees with g_strfreev() */
