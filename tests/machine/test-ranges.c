// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The model watches all memory of a machine, wherever the board puts it: a PC whose second half lies
 * above 4 GiB. DMA of the control port to each part, and to neither, in a window.
 */
#include "qtest.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#define HIGH (G_GUINT64_CONSTANT(4) << 30)
#define LEN  64u

typedef struct Fixture {
	Qtest *q;
	char *out; /* file of the JSON lines */
} Fixture;

static void set(Fixture *f, guint offset, guint32 value)
{
	qtest_write_le(f->q, boards[0].mmio + offset, value);
}

static void dma(Fixture *f, guint64 address)
{
	set(f, 0x20, (guint32)address);
	set(f, 0x24, (guint32)(address >> 32));
	set(f, 0x28, LEN);
	set(f, 0x30, 1);
}

static void window(Fixture *f, char name)
{
	set(f, 0x0c, 0);
	set(f, 0x0c, (guint32)name);
	set(f, 0x08, 1);
}

/* The coverage record of the window @name; the plugin writes it when the window ends. */
static json_t *coverage(Fixture *f, const char *name)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	g_assert_true(g_file_get_contents(f->out, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		json_auto_t *record = json_loads(*line, 0, NULL);

		if (!g_strcmp0(json_string_value(json_object_get(record, "type")), "coverage") &&
		    !g_strcmp0(json_string_value(json_object_get(record, "window")), name))
			return json_incref(record);
	}
	g_assert_not_reached();
}

static json_int_t figure(const json_t *record, const char *key)
{
	return json_integer_value(json_object_get(record, key));
}

static void set_up(Fixture *f, gconstpointer data)
{
	static const char *const arguments[] = {"-S", "-device", "vifarm-ctl,addr=5", NULL};
	g_autofree char *options = NULL;
	Board board = boards[0];
	int fd = g_file_open_tmp("vifarm-XXXXXX", &f->out, NULL);

	(void)data;
	g_assert_cmpint(fd, >=, 0);
	close(fd);
	g_assert_cmpstr(board.name, ==, "x86_64");
	board.machine = "-machine pc,max-ram-below-4g=64M -m 128";
	options = g_strconcat(",out=", f->out, ",model=infinite,line=64,way=4096,colours=1", NULL);
	f->q = qtest_start(&board, options, arguments);
	if (!f->q) {
		g_test_skip("binary not installed");
		return;
	}
	qtest_map(f->q, &board, board.slot, board.mmio_pci);
}

static void tear_down(Fixture *f, gconstpointer data)
{
	(void)data;
	g_clear_pointer(&f->q, qtest_stop);
	g_unlink(f->out);
	g_free(f->out);
}

static void test_parts(Fixture *f, gconstpointer data)
{
	static const struct {
		const char *window;
		guint64 address;
		guint targets;
	} cases[] = {
		{"a", 0x100000, 1},
		{"b", HIGH, 1},
		{"c", HIGH + (64u << 20) - LEN, 1},
		{"d", 64u << 20, 0}, /* the hole: a bus error, and no memory that was missed */
	};

	(void)data;
	for (guint i = 0; f->q && i < G_N_ELEMENTS(cases); i++) {
		json_auto_t *record = NULL;

		window(f, *cases[i].window);
		dma(f, cases[i].address);
		set(f, 0x08, 0);
		record = coverage(f, cases[i].window);
		g_assert_cmpint(figure(record, "targets"), ==, cases[i].targets);
		g_assert_cmpint(figure(record, "target_dma_bytes"), ==, cases[i].targets * LEN);
		g_assert_cmpint(figure(record, "outside"), ==, 0);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/ranges/parts", Fixture, NULL, set_up, test_parts, tear_down);
	return g_test_run();
}
