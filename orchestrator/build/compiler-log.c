// SPDX-License-Identifier: GPL-2.0-or-later
#include "build/compiler-log.h"

#include <string.h>

#include "base/text.h"

#define SHOWN_BYTES 400

typedef struct Mark {
	const char *text;
	guint weight;
	VfErrorCode code;
} Mark;

/*
 * What marks a line that explains a failure. The first line of the greatest weight counts: a full
 * disk or a killed compiler is no fault of the kernel and makes compilers complain as well (3);
 * compilers, linkers and build tools (2); make, which only says that something went wrong (1).
 */
static const Mark marks[] = {
	{"No space left on device", 3, VF_ERROR_IO},
	{"Disk quota exceeded", 3, VF_ERROR_IO},
	{"Read-only file system", 3, VF_ERROR_IO},
	{"Killed signal terminated program", 3, VF_ERROR_HARNESS},
	{"virtual memory exhausted", 3, VF_ERROR_HARNESS},
	{": error: ", 2, VF_ERROR_COMPILE},
	{": fatal error: ", 2, VF_ERROR_COMPILE},
	{": Error: ", 2, VF_ERROR_COMPILE},
	{"internal compiler error", 2, VF_ERROR_COMPILE},
	{"undefined reference to", 2, VF_ERROR_COMPILE},
	{"multiple definition of", 2, VF_ERROR_COMPILE},
	{"error: ", 2, VF_ERROR_COMPILE},
	{"ERROR: ", 2, VF_ERROR_COMPILE},
	{"No rule to make target", 1, VF_ERROR_COMPILE},
	{"*** ", 1, VF_ERROR_COMPILE},
};

void vf_compiler_log_clear(VfCompilerLog *log)
{
	g_free(log->line);
	memset(log, 0, sizeof(*log));
}

static gboolean is_object(const char *line, gsize length)
{
	return length > 5 && (!memcmp(line, "  CC ", 5) || !memcmp(line, "  AS ", 5));
}

static const Mark *mark_of(const char *line, gsize length)
{
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (memmem(line, length, marks[i].text, strlen(marks[i].text)))
			return &marks[i];
	return NULL;
}

static void take_line(VfCompilerLog *log, const Mark *mark, const char *line, gsize length)
{
	gsize skip = log->prefix ? strlen(log->prefix) : 0;

	if (length > skip && skip && !memcmp(line, log->prefix, skip)) {
		line += skip;
		length -= skip;
	}
	g_free(log->line);
	log->line = vf_text_escape(line, (gssize)length, SHOWN_BYTES);
	log->weight = mark->weight;
	log->code = mark->code;
}

gboolean vf_compiler_log_line(VfCompilerLog *log, const char *line, gsize length)
{
	const Mark *mark;

	if (is_object(line, length)) {
		log->objects++;
		return TRUE;
	}
	mark = mark_of(line, length);
	if (mark && mark->weight > log->weight)
		take_line(log, mark, line, length);
	return FALSE;
}
