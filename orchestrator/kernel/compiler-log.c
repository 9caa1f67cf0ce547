// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/compiler-log.h"

#include <string.h>

#include "base/read.h"
#include "base/text.h"

#define SHOWN_BYTES 400

typedef struct Mark {
	const char *text;
	VfErrorCode code;
	guint weight;
} Mark;

/*
 * What marks a line that explains a failure. The first line of the greatest weight counts, and of a
 * line the first mark:
 *   4  the host failed us; tools complain as well then
 *   3  a tool says what is wrong and where
 *   2  a tool says only that something is wrong, or make has a text of its own
 *   1  make, which passes on that a command failed
 */
static const Mark marks[] = {
	{"No space left on device", VF_ERROR_IO, 4},
	{"Disk quota exceeded", VF_ERROR_IO, 4},
	{"Read-only file system", VF_ERROR_IO, 4},
	{"Input/output error", VF_ERROR_IO, 4},
	{"Stale file handle", VF_ERROR_IO, 4},
	{"Killed signal terminated program", VF_ERROR_HARNESS, 4},
	{"terminated with signal 9", VF_ERROR_HARNESS, 4},
	{"] Killed", VF_ERROR_HARNESS, 4},
	{" Killed  ", VF_ERROR_HARNESS, 4},
	{"virtual memory exhausted", VF_ERROR_HARNESS, 4},
	{"emory exhausted", VF_ERROR_HARNESS, 4},
	{"out of memory allocating", VF_ERROR_HARNESS, 4},
	{"Cannot allocate memory", VF_ERROR_HARNESS, 4},
	{"Resource temporarily unavailable", VF_ERROR_HARNESS, 4},
	{"Too many open files", VF_ERROR_HARNESS, 4},
	{"Argument list too long", VF_ERROR_HARNESS, 4},
	{"Exec format error", VF_ERROR_HARNESS, 4},
	{"error while loading shared libraries", VF_ERROR_HARNESS, 4},
	{"ccache: error: ", VF_ERROR_HARNESS, 4},

	/* these come before or after the line that says why */
	{"collect2: error: ld returned", VF_ERROR_COMPILE, 2},
	{"linker command failed", VF_ERROR_COMPILE, 2},
	{"final link failed", VF_ERROR_COMPILE, 2},
	{"error: aborting due to", VF_ERROR_COMPILE, 2},

	/* compilers, in C, Rust and for the host */
	{"rror: ", VF_ERROR_COMPILE, 3},
	{"ERROR: ", VF_ERROR_COMPILE, 3},
	{"error[", VF_ERROR_COMPILE, 3},
	{"internal compiler error", VF_ERROR_COMPILE, 3},
	{"Segmentation fault", VF_ERROR_COMPILE, 3},
	{"Can't locate ", VF_ERROR_COMPILE, 3},
	/* linkers */
	{"undefined reference to", VF_ERROR_COMPILE, 3},
	{"undefined symbol", VF_ERROR_COMPILE, 3},
	{"multiple definition of", VF_ERROR_COMPILE, 3},
	{"duplicate symbol", VF_ERROR_COMPILE, 3},
	{"cannot reach ", VF_ERROR_COMPILE, 3},
	{"relocation truncated to fit", VF_ERROR_COMPILE, 3},
	{"dangerous relocation", VF_ERROR_COMPILE, 3},
	{"unresolvable ", VF_ERROR_COMPILE, 3},
	{"can not be used when making", VF_ERROR_COMPILE, 3},
	{"cannot be used against", VF_ERROR_COMPILE, 3},
	{"out of range", VF_ERROR_COMPILE, 3},
	{" overlaps section ", VF_ERROR_COMPILE, 3},
	{"will not fit in region", VF_ERROR_COMPILE, 3},
	{"overflowed by", VF_ERROR_COMPILE, 3},
	{"not enough room for program headers", VF_ERROR_COMPILE, 3},
	{"referenced in expression", VF_ERROR_COMPILE, 3},
	{"defined in discarded section", VF_ERROR_COMPILE, 3},
	{"file format not recognized", VF_ERROR_COMPILE, 3},
	{"is incompatible with", VF_ERROR_COMPILE, 3},
	{"bigger than KERNEL_IMAGE_SIZE", VF_ERROR_COMPILE, 3},
	/* Kconfig, device trees, BTF, symbols and modules */
	{":error: ", VF_ERROR_COMPILE, 3},
	{"syntax error", VF_ERROR_COMPILE, 3},
	{"unknown statement", VF_ERROR_COMPILE, 3},
	{"recursive inclusion", VF_ERROR_COMPILE, 3},
	{"FATAL: ", VF_ERROR_COMPILE, 3},
	{"FATAL ERROR: ", VF_ERROR_COMPILE, 2},
	{"FAILED: ", VF_ERROR_COMPILE, 3},
	{"FAILED unresolved symbol", VF_ERROR_COMPILE, 3},
	{"pahole) is not available", VF_ERROR_MISSING, 3},
	{"Failed to generate", VF_ERROR_COMPILE, 2},
	{"Inconsistent kallsyms data", VF_ERROR_COMPILE, 3},
	/* anything that reads or runs files */
	{": command not found", VF_ERROR_MISSING, 3},
	{": not found", VF_ERROR_MISSING, 3},
	{"*** Compiler lacks", VF_ERROR_MISSING, 3},
	{"fatal: ", VF_ERROR_COMPILE, 3},
	{"can't open", VF_ERROR_COMPILE, 3},
	{"cannot open", VF_ERROR_COMPILE, 3},
	{"cannot find ", VF_ERROR_COMPILE, 3},
	{"No such file or directory", VF_ERROR_COMPILE, 2},
	{"Permission denied", VF_ERROR_COMPILE, 2},
	{"No rule to make target", VF_ERROR_COMPILE, 2},
	{"*** [", VF_ERROR_COMPILE, 1},
	{"*** ", VF_ERROR_COMPILE, 2},
};

