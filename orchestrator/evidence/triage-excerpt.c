// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/triage-excerpt.h"

#include <string.h>

#define LINES_BEFORE 8
#define LINES_AFTER  80
#define EXCERPT_MAX  (16 * 1024)

/* An excerpt that is still growing. */
typedef struct Open {
	VfSplat *splat; /* not owned */
	GString *text;
	guint lines; /* that may still be added */
} Open;

struct VfExcerpts {
	char *before[LINES_BEFORE]; /* ring of escaped lines */
	guint n_before;
	GArray *open; /* of Open */
};

static void clear_open(gpointer open)
{
	g_string_free(((Open *)open)->text, TRUE);
}

VfExcerpts *vf_excerpts_new(void)
{
	VfExcerpts *excerpts = g_new0(VfExcerpts, 1);

	excerpts->open = g_array_new(FALSE, FALSE, sizeof(Open));
	g_array_set_clear_func(excerpts->open, clear_open);
	return excerpts;
}

void vf_excerpts_free(VfExcerpts *excerpts)
{
	for (guint i = 0; i < LINES_BEFORE; i++)
		g_free(excerpts->before[i]);
	g_array_unref(excerpts->open);
	g_free(excerpts);
}

static void close_one(VfExcerpts *excerpts, guint i)
{
	Open *open = &g_array_index(excerpts->open, Open, i);

	open->splat->excerpt = g_strdup(open->text->str);
	g_array_remove_index(excerpts->open, i);
}

static gboolean add(Open *open, const char *line, gsize length)
{
	if (open->text->len + length + 1 >= EXCERPT_MAX)
		return FALSE;
	g_string_append_len(open->text, line, (gssize)length);
	g_string_append_c(open->text, '\n');
	return --open->lines > 0;
}

void vf_excerpts_line(VfExcerpts *excerpts, char *line)
{
	char **slot = &excerpts->before[excerpts->n_before++ % LINES_BEFORE];
	gsize length = strlen(line);

	for (guint i = excerpts->open->len; i-- > 0;)
		if (!add(&g_array_index(excerpts->open, Open, i), line, length) ||
		    strstr(line, "---[ end "))
			close_one(excerpts, i);
	g_free(*slot);
	*slot = line;
}

void vf_excerpts_open(VfExcerpts *excerpts, VfSplat *splat)
{
	Open open = {.splat = splat, .text = g_string_new(NULL), .lines = LINES_AFTER};
	guint n = excerpts->n_before;

	for (guint i = n < LINES_BEFORE ? 0 : n - LINES_BEFORE; i < n; i++)
		g_string_append_printf(open.text, "%s\n", excerpts->before[i % LINES_BEFORE]);
	g_array_append_val(excerpts->open, open);
}

void vf_excerpts_close(VfExcerpts *excerpts)
{
	while (excerpts->open->len)
		close_one(excerpts, excerpts->open->len - 1);
}

void vf_excerpts_drop(VfExcerpts *excerpts)
{
	g_array_set_size(excerpts->open, 0);
}
