// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/tool-log.h"

#include <string.h>

enum { EMPTY, FAREWELL, PLAIN, COMPLAINT, HOST };

/* The first that a line contains gives its weight. */
static const struct {
	const char *text;
	guint weight;
} marks[] = {
	/* what the host refuses is the cause of whatever else is said */
	{"No space left on device", HOST},
	{"Disk quota exceeded", HOST},
	{"Cannot allocate memory", HOST},
	{"out of memory", HOST},
	{"Out of memory", HOST},
	/* said when a complaint has been made */
	{"hint: ", FAREWELL},
	{"Exiting with failure status due to previous errors", FAREWELL},
	{"Error is not recoverable: exiting now", FAREWELL},
	{"Child returned status", FAREWELL},
	{"error building trees", FAREWELL},
	{"updating files failed", FAREWELL},
	{"Unable to process path", FAREWELL},
	{"the remote end hung up", FAREWELL},
	{"early EOF", FAREWELL},
	{"returned non-zero exit status", FAREWELL},
	{" --help' for more information", FAREWELL},
	/* no complaint, though it looks like one */
	{"warning: ", PLAIN},
	{"note: ", PLAIN},
	/* the form of git, gpg, compilers and Python */
	{"rror: ", COMPLAINT},
	{"ERROR: ", COMPLAINT},
	{"fatal: ", COMPLAINT},
	{"FATAL: ", COMPLAINT},
};

static gboolean contains(VfLine line, const char *text)
{
	return memmem(line.text, line.length, text, strlen(text)) != NULL;
}

/* "NAME: text", where NAME could be a program's or a file's, and is no word of a sentence. */
static gboolean is_of_program(VfLine line)
{
	gsize n = 0;

	while (n < line.length && line.text[n] &&
	       (g_ascii_isalnum(line.text[n]) || strchr("-_.+/[]", line.text[n])))
		n++;
	return n && !g_ascii_isupper(*line.text) && n + 2 < line.length && line.text[n] == ':' &&
	       line.text[n + 1] == ' ';
}

static guint weight_of(VfLine line)
{
	if (!line.length)
		return EMPTY;
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (contains(line, marks[i].text))
			return marks[i].weight;
	return is_of_program(line) ? COMPLAINT : PLAIN;
}

static VfLine stripped(VfLine line)
{
	while (line.length && g_ascii_isspace(line.text[line.length - 1]))
		line.length--;
	while (line.length && g_ascii_isspace(*line.text)) {
		line.text++;
		line.length--;
	}
	return line;
}

VfLine vf_tool_reason(const char *text, gsize length)
{
	const char *end = text + length;
	VfLine best = {text, 0}, line;
	guint most = EMPTY;

	while (vf_read_line(&text, end, &line)) {
		guint weight;

		line = stripped(line);
		weight = weight_of(line);
		/* of complaints the first, of other lines the last */
		if (weight > most || (weight == most && weight != EMPTY && weight < COMPLAINT)) {
			most = weight;
			best = line;
		}
	}
	return best;
}
