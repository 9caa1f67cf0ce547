// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/lava/console.h"

#include <string.h>

#include "evidence/frame.h"

#define RECORD	   "~vf "
#define MODEL	   "~vm "
#define CUT	   "~>"
#define REPORT_MAX (64 * 1024) /* bytes of one line of the report */
#define PIECES_MAX (64 * 1024) /* bytes of one line of the console that came in pieces */

typedef enum { WHOLE, WANTS_MODEL, WANTS_REST } Place;

struct VfLavaConsole {
	VfLavaConsoleCalls calls;
	Place place;
	GString *begin; /* of a line that a record of the model has cut */
	GString *report;
	VfFrame *frame;
	char *error;
};

static void take_model(char type, const char *payload, gsize length, gpointer data)
{
	VfLavaConsole *c = data;

	if (type == 'E' || c->report->len + length > REPORT_MAX)
		return;
	g_string_append_len(c->report, payload, (gssize)length);
	if (type != 'I')
		return;
	g_string_append_c(c->report, '\n');
	c->calls.model(c->report->str, c->report->len, c->calls.data);
	g_string_truncate(c->report, 0);
}

VfLavaConsole *vf_lava_console_new(const VfLavaConsoleCalls *calls)
{
	VfLavaConsole *c = g_new0(VfLavaConsole, 1);

	c->calls = *calls;
	c->begin = g_string_new(NULL);
	c->report = g_string_new(NULL);
	c->frame = vf_frame_new(take_model, c);
	return c;
}

void vf_lava_console_free(VfLavaConsole *c)
{
	if (!c)
		return;
	g_string_free(c->begin, TRUE);
	g_string_free(c->report, TRUE);
	vf_frame_free(c->frame);
	g_free(c);
}

/* LAVA 2023.01 puts a backslash before each quotation mark. Caller frees. */
static char *undo_quoting(const char *text, gsize *length)
{
	char *plain = g_malloc(*length + 1);
	gsize n = 0;

	for (gsize i = 0; i < *length; i++)
		if (text[i] != '\\' || i + 1 == *length || text[i + 1] != '"')
			plain[n++] = text[i];
	plain[n] = '\0';
	*length = n;
	return plain;
}

static void model_record(VfLavaConsole *c, const char *text, gsize length)
{
	vf_frame_feed(c->frame, RECORD, strlen(RECORD));
	vf_frame_feed(c->frame, text + strlen(MODEL), length - strlen(MODEL));
	vf_frame_feed(c->frame, "\n", 1);
}

/* The line that is in c->begin is complete. */
static void whole_line(VfLavaConsole *c)
{
	GString *line = c->begin;
	const char *record;

	g_string_append_c(line, '\n');
	record = memmem(line->str, line->len, RECORD, strlen(RECORD));
	if (record)
		c->calls.record(record, (gsize)(line->str + line->len - record), c->calls.data);
	else
		c->calls.console(line->str, line->len, c->calls.data);
	g_string_truncate(line, 0);
	c->place = WHOLE;
}

/* A line, or the rest of the one that is in c->begin. */
static void take(VfLavaConsole *c, const char *text, gsize length)
{
	gsize cut = strlen(CUT);

	g_string_append_len(c->begin, text, (gssize)length);
	if (length < cut || memcmp(text + length - cut, CUT, cut)) {
		whole_line(c);
		return;
	}
	g_string_truncate(c->begin, c->begin->len - cut);
	if (c->begin->len > PIECES_MAX)
		whole_line(c);
	c->place = WANTS_MODEL;
}

void vf_lava_console_line(VfLavaConsole *c, const char *text, gsize length)
{
	g_autofree char *line = undo_quoting(text, &length);

	if (c->place == WANTS_MODEL && g_str_has_prefix(line, MODEL)) {
		c->place = WANTS_REST;
		model_record(c, line, length);
		return;
	}
	/* the kernel itself has written the mark: the line before ended with it */
	if (c->place == WANTS_MODEL) {
		g_string_append(c->begin, CUT);
		whole_line(c);
	}
	take(c, line, length);
}

void vf_lava_console_finish(VfLavaConsole *c)
{
	if (c->begin->len)
		whole_line(c);
	vf_frame_finish(c->frame);
}

const char *vf_lava_console_model_error(const VfLavaConsole *c)
{
	return vf_frame_error(c->frame);
}
