// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines around the matches of a console; memory is bounded whatever the lines are. */
#pragma once

#include "evidence/evidence.h"

typedef struct VfExcerpts VfExcerpts;

VfExcerpts *vf_excerpts_new(void);
void vf_excerpts_free(VfExcerpts *excerpts);

/* Starts the excerpt of @splat, which must live until it is closed, with the lines before it. */
void vf_excerpts_open(VfExcerpts *excerpts, VfSplat *splat);

/* The next line, escaped: part of every open excerpt; one that is full is closed. */
void vf_excerpts_line(VfExcerpts *excerpts, char *line /* transfer full */);

/* Ends the open excerpts. */
void vf_excerpts_close(VfExcerpts *excerpts);

/* Forgets the open excerpts, whose splats are going away. */
void vf_excerpts_drop(VfExcerpts *excerpts);
