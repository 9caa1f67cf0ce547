// SPDX-License-Identifier: GPL-2.0-or-later
/* Console, records and the model's report, as LAVA's log mixes them, taken apart again. */
#include <string.h>
#include <zlib.h>

#include "guest/lava/console.h"

typedef struct Seen {
	GString *console, *records, *model;
} Seen;

static void on_console(const char *bytes, gsize length, gpointer data)
{
	g_string_append_len(((Seen *)data)->console, bytes, (gssize)length);
}

static void on_record(const char *bytes, gsize length, gpointer data)
{
	g_string_append_len(((Seen *)data)->records, bytes, (gssize)length);
}

static void on_model(const char *bytes, gsize length, gpointer data)
{
	g_string_append_len(((Seen *)data)->model, bytes, (gssize)length);
}

/* "~vm SEQ TYPE CRC PAYLOAD", with a quotation mark as LAVA writes it. Caller frees. */
static char *frame(guint seq, char type, const char *payload)
{
	g_autofree char *body = g_strdup_printf("%u %c %s", seq, type, payload);
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "~vm %u %c %08lx %s", seq, type,
			crc32(0, (const Bytef *)body, (uInt)strlen(body)), payload);
	g_string_replace(line, "\"", "\\\"", 0);
	return g_strdup(line->str);
}

static void feed(VfLavaConsole *console, const char *line)
{
	vf_lava_console_line(console, line, strlen(line));
}

static void set_up(Seen *seen, G_GNUC_UNUSED gconstpointer data)
{
	*seen = (Seen){g_string_new(NULL), g_string_new(NULL), g_string_new(NULL)};
}

static void tear_down(Seen *seen, G_GNUC_UNUSED gconstpointer data)
{
	g_string_free(seen->console, TRUE);
	g_string_free(seen->records, TRUE);
	g_string_free(seen->model, TRUE);
}

static VfLavaConsole *console_of(Seen *seen)
{
	const VfLavaConsoleCalls calls = {on_console, on_record, on_model, seen};

	return vf_lava_console_new(&calls);
}

static void test_records(Seen *seen, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(VfLavaConsole) console = console_of(seen);

	feed(console, "[    0.000000] Linux version 6.12");
	feed(console, "[    1.234567] ~vf 0 I 00000000 key=\\\"a\\\"");
	feed(console, "");
	feed(console, "[    1.300000] ~vf 1 E 00000000 1");
	feed(console, "[    1.400000] vifarm: end");
	vf_lava_console_finish(console);
	g_assert_cmpstr(seen->records->str, ==, "~vf 0 I 00000000 key=\"a\"\n~vf 1 E 00000000 1\n");
	g_assert_cmpstr(seen->console->str, ==,
			"[    0.000000] Linux version 6.12\n\n[    1.400000] vifarm: end\n");
	g_assert_null(vf_lava_console_model_error(console));
}

/* The model cuts a line of the console twice, a record once, and an empty line. */
static void test_cuts(Seen *seen, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(VfLavaConsole) console = console_of(seen);
	g_autofree char *first = frame(0, 'K', "{\"a\":"), *second = frame(1, 'I', "1}"),
			*third = frame(2, 'I', "{}"), *last = frame(3, 'E', "3");

	feed(console, "[    1.0] hel~>");
	feed(console, first);
	feed(console, "l~>");
	feed(console, second);
	feed(console, "o");
	feed(console, "[    1.1] ~vf 0 E 00~>");
	feed(console, third);
	feed(console, "000000 0");
	feed(console, "~>");
	feed(console, last);
	feed(console, "bye");
	vf_lava_console_finish(console);
	g_assert_cmpstr(seen->console->str, ==, "[    1.0] hello\nbye\n");
	g_assert_cmpstr(seen->records->str, ==, "~vf 0 E 00000000 0\n");
	g_assert_cmpstr(seen->model->str, ==, "{\"a\":1}\n{}\n");
	g_assert_null(vf_lava_console_model_error(console));
}

/* The kernel may write the mark itself; the log may end anywhere. */
static void test_odd(Seen *seen, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(VfLavaConsole) console = console_of(seen);

	feed(console, "an arrow ~>");
	feed(console, "and no record");
	feed(console, "cut ~>");
	vf_lava_console_finish(console);
	g_assert_cmpstr(seen->console->str, ==, "an arrow ~>\nand no record\ncut \n");
}

static void test_damage(Seen *seen, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(VfLavaConsole) console = console_of(seen);
	g_autofree char *good = frame(0, 'I', "{}"), *bad = frame(1, 'I', "{}");

	bad[strlen(bad) - 1] = ']';
	feed(console, "~>");
	feed(console, good);
	feed(console, "~>");
	feed(console, bad);
	feed(console, "");
	vf_lava_console_finish(console);
	g_assert_cmpstr(seen->model->str, ==, "{}\n");
	g_assert_nonnull(strstr(vf_lava_console_model_error(console), "wrong checksum"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/lava-console/records", Seen, NULL, set_up, test_records, tear_down);
	g_test_add("/lava-console/cuts", Seen, NULL, set_up, test_cuts, tear_down);
	g_test_add("/lava-console/odd", Seen, NULL, set_up, test_odd, tear_down);
	g_test_add("/lava-console/damage", Seen, NULL, set_up, test_damage, tear_down);
	return g_test_run();
}