/* Behind one of these, a mark says nothing about a failure. */
static const char *const harmless[] = {
	"warning: ",	   "Warning: ",	      "WARNING: ",
	"note: ",	   "DWARF error",     "In file included from ",
	": in function `", ": In function '", "(ignored)",
};

/* Tools whose line "NAME: text" explains a failure even when no mark is known for it. */
static const char *const tools[] = {"ld",    "ld.bfd",	"ld.lld", "as",	     "ar",   "nm",
				    "strip", "objcopy", "gcc",	  "cpp",     "dtc",  "pahole",
				    "bison", "flex",	"fixdep", "python3", "perl", "objtool"};

static const Mark tool_mark = {NULL, VF_ERROR_COMPILE, 2};

void vf_compiler_log_clear(VfCompilerLog *log)
{
	g_free(log->line);
	memset(log, 0, sizeof(*log));
}

static gboolean is_object(const char *line, gsize length)
{
	return length > 5 && (!memcmp(line, "  CC ", 5) || !memcmp(line, "  AS ", 5));
}

/* Where @text begins in @line; beyond its end when it is not there. */
static gsize find(VfLine line, const char *text)
{
	const char *found = memmem(line.text, line.length, text, strlen(text));

	return found ? (gsize)(found - line.text) : G_MAXSIZE;
}

/* "  LD      vmlinux" of kbuild, or "   12 | code" of a compiler: no tool is speaking. */
static gboolean is_echo(VfLine line)
{
	gsize at = 0;

	while (at < line.length && line.text[at] == ' ')
		at++;
	if (!at || at == line.length)
		return FALSE;
	if (at == 2 && g_ascii_isupper(line.text[at]))
		return TRUE;
	while (at < line.length && (g_ascii_isdigit(line.text[at]) || line.text[at] == ' '))
		at++;
	return at < line.length && line.text[at] == '|';
}

/* The part of @line in which a mark counts. */
static VfLine speech(VfLine line)
{
	if (is_echo(line))
		line.length = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(harmless); i++)
		line.length = MIN(line.length, find(line, harmless[i]));
	return line;
}

/* "/usr/bin/hppa-linux-gnu-ld: text" */
static gboolean is_of_tool(VfLine line)
{
	const char *colon = memmem(line.text, line.length, ": ", 2);
	gsize length = colon ? (gsize)(colon - line.text) : 0, start = length;

	while (start && line.text[start - 1] != '/' && line.text[start - 1] != '-')
		start--;
	for (gsize i = 0; i < G_N_ELEMENTS(tools); i++)
		if (strlen(tools[i]) == length - start &&
		    !memcmp(line.text + start, tools[i], length - start))
			return TRUE;
	return FALSE;
}

static const Mark *mark_of(VfLine line)
{
	VfLine said = speech(line);

	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (find(said, marks[i].text) != G_MAXSIZE)
			return &marks[i];
	return said.length == line.length && is_of_tool(line) ? &tool_mark : NULL;
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
	mark = mark_of((VfLine){line, length});
	if (mark && mark->weight > log->weight)
		take_line(log, mark, line, length);
	return FALSE;
}
