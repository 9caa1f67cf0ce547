// SPDX-License-Identifier: GPL-2.0-or-later
/* A log's lines, and what the console's lines are taken apart into. */
#include <stdint.h>
#include <string.h>

#include "guest/lava/answers.h"
#include "guest/lava/console.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_line(const char *level, const char *text, gsize length, gpointer data)
{
	g_assert_cmpint(*level, !=, 0);
	vf_lava_console_line(data, text, length);
}

static void on_whole_line(const char *bytes, gsize length, G_GNUC_UNUSED gpointer data)
{
	g_assert_cmpuint(length, >, 0);
	g_assert_cmpint(bytes[length - 1], ==, '\n');
}

static void on_record(const char *bytes, gsize length, gpointer data)
{
	on_whole_line(bytes, length, data);
	g_assert_true(g_str_has_prefix(bytes, "~vf "));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const VfLavaConsoleCalls calls = {on_whole_line, on_record, on_whole_line, NULL};
	g_autoptr(VfLavaConsole) console = vf_lava_console_new(&calls);
	guint lines = 0, found = vf_lava_log_parse((const char *)data, size, on_line, console);

	for (gsize i = 0; i < size; i++)
		lines += data[i] == '\n';
	lines += size && data[size - 1] != '\n';
	g_assert_cmpuint(found, ==, lines);
	vf_lava_console_finish(console);
	return 0;
}
