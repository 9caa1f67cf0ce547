// SPDX-License-Identifier: GPL-2.0-or-later
/* The check that b4's review command runs: docs/results.md. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* Message-ID of a cover letter (RFC 2822), without <>; NULL when it has none. Caller frees. */
char *vf_b4_message_id(const char *letter, gsize length);

/*
 * Commits (40 hex digits) that a b4 tracking file names anywhere, at most 64, in their order;
 * sources as vf_builder_source_name() writes them: "git COMMIT". NULL-terminated, caller frees.
 */
GStrv vf_b4_sources(const json_t *tracking);

/* The array that b4 reads; empty when @results say nothing about the kernel. New reference. */
json_t *vf_b4_check(const json_t *results, const char *url);
