// SPDX-License-Identifier: GPL-2.0-or-later
/* What the files that implement mail/compose.h share. */
#pragma once

#include "mail/compose.h"

/* Adds "@name @text", encoded where it is not ASCII, folded, with a newline. */
void vf_header_text(GString *mail, const char *name, const char *text);

/* Adds 'Name <address>', the name encoded or quoted where it must be. */
void vf_header_address(GString *mail, const char *name, const char *address);

/* Adds "<ID>" of what is fit for it in @id. */
void vf_header_id(GString *mail, const char *id);

void vf_compose_body(GString *body, const VfReply *reply, const VfMailPolicy *policy);

/* The body without greeting and footer. */
void vf_compose_findings(GString *body, const VfReply *reply, const VfMailPolicy *policy);

/* The matrix of jobs and architectures, and what its words mean. */
void vf_compose_matrix(GString *body, const VfReply *reply);

/* One thing that the series broke: evidence, base, first bad patch, reproducer. */
void vf_compose_finding(GString *body, const VfReply *reply, const VfFinding *finding);
