// SPDX-License-Identifier: GPL-2.0-or-later
/* Job definitions for people and for other submitters. */
#pragma once

#include "kernel/build.h"
#include "guest/lava/lab.h"

typedef struct VfLavaRender {
	const char *plugin; /* path of vifarm.so, or NULL */
	char **append;	    /* kernel arguments, or NULL */
	guint timeout;	    /* seconds; 0: the job's own */
	gboolean publish;   /* the artefacts */
} VfLavaRender;

/*
 * Builds what the tasks of @plan need and gives their definitions, one YAML document each; tasks
 * that the lab cannot do are comments that say why. Blocks (runs the main loop). Errors of the
 * builder and of publishing. Caller frees.
 */
char *vf_lava_render(const VfPlan *plan, VfBuilder *builder, const VfLab *lab,
		     const VfLavaRender *what, GError **error);
