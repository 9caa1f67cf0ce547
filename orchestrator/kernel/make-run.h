// SPDX-License-Identifier: GPL-2.0-or-later
/* Configures and builds in a slot that is ready. */
#pragma once

#include "kernel/config.h"
#include "kernel/make.h"

/* All borrowed until the end. */
typedef struct VfMakeJob {
	VfMake make;
	const VfStack *stack;
	const VfConfig *config;
	const char *compiler;	/* of the tool chain, part of what .config depends on */
	const char *configured; /* stamp of the .config that is there, or NULL */
	const char *log_name;	/* under which a log is kept in logs/ */
	VfBuildProgress progress;
	gpointer progress_data;
} VfMakeJob;

/*
 * make allnoconfig with the fragment, unless .config is of the same making; check of what came
 * out; make. The output is in @make.slot->log. Errors: VF_ERROR_CONFIG, VF_ERROR_COMPILE (first
 * error of the compiler), VF_ERROR_IO (disk full), VF_ERROR_HARNESS (compiler killed), all with
 * *@log, the path of the kept log (owned by the caller), VF_ERROR_CANCELLED.
 */
void vf_make_async(const VfMakeJob *job, GCancellable *cancellable, GAsyncReadyCallback done,
		   gpointer data);
gboolean vf_make_finish(GAsyncResult *result, char **log, GError **error);
