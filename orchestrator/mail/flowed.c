// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/flowed.h"

#include <string.h>

static gsize quote_depth(const char *line, gsize length)
{
	gsize depth = 0;

	while (depth < length && line[depth] == '>')
		depth++;
	return depth;
}

/* The separator of a signature ends in a space that is no soft break. */
static gboolean is_signature(const char *line, gsize length)
{
	return length == 3 && !memcmp(line, "-- ", 3);
}

typedef struct Flow {
	GString *out;
	gboolean open; /* the last line ended in a soft break */
	gsize depth;   /* its quotes */
	gboolean join, delsp;
} Flow;

static void end_line(Flow *flow)
{
	g_string_append_c(flow->out, '\n');
	flow->open = FALSE;
}

/* A soft break joins lines of the same depth only. */
static void add_line(Flow *flow, const char *line, gsize length)
{
	gsize depth = quote_depth(line, length);
	const char *text = line + depth;
	gsize rest = length - depth;
	gboolean soft;

	if (rest && *text == ' ' && !is_signature(text, rest)) {
		text++;
		rest--;
	}
	soft = flow->join && rest && text[rest - 1] == ' ' && !is_signature(text, rest);
	if (flow->open && flow->depth != depth)
		end_line(flow);
	if (!flow->open)
		g_string_append_len(flow->out, line, (gssize)depth);
	if (!flow->open && depth && rest)
		g_string_append_c(flow->out, ' ');
	g_string_append_len(flow->out, text, (gssize)(rest - (soft && flow->delsp)));
	flow->open = soft;
	flow->depth = depth;
}

GString *vf_flowed_undo(const char *text, gsize length, VfFlowedMode mode, gboolean delsp)
{
	Flow flow = {.out = g_string_sized_new(length + 1),
		     .join = mode == VF_FLOWED_JOIN,
		     .delsp = delsp};
	const char *end = text + length;

	if (mode == VF_FLOWED_NOT)
		return g_string_append_len(flow.out, text, (gssize)length);
	while (text < end) {
		const char *newline = memchr(text, '\n', (gsize)(end - text));
		gsize line = (gsize)((newline ? newline : end) - text);

		if (line && text[line - 1] == '\r')
			line--;
		add_line(&flow, text, line);
		if (!flow.open)
			end_line(&flow);
		text = newline ? newline + 1 : end;
	}
	if (flow.open)
		end_line(&flow);
	return flow.out;
}
