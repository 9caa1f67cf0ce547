// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads the output of a kernel build line by line: how far it is, and what went wrong first. */
#pragma once

#include "base/error.h"

typedef struct VfCompilerLog {
	const char *
		prefix; /* of source paths, to be cut off: the tree's path with a slash; borrowed */
	guint objects;	/* compiled or assembled so far, those of the host not counted */
	char *line;	/* the line that explains a failure best so far, escaped; NULL: none */
	VfErrorCode code; /* what class of error that is */
	guint weight;	  /* of that line */
} VfCompilerLog;

void vf_compiler_log_clear(VfCompilerLog *log);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VfCompilerLog, vf_compiler_log_clear)

/* @line is hostile; at most 400 bytes of it are kept. TRUE when it told of one more object. */
gboolean vf_compiler_log_line(VfCompilerLog *log, const char *line, gsize length);
