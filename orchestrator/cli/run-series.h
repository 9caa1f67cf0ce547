// SPDX-License-Identifier: GPL-2.0-or-later
/* `run --series`: a series beside its base. */
#pragma once

#include <glib.h>

/* All borrowed; NULL where the user gave nothing. */
typedef struct VfSeriesRun {
	const char *series;	/* an mbox, a Maildir, a directory of patches, or "-" */
	const char *linux_tree; /* a git tree */
	const char *archs, *boards, *jobs, *variant, *message_id, *output;
	gboolean json;
} VfSeriesRun;

/*
 * Applies the series, runs base and series, and prints the difference. @status becomes VF_EXIT_PASS
 * when the series breaks nothing, VF_EXIT_FAIL when it breaks something or does not apply, and
 * VF_EXIT_BROKEN when nothing can be said.
 */
gboolean vf_cli_run_series(const VfSeriesRun *run, int *status, GError **error);
