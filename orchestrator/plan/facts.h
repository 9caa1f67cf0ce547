// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the environment of a job can ask for instead of saying it: "{page_size}" is the page size
 * of the architecture that the job runs on. docs/job-file.md has the list.
 */
#pragma once

#include "plan/arch.h"

/* Whether @value is a fact in braces, or has no braces at all. */
gboolean vf_fact_valid(const char *value);

/* The facts there are, "{bits}, {cpus}, ...". Caller frees. */
char *vf_fact_list(void);

/*
 * @value with the fact that it asks for, or a copy of it. @memory_mib is what the guest gets, which
 * may be more or less than the board's. Caller frees.
 */
char *vf_fact_expand(const char *value, const VfArch *arch, const VfBoard *board,
		     guint64 memory_mib);
