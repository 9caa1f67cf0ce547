// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/job.h"

#include <stdint.h>
#include <string.h>

#include "description.h"
#include "paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(VfJob) job =
		vf_job_parse((const char *)data, size, VIFARM_SOURCE_DIR, "seed", &error);

	description_check(job != NULL, error, "jobs/seed.json");
	if (job) {
		g_assert_cmpuint(job->silence, <=, job->timeout);
		g_assert_null(strpbrk(job->program, "/ "));
	}
	return 0;
}
