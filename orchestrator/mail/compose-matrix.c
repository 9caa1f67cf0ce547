// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "mail/compose-impl.h"
#include "mail/paper.h"

#define LABEL_MAX 30 /* columns of a row's name, and of an architecture */
#define CELL	  10

/* What stands in a cell, and what it means; the last that fits holds. */
static const struct {
	const char *word, *meaning;
} words[] = {
	{"PASS", NULL},
	{"-", NULL},
	{"FAIL", "broken by the series"},
	{"base", "the base fails as well"},
	{"flaky", "now red, now green, with or without the series"},
	{"fixed", "failed on the base, passes with the series"},
	{"?", "no verdict: the test or the farm broke"},
};

enum { PASS, NONE, FAIL, BASE, FLAKY, FIXED, UNJUDGED, WORDS };

typedef struct Matrix {
	const VfReply *reply;
	GPtrArray *archs; /* of const char * */
	GPtrArray *rows;  /* of char *: "job" or "job (board)" */
	gboolean used[WORDS];
} Matrix;

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static char *row_of(const char *job, const char *board)
{
	return strcmp(board, "default") ? g_strdup_printf("%s (%s)", job, board) : g_strdup(job);
}

static gboolean holds(const GPtrArray *list, const char *arch, const char *row)
{
	for (guint i = 0; i < list->len; i++) {
		const VfFinding *finding = list->pdata[i];
		g_autofree char *name =
			finding->job ? row_of(finding->job, finding->board) : g_strdup("build");

		if (!strcmp(finding->arch, arch) && !strcmp(name, row))
			return TRUE;
	}
	return FALSE;
}

static gboolean has_test(const VfReply *reply, const char *arch, const char *row)
{
	const json_t *test;
	gsize i;

	json_array_foreach (json_object_get(reply->patched, "tests"), i, test) {
		g_autofree char *name = row_of(text_of(test, "job"), text_of(test, "board"));

		if (!strcmp(text_of(test, "arch"), arch) && !strcmp(name, row))
			return strcmp(text_of(test, "status"), "SKIP") != 0;
	}
	return FALSE;
}

static guint cell_of(const VfReply *reply, const char *arch, const char *row)
{
	const VfFindings *findings = reply->findings;
	const struct {
		const GPtrArray *list;
		guint word;
	} lists[] = {
		{findings->broken, FAIL}, {findings->base_broken, BASE},  {findings->flaky, FLAKY},
		{findings->fixed, FIXED}, {findings->unjudged, UNJUDGED},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		if (holds(lists[i].list, arch, row))
			return lists[i].word;
	if (!strcmp(row, "build"))
		return PASS;
	/* what was never booted because its kernel does not build */
	if (holds(findings->broken, arch, "build") || holds(findings->base_broken, arch, "build"))
		return NONE;
	return has_test(reply, arch, row) ? PASS : NONE;
}

static void add_once(GPtrArray *list, char *text)
{
	for (guint i = 0; i < list->len; i++)
		if (!strcmp(list->pdata[i], text)) {
			g_free(text);
			return;
		}
	g_ptr_array_add(list, text);
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void fill(Matrix *matrix)
{
	const json_t *test;
	gsize i;

	json_array_foreach (json_object_get(matrix->reply->patched, "tests"), i, test) {
		add_once(matrix->archs, g_strdup(text_of(test, "arch")));
		if (strcmp(text_of(test, "status"), "SKIP"))
			add_once(matrix->rows,
				 row_of(text_of(test, "job"), text_of(test, "board")));
	}
	g_ptr_array_sort(matrix->archs, by_text);
	g_ptr_array_sort(matrix->rows, by_text);
	g_ptr_array_insert(matrix->rows, 0, g_strdup("build"));
}

static void end_row(GString *body)
{
	while (body->len && body->str[body->len - 1] == ' ')
		g_string_truncate(body, body->len - 1);
	g_string_append_c(body, '\n');
}

static void add_block(GString *body, Matrix *matrix, guint from, guint to, guint label)
{
	g_string_append_printf(body, "  %-*s", (int)label, "");
	for (guint a = from; a < to; a++)
		g_string_append_printf(body, "  %-8.8s", (char *)matrix->archs->pdata[a]);
	end_row(body);
	for (guint r = 0; r < matrix->rows->len; r++) {
		g_string_append_printf(body, "  %-*.*s", (int)label, (int)label,
				       (char *)matrix->rows->pdata[r]);
		for (guint a = from; a < to; a++) {
			guint word = cell_of(matrix->reply, matrix->archs->pdata[a],
					     matrix->rows->pdata[r]);

			matrix->used[word] = TRUE;
			g_string_append_printf(body, "  %-8s", words[word].word);
		}
		end_row(body);
	}
}

void vf_compose_matrix(GString *body, const VfReply *reply)
{
	Matrix matrix = {.reply = reply,
			 .archs = g_ptr_array_new_with_free_func(g_free),
			 .rows = g_ptr_array_new_with_free_func(g_free)};
	guint label = 5, beside;

	fill(&matrix);
	for (guint i = 0; i < matrix.rows->len; i++)
		label = MAX(label, (guint)MIN(strlen(matrix.rows->pdata[i]), LABEL_MAX));
	beside = (VF_PAPER_COLUMNS - 2 - label) / CELL;
	for (guint from = 0; from < matrix.archs->len; from += beside) {
		if (from)
			g_string_append_c(body, '\n');
		add_block(body, &matrix, from, MIN(from + beside, matrix.archs->len), label);
	}
	g_string_append_c(body, '\n');
	for (guint i = 0; i < WORDS; i++)
		if (matrix.used[i] && words[i].meaning) {
			g_autofree char *key = g_strdup_printf("  %s", words[i].word);

			vf_paper_item(body, key, 13, words[i].meaning);
		}
	g_ptr_array_unref(matrix.archs);
	g_ptr_array_unref(matrix.rows);
}
