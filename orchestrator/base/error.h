// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Errors. Every fallible function takes a GError ** last and returns FALSE or NULL on failure.
 * A message is one line: what went wrong, where (path, URL, line, key), what to do about it.
 */
#pragma once

#include <glib.h>

/*
 * The classes decide the verdict and the exit status, see vf_verdict_from_error() in
 * evidence/verdict.h and vf_cli_fail() in cli/cli.h.
 */
typedef enum {
	VF_ERROR_USAGE,	    /* the command line names something unknown; exit 64 */
	VF_ERROR_DATA,	    /* a description file is malformed; exit 64, nothing is started */
	VF_ERROR_MISSING,   /* a tool or package is missing or too old; MISS */
	VF_ERROR_PATCH,	    /* a patch does not apply; FAIL of the build */
	VF_ERROR_COMPILE,   /* the kernel does not compile; FAIL of the build */
	VF_ERROR_CONFIG,    /* a requested Kconfig symbol did not come out as asked; ERROR */
	VF_ERROR_UNFIT,	    /* what is asked for cannot be had here, ever; SKIP */
	VF_ERROR_HARNESS,   /* QEMU, the host or a server failed us; MISS */
	VF_ERROR_PROTOCOL,  /* a guest or server said something that is not its protocol; ERROR */
	VF_ERROR_IO,	    /* the host's file system or database refused; MISS */
	VF_ERROR_CANCELLED, /* the user stopped the run; exit 130 */
} VfErrorCode;

#define VF_ERROR vf_error_quark()
GQuark vf_error_quark(void);

/* Sets @error and returns FALSE, so that a failing check is one statement. */
gboolean vf_throw(GError **error, VfErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The same for functions that return pointers. */
gpointer vf_throw_null(GError **error, VfErrorCode code, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/* As vf_throw(), class VF_ERROR_IO, with ": " and the text of errno appended. */
gboolean vf_throw_errno(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Puts "TEXT: " before the message of an error that is already set; returns FALSE. */
gboolean vf_prefix(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
