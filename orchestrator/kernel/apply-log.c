// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/apply-log.h"

#include <string.h>

#include "base/read.h"
#include "base/text.h"

#define SHOWN_BYTES 300

/* The part before the last ':' of "PATH:LINE". */
static gsize path_length(const VfLine *place)
{
	gsize n = place->length;

	while (n && place->text[n - 1] != ':')
		n--;
	return n ? n - 1 : place->length;
}

/*
 * "Applying patch PATH with 1 reject..." comes before the file's "Rejected hunk #2."; the first
 * rejected hunk of the file in @place is the one that its "patch failed" line is about.
 */
static guint64 rejected_hunk(const char *at, const char *end, const VfLine *place)
{
	gboolean inside = FALSE;
	VfLine line;

	while (vf_read_line(&at, end, &line)) {
		if (vf_line_skip(&line, "Applying patch ")) {
			gsize length = path_length(place);

			inside = line.length > length && !memcmp(line.text, place->text, length) &&
				 line.text[length] == ' ';
		} else if (inside && vf_line_skip(&line, "Rejected hunk #")) {
			g_autofree char *digits = g_strndup(line.text, MIN(line.length, 9));

			return g_ascii_strtoull(digits, NULL, 10);
		}
	}
	return 0;
}

static char *shown(const VfLine *line)
{
	return vf_text_escape(line->text, (gssize)line->length, SHOWN_BYTES);
}

char *vf_apply_log_reason(const char *text, gsize length)
{
	const char *end = text + length, *at = text;
	VfLine line, first = {0};

	while (vf_read_line(&at, end, &line)) {
		if (!vf_line_skip(&line, "error: "))
			continue;
		if (vf_line_skip(&line, "patch failed: ")) {
			g_autofree char *place = shown(&line);
			guint64 hunk = rejected_hunk(at, end, &line);

			if (hunk)
				return g_strdup_printf("hunk %" G_GUINT64_FORMAT
						       " at %s does not apply",
						       hunk, place);
			return g_strdup_printf("the hunk at %s does not apply", place);
		}
		/* its text follows: lines of the patch, of which git says where it fails later */
		if (!first.text && !vf_line_skip(&line, "while searching for:"))
			first = line;
	}
	return first.text ? shown(&first) : g_strdup("git apply gave no reason");
}
