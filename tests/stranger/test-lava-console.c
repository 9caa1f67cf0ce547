// SPDX-License-Identifier: GPL-2.0-or-later
/* Whatever a lab's log says, taking it apart needs time in proportion to it, and bounded memory. */
#include <glib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "guest/lava/console.h"

#ifdef __SANITIZE_ADDRESS__
#define INPUT_BYTES (512u << 10) /* the sanitizer looks for other faults than slowness */
#else
#define INPUT_BYTES (8u << 20)
#endif
/* CPU seconds for it; generous for a sanitizer on a loaded machine */
#define SECONDS	       20.0
#define LINE_MAX_BYTES (64u << 10)

typedef struct Seen {
	gsize bytes, longest, models;
} Seen;

static void on_bytes(G_GNUC_UNUSED const char *bytes, gsize length, gpointer data)
{
	Seen *seen = data;

	seen->bytes += length;
	seen->longest = MAX(seen->longest, length);
}

static void on_model(G_GNUC_UNUSED const char *bytes, G_GNUC_UNUSED gsize length, gpointer data)
{
	((Seen *)data)->models++;
}

static char *record(guint seq)
{
	g_autofree char *body = g_strdup_printf("%u I {}", seq);

	return g_strdup_printf("~vm %u I %08lx {}", seq,
			       crc32(0, (const Bytef *)body, (uInt)strlen(body)));
}

/* @line again and again, with a record of the model behind each where @records. */
static Seen feed(const char *line, gboolean records)
{
	Seen seen = {0};
	const VfLavaConsoleCalls calls = {on_bytes, on_bytes, on_model, &seen};
	g_autoptr(VfLavaConsole) console = vf_lava_console_new(&calls);
	gsize length = strlen(line);
	clock_t start = clock();
	guint seq = 0;

	for (gsize n = 0; n < INPUT_BYTES; n += length + 1) {
		g_autofree char *model = records ? record(seq++) : NULL;

		vf_lava_console_line(console, line, length);
		if (model)
			vf_lava_console_line(console, model, strlen(model));
		/* the test ends before a quadratic parser would */
		g_assert_cmpfloat((double)(clock() - start) / CLOCKS_PER_SEC, <, SECONDS);
	}
	vf_lava_console_finish(console);
	g_assert_cmpstr(vf_lava_console_model_error(console), ==, NULL);
	g_assert_cmpuint(seen.models, ==, seq);
	return seen;
}

/* Marks that no record follows: each ends a line of its own. */
static void test_marks(void)
{
	g_assert_cmpuint(feed("~>", FALSE).longest, ==, 3);
	g_assert_cmpuint(feed("a~>", FALSE).longest, ==, 4);
}

/* A line that the model cuts for ever is passed on in pieces, and no record is lost. */
static void test_endless_line(void)
{
	g_autofree char *piece = g_strnfill(1000, 'x');
	g_autofree char *line = g_strconcat(piece, "~>", NULL);
	Seen seen = feed(line, TRUE);

	g_assert_cmpuint(seen.longest, >, LINE_MAX_BYTES);
	g_assert_cmpuint(seen.longest, <, LINE_MAX_BYTES + 1100);
	g_assert_cmpuint(seen.bytes, >, INPUT_BYTES / 1100 * 1000);
}

static void test_quotes(void)
{
	GString *line = g_string_sized_new(INPUT_BYTES);
	clock_t start = clock();
	Seen seen;

	while (line->len < INPUT_BYTES)
		g_string_append(line, "\\\"");
	seen = feed(line->str, FALSE);
	g_assert_cmpuint(seen.longest, ==, INPUT_BYTES / 2 + 1);
	g_assert_cmpfloat((double)(clock() - start) / CLOCKS_PER_SEC, <, SECONDS);
	g_string_free(line, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lava-console/marks", test_marks);
	g_test_add_func("/lava-console/endless-line", test_endless_line);
	g_test_add_func("/lava-console/quotes", test_quotes);
	return g_test_run();
}
