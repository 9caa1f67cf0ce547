// SPDX-License-Identifier: GPL-2.0-or-later
/* Building argument vectors. */
#pragma once

#include <glib.h>

typedef GPtrArray VfArgv; /* of char *, not NULL-terminated until vf_argv_end() */

VfArgv *vf_argv_new(void); /* free with g_ptr_array_unref() */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfArgv, g_ptr_array_unref)

void vf_argv_add(VfArgv *argv, ...) G_GNUC_NULL_TERMINATED;
void vf_argv_format(VfArgv *argv, const char *format, ...) G_GNUC_PRINTF(2, 3);
void vf_argv_strv(VfArgv *argv, const char *const *words); /* NULL-terminated, or NULL */

/*
 * Takes the words out, NULL-terminated; the caller frees them with g_strfreev(). @argv stays the
 * caller's, empty.
 */
char **vf_argv_end(VfArgv *argv);
