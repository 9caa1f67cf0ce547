// SPDX-License-Identifier: GPL-2.0-or-later
#include "qtest.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define PCI_COMMAND	   4
#define PCI_MEMORY_MASTER  6
#define PCI_BASE_ADDRESS_0 0x10

/* An answer takes microseconds; a board that took this long hangs. */
#define ANSWER_MS 30000

struct Qtest {
	GSubprocess *process;
	GOutputStream *in;
	GDataInputStream *out;
};

static GPtrArray *command_line(const Board *board, const char *options,
			       const char *const *arguments)
{
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) words = g_strsplit(board->machine, " ", -1);

	g_ptr_array_add(argv, g_strdup(board->binary));
	for (char **w = words; *w; w++)
		g_ptr_array_add(argv, g_strdup(*w));
	for (const char *const *a =
		     (const char *const[]){"-nodefaults", "-display", "none", "-qtest", "stdio",
					   "-qtest-log", "none", NULL};
	     *a; a++)
		g_ptr_array_add(argv, g_strdup(*a));
	g_ptr_array_add(argv, g_strdup("-plugin"));
	g_ptr_array_add(argv, g_strconcat(g_getenv("VIFARM_SO"), options, NULL));
	for (; arguments && *arguments; arguments++)
		g_ptr_array_add(argv, g_strdup(*arguments));
	g_ptr_array_add(argv, NULL);
	return argv;
}

void qtest_die_with_parent(gpointer data)
{
	(void)data;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

Qtest *qtest_start(const Board *board, const char *options, const char *const *arguments)
{
	g_autofree char *binary = g_find_program_in_path(board->binary);
	g_autoptr(GPtrArray) argv = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
	Qtest *q;

	if (!binary)
		return NULL;
	argv = command_line(board, options, arguments);
	q = g_new0(Qtest, 1);
	g_subprocess_launcher_set_child_setup(launcher, qtest_die_with_parent, NULL, NULL);
	q->process =
		g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, &error);
	g_assert_no_error(error);
	q->in = g_subprocess_get_stdin_pipe(q->process);
	q->out = g_data_input_stream_new(g_subprocess_get_stdout_pipe(q->process));
	return q;
}

/* Lets QEMU end by itself, so that its plugin writes its last record. */
void qtest_stop(Qtest *q)
{
	g_subprocess_send_signal(q->process, SIGTERM);
	g_subprocess_wait(q->process, NULL, NULL);
	g_object_unref(q->out);
	g_object_unref(q->process);
	g_free(q);
}

static void wait_for_input(Qtest *q, const char *command)
{
	GPollableInputStream *pipe =
		G_POLLABLE_INPUT_STREAM(g_subprocess_get_stdout_pipe(q->process));
	gint64 end = g_get_monotonic_time() + ANSWER_MS * G_TIME_SPAN_MILLISECOND;

	while (!g_buffered_input_stream_get_available(G_BUFFERED_INPUT_STREAM(q->out)) &&
	       !g_pollable_input_stream_is_readable(pipe)) {
		if (g_get_monotonic_time() > end)
			g_error("QEMU does not answer \"%s\"", command);
		g_usleep(50);
	}
}

/* The answer after "OK", to be freed. */
static char *ask(Qtest *q, const char *command)
{
	g_autofree char *line = g_strconcat(command, "\n", NULL);
	g_autoptr(GError) error = NULL;
	char *answer;

	g_output_stream_write_all(q->in, line, strlen(line), NULL, NULL, &error);
	g_assert_no_error(error);
	for (;;) {
		wait_for_input(q, command);
		answer = g_data_input_stream_read_line(q->out, NULL, NULL, &error);
		g_assert_no_error(error);
		if (!answer)
			g_error("QEMU ended at \"%s\"", command);
		if (g_str_has_prefix(answer, "OK"))
			break;
		if (g_str_has_prefix(answer, "FAIL"))
			g_error("QEMU answers \"%s\" to \"%s\"", answer, command);
		g_free(answer);
	}
	memmove(answer, answer + 2, strlen(answer) - 1);
	return g_strchug(answer);
}

static void tell(Qtest *q, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void tell(Qtest *q, const char *format, ...)
{
	g_autofree char *command = NULL, *answer = NULL;
	va_list args;

	va_start(args, format);
	command = g_strdup_vprintf(format, args);
	va_end(args);
	answer = ask(q, command);
}

void qtest_read(Qtest *q, guint64 addr, void *buf, gsize len)
{
	g_autofree char *command =
		g_strdup_printf("read 0x%" G_GINT64_MODIFIER "x 0x%" G_GSIZE_MODIFIER "x", addr,
				len);
	g_autofree char *answer = ask(q, command);
	guint8 *out = buf;

	g_assert_cmpuint(strlen(answer), ==, 2 + 2 * len);
	for (gsize i = 0; i < len; i++)
		out[i] = g_ascii_xdigit_value(answer[2 + 2 * i]) << 4 |
			 g_ascii_xdigit_value(answer[3 + 2 * i]);
}

void qtest_write(Qtest *q, guint64 addr, const void *buf, gsize len)
{
	g_autoptr(GString) hex = g_string_new("0x");
	const guint8 *in = buf;

	for (gsize i = 0; i < len; i++)
		g_string_append_printf(hex, "%02x", in[i]);
	tell(q, "write 0x%" G_GINT64_MODIFIER "x 0x%" G_GSIZE_MODIFIER "x %s", addr, len, hex->str);
}

guint32 qtest_read_le(Qtest *q, guint64 addr)
{
	guint32 value;

	qtest_read(q, addr, &value, sizeof(value));
	return GUINT32_FROM_LE(value);
}

void qtest_write_le(Qtest *q, guint64 addr, guint32 value)
{
	value = GUINT32_TO_LE(value);
	qtest_write(q, addr, &value, sizeof(value));
}

void qtest_write_be(Qtest *q, guint64 addr, guint32 value)
{
	value = GUINT32_TO_BE(value);
	qtest_write(q, addr, &value, sizeof(value));
}

void qtest_port_out(Qtest *q, guint port, guint32 value)
{
	tell(q, "outl 0x%x 0x%x", port, value);
}

guint32 qtest_port_in(Qtest *q, guint port)
{
	g_autofree char *command = g_strdup_printf("inl 0x%x", port);
	g_autofree char *answer = ask(q, command);

	return g_ascii_strtoull(answer, NULL, 0);
}

void qtest_write_halting_bios(const char *path)
{
	static const guint8 code[] = {0xfa, 0xf4, 0xeb, 0xfd}; /* cli; hlt; jmp back to hlt */
	g_autofree char *image = g_malloc0(65536);

	memcpy(image + 0xfff0, code, sizeof(code));
	g_assert_true(g_file_set_contents(path, image, 65536, NULL));
}

void qtest_map(Qtest *q, const Board *board, guint slot, guint32 pci)
{
	board->config_write(q, board->bus, slot, PCI_BASE_ADDRESS_0, pci);
	board->config_write(q, board->bus, slot, PCI_COMMAND, PCI_MEMORY_MASTER);
}
