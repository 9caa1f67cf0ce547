// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One child process: an argument vector, never a shell; a session without a terminal; no descriptor
 * of ours but its standard ones; output bounded. It has ended when all that it started has ended,
 * whatever that did with sessions, signals and the pipe: what is left when the child itself ends is
 * killed, and so are all on cancellation and when this program dies.
 */
#pragma once

#include <gio/gio.h>

#include "base/error.h"
#include "base/lock.h"

/* What a child may use. 0 is "no limit of ours". The first four are setrlimit(2)'s, per process. */
typedef struct VfLimits {
	guint64 cpu_seconds;
	guint64 memory;	   /* bytes of address space */
	guint64 file_size; /* bytes of one file */
	guint64 processes; /* of the user; in a sandbox: of the sandbox. Root is exempt outside one
			    */
	guint64 seconds;   /* wall time of the whole child, descendants included */
	/* Looked at twice a second; what is above is killed: */
	guint64 resident; /* bytes of memory of the child and all that it started */
	guint64 disk;	  /* bytes below @disk_path, which must outlive the child */
	const char *disk_path;
} VfLimits;

/* One line of output without its newline; lines over 4 KiB are cut. Bytes are hostile. */
typedef void (*VfChildLine)(const char *line, gsize length, gpointer data);

/* All pointers are borrowed; the strings only until vf_child_async() returns. */
typedef struct VfChild {
	char **argv; /* argv[0] is searched in PATH; VF_SANDBOX_PROGRAM gets the seccomp filter */
	char **env;  /* all of it; NULL: the first two words of vf_child_env() */
	const char *directory; /* NULL: ours */
	int input;	  /* file descriptor that becomes stdin, stays the caller's; 0: /dev/null */
	int output;	  /* file descriptor that becomes stdout, as @input; 0: with stderr */
	gsize keep;	  /* so many bytes of stdout and stderr are kept */
	VfChildLine line; /* may be NULL */
	gpointer line_data;
	const VfLimits *limits; /* NULL: none */
	/* Held until all that the child started has ended, also when this program dies. May be
	 * NULL. */
	const VfLock *lock;
} VfChild;

typedef struct VfChildEnd {
	int status; /* exit status, or 128 + signal */
	gboolean timed_out;
	const char *exceeded; /* "memory" or "disk": killed for using too much; NULL: it was not */
	double seconds;
	char *output; /* what was kept, NUL-terminated */
	gsize length;
} VfChildEnd;

void vf_child_end_clear(VfChildEnd *end);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VfChildEnd, vf_child_end_clear)

/*
 * PATH, LC_ALL=C and the given "NAME=value" words, nothing else of our environment.
 * Caller frees with g_strfreev().
 */
char **vf_child_env(const char *first, ...) G_GNUC_NULL_TERMINATED;

void vf_child_async(const VfChild *child, GCancellable *cancellable, GAsyncReadyCallback done,
		    gpointer data);
/*
 * TRUE when the child ran to an end, whatever that is; fills @end, which must be clear. Errors:
 * VF_ERROR_MISSING (cannot be started), VF_ERROR_CANCELLED, VF_ERROR_IO.
 */
gboolean vf_child_finish(GAsyncResult *result, VfChildEnd *end, GError **error);

/* The same, blocking; for children of milliseconds. */
gboolean vf_child_run(const VfChild *child, VfChildEnd *end, GError **error);

/* TRUE when @end is a success, otherwise @code with "TEXT: what the output says". */
gboolean vf_child_check(const VfChildEnd *end, VfErrorCode code, GError **error, const char *format,
			...) G_GNUC_PRINTF(4, 5);
